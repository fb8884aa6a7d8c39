"""Clocks that jump, and the days on which clocks are odd: numbers and times only grow, and every hole has its gap."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pnl.ops.verify import verify
from tests.fakes import StillClock
from tests.product.conftest import PATIENT
from tests.product.house import House, Row


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path, more=PATIENT)
    yield house
    await house.close()


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Have the machine live in another time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def told(house: House) -> tuple[list[Row], list[Row]]:
    """Return all snapshots and all gaps, oldest first, and see that the archive is whole."""
    assert verify(f"sqlite:///{house.folder / 'pnl.db'}", lambda _: None)
    history = house.get("/api/pnl/history?step=raw&from=2016-01-01&to=2028-01-01")
    return history["rows"], history["gaps"]


@pytest.mark.parametrize("jump", [-3600, 3600, -1])
async def test_a_clock_that_jumps_loses_and_doubles_nothing(house: House, jump: int) -> None:
    await house.tick(3)

    house.clock.go(jump)
    house.clock.ran -= jump  # the monotonic clock knows nothing of it
    with capture_logs() as logs:
        await house.tick(3)

    rows, gaps = told(house)
    instants = [row["at"] for row in rows]
    assert len(rows) == 6
    assert instants == sorted(set(instants))
    missed = [(gap["reason"], gap["missed"]) for gap in gaps]
    assert missed == ([("no tick was made in time", 360)] if jump > 0 else [])
    went_back = [line for line in logs if line["event"] == "the clock went back"]
    assert bool(went_back) is (jump == -3600)
    assert house.get("/healthz")["status"] == "ok"
    assert house.unwell() == []


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"], indirect=True)
@pytest.mark.parametrize(
    ("before", "days"),
    [
        (datetime(2026, 11, 1, 5, 59, 35, tzinfo=UTC), 1),
        (datetime(2026, 3, 8, 6, 59, 35, tzinfo=UTC), 1),
        (datetime(2027, 1, 1, 4, 59, 35, tzinfo=UTC), 2),
        (datetime(2016, 12, 31, 23, 59, 35, tzinfo=UTC), 1),
    ],
    ids=["the hour that comes twice", "the hour that is left out", "the year's end", "a leap second"],
)
async def test_odd_days_make_no_hole_wherever_the_machine_is(
    tmp_path: Path, zone: str, before: datetime, days: int
) -> None:
    house = House(tmp_path, clock=StillClock(before), more=PATIENT | {"PNL_TIME_ZONE": "America/New_York"})
    try:
        shown: list[dict[str, Any]] = [await house.tick() for _ in range(6)]
        rows, gaps = told(house)
    finally:
        await house.close()

    instants = [datetime.fromisoformat(row["at"]) for row in rows]
    assert zone
    assert [(two - one).total_seconds() for one, two in pairwise(instants)] == [10] * 5
    assert gaps == []
    assert len({snapshot["day"] for snapshot in shown}) == days
