"""Upstreams that fail, hang and lie over real HTTP: the others go on, and the last good value stays with its age."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pnl.sandbox import (
    GzipBomb,
    Hang,
    HtmlPage,
    HugeBody,
    NanBody,
    Reset,
    SlowDrip,
    Status,
    Truncated,
)
from pnl.sandbox.faults import Fault, Vendor
from tests.product.house import House, ago

FAULTS = [
    Status(429, "2"),
    Status(500),
    Status(503),
    Hang(),
    SlowDrip(),
    Reset(),
    Truncated(),
    HtmlPage(),
    NanBody(),
    GzipBomb(),
    HugeBody(),
]


def busy_hour(house: House) -> None:
    """Trade, spend and sell a little."""
    house.engine.deposit("500", ago(days=2))
    house.engine.trade("KXAAA-1", "yes", "100", "0.42", at=ago(hours=2))
    house.engine.quote("KXAAA-1", "0.45", "0.47")
    house.engine.spend("claude-sonnet-4-5", at=ago(hours=3), input=2_000_000, output=100_000)
    house.engine.sell("inv-1", "250.00", at=ago(hours=1))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Replace the plain house by one that waits little."""
    house = House(tmp_path, more={"PNL_SOURCE_TIMEOUT_SECONDS": "1.5", "PNL_ANTHROPIC_MODE": "legacy"})
    yield house
    await house.close()


@pytest.mark.parametrize("vendor", ["kalshi", "anthropic", "revenue"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__ + str(getattr(fault, "code", "")))
async def test_a_source_that_fails_spoils_only_itself(house: House, vendor: Vendor, fault: Fault) -> None:
    busy_hour(house)
    good = await house.tick(2)
    assert good["complete"] is True

    house.faults.lay(vendor, fault)
    spoiled = await house.tick(1, seconds=61)

    assert spoiled["lines"] == good["lines"]
    assert spoiled["net"] == good["net"]
    assert spoiled["sources"][vendor]["status"] in ("cached", "stale")
    assert spoiled["sources"][vendor]["error"]
    assert spoiled["sources"][vendor]["as_of"] == good["sources"][vendor]["as_of"]
    others = {name: state["status"] for name, state in spoiled["sources"].items() if name != vendor}
    assert set(others.values()) == {"live"}

    house.faults.clear()
    healed = await house.tick(2, seconds=1000)
    assert {state["status"] for state in healed["sources"].values()} == {"live"}
    assert house.unwell() == []


async def test_all_sources_down_at_the_first_start_is_said_and_not_shown_as_zero(house: House) -> None:
    busy_hour(house)
    for vendor in ("kalshi", "anthropic", "revenue", "stripe"):
        house.faults.lay(vendor, Status(503))

    snapshot = await house.tick()

    assert snapshot["net"] is None
    assert snapshot["complete"] is False
    assert {state["status"] for state in snapshot["sources"].values()} == {"down"}
    assert all(amount is None for name, amount in snapshot["lines"].items() if name != "operating_cost")


async def test_a_feed_that_refused_for_a_moment_is_well_again_within_thirty_seconds(house: House) -> None:
    busy_hour(house)
    await house.tick(2)
    house.faults.lay("revenue", Status(401))
    refused = await house.tick(6, seconds=10)  # it is read once a minute
    assert refused["sources"]["revenue"]["error"]

    house.faults.clear("revenue")
    well = await house.tick(3, seconds=10)

    assert well["sources"]["revenue"]["status"] == "live"
    assert well["sources"]["revenue"]["error"] is None


async def test_a_refusal_that_says_how_long_to_wait_is_not_asked_again_before(house: House) -> None:
    busy_hour(house)
    await house.tick(2)
    house.faults.lay("revenue", Status(403, "120"))
    while not (await house.tick(seconds=10))["sources"]["revenue"]["error"]:
        pass
    asked = house.faults.requests("revenue")

    await house.tick(11, seconds=10)
    before = house.faults.requests("revenue")
    await house.tick(2, seconds=10)

    assert before == asked
    assert house.faults.requests("revenue") > asked


async def test_a_refused_key_is_told_with_its_cure_and_not_hammered(house: House) -> None:
    busy_hour(house)
    house.faults.lay("kalshi", Status(401))

    await house.tick()
    asked = house.faults.requests("kalshi")
    snapshot = await house.tick(4, seconds=10)

    assert snapshot["sources"]["kalshi"]["status"] == "down"
    assert snapshot["sources"]["kalshi"]["error"]
    assert house.faults.requests("kalshi") == asked
