"""What Prometheus reads is what was observed, as prometheus-client itself would say it."""

import prometheus_client
from hypothesis import given
from hypothesis import strategies as st

from router.core.fates import Fate
from router.edge.exposing import expose
from router.edge.families import BUCKETS, REQUEST_S
from router.edge.metrics import Metrics
from tests.stories import story

TIMES = st.lists(st.one_of(st.sampled_from(BUCKETS), st.floats(0, 100)), min_size=1, max_size=20)
NAME = "strangler_request_duration_seconds"


def lines(text: bytes) -> list[str]:
    """The lines about the histogram of one route, without when it was created."""
    told = [line for line in text.decode().splitlines() if NAME in line and "_created" not in line]
    return sorted(line for line in told if line.startswith("#") or 'route="wod"' in line)


@given(TIMES)
def test_a_histogram_is_that_of_prometheus_client(times: list[float]) -> None:
    """Bound for bound, also where an observation lies on one (`le` is less or equal)."""
    registry = prometheus_client.CollectorRegistry()
    theirs = prometheus_client.Histogram(
        NAME, REQUEST_S.what, REQUEST_S.labels, buckets=BUCKETS, registry=registry
    ).labels("wod", "coach")
    ours = Metrics()
    for seconds in times:
        theirs.observe(seconds)
        told = {"route": "wod", "served": "coach", "fate": Fate.OK, "status": 200}
        ours.record(story(seconds=seconds, **told))
    assert lines(expose(ours.totals())) == lines(prometheus_client.generate_latest(registry))
