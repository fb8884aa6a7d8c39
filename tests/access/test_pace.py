"""How often somebody may ask."""

from pnl.access.pace import Pace
from tests.fakes import StillClock


def test_a_minutes_requests_may_come_at_once_and_are_had_again_one_by_one() -> None:
    clock = StillClock()
    pace = Pace(clock, 60)

    assert [pace.wait("a") for _ in range(60)] == [0] * 60
    assert pace.wait("a") == 1
    clock.go(1)
    assert [pace.wait("a"), pace.wait("a")] == [0, 1]
    clock.go(600)
    assert [pace.wait("a") for _ in range(61)] == [0] * 60 + [1]


def test_names_are_counted_apart() -> None:
    pace = Pace(StillClock(), 1)

    assert [pace.wait("a"), pace.wait("b"), pace.wait("a")] == [0, 0, 60]


def test_names_that_are_quiet_are_forgotten_and_those_that_wait_are_not() -> None:
    clock = StillClock()
    pace = Pace(clock, 1)
    for number in range(9_999):
        pace.wait(f"quiet {number}")
    clock.go(59)
    pace.wait("busy")
    clock.go(2)
    pace.wait("one more")

    assert pace.wait("busy") == 58
    assert pace.wait("quiet 7") == 0
