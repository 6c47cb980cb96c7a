"""Totals as Prometheus reads them, through prometheus-client's own text format."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from router.core.totals import Kind, Row, Totals

PREFIX = "strangler_"


class Collected(Collector):
    """Totals that were gathered, in the place of metrics that prometheus-client keeps itself."""

    def __init__(self, totals: Iterable[Totals]) -> None:
        self._metrics = [metric_of(one) for one in totals]

    def collect(self) -> Iterator[Metric]:
        """Each family."""
        yield from self._metrics


def expose(totals: Iterable[Totals]) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(Collected(totals))
    return generate_latest(registry)


def metric_of(totals: Totals) -> Metric:
    """One family as prometheus-client has it."""
    family = totals.family
    name, labels = PREFIX + family.name, family.labels
    match family.kind:
        case Kind.HISTOGRAM:
            return histogram_of(name, totals)
        case Kind.GAUGE:
            return filled(GaugeMetricFamily(name, family.what, labels=labels), totals)
    return filled(CounterMetricFamily(name, family.what, labels=labels), totals)


def filled(metric: GaugeMetricFamily | CounterMetricFamily, totals: Totals) -> Metric:
    """*metric* with the samples of *totals*."""
    for labels, (value,) in totals.series.items():
        metric.add_metric(labels, value)
    return metric


def histogram_of(name: str, totals: Totals) -> Metric:
    """A histogram: its buckets count what is in those below them as well."""
    family = totals.family
    metric = HistogramMetricFamily(name, family.what, labels=family.labels)
    bounds = [*map(floatToGoString, family.bounds), "+Inf"]
    for labels, row in totals.series.items():
        metric.add_metric(labels, list(buckets(bounds, row)), row[-1])
    return metric


def buckets(bounds: Sequence[str], row: Row) -> Iterator[tuple[str, float]]:
    """Each bound with the number of observations up to it."""
    return zip(bounds, accumulate(row[:-1]), strict=True)


def total(totals: Iterable[Totals], name: str, **labels: str) -> float:
    """The sum of the samples of *name*, its prefix included, that have *labels*."""
    return sum(
        sample.value
        for metric in Collected(totals).collect()
        for sample in metric.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
