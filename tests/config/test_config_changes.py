"""What a reload says it moved, and the rename that it refuses."""

import pytest

from router.config.changes import changes
from router.config.complaints import ConfigError
from router.config.loading import reload
from tests.config.files import SHIPPED, snapshot_of, with_line, with_percent

MOVES = [
    (SHIPPED, []),
    (SHIPPED + "# a remark\n", []),
    (with_percent("    percent: 25"), ["wod.percent 10 → 25"]),
    (with_percent("    percent: 12.5"), ["wod.percent 10 → 12.5"]),
    (with_percent("    percent: 10\n    timeout: 3s"), ["wod.timeout 2s → 3s"]),
    (with_percent("    percent: 10\n    fallback: [5xx, 404]"), ["wod.fallback all → [5xx, 404]"]),
    (
        with_percent("    percent: 10\n    pin: {candidate: {role: qa}}"),
        ["wod.pin (none) → {candidate: {role: [qa]}}"],
    ),
    (SHIPPED + "  two: {match: /x}\n", ["route two added"]),
    (
        with_line("coach: http://127.0.0.1:5002", "coach: https://coach"),
        ["upstreams.coach http://127.0.0.1:5002 → https://coach:443"],
    ),
    (
        with_line("5002\n", "5002\n  third: http://third\n"),
        ["upstream third added"],
    ),
    (with_line("issuer: fit-api", "issuer: other"), ["jwt.issuer fit-api → other"]),
    (SHIPPED + "debug_headers: true\n", ["debug_headers false → true"]),
    (
        SHIPPED + "limits: {head_timeout: 5s, head: 4KiB, connections: 500}\n",
        [
            "limits.head_timeout 10s → 5s",
            "limits.line 8KiB → 4KiB",
            "limits.field 8KiB → 4KiB",
            "limits.head 32KiB → 4KiB",
            "limits.connections 10000 → 500",
            "limits.connections_per_client 1000 → 500",
        ],
    ),
    (
        SHIPPED + "trusted_proxies: [10.0.0.0/8, 127.0.0.1/32]\n",
        ["trusted_proxies (none) → [10.0.0.0/8, 127.0.0.1]"],
    ),
    (
        with_line(
            "coach: http://127.0.0.1:5002", "coach: {url: 'http://127.0.0.1:5002', queue: 0}"
        ),
        ["upstreams.coach.queue 100 → 0"],
    ),
    (
        with_percent("    percent: 10\n    upgrade: allow"),
        ["wod.upgrade refuse → allow", "wod.upgrade_idle (none) → 5m"],
    ),
    (
        with_percent("    percent: 10\n    compare: {ignore: [at]}"),
        [
            "wod.compare (none) → {sample: 5, control: 20, ignore: [at], tolerance: 0, "
            "max_body: 256KiB, show_values: false}"
        ],
    ),
    (
        with_percent("    percent: 10\n    breaker: none\n    budget: {ratio: 0.5}"),
        [
            "wod.breaker {tolerated: 1, open: 5s, longest_open: 15s} → none",
            "wod.budget.ratio 0.2 → 0.5",
        ],
    ),
    (
        SHIPPED.partition("routes:\n")[0] + "routes: {}\n",
        ["route wod removed"],
    ),
    (
        with_line("    candidate: coach\n    percent: 10", "    upstream: coach"),
        [
            "wod.upstream (none) → coach",
            "wod.deadline 10s → 60s",
            "wod.candidate coach → (none)",
            "wod.percent 10 → (none)",
            "wod.by sub → (none)",
            "wod.salt wod → (none)",
            "wod.timeout 2s → (none)",
            "wod.fallback all → (none)",
            "wod.breaker {tolerated: 1, open: 5s, longest_open: 15s} → (none)",
            "wod.budget {ratio: 0.2, min_per_s: 10, at_once: 100} → (none)",
            "wod.late 10s → (none)",
        ],
    ),
]


@pytest.mark.parametrize(("text", "moved"), MOVES)
def test_changes_are_told_in_words(text: str, moved: list[str]) -> None:
    """A line for what moved, none for what did not."""
    assert [
        line.replace("1m", "60s") for line in changes(snapshot_of(SHIPPED), snapshot_of(text))
    ] == moved


RENAMED = with_line("  wod:\n", "  workout:\n")


def test_a_rename_without_salt_is_refused_on_reload() -> None:
    """It would deal every user anew; the message says what keeps them where they are."""
    with pytest.raises(ConfigError) as caught:
        reload(snapshot_of(SHIPPED), "routes.yaml", RENAMED.encode())
    assert [str(problem) for problem in caught.value.problems] == [
        "routes.yaml:11:3: routes.workout: this is route wod under another name, which would deal "
        'every user anew; add "salt: wod" to keep users where they are'
    ]


def test_a_rename_is_allowed_at_start() -> None:
    """There is nobody yet to deal anew."""
    assert snapshot_of(RENAMED).routes[0].salt == "workout"


@pytest.mark.parametrize(
    "text",
    [
        RENAMED.replace("percent: 10", "percent: 10\n    salt: wod"),
        RENAMED.replace("percent: 10", "percent: 10\n    salt: deal-anew"),
        RENAMED.replace("GET /fitness/wod", "GET /fitness/other"),
        SHIPPED + "  two: {match: POST /fitness/wod, candidate: coach}\n",
        RENAMED.replace("    candidate: coach\n    percent: 10", "    upstream: coach"),
    ],
    ids=["salt kept", "another salt, said", "another match", "wod stays", "no candidate"],
)
def test_what_is_no_silent_rename_is_taken(text: str) -> None:
    """Users stay where they are, or the operator said that they should not."""
    reload(snapshot_of(SHIPPED), "routes.yaml", text.encode())


@pytest.mark.parametrize("content", [b"", b"routes:", b"\xff", SHIPPED[:120].encode()])
def test_a_bad_file_changes_nothing(content: bytes) -> None:
    """Emptied, cut off or garbled: a reload says why, and there is no new snapshot."""
    with pytest.raises(ConfigError):
        reload(snapshot_of(SHIPPED), "routes.yaml", content)
