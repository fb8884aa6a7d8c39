"""What instruments said in the last five minutes: only the difference between two looks counts."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram

from pnl.metrics.window import EVERY_SECONDS, KEPT_SECONDS, SPAN_SECONDS, Window, edges, quantile
from tests.fakes import StillClock

EDGES = (0.1, 0.2, 0.4)


class Gauges:
    """Instruments of their own, a clock that stands, and pages that come and go."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.took = Histogram("took_seconds", "How long.", ("what",), buckets=EDGES, registry=registry)
        self.requests = Counter("requests", "How many.", ("handler", "method", "code"), registry=registry)
        self.pages = 0
        self.clock = StillClock()
        self.cache = Counter("cache", "How often.", ("layer", "result"), registry=registry)
        self.window = Window((self.took,), self.requests, self.cache, lambda: self.pages, self.clock)

    def answered(self, code: int, times: int = 1, route: str = "/") -> None:
        self.requests.labels(route, "GET", str(code)).inc(times)

    def pass_by(self, seconds: float) -> None:
        """Let time pass with its looks."""
        for _ in range(round(seconds / EVERY_SECONDS)):
            self.clock.go(EVERY_SECONDS)
            self.window.look()


@pytest.fixture
def gauges() -> Iterator[Gauges]:
    made = Gauges()
    yield made
    made.window.stop()


def test_what_was_never_measured_has_no_quantile(gauges: Gauges) -> None:
    assert gauges.window.quantile(gauges.took, 0.99) is None


def test_a_quantile_is_that_of_all_labels_together(gauges: Gauges) -> None:
    for _ in range(50):
        gauges.took.labels("read").observe(0.05)
        gauges.took.labels("write").observe(0.15)

    assert gauges.window.quantile(gauges.took, 0.5) == pytest.approx(0.1)
    assert gauges.window.quantile(gauges.took, 0.75) == pytest.approx(0.15)


def test_what_is_older_than_five_minutes_counts_no_more(gauges: Gauges) -> None:
    gauges.took.labels("read").observe(0.3)
    gauges.pass_by(SPAN_SECONDS - EVERY_SECONDS)
    assert gauges.window.quantile(gauges.took, 0.99) == pytest.approx(0.398)

    gauges.pass_by(2 * EVERY_SECONDS)
    gauges.took.labels("read").observe(0.05)
    assert gauges.window.quantile(gauges.took, 0.99) == pytest.approx(0.099)

    gauges.pass_by(SPAN_SECONDS + EVERY_SECONDS)
    assert gauges.window.quantile(gauges.took, 0.99) is None


def test_readings_are_counted_once_and_forgotten_after_five_minutes(gauges: Gauges) -> None:
    for layer, result, times in (
        ("l1", "hit", 6),
        ("l1", "miss", 4),
        ("l2", "hit", 1),
        ("l2", "error", 3),
        ("l3", "hit", 3),
    ):
        gauges.cache.labels(layer, result).inc(times)
    assert gauges.window.cache() == (7, 10)

    gauges.pass_by(SPAN_SECONDS + EVERY_SECONDS)
    assert gauges.window.cache() == (0, 0)


def test_a_value_beyond_the_last_edge_is_told_as_that_edge(gauges: Gauges) -> None:
    gauges.took.labels("read").observe(7)

    assert gauges.window.quantile(gauges.took, 0.5) == 0.4


def test_errors_are_those_of_the_server_alone(gauges: Gauges) -> None:
    gauges.answered(500, 3)
    gauges.pass_by(SPAN_SECONDS + EVERY_SECONDS)
    gauges.answered(200, 6)
    gauges.answered(404, 2)
    gauges.answered(503, 2)
    gauges.answered(503, 50, "/readyz")

    assert gauges.window.errors() == (2, 10)


def test_the_most_pages_of_a_quarter_of_an_hour_are_remembered(gauges: Gauges) -> None:
    gauges.pages = 40
    gauges.window.look()
    gauges.pages = 10
    gauges.pass_by(KEPT_SECONDS)
    assert gauges.window.clients() == (10, 40)

    gauges.pass_by(EVERY_SECONDS)
    assert gauges.window.clients() == (10, 10)


def test_it_looks_by_itself_until_it_is_stopped(gauges: Gauges) -> None:
    gauges.window.start()
    gauges.window.stop()

    assert gauges.window.clients() == (0, 0)


@given(
    st.lists(st.floats(0.001, 1), min_size=1, max_size=40),
    st.floats(0.01, 1),
)
def test_a_quantile_lies_in_the_bucket_of_the_value_that_it_estimates(values: list[float], part: float) -> None:
    took = Histogram("took_seconds", "How long.", buckets=EDGES, registry=None)
    bounds = edges(took)
    counts = [sum(value <= edge for value in values) for edge in bounds]

    found = quantile(part, bounds, counts)

    exact = sorted(values)[max(math.ceil(part * len(values)) - 1, 0)]
    upper = next(edge for edge in bounds if exact <= edge)
    lower = max((edge for edge in (0.0, *bounds) if edge < upper), default=0.0)
    assert found is not None
    if upper == math.inf:
        assert found == lower
    else:
        assert lower <= found <= upper
