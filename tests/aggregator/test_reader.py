"""When a source is asked: at the tick that it tells, and after a restart at its pace, or at once where it failed."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from pnl.aggregator.reader import Reader
from pnl.errors import SourceBroken, SourceBusy, SourceError, SourceRefused
from pnl.ports import Reading, SourceMemory
from tests.fakes import ScriptedSource, StillClock, reading


class Patient(ScriptedSource):
    """A source that wants a quarter of an hour after a failure."""

    def wait_after(self, error: SourceError, failures: int) -> float:
        del error, failures
        return 900


async def tried(reader: Reader, clock: StillClock) -> bool:
    """Tell whether the source was due, and let it answer."""
    task = reader.start_if_due(clock.now())
    if task is None:
        return False
    await asyncio.wait([task])
    reader.collect(clock.now())
    return True


class Waiting(ScriptedSource):
    """A source that wants some seconds after a failure."""

    def __init__(self, seconds: float, *answers: Reading | Exception) -> None:
        super().__init__("revenue.feed", *answers, every_seconds=60)
        self.seconds = seconds

    def wait_after(self, error: SourceError, failures: int) -> float:
        del error, failures
        return self.seconds


LATENESS = (0.004, 0.002, 0.7, 0.003, 0.001, 0.25)
"""So many seconds after its round time a tick begins, one after the other."""


async def asked_at(reader: Reader, ticks: int) -> list[tuple[datetime, datetime | None]]:
    """Make ticks of ten seconds, of which none begins on time; return when the source was asked, and what was told."""
    clock, found = StillClock(), []
    told = reader.memory.next_attempt
    for number in range(ticks):
        round_time = START + timedelta(seconds=10 * number)
        clock.at = round_time + timedelta(seconds=LATENESS[number % len(LATENESS)])
        if await tried(reader, clock):
            found.append((round_time, told))
            told = reader.memory.next_attempt
    return found


START = datetime(2026, 11, 20, 11, 6, tzinfo=UTC)
TOLD_AND_MADE = {
    "good": (Waiting(0, reading(START)), 60),
    "waits half a minute": (Waiting(30, SourceBroken("revenue.feed", "HTTP 502")), 30),
    "waits a quarter": (Waiting(15, SourceBroken("revenue.feed", "HTTP 502")), 20),
    "is busy": (Waiting(1, SourceBusy("revenue.feed", "HTTP 429", retry_after=30)), 40),
}


@pytest.mark.parametrize("name", TOLD_AND_MADE)
async def test_a_source_is_asked_at_the_tick_that_was_told(name: str) -> None:
    source, apart = TOLD_AND_MADE[name]

    (first, _), *later = await asked_at(Reader(source, None, 600), 40)

    assert len(later) > 3
    assert [told for _, told in later] == [made for made, _ in later]
    assert [made for made, _ in later] == [first + timedelta(seconds=apart * (n + 1)) for n in range(len(later))]


async def memory_after(answer: Reading | SourceError, clock: StillClock) -> SourceMemory:
    """Return what is kept of a source after one attempt."""
    reader = Reader(Patient("anthropic", answer, every_seconds=60), None, 600, again_seconds=60)
    assert await tried(reader, clock)
    return reader.memory


def started_anew(memory: SourceMemory, clock: StillClock, again_seconds: float) -> Reader:
    source = Patient("anthropic", reading(clock.now()), every_seconds=60)
    return Reader(source, memory, 600, again_seconds=again_seconds)


async def test_after_a_refusal_a_restart_tries_at_once() -> None:
    clock = StillClock()
    memory = await memory_after(SourceRefused("anthropic", "HTTP 401", status=401), clock)
    clock.go(2)

    reader = started_anew(memory, clock, again_seconds=60)

    assert await tried(reader, clock)
    assert reader.memory.error is None


async def test_after_another_failure_a_restart_tries_at_once_or_at_the_pace_of_the_source() -> None:
    clock = StillClock()
    memory = await memory_after(SourceBroken("anthropic", "HTTP 502"), clock)
    clock.go(2)

    paced = started_anew(memory, clock, again_seconds=60)

    assert await tried(started_anew(memory, clock, again_seconds=0), clock)
    assert not await tried(paced, clock)
    clock.go(58)
    assert await tried(paced, clock)


async def test_after_a_good_reading_a_restart_keeps_the_pace() -> None:
    clock = StillClock()
    memory = await memory_after(reading(clock.now()), clock)
    clock.go(30)

    reader = started_anew(memory, clock, again_seconds=60)

    assert not await tried(reader, clock)
    clock.go(30)
    assert await tried(reader, clock)


async def test_a_failure_that_is_no_refusal_forgets_the_refusal_before_it() -> None:
    clock = StillClock()
    refused = await memory_after(SourceRefused("anthropic", "HTTP 401", status=401), clock)
    clock.go(2)
    broken = Reader(Patient("anthropic", SourceBroken("anthropic", "HTTP 502")), refused, 600, again_seconds=60)
    assert await tried(broken, clock)
    clock.go(2)

    assert not await tried(started_anew(broken.memory, clock, again_seconds=60), clock)


async def test_a_wish_makes_a_source_due_at_once_and_the_attempt_says_that_it_served_it() -> None:
    clock = StillClock()
    reader = Reader(Patient("revenue.stripe", reading(clock.now()), every_seconds=300), None, 600)
    assert await tried(reader, clock)
    clock.go(10)
    assert not await tried(reader, clock)

    reader.wish(1, clock.now())

    assert reader.memory.served == 0
    assert await tried(reader, clock)
    assert reader.memory.served == 1
    clock.go(10)
    reader.wish(1, clock.now())
    assert not await tried(reader, clock)


async def test_a_wish_after_a_failure_is_served_by_the_next_attempt_however_it_goes() -> None:
    clock = StillClock()
    reader = Reader(Patient("kalshi", SourceBroken("kalshi", "HTTP 502")), None, 30)
    assert await tried(reader, clock)
    clock.go(10)
    assert not await tried(reader, clock)

    reader.wish(3, clock.now())

    assert await tried(reader, clock)
    kept = reader.kept(clock.now())
    assert (kept.served, kept.failures, kept.trouble, kept.trouble_kind) == (3, 2, "HTTP 502", "SourceBroken")
    assert kept.trouble_at == clock.now()


async def test_a_wish_does_not_ask_sooner_than_the_source_allows() -> None:
    clock = StillClock()
    paced = Reader(Patient("anthropic", reading(clock.now()), every_seconds=300), None, 600, again_seconds=60)
    asked = SourceBusy("revenue.feed", "HTTP 429", retry_after=45)
    busy = Reader(Patient("revenue.feed", asked), None, 600, interval_seconds=5)
    assert await tried(paced, clock)
    assert await tried(busy, clock)
    clock.go(30)

    for one in (paced, busy):
        one.wish(1, clock.now())
        assert not await tried(one, clock)

    clock.go(15)
    assert await tried(busy, clock)
    assert not await tried(paced, clock)
    clock.go(15)
    assert await tried(paced, clock)


async def test_wishes_from_before_a_start_are_not_served_twice() -> None:
    clock = StillClock()
    reader = Reader(Patient("revenue.stripe", reading(clock.now()), every_seconds=300), None, 600)
    reader.wish(4, clock.now())
    assert await tried(reader, clock)
    clock.go(10)

    again = Reader(Patient("revenue.stripe", reading(clock.now()), every_seconds=300), reader.memory, 600)
    again.wish(4, clock.now())

    assert not await tried(again, clock)


async def test_the_last_trouble_is_remembered_when_all_is_well_again() -> None:
    clock = StillClock()
    source = ScriptedSource("kalshi", SourceBroken("kalshi", "HTTP 503"), reading(clock.now()))
    reader = Reader(source, None, 30)
    assert await tried(reader, clock)
    failed_at = clock.now()
    clock.go(10)

    assert await tried(reader, clock)

    kept = reader.kept(clock.now())
    assert (kept.error, kept.trouble, kept.trouble_at, kept.status) == (None, "HTTP 503", failed_at, "live")
    assert (kept.every_seconds, kept.stale_seconds) == (0, 30)
