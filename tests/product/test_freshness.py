"""A source is called stale by one rule, which takes into account how often it can be read at all."""

import re
from pathlib import Path

import pytest

from pnl.sandbox.faults import Status
from tests.product.conftest import PATIENT
from tests.product.house import House, Row


def kalshi(house: House) -> Row:
    """Return what the API tells of Kalshi, as its page reads it."""
    rows: list[Row] = house.get("/api/pnl/sources")["sources"]
    return next(row for row in rows if row["name"] == "kalshi")


def limits_of_the_pages(house: House) -> dict[str, int]:
    """Return the ages by which the live page goes."""
    page = house.desk.server.test_client().get("/").text
    found = re.search(r'<meta name="pnl:stale" content="([^"]*)">', page)
    assert found
    return {name: int(seconds) for name, seconds in (limit.split("=") for limit in found[1].split())}


@pytest.mark.parametrize("interval", [10, 30, 60])
async def test_a_source_that_misses_up_to_three_readings_is_not_stale_yet(tmp_path: Path, interval: int) -> None:
    house = House(tmp_path, more=PATIENT | {"PNL_INTERVAL_SECONDS": str(interval)})
    await house.tick()
    house.faults.lay("kalshi", Status(503))

    told = [(await house.tick(seconds=interval))["sources"]["kalshi"]["status"] for _ in range(4)]

    assert told == ["cached", "cached", "cached", "stale"]
    assert kalshi(house)["status"] == "stale"
    await house.close()


@pytest.mark.parametrize("interval", [10, 30, 60])
async def test_the_pages_and_the_api_tell_the_same_limit(tmp_path: Path, interval: int) -> None:
    house = House(tmp_path, more=PATIENT | {"PNL_INTERVAL_SECONDS": str(interval), "PNL_STALE_REVENUE_SECONDS": "60"})
    await house.tick()

    rows: list[Row] = house.get("/api/pnl/sources")["sources"]

    told = {row["name"]: row["stale_seconds"] for row in rows if row["status"] != "off"}
    pages = limits_of_the_pages(house)
    assert told == {"kalshi": 3 * interval, "anthropic": 900, "revenue.feed": 180, "revenue.stripe": 900}
    assert pages == {"kalshi": 3 * interval, "anthropic": 900, "revenue": 900}
    await house.close()
