"""RSA keys in files: read at the start, and again whenever a file has changed."""

import base64
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from threading import Lock

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from monolith.environment import SettingsError

LOG = logging.getLogger(__name__)
VARIABLE = "MONOLITH_SIGNING_KEY_FILES"
LEAST_BITS = 2048  # RFC 7518 section 3.3
LARGEST = 64 * 1024
PUBLISHED_S = 1.0
"""How long a new key is published beside others before it signs: by then every worker has read it,
also one that met a file half written."""
REMEDY = "make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out FILE"
Stamp = tuple[int, ...] | None


@dataclass(frozen=True)
class SigningKey:
    """A private key, and what may be known of it; *kid* is its RFC 7638 thumbprint."""

    kid: str
    private: RSAPrivateKey
    public: RSAPublicKey
    published: Mapping[str, str]

    def __repr__(self) -> str:
        """Give what may be logged."""
        return f"SigningKey({self.kid})"


class KeyFiles:
    """The keys that *files* hold now: all are published, and the first signs.

    A file that cannot be used when it has changed (half written, say) changes nothing: the keys
    that were good are used on, and the log says so.
    """

    def __init__(self, files: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._files = tuple(files)
        self._clock = clock
        self._lock = Lock()
        self._stamps = stamps(self._files)  # before reading: what changes meanwhile is read again
        self._keys = read_keys(self._files)
        self._published_since = {key.kid: -inf for key in self._keys}

    def current(self) -> tuple[SigningKey, ...]:
        """Give the keys in the order of the files; asking the file system takes microseconds."""
        if stamps(self._files) != self._stamps:
            with self._lock:
                self._read_again()
        return self._keys

    def signing(self) -> SigningKey:
        """Give the first key that every worker publishes by now, or the first if none is known to.

        One that signed as soon as this worker has read it would be refused by another that has not.
        """
        keys = self.current()
        latest = self._clock() - PUBLISHED_S
        since = self._published_since
        return next((key for key in keys if since.get(key.kid, inf) <= latest), keys[0])

    def _read_again(self) -> None:
        found = stamps(self._files)
        if found == self._stamps:
            return  # another thread has just done it
        try:
            self._take(read_keys(self._files))
        except SettingsError as error:
            LOG.error("the signing keys in use stay: %s", error)  # noqa: TRY400 - no fault of ours
        finally:
            self._stamps = found  # last: until then, other threads wait for the new keys

    def _take(self, keys: tuple[SigningKey, ...]) -> None:
        now = self._clock()
        self._published_since = {key.kid: self._published_since.get(key.kid, now) for key in keys}
        self._keys = keys
        kids = [key.kid for key in keys]
        LOG.info("signing keys read anew", extra={"fields": {"signs": kids[0], "published": kids}})


def stamps(files: Sequence[str]) -> list[Stamp]:
    """Give what changes when one of *files* is changed or replaced."""
    return [stamp(file) for file in files]


def stamp(file: str) -> Stamp:
    """Give what tells one state of *file* from another; None if it is not there."""
    try:
        now = os.stat(file)
    except OSError:
        return None
    return now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns


def read_keys(files: Sequence[str]) -> tuple[SigningKey, ...]:
    """Give the keys of all *files*, each once, or raise ``SettingsError``."""
    keys = {key.kid: key for key in map(read_key, files)}
    return tuple(keys.values())


def read_key(file: str) -> SigningKey:
    """Give the key of one file; the error never shows what is in it."""
    try:
        text = Path(file).read_bytes()[:LARGEST]
    except OSError as error:
        raise SettingsError(f"{VARIABLE}: {file} cannot be read: {error.strerror}") from None
    try:
        private = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsError(
            f"{VARIABLE}: {file} does not hold a private key in PEM, without a password; {REMEDY}"
        ) from None
    if not isinstance(private, RSAPrivateKey):
        raise SettingsError(f"{VARIABLE}: {file} holds a key that is not RSA; {REMEDY}")
    if private.key_size < LEAST_BITS:
        raise SettingsError(
            f"{VARIABLE}: {file} holds an RSA key of {private.key_size} bits, and at least "
            f"{LEAST_BITS} are needed; {REMEDY}"
        )
    return signing_key(private)


def signing_key(private: RSAPrivateKey) -> SigningKey:
    """Give the key with its name and with what is published of it (RFC 7517, RFC 7518 6.3.1)."""
    public = private.public_key()
    numbers = public.public_numbers()
    members = {"e": base64url(numbers.e), "kty": "RSA", "n": base64url(numbers.n)}
    kid = thumbprint(members)
    return SigningKey(kid, private, public, {**members, "kid": kid, "use": "sig", "alg": "RS256"})


def thumbprint(members: Mapping[str, str]) -> str:
    """Give the RFC 7638 thumbprint of the required *members*: sorted, no blanks, SHA-256."""
    canonical = json.dumps(dict(members), sort_keys=True, separators=(",", ":"))
    return encoded(hashlib.sha256(canonical.encode()).digest())


def base64url(number: int) -> str:
    """Give *number* as Base64urlUInt (RFC 7518 section 2)."""
    return encoded(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def encoded(octets: bytes) -> str:
    """Give *octets* in base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
