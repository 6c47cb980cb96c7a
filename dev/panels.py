"""What the Grafana board shows: its rows, their panels, and the queries of each.

`make board` after a change.
"""

from dataclasses import dataclass

PICKED = 'route=~"$route",instance=~"$instance"'
PROCESS = 'instance=~"$instance"'
EACH = "[$__rate_interval]"


@dataclass(frozen=True)
class Panel:
    """One graph: its queries by legend, the unit of its axis, and what it is read for."""

    title: str
    reads: str
    queries: dict[str, str]
    unit: str = "short"
    stacked: bool = False


def quantiles(series: str, by: str) -> dict[str, str]:
    """p50, p95 and p99 of the histogram *series*, one line for each *by*."""
    rate = f"sum by (le, {by}) (rate({series}_bucket{{{PICKED}}}{EACH}))"
    return {
        f"p{int(q * 100)} {{{{{by}}}}}": f"histogram_quantile({q}, {rate})"
        for q in (0.5, 0.95, 0.99)
    }


def rate(series: str, by: str, picked: str = PICKED) -> str:
    """Each second's growth of the counter *series*, by label."""
    return f"sum by ({by}) (rate({series}{{{picked}}}{EACH}))"


def share(fates: str, cohort: str) -> str:
    """The share of a cohort's requests that ended in one of *fates*."""
    asked = f'strangler_requests_total{{{PICKED},cohort="{cohort}"'
    return (
        f'sum by (route) (rate({asked},fate=~"{fates}"}}{EACH}))'
        f" / (sum by (route) (rate({asked}}}{EACH})) > 0)"
    )


def growth(picked: str) -> str:
    """Requests a second by route."""
    return rate("strangler_requests_total", "route", picked)


FAILURES = (
    "rescued|breaker_direct|upstream_error|fail_not_eligible|fail_budget|fail_both"
    "|fail_after_commit"
)
CANDIDATE = f'{PICKED},cohort="candidate"'
SHED = f'{PICKED},fate="shed",code!="none"'
COHORTS = f'{PICKED},cohort=~"candidate|legacy"'

ROWS = {
    "The migration": (
        Panel(
            "Percent in force, and share of the requests",
            "What routes.yaml says, at each replica, and what it came to: users differ.",
            {
                "{{route}} {{instance}}": f"strangler_percent{{{PICKED}}}",
                "requests of {{route}}": (f"100 * {growth(CANDIDATE)} / ({growth(COHORTS)} > 0)"),
            },
            "percent",
        ),
        Panel(
            "Who is meant for whom",
            "Requests by cohort, before any fault is considered.",
            {"{{cohort}}": rate("strangler_requests_total", "cohort", COHORTS)},
            "reqps",
            stacked=True,
        ),
        Panel(
            "Who served",
            "Beside the cohorts: the difference is what was rescued.",
            {"{{served}}": rate("strangler_requests_total", "served")},
            "reqps",
            stacked=True,
        ),
    ),
    "The candidate": (
        Panel(
            "Failures: candidate's cohort and legacy's",
            "What the migration is judged by. A rescue is a failure of the candidate, and so is "
            "what an open breaker spared it.",
            {
                "candidate {{route}}": share(FAILURES, "candidate"),
                "legacy {{route}}": share(FAILURES, "legacy"),
            },
            "percentunit",
        ),
        Panel(
            "Fates in the candidate's cohort",
            "How its exchanges ended.",
            {"{{fate}}": rate("strangler_requests_total", "fate", CANDIDATE)},
            "reqps",
            stacked=True,
        ),
        Panel(
            "Answers compared with legacy's",
            "A mismatch is a wrong answer that no fallback sees; unproven may be noise.",
            {"{{route}} {{verdict}}": rate("strangler_compare_total", "route, verdict")},
            "reqps",
            stacked=True,
        ),
        Panel(
            "What came after the timeout",
            "Late answers of abandoned attempts: right but slow, wrong, or never.",
            {"{{route}} {{verdict}}": rate("strangler_late_answers_total", "route, verdict")},
            "reqps",
            stacked=True,
        ),
        Panel(
            "Why it was rescued, and why not",
            "Causes of fallbacks; reasons why a failure had to stand.",
            {
                "{{cause}} {{result}}": rate("strangler_fallbacks_total", "cause, result"),
                "not: {{why}}": rate("strangler_fallbacks_refused_total", "why"),
            },
            "reqps",
        ),
    ),
    "Protection": (
        Panel(
            "Breakers that are not closed",
            "Workers that have given the candidate up, or let a few probe: 0 is well.",
            {
                "{{route}} {{state}}": (
                    f'sum by (route, state) (strangler_breaker_state{{{PICKED},state!="closed"}})'
                )
            },
        ),
        Panel(
            "Fallbacks: what is left, and what is under way",
            "How many there could be at once; at 0 failures stand.",
            {
                "left {{route}}": f"sum by (route) (strangler_fallback_budget{{{PICKED}}})",
                "under way {{route}}": (
                    f"sum by (route) (strangler_fallbacks_under_way{{{PICKED}}})"
                ),
            },
        ),
    ),
    "Latency": (
        Panel(
            "For the client, by who served",
            "With the deadline that the client is promised.",
            quantiles("strangler_request_duration_seconds", "served")
            | {"deadline {{route}}": f"max by (route) (strangler_deadline_seconds{{{PICKED}}})"},
            "s",
        ),
        Panel(
            "Of the attempts, by upstream",
            "With the timeout of the candidate.",
            quantiles("strangler_attempt_duration_seconds", "upstream")
            | {"timeout {{route}}": f"max by (route) (strangler_timeout_seconds{{{PICKED}}})"},
            "s",
        ),
        Panel(
            "Attempts by outcome",
            "What the upstreams did, rescued or not.",
            {"{{upstream}} {{outcome}}": rate("strangler_attempts_total", "upstream, outcome")},
            "reqps",
        ),
    ),
    "The door": (
        Panel(
            "Requests by code",
            "What the clients saw.",
            {"{{code}}": rate("strangler_requests_total", "code")},
            "reqps",
            stacked=True,
        ),
        Panel(
            "Refused tokens",
            "By reason.",
            {"{{reason}}": rate("strangler_auth_refusals_total", "reason", PROCESS)},
            "reqps",
        ),
        Panel(
            "Clients",
            "Open connections, idle ones included.",
            {"{{instance}}": f"strangler_client_connections{{{PROCESS}}}"},
        ),
        Panel(
            "Attempts under way",
            "An upstream that does not answer shows here first; then whoever comes has to wait.",
            {
                "{{upstream}} {{instance}}": f"strangler_inflight{{{PROCESS}}}",
                "waiting for {{upstream}} {{instance}}": f"strangler_queued{{{PROCESS}}}",
            },
        ),
        Panel(
            "Told to come again",
            "No room at an upstream: 503 at once. Rescues are shed first, native traffic last.",
            {"{{route}} {{cohort}}": rate("strangler_requests_total", "route, cohort", SHED)},
            "reqps",
            stacked=True,
        ),
        Panel(
            "Loop lag",
            "How late the event loop runs: what every request waits for.",
            {"{{instance}}": f"strangler_loop_lag_seconds{{{PROCESS}}}"},
            "s",
        ),
    ),
    "Configuration and keys": (
        Panel(
            "Configuration in force",
            "One line a hash: two lines for long are replicas that disagree.",
            {"{{hash}}": f"count by (hash) (strangler_config_info{{{PROCESS}}})"},
        ),
        Panel(
            "Age of the keys",
            "Since they were last read.",
            {
                "{{key}} {{instance}}": (
                    f"time() - strangler_keys_refresh_timestamp_seconds{{{PROCESS}}}"
                )
            },
            "s",
        ),
        Panel(
            "Trouble",
            "All at 0 is well.",
            {
                "file refused {{instance}}": f"1 - strangler_config_reload_success{{{PROCESS}}}",
                "keys not refreshed {{key}} {{instance}}": (
                    f"1 - strangler_keys_refresh_success{{{PROCESS}}}"
                ),
                "keys stale {{key}} {{instance}}": f"strangler_keys_stale{{{PROCESS}}}",
                "log lines lost a second {{instance}}": rate(
                    "strangler_log_lines_dropped_total", "instance", PROCESS
                ),
            },
        ),
    ),
}
