"""Ranges put together from tiles: letter by letter what the database says, with or without Redis, and rarely asked."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.cache.shelf import Shelf
from pnl.clock import SystemClock
from pnl.domain.money import CENT
from pnl.ports import Gap, Tick
from pnl.store import SqlStore, open_store
from pnl.web.history import Range, _joined, floor, told
from pnl.web.newest import Newest
from pnl.web.series import microseconds
from pnl.web.tiles import FIGURES, STEPS, Tiles
from tests.depth import examples
from tests.empty_books import empty_file
from tests.fakes import StillClock
from tests.store.making import START, a_snapshot

Look = tuple[str, tuple[str, ...], float, float, int]

SETS = (("net",), ("revenue", "cumulative_net"), tuple(FIGURES))


@dataclass
class Desk:
    """A store that grows by ticks, and processes that answer about it."""

    store: SqlStore
    clock: StillClock = field(default_factory=lambda: StillClock(START))
    processes: list[tuple[Tiles, Newest]] = field(default_factory=list)
    caches: list[Layers] = field(default_factory=list)
    seq: int = 0

    def process(self, shelf: Shelf | None = None) -> None:
        """Add one with a cache of its own."""
        cache = Layers(Memory(), shelf, self.clock)
        newest = Newest(self.store, self.clock, 10, seconds=0)
        self.caches.append(cache)
        self.processes.append((Tiles(self.store, cache, newest, 10), newest))

    def tick(self, after: float, net: int = 0) -> None:
        """Keep a snapshot so many seconds after the last; more than fifteen are a gap."""
        before = self.clock.at
        self.clock.go(after)
        self.seq += 1
        missed = int(after // 10) - 1
        gap = None
        if missed > 0 and self.seq > 1:
            gap = Gap(since=before, until=self.clock.at, missed=missed, reason="down — «für 1»")
        snapshot = a_snapshot(self.seq, after=(self.clock.at - START).total_seconds(), revenue=net * CENT)
        self.store.keep(Tick(snapshot=replace(snapshot, as_of=self.clock.at), gap=gap, interval_seconds=10))

    def look(self, process: int, look: Look) -> tuple[bytes | None, bytes]:
        """Return what a process says of a range, and what the database says."""
        step, figures, since, until, limit = look
        tiles, newest = self.processes[process]
        head = newest.head()
        asked = Range(
            since=floor(START + timedelta(seconds=since), step),
            until=START + timedelta(seconds=max(since, until)),
            step=step,
            fields=figures,
            limit=limit,
            known=None,
        )
        return _joined(tiles, head, asked), told(self.store, asked, newest.now(head), 10).encode()


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Give what makes a desk with a database of its own."""
    with ExitStack() as parts:
        made = iter(range(1000))

        def desk() -> Desk:
            store = open_store(empty_file(tmp_path / f"{next(made)}.db"), demo=False)
            parts.callback(store.close)
            store.lead()
            return Desk(store)

        yield desk


LOOKS = st.tuples(
    st.sampled_from(["raw", *STEPS]),
    st.sampled_from(SETS),
    st.floats(-8000, 90_000),
    st.floats(-8000, 90_000),
    st.sampled_from([1, 3, 50, 10_000]),
)
TICKS = st.tuples(st.sampled_from([0.001, 7.5, 10.0, 10.0, 10.004, 31.0, 60.0, 3000.0, 9000.0]), st.integers(-500, 500))


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(TICKS, LOOKS), min_size=2, max_size=40))
def test_a_kept_answer_is_letter_by_letter_what_the_database_says(
    desks: Callable[[], Desk], redis_url: str, steps: list[tuple[float, int] | Look]
) -> None:
    desk = desks()
    shelf = Shelf(redis_url, stream=desk.store.stream(), version="1", clock=SystemClock())
    desk.process()
    for _ in range(2):
        desk.process(shelf)
    desk.tick(0.5)

    for step in steps:
        if len(step) == 2:
            desk.tick(*step)
            continue
        for process in range(3):
            found, expected = desk.look(process, step)
            assert found == expected

    shelf.close()


def test_a_day_of_ticks_read_by_many_is_what_the_database_says(desks: Callable[[], Desk]) -> None:
    desk, chance = desks(), random.Random(4)
    desk.process()
    for _ in range(400):
        desk.tick(chance.choice([10, 10, 10, 10, 10.002, 25, 400]), chance.randrange(-900, 900))
        for _ in range(chance.choice([0, 0, 0, 5])):
            length = (desk.clock.at - START).total_seconds()
            since, until = sorted(chance.uniform(-500, length + 500) for _ in range(2))
            look = (chance.choice(["raw", *STEPS]), chance.choice(SETS), since, until, chance.choice([7, 10_000]))
            found, expected = desk.look(0, look)
            assert found == expected


def test_what_is_over_is_asked_of_the_database_once(desks: Callable[[], Desk]) -> None:
    desk = desks()
    desk.process()
    for _ in range(200):
        desk.tick(10)
    look: Look = ("1m", ("net",), 0, 1e9, 10_000)
    desk.look(0, look)
    before = desk.caches[0].counts()["l3"]

    for _ in range(12):  # two minutes
        desk.tick(10)
        desk.look(0, look)
        desk.look(0, ("1m", ("net",), 300, 1200, 10_000))

    assert before == 2  # the tile, and what is not over yet
    assert desk.caches[0].counts()["l3"] - before <= 12 + 1  # one small value a tick, the newest tile in eight minutes


def test_a_range_of_far_more_tiles_than_rows_is_left_to_the_database(desks: Callable[[], Desk]) -> None:
    desk = desks()
    desk.process()
    desk.tick(10)
    desk.tick(40 * 512 * 60)

    assert desk.look(0, ("1m", ("net",), 0, 1e9, 10_000))[0] is None
    assert desk.look(0, ("4h", ("net",), 0, 1e9, 10_000))[0] is not None


def test_before_the_first_snapshot_there_are_no_rows_and_nothing_is_kept(desks: Callable[[], Desk]) -> None:
    desk = desks()
    desk.process()

    found, expected = desk.look(0, ("1m", ("net",), 0, 1000, 10_000))

    assert found == expected == b'{"step":"1m","rows":[],"gaps":[],"next":null}'


def test_half_a_tick_after_one_was_due_it_counts_as_missed(desks: Callable[[], Desk]) -> None:
    desk = desks()
    newest = Newest(desk.store, desk.clock, 10, seconds=0)
    assert newest.now(newest.head()) == desk.clock.at
    desk.tick(10)
    head = newest.head()

    seen = []
    for seconds in (0, 9.9, 5.0, 0.2, 10):
        desk.clock.go(seconds)
        seen.append((newest.now(head) - START).total_seconds())

    assert seen == [10, 10, 10, 20, 30]


def test_the_head_is_looked_up_at_most_every_quarter_of_a_second(desks: Callable[[], Desk]) -> None:
    desk = desks()
    newest = Newest(desk.store, desk.clock, 10)
    desk.tick(10)
    first = newest.head()
    desk.tick(0.2)

    assert newest.head() is first
    newest.head.forget()
    assert newest.head().seq == 2
    assert newest.head().first == microseconds(datetime(2026, 11, 2, 15, 0, 10, tzinfo=UTC))
