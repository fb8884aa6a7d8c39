"""What the metrics say of a product whose sources fail and recover."""

from prometheus_client.parser import text_string_to_metric_families

from pnl.sandbox import Status
from tests.product.house import House

Found = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(house: House) -> Found:
    text = house.desk.server.test_client().get("/metrics").text
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def of(found: Found, metric: str, /, **labels: str) -> float:
    return found.get((metric, frozenset(labels.items())), 0.0)


async def test_ticks_sources_and_breakers_are_told(house: House) -> None:
    before = scraped(house)
    await house.tick(2)
    good = scraped(house)
    assert of(good, "pnl_tick_total", result="ok") == of(before, "pnl_tick_total", result="ok") + 2
    assert of(good, "pnl_snapshots_total") == of(before, "pnl_snapshots_total") + 2
    assert of(good, "pnl_breaker_state", name="kalshi") == 0
    assert of(good, "pnl_leader") == 1
    assert of(good, "pnl_leader_epoch") >= 1
    assert of(good, "pnl_last_snapshot_commit_timestamp_seconds") == house.clock.now().timestamp()
    for stage in ("compute", "commit", "publish", "total"):
        name = "pnl_aggregation_duration_seconds_count"
        assert of(good, name, stage=stage) == of(before, name, stage=stage) + 2

    house.faults.lay("kalshi", Status(401))
    await house.tick()
    failed = scraped(house)
    assert of(failed, "pnl_tick_total", result="partial") == of(good, "pnl_tick_total", result="partial") + 1
    assert of(failed, "pnl_breaker_state", name="kalshi") == 2
    assert of(failed, "pnl_upstream_data_age_seconds", api="kalshi") == 10
    name = "pnl_upstream_requests_total"
    assert of(failed, name, api="kalshi", result="http_4xx") > of(good, name, api="kalshi", result="http_4xx")

    await house.tick()
    waiting = scraped(house)
    assert of(waiting, name, api="kalshi", result="breaker") > of(failed, name, api="kalshi", result="breaker")

    house.faults.clear()
    await house.tick(seconds=61)
    healed = scraped(house)
    assert of(healed, "pnl_breaker_state", name="kalshi") == 0
    changes = "pnl_breaker_transitions_total"
    for to in ("open", "half-open", "closed"):
        assert of(healed, changes, name="kalshi", to=to) > of(before, changes, name="kalshi", to=to)


async def test_a_tick_that_was_late_is_counted_with_its_gap(house: House) -> None:
    await house.tick(2)
    before = scraped(house)

    await house.tick(seconds=50)

    after = scraped(house)
    assert of(after, "pnl_tick_total", result="late") == of(before, "pnl_tick_total", result="late") + 4
    assert of(after, "pnl_gaps_total", reason="late") == of(before, "pnl_gaps_total", reason="late") + 1
