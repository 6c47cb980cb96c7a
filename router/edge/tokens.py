"""Bearer tokens: a verified identity, or why not (RFC 6750, 7515, 7519, 8725).

PyJWT checks the signature, `core.claims` the claims. What was verified is remembered, since a
signature costs 25 µs and a look-up one.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import jwt as pyjwt

from router.core.claims import Claims, Refusal, check, check_time, identity_headers
from router.core.headers import Pair
from router.core.model import Jwt
from router.edge.keyring import VerifyingKey

MAX_TOKEN = 8 * 1024
BEARER = re.compile(rb"(?i:bearer) +([^ ]+) *")
COMPACT = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
REMEMBERED = 10_000
REMEMBERED_S = 300.0
REFUSED = 1_000
REFUSED_S = 1.0


class NotSigned(ValueError):
    """No key of ours signed this token."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking: the verified claims, and the header fields that tell the upstream."""

    claims: Claims
    headers: tuple[Pair, ...]


class Signatures(Protocol):
    """The seam for keys of other kinds: whoever can say that a token is signed by one of ours."""

    def payload_of(self, token: bytes) -> bytes:
        """The signed payload of *token*, or `NotSigned`."""


class FixedKeys:
    """Signatures by keys that are known at load time."""

    def __init__(self, keys: Sequence[VerifyingKey]) -> None:
        self._keys: dict[str, list[bytes]] = {key.algorithm: [] for key in keys}
        for key in keys:
            self._keys[key.algorithm].append(key.material)
        self._jws = pyjwt.PyJWS(algorithms=list(self._keys))

    def payload_of(self, token: bytes) -> bytes:
        """The payload, if one of the keys for its algorithm made the signature.

        The algorithm is one of the configured ones, never just the header's word: a key is only
        ever used with the one it is for (RFC 8725 3.1).
        """
        header = strict_json(pyjwt.utils.base64url_decode(token.partition(b".")[0]))
        if "crit" in header or "b64" in header:
            raise NotSigned("an extension that must be understood")
        algorithm = str(header.get("alg"))
        for material in self._keys.get(algorithm, []):
            try:
                return bytes(self._jws.decode_complete(token, material, [algorithm])["payload"])
            except pyjwt.PyJWTError:
                continue
        raise NotSigned("no key fits")


class Tokens:
    """Identities by token, for one set of keys and rules; a new set makes a new, empty one.

    *wall* gives the wall clock in seconds; *clock* a monotonic one for what is remembered.
    """

    def __init__(
        self,
        jwt: Jwt,
        signatures: Signatures,
        *,
        wall: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._jwt = jwt
        self._signatures = signatures
        self._wall = wall
        self._clock = clock
        self._good: OrderedDict[bytes, tuple[Identity, float]] = OrderedDict()
        self._bad: OrderedDict[bytes, tuple[Refusal, float]] = OrderedDict()

    def identify(self, authorization: bytes | None) -> Identity | Refusal:
        """Who the `Authorization` header says is asking, or why it is not believed."""
        found = BEARER.fullmatch(authorization) if authorization is not None else None
        if found is None:
            return Refusal.MISSING
        token = found[1]
        if len(token) > MAX_TOKEN:
            return Refusal.MALFORMED
        key = sha256(token).digest()
        return self._remembered(key) or self._verify(key, token)

    def _remembered(self, key: bytes) -> Identity | Refusal | None:
        now = self._clock()
        good = self._good.get(key)
        if good is not None and now < good[1]:
            self._good.move_to_end(key)
            late = check_time(good[0].claims, self._jwt.leeway_s, self._wall())
            return late or good[0]
        bad = self._bad.get(key)
        return bad[0] if bad is not None and now < bad[1] else None

    def _verify(self, key: bytes, token: bytes) -> Identity | Refusal:
        verdict = self._judge(token)
        if isinstance(verdict, Refusal):
            remember(self._bad, key, (verdict, self._clock() + REFUSED_S), REFUSED)
        else:
            remember(self._good, key, (verdict, self._clock() + REMEMBERED_S), REMEMBERED)
        return verdict

    def _judge(self, token: bytes) -> Identity | Refusal:
        if COMPACT.fullmatch(token) is None:
            return Refusal.MALFORMED
        try:
            claims = strict_json(self._signatures.payload_of(token))
        except NotSigned:
            return Refusal.SIGNATURE
        except (ValueError, RecursionError):
            return Refusal.MALFORMED
        refusal = check(claims, self._jwt, self._wall())
        return refusal or Identity(claims, header_pairs(identity_headers(claims)))


def remember(memory: OrderedDict[bytes, Any], key: bytes, value: object, most: int) -> None:
    """Enter *value*, and forget what was used least lately beyond *most* entries."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > most:
        memory.popitem(last=False)


def header_pairs(headers: Iterable[tuple[str, str]]) -> tuple[Pair, ...]:
    """Header fields as raw pairs."""
    return tuple((name.encode(), value.encode()) for name, value in headers)


def strict_json(text: bytes) -> dict[str, Any]:
    """A JSON object with no key twice and no NaN or Infinity; `ValueError` otherwise."""
    value = json.loads(text, object_pairs_hook=no_key_twice, parse_constant=no_constant)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - bad input, not a bad type of ours
    return value


def no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object, unless two readers could take different values for one key."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def no_constant(name: str) -> None:
    """`NaN` and `Infinity` are not JSON (RFC 8259 6)."""
    raise ValueError(f"{name} is not JSON")
