"""A source's wait over a restart: a failure is tried anew, and a good source keeps its pace."""

import asyncio

from pnl.aggregator.reader import Reader
from pnl.errors import SourceBroken, SourceError, SourceRefused
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
