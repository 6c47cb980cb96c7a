"""Rules on claims, with the clock as an argument (FAULTS 4; RFC 7519 4.1)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.claims import (
    MAX_CLAIM,
    Refusal,
    check,
    check_time,
    header_safe,
    holds,
    identity_headers,
    lacks,
    unit_of,
)
from router.core.model import Jwt, Key, Requirement
from tests.core.scenes import route

NOW = 1_000_000.0
KEYS = (Key("HS256", "JWT_SECRET"),)
JWT = Jwt(KEYS, issuer="fit-api")


class Gone:
    """A claim that is not there."""

    def __repr__(self) -> str:
        return "gone"


GONE = Gone()


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims, but for what is *changed*; GONE leaves one out."""
    whole = {"sub": "a@b.c", "iss": "fit-api", "iat": NOW - 10, "exp": NOW + 10} | changed
    return {name: value for name, value in whole.items() if value is not GONE}


JUDGED = [
    ({}, None),
    ({"exp": GONE}, Refusal.CLAIM),
    ({"exp": NOW}, Refusal.EXPIRED),
    ({"exp": NOW - 1}, Refusal.EXPIRED),
    ({"exp": NOW + 0.001}, None),
    ({"exp": 0}, Refusal.EXPIRED),
    ({"exp": "2000000"}, Refusal.CLAIM),
    ({"exp": None}, Refusal.CLAIM),
    ({"exp": True}, Refusal.CLAIM),
    ({"exp": [NOW + 10]}, Refusal.CLAIM),
    ({"exp": json.loads("1e400")}, Refusal.CLAIM),
    ({"exp": float("nan")}, Refusal.CLAIM),
    ({"exp": -1}, Refusal.CLAIM),
    ({"exp": 10**400}, Refusal.CLAIM),
    ({"exp": 10**300}, Refusal.CLAIM),
    ({"nbf": NOW}, None),
    ({"nbf": NOW + 1}, Refusal.NOT_YET),
    ({"nbf": "soon"}, Refusal.CLAIM),
    ({"nbf": False}, Refusal.CLAIM),
    ({"iat": GONE}, None),
    ({"iat": NOW + 1}, Refusal.NOT_YET),
    ({"iat": -5}, Refusal.CLAIM),
    ({"iss": GONE}, Refusal.ISSUER),
    ({"iss": "other"}, Refusal.ISSUER),
    ({"iss": ["fit-api"]}, Refusal.CLAIM),
    ({"iss": ""}, Refusal.CLAIM),
    ({"sub": GONE}, Refusal.CLAIM),
    ({"sub": None}, Refusal.CLAIM),
    ({"sub": 42}, Refusal.CLAIM),
    ({"sub": ""}, Refusal.CLAIM),
    ({"sub": "x" * MAX_CLAIM}, None),
    ({"sub": "x" * 10 * 1024}, Refusal.CLAIM),
    ({"sub": "a\ud800"}, Refusal.CLAIM),
    ({"sub": "a\r\nX-User-Role: admin"}, Refusal.CLAIM),
    ({"sub": "a\x00"}, Refusal.CLAIM),
    ({"sub": "a\x85"}, Refusal.CLAIM),
    ({"sub": "Ünï ✓"}, None),
    ({"sub": {"a": 1}}, Refusal.CLAIM),
    ({"role": "admin"}, None),
    ({"role": ["admin", "qa"]}, None),
    ({"role": []}, None),
    ({"role": 7}, Refusal.CLAIM),
    ({"role": ["qa", "a\nb"]}, Refusal.CLAIM),
    ({"role": {"admin": True}}, Refusal.CLAIM),
    ({"aud": "whoever"}, None),
    ({"aud": 5}, Refusal.CLAIM),
]


@pytest.mark.parametrize(("changed", "refusal"), JUDGED, ids=lambda value: repr(value)[:40])
def test_claims_are_judged(changed: dict[str, Any], refusal: Refusal | None) -> None:
    """Each claim has its type and holds now; whatever came, nothing is raised."""
    assert check(claims(**changed), JWT, NOW) is refusal


AUDIENCES = [
    ("me", None),
    (["me"], None),
    (["you", "us"], None),
    (["you"], Refusal.AUDIENCE),
    ("you", Refusal.AUDIENCE),
    ([], Refusal.AUDIENCE),
    (GONE, Refusal.AUDIENCE),
    ([["me"]], Refusal.CLAIM),
    ({"me": 1}, Refusal.CLAIM),
    ("ME", Refusal.AUDIENCE),
]


@pytest.mark.parametrize(("audience", "refusal"), AUDIENCES, ids=repr)
def test_the_audience_is_one_of_ours(audience: object, refusal: Refusal | None) -> None:
    """Where the file names any, the token must name one of them."""
    jwt = Jwt(KEYS, audience=frozenset({"me", "us"}))
    assert check(claims(aud=audience), jwt, NOW) is refusal


@pytest.mark.parametrize(
    ("exp", "iat", "refusal"),
    [
        (NOW - 29.9, NOW, None),
        (NOW - 30, NOW, Refusal.EXPIRED),
        (NOW + 99, NOW + 30, None),
        (NOW + 99, NOW + 30.1, Refusal.NOT_YET),
    ],
)
def test_leeway_has_an_edge(exp: float, iat: float, refusal: Refusal | None) -> None:
    """Clocks may differ by so much and no more, both ways."""
    assert check_time({"exp": exp, "iat": iat}, 30.0, NOW) is refusal


def test_more_claims_can_be_required() -> None:
    """Beside `exp` and `sub`."""
    jwt = Jwt(KEYS, required=frozenset({"exp", "sub", "tenant"}))
    assert check(claims(), jwt, NOW) is Refusal.CLAIM
    assert check(claims(tenant=7), jwt, NOW) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["sub", "iss", "aud", "exp", "nbf", "iat", "role", "x"])


@given(st.dictionaries(names, json_values), st.sampled_from([JWT, Jwt(KEYS, None, frozenset("a"))]))
def test_no_claims_whatever_raise(anything: dict[str, Any], jwt: Jwt) -> None:
    """A token is somebody else's text; and what is accepted can be told upstream."""
    if check(anything, jwt, NOW) is None:
        for _, value in identity_headers(anything):
            assert value.isascii()
            assert value.isprintable()
    unit_of(anything, "x")
    holds(anything, "x", frozenset({"a"}))


UNITS = [("a", "a"), (42, "42"), (True, None), (1.5, None), (None, None), (["a"], None)]
UNFIT = ["", "a\ud800"]


@pytest.mark.parametrize("by", ["sub", "tenant"])
@pytest.mark.parametrize(("value", "unit"), UNITS, ids=repr)
def test_units(by: str, value: object, unit: str | None) -> None:
    """Text or a whole number; anything else goes to legacy."""
    assert unit_of({by: value}, by) == unit
    assert unit_of({}, by) is None
    assert unit_of(None, by) is None


@pytest.mark.parametrize("value", UNFIT, ids=repr)
def test_text_that_cannot_be_told_is_no_unit(value: str) -> None:
    """Whichever claim it is, and though a token with such a `sub` is refused before."""
    assert unit_of({"tenant": value}, "tenant") is None
    assert unit_of({"sub": value}, "sub") is None
    assert check(claims(sub=value), JWT, NOW) is Refusal.CLAIM


HELD = [
    ("admin", True), (["qa", "admin"], True), ("qa", False), ([], False), (None, False),
    (["adm"], False), ("ADMIN", False), (["admin", 7], True), ({"admin": 1}, False),
]  # fmt: skip


@pytest.mark.parametrize(("value", "is_held"), HELD, ids=repr)
def test_required_claims(value: object, is_held: bool) -> None:
    """One of the values, as the claim's text or a member of its list."""
    guarded = route(require=(Requirement("role", frozenset({"admin", "root"})),))
    assert lacks(guarded, {"role": value}) == (None if is_held else "role")


@pytest.mark.parametrize(("value", "spelled"), [(True, "true"), (False, "false"), (7, "7")])
def test_values_are_compared_as_json_spells_them(value: object, spelled: str) -> None:
    """`beta: true` in a token is `beta: true` in routes.yaml."""
    assert holds({"beta": value}, "beta", frozenset({spelled}))
    assert not holds({"beta": value}, "beta", frozenset({"True", "False"}))


HEADERS = [
    ({"sub": "a@b.c"}, (("X-User-Id", "a@b.c"),)),
    ({"sub": "Ü b"}, (("X-User-Id", "%C3%9C%20b"),)),
    ({"sub": "a", "role": "qa"}, (("X-User-Id", "a"), ("X-User-Role", "qa"))),
    ({"sub": "a", "role": ["x,y", "z"]}, (("X-User-Id", "a"), ("X-User-Role", "x%2Cy,z"))),
    ({"sub": "100%"}, (("X-User-Id", "100%25"),)),
    ({"sub": "a", "role": []}, (("X-User-Id", "a"),)),
    ({}, ()),
]


@pytest.mark.parametrize(("given_claims", "headers"), HEADERS, ids=repr)
def test_identity_headers(
    given_claims: dict[str, Any], headers: tuple[tuple[str, str], ...]
) -> None:
    """Percent-encoded UTF-8; the comma only ever separates roles."""
    assert identity_headers(given_claims) == headers


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_header_values_are_safe_and_unambiguous(value: str) -> None:
    """Visible ASCII, and no two users share one."""
    from urllib.parse import unquote

    assert unquote(header_safe(value)) == value
    assert all("!" <= char <= "~" and char != "," for char in header_safe(value))
