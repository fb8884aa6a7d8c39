"""Gauges that say nothing until they are told: what a process does not do, it does not claim to be zero."""

import threading
from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Told(Collector):
    """A gauge whose values are set from any thread, by the values of its labels.

    Args:
        name: Of the metric.
        documentation: What it says, in its unit.
        labels: The names of its labels.
        registry: Where it is collected.
    """

    def __init__(
        self, name: str, documentation: str, labels: Sequence[str] = (), *, registry: CollectorRegistry
    ) -> None:
        self.name: Final = name
        self._documentation = documentation
        self._labels = tuple(labels)
        self._lock = threading.Lock()
        self._values: dict[tuple[str, ...], float] = {}
        registry.register(self)

    def set(self, value: float, *labels: str) -> None:
        """Say that it has a value."""
        with self._lock:
            self._values[labels] = value

    def forget(self) -> None:
        """Say nothing any more."""
        with self._lock:
            self._values.clear()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return the metric without values."""
        return [GaugeMetricFamily(self.name, self._documentation, labels=self._labels)]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the metric with the values that it was told; nothing where there are none."""
        with self._lock:
            values = list(self._values.items())
        if not values:
            return
        family = GaugeMetricFamily(self.name, self._documentation, labels=self._labels)
        for labels, value in values:
            family.add_metric(labels, value)
        yield family
