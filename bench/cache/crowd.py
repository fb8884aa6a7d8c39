"""A quarter of an hour of many analysts on a virtual clock, over the real store, cache and Redis."""

import heapq
import itertools
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from bench.cache.analysts import Analyst
from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.cache.shelf import Shelf
from pnl.clock import SystemClock
from pnl.domain.snapshot import LINES, Account, Snapshot
from pnl.ports import Tick
from pnl.store import SqlStore
from pnl.web.history import Range, finest, floor, told
from pnl.web.newest import Newest
from pnl.web.series import microseconds
from pnl.web.tiles import Tiles

MINUTES: Final = 15
CLICK_SECONDS: Final = 20.0
POLL_SECONDS: Final = 10.0
TICK_SECONDS: Final = 10.0


class VirtualClock:
    """Stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at, self._zero = at, at

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.at

    def monotonic(self) -> float:
        """Return the seconds since the beginning."""
        return (self.at - self._zero).total_seconds()


class Worker:
    """One process: its own memory, the Redis that all share."""

    def __init__(self, store: SqlStore, clock: VirtualClock, redis: str | None) -> None:
        self.shelf = Shelf(redis, stream=store.stream(), version="bench", clock=SystemClock()) if redis else None
        self.cache = Layers(Memory(), self.shelf, clock)
        self.newest = Newest(store, clock, int(TICK_SECONDS))
        self.store = store
        self.tiles = Tiles(store, self.cache, self.newest, int(TICK_SECONDS))


@dataclass(slots=True)
class Result:
    """What a crowd saw.

    Attributes:
        parts: How many parts of answers (tiles, and what is not over yet) each layer gave.
        answers: How many answers needed nothing farther away than each layer.
        took: The milliseconds of answers, by that layer.
        polls: How often the newest snapshot was asked for, which is always in memory.
        rows: How many rows were shown.
        direct: Of the answers, those that were too wide for tiles.
    """

    parts: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=lambda: {"l1": [], "l2": [], "l3": []})
    polls: int = 0
    rows: int = 0
    direct: int = 0

    def line(self, name: str) -> str:
        """Return one line of the table."""
        parts, answers = sum(self.parts.values()), sum(self.answers.values())
        kept = 100 - 100 * self.parts["l3"] / parts
        whole = 100 - 100 * self.answers["l3"] / answers
        polled = 100 - 100 * self.answers["l3"] / (answers + self.polls)
        l1 = 100 * self.parts["l1"] / parts
        times = "".join(
            f" {statistics.median(took):7.2f} {sorted(took)[int(len(took) * 0.99)]:7.2f}"
            if took
            else f" {'—':>7} {'—':>7}"
            for took in self.took.values()
        )
        return f"{name:32} {answers:6} {parts:7} {l1:6.1f} {kept:6.1f} {whole:7.1f} {polled:7.1f}{times}"


HEADER: Final = (
    f"{'':32} {'':6} {'':7} {'parts, %':>13} {'answers, %':>15}  {'ms by the farthest layer: p50, p99 of':>46}\n"
    f"{'analysts × workers, Redis':32} {'asked':>6} {'parts':>7} {'L1':>6} {'L1+L2':>6} {'no DB':>7} {'+polls':>7}"
    f" {'L1':>15} {'L2':>15} {'L3':>15}"
)


def run(store: SqlStore, analysts: int, workers: int, redis: str | None, *, minutes: float = MINUTES) -> Result:
    """Return what so many analysts saw, whose requests go to any of the workers.

    The archive grows by a snapshot every ten seconds.
    """
    last = store.last_row()
    first = store.row(1)
    assert last
    assert first
    clock, random = VirtualClock(last.as_of), Random(11)
    processes = [Worker(store, clock, redis) for _ in range(workers)]
    result, begins = Result(), last.as_of
    people = [Analyst(Random(number)) for number in range(analysts)]
    order = itertools.count()
    events: list[tuple[float, int, str, Analyst | None]] = [(TICK_SECONDS, next(order), "tick", None)]
    for one in people:
        events.append((random.uniform(0, CLICK_SECONDS), next(order), "click", one))
        events.append((random.uniform(0, POLL_SECONDS), next(order), "poll", one))
    heapq.heapify(events)
    seq = last.seq
    while events and events[0][0] < minutes * 60:
        at, _, what, who = heapq.heappop(events)
        clock.at = begins + timedelta(seconds=at)
        if what == "tick":
            seq += 1
            store.keep(Tick(snapshot=_snapshot(seq, clock.at, random), interval_seconds=int(TICK_SECONDS)))
            heapq.heappush(events, (at + TICK_SECONDS, next(order), "tick", None))
        elif what == "poll":
            result.polls += 1
            heapq.heappush(events, (at + POLL_SECONDS, next(order), "poll", who))
        elif who:
            _click(random.choice(processes), who, (clock.at - first.as_of).total_seconds(), result)
            heapq.heappush(events, (at + random.expovariate(1 / CLICK_SECONDS), next(order), "click", who))
    for process in processes:
        result.parts.update(process.cache.counts())
        process.cache.close()
    return result


def _click(process: Worker, who: Analyst, archive: float, result: Result) -> None:
    length, ends, fields = who.look(archive)
    before = process.cache.counts()
    began = time.perf_counter()
    head = process.newest.head()
    now = process.newest.now(head)
    until = now + timedelta(microseconds=1) if ends is None else now - timedelta(seconds=ends)
    since = until - timedelta(seconds=length)
    step = finest(until - since, int(TICK_SECONDS))
    since = floor(since, step)
    cut = process.tiles.cut(head, step, fields, microseconds(since), microseconds(until), 10_000)
    if cut is None:
        asked = Range(since=since, until=until, step=step, fields=fields, limit=10_000, known=None)
        process.cache.get(("direct", str(asked), str(head.seq)), lambda: told(process.store, asked, now, 10).encode())
        result.direct += 1
    else:
        result.rows += len(cut.rows)
        body = b",".join(cut.rows)  # as the route does
        del body
    took = (time.perf_counter() - began) * 1000
    after = process.cache.counts()
    farthest = next(layer for layer in ("l3", "l2", "l1") if after[layer] > before[layer])
    result.answers[farthest] += 1
    result.took[farthest].append(took)


def _snapshot(seq: int, at: datetime, random: Random) -> Snapshot:
    lines = dict.fromkeys(LINES, random.randrange(10**12))
    net = sum(lines.values())
    return Snapshot(
        seq=seq,
        as_of=at,
        day=at.date(),
        demo=False,
        finality="estimated",
        lines=lines,
        net=net,
        net_realised=net,
        complete=True,
        missing=(),
        flags=(),
        account=Account(cash=net, positions_value=0, exposure=0, equity=net),
        sources={},
        checks_ok=1,
        checks_failed=0,
        checks_waiting=0,
        positions=(),
        unrealised_total=0,
    )
