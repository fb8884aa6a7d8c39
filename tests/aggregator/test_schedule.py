"""The heartbeat: it ticks, survives a bad tick, comes back when it was silenced, and stops."""

import threading
import time
from collections.abc import Iterator

import pytest

from pnl.aggregator.schedule import JOB, Schedule
from tests.fakes import StillClock

SOON = 20


class Counting:
    """Stands in for the aggregator: counts, and fails when told to."""

    def __init__(self) -> None:
        self.ticks = 0
        self.times: list[float] = [0.0]
        self.fails = False
        self.closed = False
        self._ticked = threading.Condition()

    async def tick(self) -> None:
        with self._ticked:
            self.ticks += 1
            self.times.append(time.time())
            self._ticked.notify_all()
        if self.fails:
            raise RuntimeError("a bad tick")

    async def close(self) -> None:
        self.closed = True

    def reach(self, number: int) -> bool:
        """Wait for the tick with this number."""
        with self._ticked:
            return self._ticked.wait_for(lambda: self.ticks >= number, SOON)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def schedule(counting: Counting, clock: StillClock) -> Iterator[Schedule]:
    schedule = Schedule(counting, clock=clock, interval_seconds=1)  # type: ignore[arg-type]  # all that it asks for
    yield schedule
    schedule.stop()


def test_after_the_first_it_ticks_on_round_times(schedule: Schedule, counting: Counting) -> None:
    schedule.start()
    assert counting.reach(2)

    times = [counting.times[number] % 1 for number in (2, 3, 4) if counting.reach(number)]

    assert len(times) == 3
    assert max(times) < 0.5


def test_it_ticks_at_once_and_every_interval(schedule: Schedule, counting: Counting) -> None:
    schedule.start()

    assert counting.reach(3)


def test_a_bad_tick_does_not_end_the_ticks(schedule: Schedule, counting: Counting) -> None:
    counting.fails = True

    schedule.start()

    assert counting.reach(3)


def test_a_stop_closes_the_aggregator_and_may_be_said_twice(schedule: Schedule, counting: Counting) -> None:
    schedule.start()
    assert counting.reach(1)

    schedule.stop()
    schedule.stop()

    assert counting.closed
    assert not any(thread.name in ("aggregator", "watchdog") for thread in threading.enumerate())


def test_a_schedule_that_was_never_started_stops(schedule: Schedule, counting: Counting) -> None:
    schedule.stop()

    assert counting.ticks == 0


def test_the_watchdog_brings_silenced_ticks_back(schedule: Schedule, counting: Counting, clock: StillClock) -> None:
    schedule.start()
    assert counting.reach(1)
    schedule._loop.call_soon_threadsafe(schedule._scheduler.remove_job, JOB)
    before = counting.ticks

    clock.go(14)

    assert counting.reach(before + 2)
