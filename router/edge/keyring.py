"""Where secrets come from: the environment or a file, never routes.yaml itself."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jwt as pyjwt

from router.core.model import Key
from router.edge.publickeys import UnfitKey

MIN_SECRET = 32
"""Bytes an HMAC key must have: as many as its hash (RFC 7518 3.2)."""

MAX_FILE = 64 * 1024

HMAC: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
"""The hash of each symmetric algorithm (RFC 7518 3.2)."""


class KeyProblem(ValueError):
    """A key cannot be used: what is wrong and how to mend it, without a byte of the key."""


@lru_cache
def algorithm_of(name: str) -> Any:
    """PyJWT's implementation of one algorithm of RFC 7518 3.1."""
    return pyjwt.get_algorithm_by_name(name)


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key, its name, and the one algorithm it may be used with; `repr` never shows the key.

    `material` is the bytes of a secret, or a public key.
    """

    algorithm: str
    material: object
    kid: str | None = None
    _prepared: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the key for its algorithm, once; `UnfitKey` where it is not fit for it."""
        try:
            prepared = algorithm_of(self.algorithm).prepare_key(self.material)
        except (pyjwt.PyJWTError, TypeError, ValueError) as error:
            raise UnfitKey(f"is not fit for {self.algorithm}: {error}") from None
        object.__setattr__(self, "_prepared", prepared)

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        """Whether *signature* over *signed* was made with this key (RFC 7515 5.2).

        An HMAC is computed in one call, which PyJWT's way to the same takes three times as long.
        """
        by_hash = HMAC.get(self.algorithm)
        if by_hash is not None:
            made = hmac.digest(self._prepared, signed, by_hash)
            return hmac.compare_digest(made, signature)
        return bool(algorithm_of(self.algorithm).verify(signed, self._prepared, signature))

    def __repr__(self) -> str:
        return f"VerifyingKey({self.algorithm}, {self.kid})"


def secret_of(key: Key, environ: Mapping[str, str], folder: Path) -> bytes:
    """The secret of an HMAC key, or `KeyProblem`; relative files are looked up in *folder*."""
    if key.secret_env is not None:
        return from_environment(key.secret_env, environ)
    path = folder / (key.secret_file or "")
    return checked(read_file(path).rstrip(b"\r\n"), f"the file {path}")


def from_environment(name: str, environ: Mapping[str, str]) -> bytes:
    """The secret in variable *name* or, where that is unset or empty, in the file *name*`_FILE`."""
    secret, path = environ.get(name), environ.get(f"{name}_FILE")
    if secret or not path:  # set but empty is how Compose hands on a variable that nobody set
        return checked((secret or "").encode(), f"the environment variable {name}")
    source = f"the file {path}, which {name}_FILE names,"
    return checked(read_file(Path(path)).rstrip(b"\r\n"), source)


def checked(secret: bytes, source: str) -> bytes:
    """*secret*, if it is long enough."""
    if not secret:
        raise KeyProblem(f"{source} holds no secret; set it to at least {MIN_SECRET} bytes")
    if len(secret) < MIN_SECRET:
        raise KeyProblem(f"{source} has {len(secret)} bytes; a secret needs {MIN_SECRET} or more")
    return secret


def read_file(path: Path) -> bytes:
    """The content of *path*, no more of it than shows that it is no key."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise KeyProblem(f"the file {path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE:
        raise KeyProblem(f"the file {path} is larger than any key")
    return content
