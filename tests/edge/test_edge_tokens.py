"""The memory of verified tokens: what is remembered, for how long, and how much of it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from router.core.claims import Refusal
from router.core.model import Jwt, Key
from router.edge.keyring import VerifyingKey
from router.edge.keysources import HeldKeys
from router.edge.signatures import Named, Signatures, Signed, Wanting
from router.edge.tokens import REFUSED_S, REMEMBERED_S, Identity, Tokens
from tests.edge.requests import SECRET, token

OTHER = "another-secret-with-more-than-32-bytes-in-it"


class Counting:
    """Signatures that count how often they are looked at."""

    def __init__(self, *parts: Any) -> None:
        self.looked = 0
        self._signatures = Signatures(*parts)

    def vouched(self, token: bytes, named: Named) -> Iterator[Signed]:
        """Whoever signed it, and one more look."""
        self.looked += 1
        return self._signatures.vouched(token, named)

    def unsigned(self, named: Named) -> Refusal | Wanting:
        """What becomes of a token that nobody signed."""
        return self._signatures.unsigned(named)


def held(secret: str, algorithm: str = "HS256") -> HeldKeys:
    """A source with one secret."""
    key = Key(algorithm, secret_env="JWT_SECRET")
    return HeldKeys(key, (VerifyingKey(algorithm, secret.encode()),))


class Desk:
    """Tokens with clocks that a test can turn."""

    def __init__(self, *secrets: str, **rules: Any) -> None:
        self.now_s = 1000.0
        self.ahead_s = 0.0
        jwt = Jwt((Key(secret_env="JWT_SECRET"),), issuer="fit-api", **rules)
        self.sources = [held(one) for one in secrets or (SECRET,)]
        self.signatures = Counting(jwt, self.sources)
        self.tokens = Tokens(jwt, self.signatures, wall=self.wall, clock=lambda: self.now_s)

    def wall(self) -> float:
        """The wall clock."""
        return time.time() + self.ahead_s

    def shows(self, text: str) -> Identity | Refusal:
        """What comes of showing token *text*."""
        return self.tokens.identify(text.encode())


def test_a_good_token_is_verified_once_in_five_minutes() -> None:
    """A look-up costs a twentieth of a signature."""
    desk, good = Desk(), token(exp=time.time() + 9000)
    first = desk.shows(good)
    assert isinstance(first, Identity)
    desk.now_s += REMEMBERED_S - 1
    assert desk.shows(good) is first
    assert desk.signatures.looked == 1
    desk.now_s += 1
    assert desk.shows(good) == first
    assert desk.signatures.looked == 2
    assert REMEMBERED_S == 300


def test_a_bad_token_is_remembered_for_a_second() -> None:
    """A flood of one bad token costs look-ups, and a token that becomes good soon is."""
    desk, bad = Desk(), token(nbf=time.time() + 60)
    assert {desk.shows(bad) for _ in range(10)} == {Refusal.NOT_YET}
    assert desk.signatures.looked == 1
    desk.ahead_s = 61
    desk.now_s += REFUSED_S
    assert isinstance(desk.shows(bad), Identity)


def test_a_remembered_token_still_expires() -> None:
    """Time is asked at each use, though the signature is not."""
    desk, good = Desk(), token(exp=time.time() + 10)
    assert isinstance(desk.shows(good), Identity)
    desk.ahead_s = 11
    assert desk.shows(good) is Refusal.EXPIRED
    desk.ahead_s = -3600
    assert isinstance(desk.shows(good), Identity)
    assert desk.signatures.looked == 1


def test_leeway_is_given_to_remembered_tokens_too() -> None:
    """Once verified or not, a token is good until `exp` and the leeway."""
    desk, good = Desk(leeway_s=30.0), token(exp=time.time() + 10)
    for ahead_s in (0, 39):
        desk.ahead_s = ahead_s
        assert isinstance(desk.shows(good), Identity)
    desk.ahead_s = 41
    assert desk.shows(good) is Refusal.EXPIRED


def test_the_memory_forgets_who_came_least_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is bounded, and those who keep coming stay in it."""
    monkeypatch.setattr("router.edge.tokens.REMEMBERED", 3)
    desk = Desk()
    tokens = [token(f"user-{number}") for number in range(4)]
    for one in (*tokens[:3], tokens[0], tokens[3]):
        desk.shows(one)
    assert desk.signatures.looked == 4
    desk.shows(tokens[0])  # used lately, so it stayed
    assert desk.signatures.looked == 4
    desk.shows(tokens[1])  # used least lately, so it went
    assert desk.signatures.looked == 5


def test_the_memory_of_bad_tokens_is_bounded_and_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of bad ones pushes no good one out."""
    monkeypatch.setattr("router.edge.tokens.REFUSED", 3)
    monkeypatch.setattr("router.edge.tokens.REMEMBERED", 1)
    desk, good = Desk(), token()
    desk.shows(good)
    for number in range(100):
        assert desk.shows(token(f"user-{number}", secret=OTHER)) is Refusal.SIGNATURE
    looked = desk.signatures.looked
    assert isinstance(desk.shows(good), Identity)
    assert desk.signatures.looked == looked


def test_any_of_the_keys_is_good() -> None:
    """So that keys can be rotated: the new one is added before the old one is taken away."""
    desk = Desk(SECRET, OTHER)
    for secret in (SECRET, OTHER):
        assert isinstance(desk.shows(token(secret=secret)), Identity)
    assert Desk(OTHER).shows(token()) is Refusal.SIGNATURE


def test_a_key_is_used_with_its_own_algorithm_only() -> None:
    """RFC 8725 3.1: the header's word chooses among keys, never an algorithm for one."""
    long = SECRET * 2
    desk = Desk()
    desk.tokens = Tokens(
        Jwt(()),
        Signatures(Jwt(()), [held(SECRET), held(long, "HS512")]),
        wall=desk.wall,
        clock=lambda: 0.0,
    )
    assert isinstance(desk.shows(token(algorithm="HS512", secret=long)), Identity)
    assert desk.shows(token(algorithm="HS256", secret=long)) is Refusal.SIGNATURE
    assert desk.shows(token(algorithm="HS384", secret=long)) is Refusal.SIGNATURE


def test_a_token_over_8_kib_is_not_looked_at() -> None:
    """Its size is bounded before anything is decoded, and it takes no place in the memory."""
    desk = Desk()
    assert desk.shows(token(padding="x" * 9000)) is Refusal.MALFORMED
    assert desk.signatures.looked == 0


@pytest.mark.parametrize(
    ("audience", "verdict"),
    [("ours", True), (["theirs", "ours"], True), ("theirs", False), ([], False), (None, False)],
)
def test_the_audience_must_be_ours(audience: object, verdict: bool) -> None:
    """One of a list is enough; none is none."""
    desk = Desk(audience=frozenset({"ours", "ours too"}))
    shown = desk.shows(token(aud=audience))
    assert isinstance(shown, Identity) if verdict else shown is Refusal.AUDIENCE


def test_nothing_of_a_key_is_shown() -> None:
    """Not in a repr, where logs and tracebacks would carry it away."""
    assert SECRET not in repr(VerifyingKey("HS256", SECRET.encode()))


def test_the_key_that_signed_is_remembered_with_the_claims() -> None:
    """So that it can be said whose word a verdict rests on."""
    desk = Desk(OTHER, SECRET)
    for _ in range(2):
        shown = desk.shows(token())
        assert isinstance(shown, Identity)
        assert shown.key.split() == ["jwt.keys.1"]


def test_other_keys_empty_the_memory() -> None:
    """A key that was taken out must not go on vouching for what was remembered."""
    desk, good = Desk(), token()
    assert isinstance(desk.shows(good), Identity)
    desk.sources[0].keys = (VerifyingKey("HS256", OTHER.encode()),)
    desk.tokens.forget()
    assert desk.shows(good) is Refusal.SIGNATURE
    desk.sources[0].keys = (VerifyingKey("HS256", SECRET.encode()),)
    desk.tokens.forget()
    assert isinstance(desk.shows(good), Identity)
