"""Fills that Kalshi lists late, too late for the overlap of readings: found by asking for their market by name."""

from decimal import Decimal

from pnl.sandbox import Status
from tests.product.house import House, ago


async def old_fill(house: House) -> str:
    """Let three hours pass since a trade that no list has, newer fills come, and return its id."""
    engine = house.engine
    house.faults.read_bucket = (100_000, 100_000)
    engine.deposit("500", ago(days=2))
    engine.trade("KXAAA-1", "yes", "100", "0.42", at=ago(hours=5))
    await house.tick(2)
    fill = engine.trade("KXAAA-1", "yes", "10", "0.42")
    house.faults.hide_fill(fill.id)
    house.clock.go(10_800)
    engine.trade("KXBBB-1", "yes", "10", "0.30")
    return fill.id


async def test_an_old_fill_becomes_known_within_two_ticks_of_being_listed(house: House) -> None:
    await old_fill(house)
    await house.tick()
    assert house.state("I1_position") == {"ok", "waiting"}

    house.faults.hidden_fills.clear()
    await house.tick()

    assert house.unwell() == []
    assert len(house.records("fills")) == 3


async def test_a_market_in_doubt_is_asked_for_once_a_minute_until_its_fill_is_listed(house: House) -> None:
    missing = await old_fill(house)
    await house.tick(8)
    assert ("I1_position", "KXAAA-1", "failed") in house.unwell()

    house.faults.hidden_fills.clear()
    await house.tick(2, seconds=30)

    assert house.unwell() == []
    assert missing in {record["id"] for record in house.records("fills")}


async def test_an_account_in_order_is_not_looked_at_again(house: House) -> None:
    await old_fill(house)
    house.faults.hidden_fills.clear()
    await house.tick(3)

    house.faults.lay("kalshi", Status(500), path="/historical/fills")
    snapshot = await house.tick(12)

    assert house.unwell() == []
    assert snapshot["sources"]["kalshi"]["status"] == "live"


async def test_a_second_look_that_fails_costs_the_reading_nothing(house: House) -> None:
    await old_fill(house)
    await house.tick()
    house.faults.lay("kalshi", Status(500), path="/historical/fills")

    snapshot = await house.tick(3)
    assert snapshot["sources"]["kalshi"]["status"] == "live"
    assert Decimal(snapshot["account"]["cash"]) == Decimal("448.7772")

    house.faults.clear("kalshi")
    house.faults.hidden_fills.clear()
    await house.tick(2, seconds=30)
    assert house.unwell() == []
