"""The most specific match wins, order never matters, and no odd spelling passes a guard."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.matching import match, table_of
from router.core.model import Auth, Match, Requirement, Route
from router.core.paths import is_plain, is_well_formed, normal_form
from router.core.problems import Problem
from tests.core.scenes import DEFAULT, GET, MONOLITH, route, snapshot

POST = frozenset({"POST"})
OPEN = Route("default", (), MONOLITH, MONOLITH, auth=Auth.PASS)


def prefix(path: str, methods: frozenset[str] | None = None) -> Match:
    """A prefix match."""
    return Match(path, is_prefix=True, methods=methods)


ROUTES = (
    route("wod", Match("/fitness/wod", methods=GET)),
    route("wod-write", Match("/fitness/wod", methods=POST)),
    route("fitness", prefix("/fitness/")),
    route("plans", prefix("/fitness/plans/", GET)),
    route("any", Match("/any")),
    route("any-get", Match("/any", methods=GET)),
)

MATCHED = [
    ("GET", "/fitness/wod", "wod", True),
    ("HEAD", "/fitness/wod", "wod", True),
    ("POST", "/fitness/wod", "wod-write", True),
    ("DELETE", "/fitness/wod", "wod", False),
    ("GET", "/fitness/wod/", "fitness", True),
    ("GET", "/fitness/wods", "fitness", True),
    ("GET", "/fitness/", "fitness", True),
    ("GET", "/fitness", "default", True),
    ("GET", "/fitness/plans/1", "plans", True),
    ("PUT", "/fitness/plans/1", "plans", False),
    ("GET", "/FITNESS/WOD", "default", True),
    ("GET", "/any", "any-get", True),
    ("PUT", "/any", "any", True),
    ("GET", "/", "default", True),
    ("OPTIONS", "*", "default", True),
]


@pytest.mark.parametrize(("method", "path", "name", "by_method"), MATCHED)
@pytest.mark.parametrize("seed", range(5))
def test_the_most_specific_match_wins_in_any_order(
    method: str, path: str, name: str, by_method: bool, seed: int
) -> None:
    """Exact before longer prefix before shorter; a listed method before every method."""
    routes = random.Random(seed).sample(ROUTES, len(ROUTES))
    found = match(table_of(snapshot(*routes)), method, path)
    assert not isinstance(found, Problem)
    assert (found.route.name, found.by_method) == (name, by_method)


paths = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map("/".join)
matches = st.builds(
    lambda path, is_prefix, methods: Match(
        f"/{path}/" if is_prefix and path else f"/{path}", is_prefix, methods
    ),
    paths,
    st.booleans(),
    st.sampled_from([None, GET, POST]),
)


@given(st.lists(matches, max_size=8, unique=True), st.randoms(), paths)
def test_order_never_matters(listed: list[Match], chance: random.Random, path: str) -> None:
    """Any shuffle of the routes gives the same route for any request."""
    routes = [route(f"r{n}", one) for n, one in enumerate(listed)]
    shuffled = chance.sample(routes, len(routes))
    for method in ("GET", "POST", "PUT"):
        one = match(table_of(snapshot(*routes)), method, f"/{path}")
        other = match(table_of(snapshot(*shuffled)), method, f"/{path}")
        assert one == other


def test_unlisted_methods_need_the_strictest_routes_token() -> None:
    """Two routes on one path: what neither lists is guarded by the stricter."""
    admin = route(
        "z", Match("/x", methods=GET), require=(Requirement("role", frozenset({"admin"})),)
    )
    open_ = route("a", Match("/x", methods=POST), auth=Auth.PASS)
    for routes in ((admin, open_), (open_, admin)):
        found = match(table_of(snapshot(*routes)), "DELETE", "/x")
        assert not isinstance(found, Problem)
        assert (found.route.name, found.by_method) == ("z", False)


PATHS = [
    ("/fitness/wod", "/fitness/wod", True),
    ("/", "/", False),
    ("/fitness/wod/", "/fitness/wod/", False),
    ("/fitness/../admin", "/admin", False),
    ("/../../admin", "/admin", False),
    ("/fitness/%2e%2e/admin", "/admin", False),
    ("/fitness/%2E./admin", "/admin", False),
    ("/fitness/./wod", "/fitness/wod", False),
    ("//fitness///wod", "/fitness/wod", False),
    ("/fitness/wod;x=1", "/fitness/wod", False),
    ("/fitness/..;/admin", "/admin", False),
    ("/fitness%2fwod", "/fitness/wod", False),
    ("/fitness%2Fwod", "/fitness/wod", False),
    ("/fitness%5Cwod", "/fitness/wod", False),
    ("/fitness\\wod", "/fitness/wod", False),
    ("/fitness/%77od", "/fitness/wod", False),
    ("/fitness/%2577od", "/fitness/%77od", False),
    ("/fitness/wod/.", "/fitness/wod/", False),
    ("/fitness/wod/..", "/fitness/", False),
    ("/.hidden", "/.hidden", False),
    ("/a.b/c..d", "/a.b/c..d", True),
    ("/FITNESS/WOD", "/FITNESS/WOD", True),
]


@pytest.mark.parametrize(("path", "normal", "plain"), PATHS)
def test_normal_forms(path: str, normal: str, plain: bool) -> None:
    """As a lax upstream may read it: escapes decoded once, slashes folded, dots resolved."""
    assert normal_form(path) == normal
    assert is_plain(path) == plain


@given(st.text("ab./%2eEfF5cC;\\", max_size=20).map("/".__add__))
def test_plain_paths_are_their_own_normal_form(path: str) -> None:
    """The quick test never lets an odd spelling through, and normal forms are stable."""
    if is_plain(path):
        assert normal_form(path) == path
    assert normal_form(path).startswith("/")
    assert "/../" not in normal_form(path)
    assert "//" not in normal_form(path)


WELL_FORMED = [
    ("/fitness/wod", True), ("/a?b=c&d", True), ("/%41", True), ("/\\", True),
    ("*", True), ("http://a/b", True),
    ("/a#b", False), ("/a%", False), ("/a%4", False), ("/a%zz", False), ("/a%00", False),
    ("/a b", False), ("/a\tb", False), ("/a\x00", False), ("/a\x7f", False),
    ("/caf\xe9", False), ("/caf\udcc3", False), ("", False), ("/a\n", False), ("/a\r", False),
]  # fmt: skip


@pytest.mark.parametrize(("target", "is_good"), WELL_FORMED)
def test_well_formed_targets(target: str, is_good: bool) -> None:
    """NUL, controls, raw bytes above ASCII, broken escapes and fragments are none."""
    assert is_well_formed(target) is is_good


ODD = [
    "//fitness/wod", "/fitness/./wod", "/x/../fitness/wod", "/fitness%2fwod", "/fitness/%77od",
    "/fitness\\wod", "/fitness/wod;x=1", "/fitness/..;/fitness/wod",
]  # fmt: skip


@pytest.mark.parametrize("path", ODD)
def test_an_odd_spelling_of_a_guarded_path_is_refused(path: str) -> None:
    """An upstream that normalises would serve what we did not guard."""
    table = table_of(snapshot(route("wod"), default=OPEN))
    found = match(table, "GET", path)
    assert isinstance(found, Problem)
    assert (found.status, found.close) == (400, True)


PARTLY_LAX = [
    "//admin/..;/x", "/x/../admin//../y", "//admin/\\..", "/.//admin/%2e%2e/x", "/%61dmin/..;/x",
    "/%61dmin/../x", "//admin/../x",
]  # fmt: skip


@pytest.mark.parametrize("path", PARTLY_LAX)
def test_it_is_refused_too_where_an_upstream_is_lax_in_one_way_only(path: str) -> None:
    """One that folds slashes, decodes, or resolves dots, but takes `;` or `\\` for a letter."""
    table = table_of(snapshot(route("admin", prefix("/admin/")), default=OPEN))
    assert isinstance(match(table, "GET", path), Problem)


@pytest.mark.parametrize("path", ["//img/a.png", "/a%2Fb", "/x/../y", "/fitness/wod/", "/a;b"])
def test_an_odd_spelling_of_an_open_path_passes(path: str) -> None:
    """Old applications have such links: they are forwarded as they are."""
    table = table_of(snapshot(route("wod"), default=OPEN))
    found = match(table, "GET", path)
    assert not isinstance(found, Problem)
    assert found.route is OPEN


def test_an_odd_spelling_may_not_swap_one_role_for_another() -> None:
    """Two guarded routes that ask for different roles are both stricter than the other."""
    one = route("one", prefix("/one/"), require=(Requirement("role", frozenset({"one"})),))
    two = route("two", prefix("/two/"), require=(Requirement("role", frozenset({"two"})),))
    table = table_of(snapshot(one, two, default=DEFAULT))
    assert isinstance(match(table, "GET", "/one/../two/x"), Problem)
    found = match(table, "GET", "/one/./x")
    assert not isinstance(found, Problem)


@given(st.text("fitnesswod/.%2eEfF5cC;\\", max_size=24).map("/".__add__))
def test_no_spelling_gets_around_a_guard(path: str) -> None:
    """Whatever is let through to the open default means nothing that is guarded."""
    table = table_of(snapshot(route("wod", prefix("/fitness/")), default=OPEN))
    found = match(table, "GET", path)
    if not isinstance(found, Problem) and found.route is OPEN:
        assert not normal_form(path).startswith("/fitness/")
