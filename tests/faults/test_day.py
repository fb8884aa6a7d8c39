"""Part of a simulated day; `make soak-day` makes the whole."""

from pathlib import Path

import pytest

from tests.faults.simulated import simulate


def test_ten_minutes_of_ticks_while_something_breaks_every_twenty_seconds(tmp_path: Path) -> None:
    day = simulate(tmp_path / "pnl.db", 60, 3)

    assert day.wrong == []
    assert day.ticks >= 60
    assert sum(day.faults.values()) > 10


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hours_of_ticks_while_something_breaks_every_twenty_seconds(tmp_path: Path) -> None:
    day = simulate(tmp_path / "pnl.db", 720, 4)

    assert day.wrong == []
    assert {"kill", "lock", "full disk", "old reader", "another leads"} <= day.faults.keys()
