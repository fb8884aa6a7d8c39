"""A source whose key is exchanged: at once where the old one was refused, at its pace where it was not."""

from pnl.aggregator.reader import Reader
from pnl.errors import SourceRefused
from tests.aggregator.test_reader import Patient, tried
from tests.fakes import StillClock, reading


async def test_a_refused_key_that_is_exchanged_is_tried_at_once() -> None:
    clock = StillClock()
    reader = Reader(Patient("anthropic", SourceRefused("anthropic", "HTTP 401", status=401)), None, 600)
    assert await tried(reader, clock)
    assert reader.refused
    clock.go(2)
    assert not await tried(reader, clock)

    reader.exchange(Patient("anthropic", reading(clock.now()), every_seconds=60))

    assert await tried(reader, clock)
    assert reader.memory.error is None
    assert not reader.refused


async def test_a_key_that_is_exchanged_before_it_is_over_keeps_the_pace() -> None:
    clock = StillClock()
    old = Patient("anthropic", reading(clock.now()), every_seconds=60)
    reader = Reader(old, None, 600)
    assert await tried(reader, clock)
    new = Patient("anthropic", reading(clock.now()), every_seconds=60)

    reader.exchange(new)

    clock.go(30)
    assert not await tried(reader, clock)
    assert reader.source is old
    clock.go(30)
    assert await tried(reader, clock)
    assert reader.source is new
