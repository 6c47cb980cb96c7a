"""What a file means: every default of the design, short and long forms alike."""

import pytest

from router.config.building import hash_of
from router.config.loading import load
from router.core.model import (
    Auth,
    BreakerRules,
    BudgetRules,
    Cause,
    Cohort,
    Compare,
    Jwt,
    Key,
    Match,
    Pin,
    Requirement,
    Upstream,
)
from tests.config.files import SHIPPED, route_of, snapshot_of, with_line, with_percent

GET = frozenset({"GET", "HEAD"})


def test_the_shipped_file_has_the_defaults_of_the_design() -> None:
    """Every default is right for the route that is shipped."""
    wod = route_of(SHIPPED)
    assert wod.matches == (Match("/fitness/wod", methods=GET),)
    assert wod.candidate is not None
    assert (wod.candidate.name, wod.legacy.name) == ("coach", "monolith")
    assert (wod.percent, wod.threshold, wod.by, wod.salt) == (10.0, 10_000, "sub", "wod")
    assert (wod.timeout_s, wod.deadline_s) == (2.0, 10.0)
    assert (wod.auth, wod.require, wod.pins) == (Auth.REQUIRED, (), ())
    assert wod.fallback == frozenset(Cause)
    assert wod.falls_back
    assert (wod.idempotent, wod.max_body) == (frozenset(), 10 * 1024**2)


def test_the_default_route_passes_everything_to_the_default_upstream() -> None:
    """What no route lists goes to legacy, its token unverified, with time enough."""
    default = snapshot_of(SHIPPED).default
    assert (default.name, default.auth) == ("default", Auth.PASS)
    assert default.upstream == default.legacy == Upstream("monolith", "127.0.0.1", 5001)
    assert default.candidate is None
    assert not default.falls_back
    assert (default.timeout_s, default.deadline_s) == (60.0, 60.0)


def test_tokens_always_need_an_end_and_a_subject() -> None:
    """`require` adds to `exp` and `sub`, it does not replace them."""
    assert snapshot_of(SHIPPED).jwt == Jwt(keys=(Key("HS256", "JWT_SECRET"),), issuer="fit-api")
    text = with_line("secret_env: JWT_SECRET", "secret_env: S, require: tenant, audience: me")
    jwt = snapshot_of(text).jwt
    assert jwt is not None
    assert jwt.required == {"exp", "sub", "tenant"}
    assert jwt.audience == {"me"}


def test_a_finished_migration_is_a_plain_route() -> None:
    """`upstream: coach` in the place of the last two lines."""
    wod = route_of(with_line("    candidate: coach\n    percent: 10", "    upstream: coach"))
    assert wod.candidate is None
    assert (wod.upstream.name, wod.legacy.name) == ("coach", "monolith")
    assert wod.deadline_s == 60.0
    assert not wod.falls_back


def test_comparing_is_asked_for_and_has_the_defaults_of_the_design() -> None:
    """Nothing is compared unless the file says so; then values stay hidden."""
    assert route_of(SHIPPED).compare is None
    assert route_of(with_percent("    compare: {}")).compare == Compare()
    said = route_of(with_percent("    compare: {ignore: at, unordered: [$, a], sample: 1}")).compare
    assert said == Compare(sample=1.0, ignore=("at",), unordered=("$", "a"))


def test_breaker_and_budget_are_there_unless_they_are_none() -> None:
    """Safe with no field set; a single field leaves the others as they are."""
    assert route_of(SHIPPED).breaker == BreakerRules()
    assert route_of(SHIPPED).budget == BudgetRules()
    off = route_of(with_percent("    breaker: none\n    budget: none"))
    assert (off.breaker, off.budget) == (None, None)
    said = route_of(with_percent("    breaker: {open: 1m}\n    budget: {ratio: 1, at_once: 7}"))
    assert said.breaker == BreakerRules(open_s=60.0, longest_open_s=60.0)
    assert said.budget == BudgetRules(ratio=1.0, at_once=7)


MATCH_FORMS = [
    ("/x", (Match("/x"),)),
    ("GET /x", (Match("/x", methods=GET),)),
    ("POST,GET   /x", (Match("/x", methods=GET | {"POST"}),)),
    ("/x/*", (Match("/x/", is_prefix=True),)),
    ("/*", (Match("/", is_prefix=True),)),
    ("[GET /x, /y/*]", (Match("/x", methods=GET), Match("/y/", is_prefix=True))),
    ("{path: /x}", (Match("/x"),)),
    ("{methods: GET, path: /x}", (Match("/x", methods=GET),)),
    ("{methods: [PUT], prefix: /x/}", (Match("/x/", is_prefix=True, methods=frozenset({"PUT"})),)),
    ("[{path: /x}, HEAD /y]", (Match("/x"), Match("/y", methods=frozenset({"HEAD"})))),
]


@pytest.mark.parametrize(("form", "matches"), MATCH_FORMS)
def test_matches_have_short_and_long_forms(form: str, matches: tuple[Match, ...]) -> None:
    """HEAD follows GET in each of them."""
    assert route_of(with_line("GET /fitness/wod", form)).matches == matches


FALLBACKS = [
    ("all", frozenset(Cause), frozenset()),
    ("none", frozenset(), frozenset()),
    ("[5xx]", {Cause.STATUS_5XX}, frozenset()),
    ("[connect, 404, 503]", {Cause.CONNECT}, {404, 503}),
]


@pytest.mark.parametrize(("form", "causes", "statuses"), FALLBACKS)
def test_fallback_is_causes_and_statuses(form: str, causes: set[Cause], statuses: set[int]) -> None:
    """Words for all and nothing, or a list of both kinds."""
    wod = route_of(with_percent(f"    fallback: {form}"))
    assert (wod.fallback, wod.fallback_statuses) == (causes, statuses)
    assert wod.falls_back == (form != "none")


def test_pins_for_legacy_come_first() -> None:
    """Where both sides name a user, the safer one counts, whatever the order in the file."""
    pins = route_of(
        with_percent("    pin: {candidate: {role: [qa, dev], beta: true}, legacy: {sub: a@b.c}}")
    ).pins
    assert pins == (
        Pin(Cohort.LEGACY, "sub", frozenset({"a@b.c"})),
        Pin(Cohort.CANDIDATE, "role", frozenset({"qa", "dev"})),
        Pin(Cohort.CANDIDATE, "beta", frozenset({"true"})),
    )


def test_requirements_are_one_of_each_claim() -> None:
    """A single value is a list of one; numbers are compared as text."""
    text = with_percent("    require: {role: admin, tenant: [1, 2]}")
    assert route_of(text).require == (
        Requirement("role", frozenset({"admin"})),
        Requirement("tenant", frozenset({"1", "2"})),
    )


@pytest.mark.parametrize(
    ("percent", "threshold"),
    [("0", 0), ("-0", 0), ("0.001", 1), ("33.333", 33_333), ("99.999", 99_999), ("100", 100_000)],
)
def test_percent_becomes_an_exact_threshold(percent: str, threshold: int) -> None:
    """Three decimals are a thousandth of a per cent each, without rounding."""
    assert route_of(with_percent(f"    percent: {percent}")).threshold == threshold


@pytest.mark.parametrize(
    ("url", "upstream"),
    [
        ("http://coach", Upstream("coach", "coach", 80)),
        ("https://coach", Upstream("coach", "coach", 443, tls=True)),
        ("http://[::1]:81", Upstream("coach", "::1", 81)),
    ],
)
def test_urls_have_the_ports_of_their_schemes(url: str, upstream: Upstream) -> None:
    """Without a port it is the scheme's."""
    text = with_line("http://127.0.0.1:5002", f'"{url}"')
    assert snapshot_of(text).upstreams["coach"] == upstream


def test_the_hash_is_that_of_the_bytes() -> None:
    """A remark more is another file, with the same meaning."""
    content = SHIPPED.encode()
    one, other = load("a", content), load("a", content + b"# remark\n")
    assert one.hash == hash_of(content)
    assert len(one.hash) == 12
    assert one.hash != other.hash
    assert one.routes == other.routes
