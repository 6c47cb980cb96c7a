"""Rules on how fields fit together, and the warnings about what is allowed and hardly meant."""

# ruff: noqa: E501 - a row of a table stays on its line
import pytest

from router.config.vocabulary import METHODS
from tests.config.files import SHIPPED, problems, warnings_of, with_line, with_percent

CROSSED = [
    (with_line("candidate: coach", "candidate: monolith"), '13:16: routes.wod.candidate: "monolith" is legacy already; the candidate must be another'),
    (with_percent("    upstream: coach"), "14:15: routes.wod.upstream: give candidate (users are being moved) or upstream, not both"),
    (with_line("candidate: coach", "upstream: coach"), "14:14: routes.wod.percent: has no meaning without a candidate"),
    (with_percent("    legacy: coach"), '13:16: routes.wod.candidate: "coach" is legacy already; the candidate must be another'),
    (with_percent("    percent: 1\n    auth: pass"), "14:14: routes.wod.percent: nobody can be bucketed with auth: pass, which verifies no token"),
    (with_percent("    pin: {legacy: {role: qa}}\n    auth: pass"), "14:10: routes.wod.pin: nobody can be known with auth: pass, which verifies no token"),
    (with_percent("    timeout: 10s"), "14:14: routes.wod.timeout: the timeout of 10s leaves legacy nothing of the deadline of 10s"),
    (with_percent("    deadline: 1500ms"), "14:15: routes.wod.deadline: the timeout of 2s leaves legacy nothing of the deadline of 1.5s"),
    (with_percent("    fallback: none\n    timeout: 11s"), "15:14: routes.wod.timeout: the timeout of 11s leaves legacy nothing of the deadline of 10s"),
    (with_line("jwt: {issuer: fit-api, secret_env: JWT_SECRET}\n", ""), "10:3: routes.wod.auth: needs a valid token, but the file has no jwt; add it, or say auth: pass"),
    (with_line("coach: http://127.0.0.1:5002", "coach: {url: 'http://a', ca_file: ca.pem}"), "4:37: upstreams.coach.ca_file: has no use with an http URL"),
    (with_percent("    upgrade_idle: 1m"), "14:19: routes.wod.upgrade_idle: has no meaning without upgrade: allow"),
    (with_line("match: GET /fitness/wod", "match: POST /fitness/wod\n    compare: {sample: 5}"), "13:14: routes.wod.compare: only GET is compared, and this route does not list it"),
    (with_line("candidate: coach\n    percent: 10", "upstream: coach\n    compare: {sample: 5}"), "14:14: routes.wod.compare: has no meaning without a candidate"),
    (SHIPPED + "limits: {line: 64KiB}\n", "15:16: limits.line: 64KiB is more than head, 32KiB"),
    (SHIPPED + "limits: {field: 5KiB, head: 4KiB}\n", "15:17: limits.field: 5KiB is more than head, 4KiB"),
    (SHIPPED + "limits: {connections: 10, connections_per_client: 11}\n", "15:51: limits.connections_per_client: 11 is more than connections, 10"),
    (SHIPPED + "  two: {match: GET /fitness/wod}\n", '15:16: routes.two.match: "GET,HEAD /fitness/wod" is matched by route wod as well'),
    (SHIPPED + "  two: {match: HEAD /fitness/wod}\n", '15:16: routes.two.match: "HEAD /fitness/wod" is matched by route wod as well'),
    (SHIPPED + "  two: {match: /a/*}\n  three: {match: {prefix: /a/}}\n", '16:18: routes.three.match: "/a/*" is matched by route two as well'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), CROSSED)
def test_fields_that_do_not_fit_together_are_told(text: str, problem: str) -> None:
    """Each contradiction is one problem, at the field that should be changed."""
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    "route",
    [
        "  two: {match: POST /fitness/wod}\n",
        "  two: {match: /fitness/wod}\n",
        "  two: {match: GET /fitness/wod/}\n",
        "  two: {match: GET /fitness/*}\n",
        "  two: {match: GET /Fitness/wod}\n",
        "  two: {match: /public, auth: pass}\n",
        "  two: {match: /*, upstream: coach}\n",
    ],
)
def test_matches_of_different_rank_live_together(route: str) -> None:
    """Only equal matches are an error: other methods, other paths and prefixes are not."""
    assert problems(SHIPPED + route) == []


def test_rules_on_a_wrong_field_wait_until_it_is_right() -> None:
    """A timeout that is no duration is not also called too long."""
    assert problems(with_percent("    timeout: long\n    deadline: 1s")) == [
        '14:14: routes.wod.timeout: "long" is no duration; write 200ms, 2s or 1m'
    ]


WARNED = [
    (with_percent("    percent: 5\n    fallback: none"), ["15:15: routes.wod.fallback: 5 percent of the users see every failure of coach"]),
    (with_percent("    percent: 0\n    fallback: none"), []),
    (with_percent("    timeout: 6s"), ["11:3: routes.wod.deadline: after a timeout of 6s the deadline of 10s leaves legacy only 4s"]),
    (with_percent("    timeout: 5s"), []),
    (with_percent("    deadline: 3s"), ["14:15: routes.wod.deadline: after a timeout of 2s the deadline of 3s leaves legacy only 1s"]),
    (with_percent("    deadline: 3s\n    fallback: none"), []),
    (with_percent("    compare: {sample: 5}"), []),
    (with_percent("    compare: {sample: 5, control: 0}"), ["14:35: routes.wod.compare.control: legacy is never asked twice, so that no difference is ever called a mismatch"]),
    (with_percent("    compare: {show_values: true}"), ["14:28: routes.wod.compare.show_values: whoever reaches the admin port sees values out of the answers to users"]),
    (SHIPPED + "trusted_proxies: [10.0.0.0/8, 0.0.0.0/0]\n", ["15:31: trusted_proxies[1]: 0.0.0.0/0 is everybody: any client can say that it is another"]),
    (SHIPPED + "trusted_proxies: '::/0'\n", ["15:18: trusted_proxies: ::/0 is everybody: any client can say that it is another"]),
    (
        SHIPPED + f"  long: {{match: /{'a' * 1024}}}\nlimits: {{line: 1KiB}}\n",
        ["15:17: routes.long.match: no request can reach it: limits.line is 1KiB"],
    ),
    (
        SHIPPED + f"  a: {{match: {{path: /a, methods: [{', '.join(sorted(METHODS))}]}}}}\n  b: {{match: /a}}\n",
        ['16:14: routes.b.match: no request can reach "/a": other matches list every method'],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "warnings"), WARNED)
def test_what_is_hardly_meant_is_a_warning(text: str, warnings: list[str]) -> None:
    """Warnings have the form of problems, and the file is taken all the same."""
    assert warnings_of(text) == warnings
