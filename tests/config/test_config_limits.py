"""Limits, pools, trusted proxies and upgrades: what the file may say, and what it means."""

# ruff: noqa: E501 - a row of a table stays on its line

from ipaddress import ip_network

import pytest

from router.config.effective import effective
from router.config.jsonschema import json_schema
from router.config.reference import reference
from router.core.model import Limits, Route, Upstream
from tests.config.files import SHIPPED, problems, route_of, snapshot_of, with_line, with_percent

MINUTE_S = 60.0
KIB = 1024


def test_the_defaults_are_those_of_the_design() -> None:
    """A front door's, on the strict side of nginx's (FAULTS 6)."""
    assert snapshot_of(SHIPPED).limits == Limits(
        head_timeout_s=10.0,
        body_timeout_s=30.0,
        keep_alive_s=75.0,
        slow_reader_s=MINUTE_S,
        line=8 * KIB,
        field=8 * KIB,
        head=32 * KIB,
        fields=100,
        buffer=64 * KIB,
        connections=10_000,
        connections_per_client=1_000,
    )
    assert snapshot_of(SHIPPED).trusted_proxies == ()


def test_a_configuration_made_by_hand_has_the_same_defaults() -> None:
    """The model's own defaults and the file's are the same ones."""
    snapshot, wod = snapshot_of(SHIPPED), route_of(SHIPPED)
    assert snapshot.limits == Limits()
    assert wod.legacy == Upstream("monolith", "127.0.0.1", 5001)
    by_hand = Route("r", (), legacy=wod.legacy, upstream=wod.legacy)
    assert (wod.upgrade, wod.tunnel_idle_s) == (by_hand.upgrade, by_hand.tunnel_idle_s)
    assert (wod.upgrade, wod.tunnel_idle_s) == (False, 300.0)


IN_FORCE = effective(snapshot_of(with_percent("    percent: 10\n    upgrade: allow")))
SAID = [
    (name, key, part[key])
    for name, part in (
        ("LimitsEntry", IN_FORCE["limits"]),
        ("UpstreamEntry", IN_FORCE["upstreams"]["coach"]),
        ("RouteEntry", IN_FORCE["routes"]["wod"]),
    )
    for key in part
    if "nginx: " in json_schema()["definitions"][name]["properties"][key]["description"]
    and key not in {"deadline", "upgrade"}
]


@pytest.mark.parametrize(("name", "key", "value"), SAID)
def test_each_default_is_told_as_it_is(name: str, key: str, value: object) -> None:
    """In the description, and to editors: the text cannot grow stale."""
    field = json_schema()["definitions"][name]["properties"][key]
    assert field["default"] == value
    assert f"Default: `{value}`" in field["description"]


def test_every_limit_stands_beside_nginxs() -> None:
    """On the page, with what the client sees; so does whatever bounds an upstream or a route."""
    rows = [row for row in reference(json_schema()).splitlines() if row.startswith("| `")]
    named = [row.split("`")[1] for row in rows]
    assert {f"limits.{key}" for key in IN_FORCE["limits"]} <= set(named)
    times = ("connect_timeout", "idle_timeout", "pause_timeout", "queue_timeout")
    bounds = (*times, "pool", "connections", "queue")
    assert {f"upstreams.<name>.{key}" for key in bounds} <= set(named)
    bounds = ("timeout", "deadline", "max_body", "upgrade", "upgrade_idle")
    assert {f"routes.<name>.{key}" for key in bounds} <= set(named)
    assert all(row.count(" | ") == 3 for row in rows)


PARTS = [
    ("{head: 4KiB}", (4 * KIB, 4 * KIB, 4 * KIB)),
    ("{head: 4KiB, line: 2KiB}", (2 * KIB, 4 * KIB, 4 * KIB)),
    ("{head: 64KiB}", (8 * KIB, 8 * KIB, 64 * KIB)),
    ("{line: 32KiB, field: 16KiB}", (32 * KIB, 16 * KIB, 32 * KIB)),
]


@pytest.mark.parametrize(("limits", "sizes"), PARTS)
def test_a_part_left_out_is_never_more_than_the_whole(
    limits: str, sizes: tuple[int, int, int]
) -> None:
    """So that a smaller head is one line of the file."""
    found = snapshot_of(f"{SHIPPED}limits: {limits}\n").limits
    assert (found.line, found.field, found.head) == sizes


@pytest.mark.parametrize(("connections", "each"), [(10, 10), (1_000, 1_000), (50_000, 1_000)])
def test_one_client_never_has_more_than_all(connections: int, each: int) -> None:
    """Unless the file says otherwise, which is refused."""
    limits = snapshot_of(f"{SHIPPED}limits: {{connections: {connections}}}\n").limits
    assert (limits.connections, limits.connections_per_client) == (connections, each)


LIMITS = [
    ("5", "limits: must be a mapping, not 5"),
    ("{head_timeout: 10}", "limits.head_timeout: 10 has no unit; write a duration like 200ms, 2s or 1m"),
    ("{head_timeout: 0s}", "limits.head_timeout: 0s is less than 100ms"),
    ("{keep_alive: 99ms}", "limits.keep_alive: 99ms is less than 100ms"),
    ("{slow_reader: 25h}", "limits.slow_reader: 25h is longer than a day"),
    ("{line: 1023B}", "limits.line: 1023B is less than 1KiB"),
    ("{field: 0B}", "limits.field: 0B is less than 1KiB"),
    ("{head: 2MiB}", "limits.head: 2MiB is more than 1MiB"),
    ("{head: 8000}", "limits.head: 8000 has no unit; write a size like 64KiB or 10MiB"),
    ("{fields: 15}", "limits.fields: 15 is less than 16"),
    ("{fields: 10001}", "limits.fields: 10001 is greater than 10000"),
    ("{fields: many}", 'limits.fields: must be a whole number, not "many"'),
    ("{buffer: 1KiB}", "limits.buffer: 1KiB is less than 4KiB"),
    ("{buffer: 1GiB}", "limits.buffer: 1GiB is more than 16MiB"),
    ("{connections: 0}", "limits.connections: 0 is less than 1"),
    ("{connections: 100001}", "limits.connections: 100001 is greater than 100000"),
    ("{connections: 1.5}", "limits.connections: must be a whole number, not 1.5"),
    ("{connections_per_client: true}", "limits.connections_per_client: must be a whole number, not true"),
    ("{connection: 5}", 'limits.connection: unknown key; did you mean "connections"?'),
]  # fmt: skip


@pytest.mark.parametrize(("limits", "problem"), LIMITS)
def test_a_wrong_limit_is_told(limits: str, problem: str) -> None:
    """One problem each, in the unit that the operator wrote."""
    [found] = problems(f"{SHIPPED}limits: {limits}\n")
    assert found.split(": ", 1)[1] == problem


UPSTREAMS = [
    ("pool: -1", "pool: -1 is less than 0"),
    ("pool: 100001", "pool: 100001 is greater than 100000"),
    ("connections: 0", "connections: 0 is less than 1"),
    ("queue: '5'", 'queue: must be a whole number, not "5"'),
    ("queue_timeout: 2", "queue_timeout: 2 has no unit; write a duration like 200ms, 2s or 1m"),
    (
        "queue_timeout: 0s",
        "queue_timeout: must be longer than nothing; to turn it off, write queue: 0",
    ),
    ("pause_timeout: 5ms", "pause_timeout: 5ms is less than 100ms"),
]


@pytest.mark.parametrize(("field", "problem"), UPSTREAMS)
def test_a_wrong_bound_of_an_upstream_is_told(field: str, problem: str) -> None:
    """Nothing waits in a queue that no connection ever empties."""
    entry = f"coach: {{url: 'http://a', {field}}}"
    [found] = problems(with_line("coach: http://127.0.0.1:5002", entry))
    assert found.split(": ", 1)[1] == f"upstreams.coach.{problem}"


NETWORKS = [
    ("10.0.0.0/8", ["10.0.0.0/8"]),
    ("127.0.0.1", ["127.0.0.1/32"]),
    ("[192.0.2.1/32, 'fd00::/8', '::1']", ["192.0.2.1/32", "fd00::/8", "::1/128"]),
    ("'2001:db8:0:0::/32'", ["2001:db8::/32"]),
]


@pytest.mark.parametrize(("text", "networks"), NETWORKS)
def test_proxies_are_networks(text: str, networks: list[str]) -> None:
    """An address is a network of one, and one network a list of one."""
    found = snapshot_of(f"{SHIPPED}trusted_proxies: {text}\n").trusted_proxies
    assert found == tuple(map(ip_network, networks))


NO_NETWORKS = [
    ("10.1.2.3/8", ": 10.1.2.3/8 has bits beyond its prefix; the network is 10.0.0.0/8"),
    ("'fd00::1/8'", ": fd00::1/8 has bits beyond its prefix; the network is fd00::/8"),
    ("proxy.example", ': "proxy.example" is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8'),
    ("10.0.0.0/33", ': "10.0.0.0/33" is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8'),
    ("10.0.0.0/255.0.0.0", ': "10.0.0.0/255.0.0.0" is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8'),
    ("010.0.0.1", ': "010.0.0.1" is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8'),
    ("'fe80::1%eth0'", ': "fe80::1%eth0" is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8'),
    ("'10.0.0.0/'", ': "10.0.0.0/" is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8'),
    ("'10.0.0.0/+8'", ': "10.0.0.0/+8" is no address or network; write 10.0.0.0/8, 127.0.0.1 or fd00::/8'),
    ("'::ffff:10.0.0.0/104'", ': "::ffff:10.0.0.0/104" holds IPv4 addresses; write them as such'),
    ("5", ": must be text, not 5"),
    ("[]", ": is an empty list; leave the key out"),
    ("[10.0.0.1, 10.0.0.1/32]", ': has "10.0.0.1" twice'),
    ("[10.0.0.1, 10.1.2.3/8]", "[1]: 10.1.2.3/8 has bits beyond its prefix; the network is 10.0.0.0/8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), NO_NETWORKS)
def test_a_wrong_network_is_told(text: str, problem: str) -> None:
    """Whom to believe is never guessed; where the right network can be named it is."""
    [found] = problems(f"{SHIPPED}trusted_proxies: {text}\n")
    assert found.split(": ", 1)[1] == f"trusted_proxies{problem}"


@pytest.mark.parametrize(
    ("lines", "upgrade", "idle_s"),
    [
        ("percent: 10", False, 300.0),
        ("upgrade: refuse", False, 300.0),
        ("upgrade: allow", True, 300.0),
        ("upgrade: allow\n    upgrade_idle: 90s", True, 90.0),
    ],
)
def test_a_route_tunnels_only_where_it_says_so(lines: str, upgrade: bool, idle_s: float) -> None:
    """WebSocket and the like, per route."""
    wod = route_of(with_percent(f"    {lines}"))
    assert (wod.upgrade, wod.tunnel_idle_s) == (upgrade, idle_s)


WRONG_UPGRADES = [
    ("upgrade: alow", '14:14: routes.wod.upgrade: "alow" is none of refuse, allow; did you mean "allow"?'),
    ("upgrade: true", "14:14: routes.wod.upgrade: must be text, not true; to turn it on, write upgrade: allow"),
    ("upgrade: allow\n    upgrade_idle: 0s", "15:19: routes.wod.upgrade_idle: 0s is less than 100ms"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "problem"), WRONG_UPGRADES)
def test_a_wrong_upgrade_is_told(lines: str, problem: str) -> None:
    """Two words, and a duration."""
    assert problems(with_percent(f"    {lines}")) == [problem]


def test_what_is_wrong_with_limits_does_not_hide_what_is_wrong_elsewhere() -> None:
    """All problems at once, and no second one for a limit that is wrong already."""
    text = with_percent("    percent: 101") + "limits: {head: 1B, line: 8KiB}\n"
    assert [found.split(": ", 1)[1] for found in problems(text)] == [
        "routes.wod.percent: 101 is greater than 100",
        "limits.head: 1B is less than 1KiB",
    ]
