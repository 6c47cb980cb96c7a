"""Bearer tokens: a verified identity, or why not (RFC 6750, 7515, 7519, 8725).

PyJWT checks the signature, `core.claims` the claims. What was verified is remembered, since a
signature costs 25 µs and a look-up one.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any, Final, Protocol

from router.core.claims import (
    Claims,
    Refusal,
    check,
    check_time,
    identity_headers,
    window_of,
)
from router.core.credentials import BASE64URL
from router.core.fields import Pair, lines_of
from router.core.model import Jwt
from router.core.strictjson import strict_json
from router.edge.signatures import Named, Signed, Wanting, named_in

MAX_TOKEN: Final = 8 * 1024
LETTERS: Final = BASE64URL + b"."
REMEMBERED = 10_000
REMEMBERED_S: Final = 300.0
IN_USE: Final = 0.1
"""Share of the memory that may be filled until a token in use is moved away from those that are
forgotten next: to move it at each use touches its neighbours, too, which no cache then holds."""
REFUSED = 1_000
REFUSED_S: Final = 1.0


class Identity:
    """Who is asking: the verified claims, the header lines that tell the upstream, and whose
    signature it was (the place of the key in routes.yaml, and its name).
    """

    __slots__ = ("claims", "key", "lines")

    def __init__(self, claims: Claims, lines: bytes, key: str = "") -> None:
        self.claims = claims
        self.lines = lines
        self.key = key

    def __repr__(self) -> str:
        return f"Identity({self.claims}, {self.key})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and (self.key, self.lines, self.claims) == (
            other.key,
            other.lines,
            other.claims,
        )

    __hash__ = None  # type: ignore[assignment]  # claims are no key


class Remembered:
    """A verified identity: kept `until` (monotonic), good from `since` on and `before` (wall).

    `used` is how many had been remembered when it was put among the last to be forgotten.
    """

    __slots__ = ("before", "identity", "since", "until", "used")

    def __init__(
        self, identity: Identity, until: float, since: float, before: float, used: int
    ) -> None:
        self.identity = identity
        self.until = until
        self.since = since
        self.before = before
        self.used = used


UNSETTLED: Final = frozenset({Refusal.UNKNOWN_KEY, Refusal.NO_KEYS})
"""Refusals that the next set of keys may turn: never remembered."""

ELSEWHERE: Final = frozenset({Refusal.ISSUER, Refusal.AUDIENCE})
"""Refusals by what one key vouches for: another key may vouch for it."""


class Verifying(Protocol):
    """What tells by whom a token was signed (`router.edge.signatures.Signatures`)."""

    def vouched(self, token: bytes, named: Named) -> Iterator[Signed]: ...

    def unsigned(self, named: Named) -> Refusal | Wanting: ...


class Tokens:
    """Identities by token, for one set of keys and rules; a new set makes a new, empty one.

    *wall* gives the wall clock in seconds; *clock* a monotonic one for what is remembered.
    """

    def __init__(
        self,
        jwt: Jwt,
        signatures: Verifying,
        *,
        wall: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._jwt = jwt
        self._signatures = signatures
        self._wall = wall
        self._clock = clock
        self._good: OrderedDict[bytes, Remembered] = OrderedDict()
        self._bad: OrderedDict[bytes, tuple[Refusal, float]] = OrderedDict()
        self._entered = 0
        self._in_use = int(REMEMBERED * IN_USE)

    def forget(self) -> None:
        """Have every token verified anew: the keys are others now."""
        self._good.clear()
        self._bad.clear()

    def identify(self, token: bytes | None) -> Identity | Refusal | Wanting:
        """Who *token* says is asking, or why it is not believed."""
        if token is None:
            return Refusal.MISSING
        if len(token) > MAX_TOKEN:
            return Refusal.MALFORMED
        key = sha256(token).digest()
        return self._remembered(key) or self._verify(key, token)

    def _remembered(self, key: bytes) -> Identity | Refusal | None:
        now = self._clock()
        good = self._good.get(key)
        if good is not None and now < good.until:
            if good.used < self._entered - self._in_use:
                good.used = self._entered
                self._good.move_to_end(key)
            if good.since <= self._wall() < good.before:
                return good.identity
            return check_time(good.identity.claims, self._jwt.leeway_s, self._wall())
        bad = self._bad.get(key)
        return bad[0] if bad is not None and now < bad[1] else None

    def _verify(self, key: bytes, token: bytes) -> Identity | Refusal | Wanting:
        verdict = self._judge(token)
        if isinstance(verdict, Identity):
            since, before = window_of(verdict.claims, self._jwt.leeway_s)
            self._entered += 1
            until = self._clock() + REMEMBERED_S
            good = Remembered(verdict, until, since, before, self._entered)
            remember(self._good, key, good, REMEMBERED)
        elif isinstance(verdict, Refusal) and verdict not in UNSETTLED:
            remember(self._bad, key, (verdict, self._clock() + REFUSED_S), REFUSED)
        return verdict

    def _judge(self, token: bytes) -> Identity | Refusal | Wanting:
        if not is_compact(token):
            return Refusal.MALFORMED
        try:
            named = named_in(token)
            return Refusal.SIGNATURE if named is None else self._believe(token, named)
        except (ValueError, RecursionError):
            return Refusal.MALFORMED

    def _believe(self, token: bytes, named: Named) -> Identity | Refusal | Wanting:
        """The claims of the first key that signed them and vouches for them."""
        refusal = None
        for signed in self._signatures.vouched(token, named):
            claims = strict_json(signed.payload)
            refusal = check(claims, signed.rules, self._wall())
            if refusal is None:
                return Identity(
                    claims, lines_of(header_pairs(identity_headers(claims))), signed.key
                )
            if refusal not in ELSEWHERE:
                return refusal
        return refusal or self._signatures.unsigned(named)


def is_compact(token: bytes) -> bool:
    """Whether *token* is three parts of base64url, none of them empty (RFC 7515 3.1)."""
    parts = token.split(b".")
    return len(parts) == 3 and all(parts) and not token.translate(None, LETTERS)


def remember(memory: OrderedDict[bytes, Any], key: bytes, value: object, most: int) -> None:
    """Enter *value*, and forget what was used least lately beyond *most* entries."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > most:
        memory.popitem(last=False)


def header_pairs(headers: Iterable[tuple[str, str]]) -> tuple[Pair, ...]:
    """Header fields as raw pairs."""
    return tuple((name.encode(), value.encode()) for name, value in headers)
