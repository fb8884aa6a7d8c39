"""Nine measures against their limits: each state at its edge, and idle where nothing was measured."""

import shutil
from collections import namedtuple
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from prometheus_client import Histogram

from pnl.metrics.instruments import AGGREGATION, CACHE, DELIVERY, QUERY, REQUEST, REQUESTS
from pnl.metrics.watch import FEW_READS, Measure, Watch, resident
from pnl.metrics.window import edges
from tests.fakes import StillClock
from tests.web.fakes import FakeHub

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def watch(hub: FakeHub, tmp_path: Path) -> Watch:
    return Watch.of(hub, StillClock(), data_dir=tmp_path / "not made yet")


def named(watch: Watch, name: str) -> Measure:
    return {measure.name: measure for measure in watch.measures()}[name]


def test_there_are_nine_measures_and_without_traffic_those_of_it_are_idle(watch: Watch) -> None:
    found = {measure.name: measure.state for measure in watch.measures()}

    assert found == {
        "api": "idle",
        "aggregation": "idle",
        "delivery": "idle",
        "cache": "idle",
        "database": "idle",
        "clients": "ok",
        "errors": "idle",
        "memory": named(watch, "memory").state,
        "disk": named(watch, "disk").state,
    }


@pytest.mark.parametrize(
    ("name", "instrument", "warning", "critical"),
    [
        ("api", REQUEST.labels("/", "GET"), 0.5, 1.0),
        ("aggregation", AGGREGATION, 0.3, 0.5),
        ("delivery", DELIVERY, 0.1, 0.2),
        ("database", QUERY.labels("read"), 0.1, 0.5),
    ],
)
def test_what_is_slow_is_told_from_its_limit_on(
    name: str, instrument: Histogram, warning: float, critical: float, watch: Watch
) -> None:
    for _ in range(1000):
        instrument.observe(warning)
    assert named(watch, name).state == "ok"

    for _ in range(1000):
        instrument.observe(critical)
    assert named(watch, name).state == "warning"

    for _ in range(2000):
        instrument.observe(critical * 1.01)
    found = named(watch, name)
    assert (found.state, found.warning, found.critical) == ("critical", warning, critical)


@pytest.mark.parametrize("histogram", [REQUEST, AGGREGATION, DELIVERY, QUERY])
def test_the_limits_are_edges_of_buckets(histogram: Histogram) -> None:
    limits = {
        "pnl_http_request_duration_seconds": (0.5, 1),
        "pnl_aggregation_duration_seconds": (0.3, 0.5),
        "pnl_live_delivery_seconds": (0.1, 0.2),
        "pnl_db_query_duration_seconds": (0.1, 0.5),
    }[histogram._name]

    assert set(limits) <= set(edges(histogram))


@pytest.mark.parametrize(
    ("hits", "misses", "state"),
    [(210, 89, "idle"), (210, 90, "ok"), (209, 91, "warning"), (150, 150, "warning"), (149, 151, "critical")],
)
def test_a_cache_is_judged_once_it_was_read_often(hits: int, misses: int, state: str, watch: Watch) -> None:
    CACHE.labels("l1", "hit").inc(hits - 40)
    CACHE.labels("l1", "miss").inc(misses + 40)
    CACHE.labels("l2", "hit").inc(40)
    CACHE.labels("l2", "miss").inc(misses)
    CACHE.labels("l3", "hit").inc(misses)

    found = named(watch, "cache")

    assert found.state == state
    assert found.value == hits / (hits + misses)
    assert found.beside == {"reads": hits + misses, "few": FEW_READS}


@pytest.mark.parametrize(
    ("most", "now", "state"), [(9, 0, "ok"), (10, 10, "ok"), (20, 19, "ok"), (20, 18, "warning"), (10, 5, "critical")]
)
def test_a_sudden_loss_of_pages_is_told_where_there_were_ten(
    most: int, now: int, state: str, hub: FakeHub, watch: Watch
) -> None:
    hub.counts = {"clients": most}
    watch.window.look()
    hub.counts = {"clients": now}

    found = named(watch, "clients")

    assert (found.state, found.value, found.beside) == (state, now, {"most": most})


@pytest.mark.parametrize(("failed", "state"), [(1, "ok"), (2, "warning"), (5, "warning"), (6, "critical")])
def test_errors_are_told_as_a_part_of_all_requests(failed: int, state: str, watch: Watch) -> None:
    REQUESTS.labels("/", "GET", "500").inc(failed)
    REQUESTS.labels("/", "GET", "200").inc(100 - failed)

    found = named(watch, "errors")

    assert (found.state, found.value) == (state, failed / 100)


@pytest.mark.parametrize(
    ("free", "size", "state"),
    [
        (20 * 10**9, 100 * 10**9, "ok"),
        (19 * 10**9, 100 * 10**9, "warning"),
        (9 * 10**9, 100 * 10**9, "critical"),
        (499 * 10**6, 10**9, "critical"),
    ],
)
def test_disk_is_told_as_a_part_and_as_what_is_left(
    free: int, size: int, state: str, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(size, size - free, free))

    found = named(watch, "disk")

    assert (found.state, found.beside) == (state, {"free": free, "size": size})


def test_memory_is_what_the_process_holds_now(monkeypatch: pytest.MonkeyPatch) -> None:
    held = resident()
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_named: "")

    assert held > 10_000_000
    assert resident() >= held // 2


class FakeViews:
    """Panels that four are watching."""

    counts: Mapping[str, int] = MappingProxyType({"clients": 4})

    def hub(self, name: str) -> FakeHub:
        raise AssertionError(f"nobody asks for {name}")


def test_panels_in_other_sites_pages_are_open_pages_too(tmp_path: Path) -> None:
    hub, views = FakeHub(), FakeViews()
    hub.counts = {"clients": 3}

    found = named(Watch.of(hub, StillClock(), data_dir=tmp_path, views=views), "clients")

    assert found.value == 7
