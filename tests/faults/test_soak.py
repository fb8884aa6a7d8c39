"""The soaks themselves: a little of the real one, and that harm is found where there is some."""

from pathlib import Path

import pytest

from pnl.ports import Tick
from pnl.store import open_store
from pnl.store.spool import Spool
from tests.faults.house import House
from tests.faults.simulated import simulate, uncovered
from tests.faults.soak import Soak, seconds_of
from tests.store.making import a_snapshot, a_tick


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_running_product_comes_to_no_harm(tmp_path: Path) -> None:
    house = House(tmp_path, 9)
    soak = Soak(house, 9)
    try:
        soak.run(50)
    finally:
        soak.close()
        house.close()

    assert sum(soak.faults.values()) >= 3
    assert len(soak.acknowledged) > 20


def test_a_spool_that_keeps_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Spool, "append", lambda spool, _tick: setattr(spool, "count", spool.count + 1))

    day = simulate(tmp_path / "pnl.db", 200, 3)

    assert day.wrong != []


def test_a_hole_that_no_gap_covers_is_found(tmp_path: Path) -> None:
    path = tmp_path / "pnl.db"
    store = open_store(f"sqlite:///{path}", demo=False)
    store.lead()
    store.keep(a_tick(1))
    store.keep(a_tick(2))
    store.keep(Tick(snapshot=a_snapshot(3, after=80)))
    store.close()

    assert uncovered(path) == ["60 s before snapshot 3 are covered by no gap"]


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("30s", 30), ("10m", 600), ("2h", 7200)])
def test_a_time_is_told_in_seconds_minutes_or_hours(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="SOAK=soon is no time"):
        seconds_of("soon")
