"""All metrics of a process as Prometheus reads them."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import Metric, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.registry import Collector

from pnl.metrics.gauges import GLANCES, Sight
from pnl.metrics.instruments import REGISTRY

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Exposition(Collector):
    """Collects what the instruments counted, and looks up the rest.

    Args:
        sight: What the process can see of itself.
    """

    def __init__(self, sight: Sight | None = None) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's; it doubles the lines otherwise
        self._sight = sight or Sight()
        self._process = ProcessCollector(registry=None)

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self)

    def collect(self) -> Iterable[Metric]:
        """Return all metrics."""
        yield from REGISTRY.collect()
        yield from self._process.collect()
        sight = self._sight.once()
        for glance in GLANCES:
            family = glance.family()
            for labels, value in glance.read(sight).items():
                family.add_metric(labels, value)
            yield family
