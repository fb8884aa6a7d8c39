"""What instruments said in the last minutes: they only ever count up, so two looks at them are subtracted."""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter, Histogram

from pnl.clock import Clock
from pnl.rounds import Rounds

SPAN_SECONDS: Final = 300.0
KEPT_SECONDS: Final = 900.0
"""How long the count of open pages is remembered, of which a sudden loss is told."""
EVERY_SECONDS: Final = 10.0
_PROBES: Final = ("/healthz", "/readyz")


@dataclass(frozen=True, slots=True)
class Look:
    """What was counted up to a moment: by bucket for each histogram, errors and all requests, readings of the cache and
    those that it answered, and open pages."""

    at: float
    counts: tuple[tuple[float, ...], ...]
    errors: float
    requests: float
    hits: float
    reads: float
    clients: int


def counted(histogram: Histogram) -> tuple[float, ...]:
    """Return how many values were in each bucket or a lower one, over all labels, in the order of the edges."""
    sums: dict[float, float] = {}
    for metric in histogram.collect():
        for sample in metric.samples:
            if sample.name.endswith("_bucket"):
                edge = float(sample.labels["le"])
                sums[edge] = sums.get(edge, 0.0) + sample.value
    return tuple(sums[edge] for edge in sorted(sums))


def edges(histogram: Histogram) -> tuple[float, ...]:
    """Return the upper edges of the buckets; the last is infinite."""
    return tuple(float(edge) for edge in histogram._upper_bounds)


def totals(counter: Counter) -> tuple[float, float]:
    """Return how many requests failed by our fault, and how many there were.

    Those of who only asks whether the server is ready count as neither: a no is an answer.
    """
    failed = every = 0.0
    for metric in counter.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total") and sample.labels["handler"] not in _PROBES:
                every += sample.value
                failed += sample.value if sample.labels["code"].startswith("5") else 0.0
    return failed, every


def answered(counter: Counter) -> tuple[float, float]:
    """Return how many readings a cache answered, from this process or from Redis, and how many there were."""
    hits = every = 0.0
    for metric in counter.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total"):
                every += sample.value if sample.labels["layer"] == "l1" else 0.0
                kept = sample.labels["layer"] in {"l1", "l2"} and sample.labels["result"] == "hit"
                hits += sample.value if kept else 0.0
    return hits, every


def quantile(part: float, bounds: Sequence[float], counts: Sequence[float]) -> float | None:
    """Return the value below which a part of all values lie, as `histogram_quantile` of Prometheus does.

    Args:
        part: Between 0 and 1.
        bounds: The upper edges of the buckets, the last of them infinite.
        counts: How many values were in each bucket or a lower one.

    >>> quantile(0.5, (1, 2, math.inf), (0, 10, 10))
    1.5
    """
    if not counts or counts[-1] <= 0:
        return None
    rank = part * counts[-1]
    for place, (edge, count) in enumerate(zip(bounds, counts, strict=True)):
        if count >= rank:
            low = bounds[place - 1] if place else 0.0
            if edge == math.inf:
                return low
            before = counts[place - 1] if place else 0.0
            return low + (edge - low) * (rank - before) / (count - before) if count > before else edge
    return None


class Window:
    """Looks at the instruments every ten seconds, and remembers a quarter of an hour.

    Args:
        histograms: What is looked at.
        requests: Counts requests by their code.
        cache: Counts look-ups by layer and result.
        clients: Says how many pages are open.
        clock: The time.
    """

    def __init__(
        self,
        histograms: Iterable[Histogram],
        requests: Counter,
        cache: Counter,
        clients: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._histograms = {histogram: place for place, histogram in enumerate(histograms)}
        self._requests, self._cache = requests, cache
        self._clients = clients
        self._clock = clock
        self._lock = threading.Lock()
        self._looks: deque[Look] = deque()
        self._rounds = Rounds("metrics-window", EVERY_SECONDS, self.look)
        self.look()

    def start(self) -> None:
        """Begin to look."""
        self._rounds.start()

    def stop(self) -> None:
        """End; returns when it has."""
        self._rounds.stop()

    def look(self) -> Look:
        """Look once, and remember it."""
        found = self._seen()
        with self._lock:
            self._looks.append(found)
            while self._looks[0].at < found.at - KEPT_SECONDS:
                self._looks.popleft()
        return found

    def _seen(self) -> Look:
        failed, every = totals(self._requests)
        counts = tuple(counted(histogram) for histogram in self._histograms)
        return Look(self._clock.monotonic(), counts, failed, every, *answered(self._cache), self._clients())

    def quantile(self, histogram: Histogram, part: float) -> float | None:
        """Return the quantile of a histogram in the last five minutes; None where nothing was measured."""
        place = self._histograms[histogram]
        now, then = self._ends()
        before = then.counts[place] or (0.0,) * len(now.counts[place])
        difference = [late - early for late, early in zip(now.counts[place], before, strict=True)]
        return quantile(part, edges(histogram), difference)

    def errors(self) -> tuple[float, float]:
        """Return how many requests of the last five minutes failed by our fault, and how many there were."""
        now, then = self._ends()
        return now.errors - then.errors, now.requests - then.requests

    def cache(self) -> tuple[float, float]:
        """Return how many readings of the last five minutes the cache answered, and how many there were."""
        now, then = self._ends()
        return now.hits - then.hits, now.reads - then.reads

    def clients(self) -> tuple[int, int]:
        """Return how many pages are open, and the most of the last quarter of an hour."""
        now, _ = self._ends()
        with self._lock:
            return now.clients, max(now.clients, *(look.clients for look in self._looks))

    def _ends(self) -> tuple[Look, Look]:
        """Return a look of now, and the youngest that is five minutes old, or the first."""
        now = self._seen()
        with self._lock:
            old = [look for look in self._looks if look.at <= now.at - SPAN_SECONDS]
            return now, old[-1] if old else self._looks[0]
