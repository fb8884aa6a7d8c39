"""All metrics as Prometheus reads them: their names and their labels."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pnl.aggregator.tick import GAP_REASONS
from pnl.errors import StoreUnavailable
from pnl.metrics.exposition import Exposition
from pnl.metrics.gauges import GLANCES, Sight, SourceSight, disk_of
from pnl.metrics.instruments import BACKUP_VERIFIED, QUERY, REGISTRY, REQUEST, REQUESTS, STAGES
from pnl.metrics.told import Told
from pnl.metrics.weighing import Weighing
from tests.metrics.reference import rows

THRESHOLDS = {
    "pnl_http_request_duration_seconds": (0.2, 0.5, 1),
    "pnl_aggregation_duration_seconds": (0.1, 0.3, 0.5),
    "pnl_ws_delivery_latency_seconds": (0.05, 0.1, 0.2),
    "pnl_db_query_duration_seconds": (0.05, 0.1, 0.5),
    "pnl_tick_duration_seconds": (9,),
}


@pytest.fixture
def untold() -> Iterator[None]:
    yield
    BACKUP_VERIFIED.forget()


def samples(exposition: Exposition) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(exposition.text().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


ANEW = """
from pnl.metrics.instruments import REGISTRY
for family in REGISTRY.collect():
    for sample in family.samples:
        if sample.name in ("pnl_tick_total", "pnl_gaps_total"):
            print(*sample.labels.values(), sample.value)
"""


def test_ticks_and_gaps_begin_at_zero_for_every_way_and_reason() -> None:
    told = subprocess.run([sys.executable, "-c", ANEW], capture_output=True, text=True, check=True, timeout=60).stdout

    results = ("ok", "partial", "failed", "late")
    assert sorted(told.splitlines()) == sorted(f"{label} 0.0" for label in (*results, *set(GAP_REASONS.values())))


def test_the_reference_names_every_reason_of_a_gap() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text()
    (listed,) = re.findall(r"`reason` of a gap is (.*)\. Each begins", page)

    assert set(re.findall(r"`(\w+)`", listed)) == set(GAP_REASONS.values())


def test_what_is_told_is_what_prometheus_reads(tmp_path: Path) -> None:
    log = tmp_path / "pnl.db-wal"
    log.write_bytes(b"x" * 12)
    sight = Sight(
        disk=lambda: disk_of(tmp_path / "not" / "yet"),
        write_ahead=log,
        clients=lambda: {"clients": 3, "stalled": 2, "lagged": 1},
        queue=lambda: 70,
        entries=lambda: {"l1": 5},
        sources=lambda: (
            SourceSight(name="kalshi", age=2.5, breaker=0),
            SourceSight(name="anthropic", age=None, breaker=2),
        ),
        breakers=lambda: {"redis": 1},
        leads=lambda: True,
        epoch=lambda: 4,
        heartbeat=lambda: 1.5,
        draining=lambda: True,
        tls_off=True,
        sqlite="3.53.4",
        commit="abc1234",
    )

    found = samples(Exposition(sight))

    assert found["pnl_ws_clients", ()] == 3
    assert found["pnl_ws_dropped_total", (("reason", "stalled"),)] == 2
    assert found["pnl_ws_lagged_total", ()] == 1
    assert found["pnl_ws_queue_depth_max", ()] == 70
    assert found["pnl_cache_entries", (("layer", "l1"),)] == 5
    assert found["pnl_upstream_data_age_seconds", (("api", "kalshi"),)] == 2.5
    assert ("pnl_upstream_data_age_seconds", (("api", "anthropic"),)) not in found
    assert found["pnl_breaker_state", (("name", "anthropic"),)] == 2
    assert found["pnl_breaker_state", (("name", "redis"),)] == 1
    assert found["pnl_db_wal_bytes", ()] == 12
    assert 0 < found["pnl_disk_free_bytes", ()] < found["pnl_disk_size_bytes", ()]
    assert 0 < found["pnl_memory_limit_ratio", ()] < 1
    assert [found[name, ()] for name in ("pnl_leader", "pnl_leader_epoch", "pnl_draining")] == [1, 4, 1]
    assert found["pnl_scheduler_heartbeat_age_seconds", ()] == 1.5
    assert found["pnl_tls_verify_disabled", ()] == 1
    assert any(name == "pnl_build_info" and ("sqlite", "3.53.4") in labels for name, labels in found)
    assert found["process_resident_memory_bytes", ()] > 10_000_000


def test_a_scrape_looks_at_everything_once_and_the_next_one_again() -> None:
    looks: list[str] = []

    def disk() -> tuple[float, float]:
        looks.append("disk")
        return len(looks), 100

    def sources() -> tuple[SourceSight, ...]:
        looks.append("sources")
        return (SourceSight(name="kalshi", age=1, breaker=0),)

    exposition = Exposition(Sight(disk=disk, sources=sources))

    first = samples(exposition)
    assert sorted(looks) == ["disk", "sources"]
    second = samples(exposition)

    assert sorted(looks) == ["disk", "disk", "sources", "sources"]
    assert first["pnl_disk_free_bytes", ()] < second["pnl_disk_free_bytes", ()]


def test_what_a_process_does_not_do_it_does_not_claim(untold: None) -> None:
    del untold
    name = ("pnl_backup_last_verified_timestamp_seconds", (("place", "folder"),))
    assert name not in samples(Exposition())

    BACKUP_VERIFIED.set(1.75e9, "folder")

    assert samples(Exposition())[name] == 1.75e9


def test_a_log_that_is_not_there_is_empty_and_without_sqlite_there_is_none(tmp_path: Path) -> None:
    assert samples(Exposition(Sight(write_ahead=tmp_path / "gone")))["pnl_db_wal_bytes", ()] == 0
    assert ("pnl_db_wal_bytes", ()) not in samples(Exposition(Sight(write_ahead=None)))


def test_every_threshold_of_an_alert_is_an_edge_of_a_bucket() -> None:
    histograms = dict(_histograms())

    for name, limits in THRESHOLDS.items():
        assert set(limits) <= set(histograms[name]._kwargs.get("buckets", ())), name


def _histograms() -> Iterator[tuple[str, Histogram]]:
    for one in set(REGISTRY._names_to_collectors.values()):
        if isinstance(one, Histogram):
            yield one._name, one


def steps(scrape: Callable[[], bytes]) -> int:
    """Count what a scrape calls: its cost, whatever else the machine does."""
    calls = 0

    def seen(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        scrape()
    finally:
        sys.setprofile(None)
    return calls


def test_names_are_ours_and_labels_come_from_closed_sets() -> None:
    named = [metric.name for metric in REGISTRY.collect()] + [glance.name for glance in GLANCES]
    labels = {label for one in set(REGISTRY._names_to_collectors.values()) for label in getattr(one, "_labelnames", ())}
    labels |= {label for glance in GLANCES for label in glance.labels}

    assert all(re.fullmatch(r"pnl_[a-z0-9_]+", name) for name in named)
    assert len(named) == len(set(named))
    assert labels <= {
        "api", "code", "commit", "handler", "layer", "method", "name", "op", "reason", "result", "sqlite", "stage",
        "store", "to", "version",
    }  # fmt: skip


def test_a_scrape_of_a_busy_process_does_little_more_than_write_down_what_was_counted() -> None:
    for number in range(60):
        REQUEST.labels(f"/api/pnl/measured/{number}", "GET").observe(0.01)
        REQUESTS.labels(f"/api/pnl/measured/{number}", "GET", "200").inc()
    exposition = Exposition()

    counted = steps(lambda: generate_latest(REGISTRY))
    scraped = steps(exposition.text)

    for number in range(60):
        REQUEST.remove(f"/api/pnl/measured/{number}", "GET")
        REQUESTS.remove(f"/api/pnl/measured/{number}", "GET", "200")
    assert scraped < 1.5 * counted


def test_a_gauge_says_nothing_before_it_is_told_and_after_it_is_forgotten() -> None:
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    gauge = Told("pnl_x", "x", ("name",), registry=registry)
    assert b"pnl_x" not in generate_latest(registry)

    gauge.set(2, "a")
    assert b'pnl_x{name="a"} 2.0' in generate_latest(registry)

    gauge.forget()
    assert b"pnl_x" not in generate_latest(registry)


def test_the_size_of_a_database_that_does_not_answer_is_not_told() -> None:
    answers = iter([4096])

    def read() -> int:
        for size in answers:
            return size
        raise StoreUnavailable("gone")

    weighing = Weighing(read)
    weighing.look()
    assert samples(Exposition())["pnl_db_bytes", ()] == 4096

    weighing.look()
    assert ("pnl_db_bytes", ()) not in samples(Exposition())


def test_stages_and_statements_are_told_apart() -> None:
    STAGES.labels("commit").observe(0.01)
    QUERY.labels("write").observe(0.01)

    found = samples(Exposition())

    assert found["pnl_aggregation_duration_seconds_count", (("stage", "commit"),)] >= 1
    assert found["pnl_db_query_duration_seconds_count", (("op", "write"),)] >= 1


def test_the_reference_lists_every_metric_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `pnl_.*$", page, re.MULTILINE) == rows()
