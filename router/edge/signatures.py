"""Who signed a token: the keys of all sources, each for its own algorithm, issuer and audience."""

import asyncio
from binascii import a2b_base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from router.core.claims import Refusal
from router.core.credentials import BASE64URL
from router.core.keysets import KID, MAX_TRIED
from router.core.model import Jwt
from router.core.strictjson import strict_json
from router.edge.keyring import VerifyingKey
from router.edge.keysources import KeySource

TO_BASE64: Final = bytes.maketrans(b"-_", b"+/")
"""The two letters in which base64url differs (RFC 4648 5)."""
LAST: Final = (BASE64URL, b"", BASE64URL[::16], BASE64URL[::4])
"""Letters that a part may end with, by its length modulo 4: bits that are left over are 0."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a token's header says that counts: its algorithm, and the name of its key."""

    algorithm: str
    kid: str | None


class Signed:
    """A payload whose signature is good, by which key, and what that key vouches for."""

    __slots__ = ("key", "payload", "rules")

    def __init__(self, payload: bytes, rules: Jwt, key: str) -> None:
        self.payload = payload
        self.rules = rules
        self.key = key


@dataclass(frozen=True, slots=True)
class Wanting:
    """A token that may be good once `settled` has waited for its key; `otherwise` it is refused."""

    sources: tuple[KeySource, ...]
    kid: str | None
    otherwise: Refusal

    def then(self, call: Callable[[], None]) -> asyncio.Task[None]:
        """Call *call* once the key is there or will not be, which is not long."""
        return asyncio.get_running_loop().create_task(self._settled(call))

    async def _settled(self, call: Callable[[], None]) -> None:
        await asyncio.gather(
            *(source.learn(self.kid) for source in self.sources), return_exceptions=True
        )
        call()


@dataclass(frozen=True, slots=True)
class Vouching:
    """A source, its place in routes.yaml, and the rules for what it signed."""

    label: str
    source: KeySource
    rules: Jwt


def label_of(place: int) -> str:
    """How a key is called in metrics, on the admin port and in logs."""
    return f"jwt.keys.{place}"


def named_in(token: bytes) -> Named | None:
    """What the header names; None for what nobody of ours can have signed (`ValueError`: no JSON).

    Keys and addresses in a header (`jwk`, `jku`, `x5c`, `x5u`) are not so much as looked at
    (RFC 8725 3.10), and an extension that must be understood is not (RFC 7515 4.1.11).
    """
    return named_by(token.partition(b".")[0])


@lru_cache(maxsize=64)
def named_by(segment: bytes) -> Named | None:
    """What a header names; remembered, since it is the same for all tokens of a key."""
    header = strict_json(decoded(segment))
    algorithm, kid = header.get("alg"), header.get("kid")
    if "crit" in header or "b64" in header or not isinstance(algorithm, str):
        return None
    if "kid" in header and (not isinstance(kid, str) or KID.fullmatch(kid) is None):
        return None
    return Named(algorithm, kid)


def decoded(segment: bytes) -> bytes:
    """The bytes of one part of a token; `ValueError` unless it is spelled as RFC 7515 2 has it.

    Bits that are left over must be 0, or one token could be spelled in two ways.
    """
    rest = len(segment) % 4
    if segment.translate(None, BASE64URL) or segment[-1:] not in LAST[rest]:
        raise ValueError("not base64url")
    return a2b_base64(segment.translate(TO_BASE64) + b"=" * (-rest % 4))


class Signatures:
    """All keys of one configuration, in its order."""

    def __init__(self, jwt: Jwt, sources: Sequence[KeySource]) -> None:
        self._vouching: Mapping[str, list[Vouching]] = {one.key.algorithm: [] for one in sources}
        for place, source in enumerate(sources):
            vouching = Vouching(label_of(place), source, jwt.rules_for(source.key))
            self._vouching[source.key.algorithm].append(vouching)

    def vouched(self, token: bytes, named: Named) -> Iterator[Signed]:
        """Each key that made the signature, with the payload.

        The algorithm is one of the configured ones, never just the header's word: a key is only
        ever used with the one it is for (RFC 8725 3.1).
        """
        signed, _, last = token.rpartition(b".")
        signature = decoded(last)
        for vouching in self._vouching.get(named.algorithm, ()):
            for key in fitting(vouching.source.keys, named.kid):
                if key.verifies(signed, signature):
                    payload = decoded(signed.partition(b".")[2])
                    yield Signed(payload, vouching.rules, f"{vouching.label} {key.kid or ''}")

    def unsigned(self, named: Named) -> Refusal | Wanting:
        """What becomes of a token that no key signed: refused, or worth waiting for its key."""
        sources = [one.source for one in self._vouching.get(named.algorithm, ())]
        refusal = refusal_of(sources, named.kid)
        wanting = tuple(source for source in sources if source.wants(named.kid))
        return Wanting(wanting, named.kid, refusal) if wanting else refusal


def refusal_of(sources: Sequence[KeySource], kid: str | None) -> Refusal:
    """Why a token is refused that none of *sources* vouches for."""
    if not all(source.is_ready for source in sources):
        return Refusal.NO_KEYS
    published = [source for source in sources if source.key.jwks_url is not None]
    known = any(key.kid == kid for source in sources for key in source.keys)
    if published and kid is not None and not known:
        return Refusal.UNKNOWN_KEY
    return Refusal.SIGNATURE


def fitting(keys: Sequence[VerifyingKey], kid: str | None) -> Sequence[VerifyingKey]:
    """The keys of one source to try: those of that name, or without one the first few."""
    if kid is None:
        return keys[:MAX_TRIED]
    return [key for key in keys if key.kid in (kid, None)][:MAX_TRIED]
