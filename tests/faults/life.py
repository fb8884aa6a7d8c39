"""A process that ticks in a time of its own while things break: the real aggregator, store and spool, a clock by hand.

It tells through a pipe what it does, a line each, since it may be killed at any instant: `tick 7 <instant>`,
`kept 5 <digest>`, `fault lock`, `wrong <what>`. `tests.faults.simulated` starts it again and again.
"""

import asyncio
import os
import random
import resource
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.aggregator.tick import Aggregator
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.records import KINDS, Fill, Record
from pnl.errors import (
    Deposed,
    SourceBroken,
    SourceBusy,
    SourceGarbled,
    SourceRefused,
    SourceUnreachable,
    StoreError,
)
from pnl.ports import Reading
from pnl.store import SqlStore
from pnl.store.engine import driver
from tests.fakes import ScriptedSource, StillClock
from tests.faults.kills import LOCK_SECONDS, ZONE, opened
from tests.store.making import START, a_mark

INTERVAL = 10
HEALED = 3
"""Thirty seconds, in ticks: so long after the end of a fault nothing of it may be left."""
LONGEST = 12
EVERY = 2
"""Something breaks every twenty seconds."""
WAIT_SECONDS = 0.02
DEPOSED = 70
SOURCES = ("kalshi", "anthropic", "revenue.feed")
LOG_BYTES = 2_000_000
"""The most that the database's log may hold once nobody keeps it from shrinking."""


class Upstream(ScriptedSource):
    """A source that answers with something new now and then, or fails as it is told to."""

    def __init__(self, name: str, store: SqlStore, clock: StillClock, chance: random.Random) -> None:
        super().__init__(name)
        self._number = sum(1 for _ in store.facts("fill"))
        self._clock, self._chance = clock, chance
        self.fails: Exception | None = None

    async def read(self, cursor: str | None) -> Reading:
        del cursor
        if self.gate:
            await self.gate.wait()
        if self.fails:
            raise self.fails
        now = self._clock.now()
        if self.name != "kalshi" or self._chance.random() < 0.7:
            return Reading(as_of=now, cursor="{}", records=(), marks=(), markets=(), report=None)
        self._number += 1
        name = f"f-{self._number}"
        fact = Fill(
            id=name, ticker="KXA", subaccount=0, at=now, side="yes", count=100, price=400_000_000, fee=0,
            order_id="o", is_taker=True,
        )  # fmt: skip
        record = Record(source="kalshi", kind="fill", id=name, effective_at=now, fact=fact, raw="x" * 300)
        mark = a_mark("KXA", f"0.{self._number % 90:02d}", after=(now - START).total_seconds())
        return Reading(as_of=now, cursor="{}", records=(record,), marks=(mark,), markets=(), report=None)


class Bug:
    """Stands where alerts are looked at, in the middle of a tick, and raises once it is told to."""

    bites = False

    def look(self, *_: object) -> None:
        """Raise what no code of ours raises on purpose."""
        bites, self.bites = self.bites, False
        if bites:
            raise ZeroDivisionError


@dataclass
class Fault:
    """Something that is broken: until which tick, what it touches, and what ends it."""

    name: str
    until: int
    storage: bool
    sources: tuple[str, ...]
    end: Callable[[], None]


class Life:
    """From a start to a death, or to the last tick."""

    def __init__(self, path: Path, tell: int, seed: str, at: datetime) -> None:
        self._path, self._pipe = path, tell
        self._chance = random.Random(seed)
        self._clock = StillClock(at)
        self._faults: list[Fault] = []
        self._bug = Bug()
        self._hurt = dict.fromkeys((*SOURCES, "storage"), -HEALED)
        self._kept: tuple[int, datetime] | None = None
        self._store = self._begun()
        self._ledger = Ledger(Calendar(ZONE))
        self._ledger.take(self._store.facts(*KINDS))
        self._ledger.quote(self._store.marks(), self._store.markets())
        self._figures = LiveFigures(
            self._ledger, self._store, clock=self._clock, demo=False, time_zone=ZONE.key, interval_seconds=INTERVAL
        )
        self._figures.follow(self._heard)
        self._upstreams = {name: Upstream(name, self._store, self._clock, self._chance) for name in SOURCES}
        self._readers = [Reader(source, None, 30) for source in self._upstreams.values()]
        self._aggregator = Aggregator(
            self._readers, self._ledger, self._store, self._figures, clock=self._clock, interval_seconds=INTERVAL,
            wait_seconds=WAIT_SECONDS, waiting=self._store.waiting, watch=self._bug,  # type: ignore[arg-type]
        )  # fmt: skip

    async def run(self, first: int, last: int) -> None:
        """Make the ticks from `first` to `last`, while things break, and some more in which all is well again."""
        there = _open_things()
        for number in range(first, max(first, last) + HEALED + 2):
            self._clock.go(INTERVAL)
            self._end_what_is_over(number, every=number > last)
            if number <= last and number % EVERY == 0 and len(self._faults) < 3:
                self._break_something(number)
            self._tell(f"tick {number} {self._clock.now().isoformat()}")
            await self._tick(number)
            self._look(number, there)
        await self._aggregator.close()
        self._store.close()

    def _begun(self) -> SqlStore:
        while True:
            try:
                store = opened(self._path)
                store.lead()
            except StoreError:  # what waits cannot be taken yet
                continue
            return store

    def _tell(self, line: str) -> None:
        os.write(self._pipe, f"{line}\n".encode())

    def _heard(self, seq: int, text: str) -> None:
        self._tell(f"kept {seq} {sha256(text.encode()).hexdigest()}")

    async def _tick(self, number: int) -> None:
        try:
            await self._aggregator.tick()
        except ZeroDivisionError:  # as the schedule does, which counts it and goes on
            self._hurt["storage"] = number
        if self._aggregator.deposed:
            os._exit(DEPOSED)

    # What breaks

    def _break_something(self, number: int) -> None:
        until = number + self._chance.randint(1, LONGEST)
        seldom = [self._killed, self._another_leads]  # each costs a start
        storage = [self._lock, self._full_disk, self._old_reader]
        choices = [self._upstreams_fail] * 6 + 2 * [*storage, self._clock_jumps, self._a_bug] + seldom
        fault = self._chance.choice(choices)(until)
        if fault is None:
            return
        self._tell(f"fault {fault.name}")
        self._faults.append(fault)

    def _upstreams_fail(self, until: int) -> Fault | None:
        free = [name for name in SOURCES if not any(name in fault.sources for fault in self._faults)]
        if not free:
            return None
        names = tuple(self._chance.sample(free, self._chance.randint(1, len(free))))
        how = self._chance.choice(["hang", "reset", "500", "429", "garbage", "401", "bug"])
        gate = asyncio.Event()
        for name in names:
            upstream = self._upstreams[name]
            if how == "hang":
                upstream.gate = gate
            else:
                upstream.fails = _failure(how, name)

        def end() -> None:
            gate.set()
            for name in names:
                self._upstreams[name].gate = self._upstreams[name].fails = None

        return Fault(f"{how} of {len(names)} sources", until, False, names, end)

    def _lock(self, until: int) -> Fault | None:
        other: Any = driver().connect(str(self._path), isolation_level=None, timeout=LOCK_SECONDS)
        try:
            other.execute("BEGIN IMMEDIATE")
        except driver().Error:
            other.close()
            return None
        return Fault("lock", until, True, (), other.close)

    def _full_disk(self, until: int) -> Fault | None:
        if any(fault.name == "full disk" for fault in self._faults):
            return None
        room = self._chance.randrange(8_192, 200_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        return Fault("full disk", until, True, (), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, unlimited))

    def _old_reader(self, until: int) -> Fault | None:
        other: Any = driver().connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)
        with suppress(sqlite3.Error, driver().Error):
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM snapshot").fetchall()
        return Fault("old reader", until, True, (), other.close)

    def _clock_jumps(self, _until: int) -> Fault | None:
        jump = self._chance.choice([-3600, 3600, -1])
        self._clock.at += timedelta(seconds=jump)
        self._tell(f"fault clock {jump:+d} s")
        return None

    def _killed(self, _until: int) -> Fault | None:
        self._tell("fault kill")
        threading.Timer(self._chance.uniform(0, 0.03), os.kill, (os.getpid(), signal.SIGKILL)).start()
        return None

    def _another_leads(self, _until: int) -> Fault | None:
        other = None
        with suppress(StoreError, Deposed):
            other = opened(self._path)
            other.lead()
            self._tell("fault another leads")
        if other:
            other.close()
        return None

    def _a_bug(self, _until: int) -> Fault | None:
        self._bug.bites = True
        self._tell("fault bug in a tick")
        return None

    def _end_what_is_over(self, number: int, *, every: bool) -> None:
        for fault in self._faults[:]:
            if every or fault.until <= number:
                fault.end()
                self._faults.remove(fault)
        for fault in self._faults:
            for name in fault.sources or ("storage",):
                self._hurt[name] = number

    # What must hold

    def _look(self, number: int, there: tuple[int, int]) -> None:
        for reader in self._readers:
            self._look_at(reader, number)
        if self._faults or number - self._hurt["storage"] < HEALED:
            return
        pulse = self._figures.pulse
        if pulse.trouble or self._store.waiting():
            self._tell(f"wrong tick {number}: not healed: {pulse.trouble or self._store.waiting()}")
        log = self._path.with_name(f"{self._path.name}-wal")
        if log.stat().st_size > LOG_BYTES:
            self._tell(f"wrong tick {number}: the log holds {log.stat().st_size} bytes")
        found = _open_things()
        if found[0] > there[0] + 6 or found[1] > there[1] + 3:
            self._tell(f"wrong tick {number}: {found} descriptors and threads, {there} at first")

    def _look_at(self, reader: Reader, number: int) -> None:
        name, now = reader.source.name, self._clock.now()
        state = reader.state(now)
        broken = [fault.name for fault in self._faults if name in fault.sources]
        if broken and not broken[0].startswith("hang") and (state.status == "live" or not state.error):
            self._tell(f"wrong tick {number}: {name} is told as {state.status} while it has {broken}")
        old = state.as_of is None or (now - state.as_of).total_seconds() > 3 * INTERVAL
        if old and state.status == "live":
            self._tell(f"wrong tick {number}: {name} is of {state.as_of} and told as live")
        if not broken and number - self._hurt[name] >= HEALED and state.status != "live":
            self._tell(f"wrong tick {number}: {name} is {state.status} {HEALED} ticks after it healed: {state.error}")


def _failure(how: str, name: str) -> Exception:
    text = "as the day wants it"
    match how:
        case "reset":
            return SourceUnreachable(name, text)
        case "500":
            return SourceBroken(name, text)
        case "429":
            return SourceBusy(name, text, retry_after=INTERVAL)
        case "401":
            return SourceRefused(name, text, status=401)
        case "garbage":
            return SourceGarbled(name, text)
    return RuntimeError("a bug of an adapter")


def _open_things() -> tuple[int, int]:
    """Return how many descriptors are open and how many threads run."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
