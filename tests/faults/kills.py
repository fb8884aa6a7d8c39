"""Kills at random instants: `python -m tests.faults.kills 1000` (make soak-kill).

A writer makes ticks as fast as it can: the real aggregator, store and spool on a real file. What it publishes it tells
through a pipe, and that is what counts as acknowledged. It is killed (SIGKILL) at a random instant and started anew,
again and again; in some rounds somebody holds the database's lock, in some the disk takes no larger file. After each
kill all that was acknowledged must be in the database or in the spool; at the end every row is held against it.
"""

import asyncio
import hashlib
import os
import random
import resource
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.aggregator.tick import Aggregator
from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.records import KINDS, Fill, Record
from pnl.errors import StoreError
from pnl.ops.verify import verify
from pnl.ports import Reading
from pnl.store import SqlStore, open_store
from pnl.store.engine import driver
from pnl.store.spelled_out import read
from pnl.store.spool import BLOCK, Spool
from tests.fakes import ScriptedSource
from tests.store.making import START, a_mark
from tests.store.outside import told

ZONE = ZoneInfo("America/New_York")
SPOOL_BYTES = 400_000
LOCK_SECONDS = 0.02
LONGEST_SECONDS = 0.25
START_SECONDS = 30.0


@dataclass
class Outcome:
    """What so many kills led to: ticks that were acknowledged, by number, and how many waited when it was killed."""

    kills: int = 0
    acknowledged: dict[int, str] = field(default_factory=dict)
    waited: int = 0
    locked: int = 0
    full: int = 0
    wrong: list[str] = field(default_factory=list)


class NewFills(ScriptedSource):
    """A source with a fill that is new in every reading, after all that were kept."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__("kalshi")
        self._number = sum(1 for _ in store.facts("fill"))

    async def read(self, cursor: str | None) -> Reading:
        del cursor
        self._number += 1
        now = datetime.now(UTC)
        fact = Fill(
            id=f"f-{self._number}", ticker="KXA", subaccount=0, at=now, side="yes", count=100, price=400_000_000, fee=0,
            order_id="o", is_taker=True,
        )  # fmt: skip
        record = Record(source="kalshi", kind="fill", id=fact.id, effective_at=now, fact=fact, raw="x" * 500)
        mark = a_mark("KXA", f"0.{self._number % 90:02d}", after=(now - START).total_seconds())
        return Reading(as_of=now, cursor="{}", records=(record,), marks=(mark,), markets=(), report=None)


def opened(path: Path) -> SqlStore:
    """Open the store with its spool."""
    spool = Spool(path.with_name("spool"), SPOOL_BYTES)
    return open_store(f"sqlite:///{path}", demo=False, lock_seconds=LOCK_SECONDS, spool=spool)


def write(path: Path, tell: int, full: bool) -> None:
    """Make ticks until killed, and tell each one's number and digest once it is published."""
    while True:
        try:
            store = opened(path)
            store.lead()
            break
        except StoreError:  # somebody holds the lock
            with suppress(UnboundLocalError):
                store.close()
    ledger = Ledger(Calendar(ZONE))
    ledger.take(store.facts(*KINDS))
    ledger.quote(store.marks(), store.markets())
    clock = SystemClock()
    figures = LiveFigures(ledger, store, clock=clock, demo=False, time_zone=ZONE.key, interval_seconds=10)
    figures.follow(lambda seq, text: os.write(tell, f"{seq} {hashlib.sha256(text.encode()).hexdigest()}\n".encode()))
    source = NewFills(store)
    aggregator = Aggregator(
        [Reader(source, None, 30)], ledger, store, figures, clock=clock, interval_seconds=10, waiting=store.waiting
    )
    if full:
        room = max(path.stat().st_size, SPOOL_BYTES)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    async def run() -> None:
        while True:
            await aggregator.tick()

    asyncio.run(run())


def hold(path: Path, seconds: float) -> None:
    """Hold the database's lock for a while, if it can be had."""
    with suppress(driver().Error):
        connection = driver().connect(str(path), isolation_level=None, timeout=LOCK_SECONDS)
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")


def forked(work: Callable[[], None]) -> int:
    """Do something in a process of its own, silently; return its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        work()
        code = 0
    finally:
        os._exit(code)


def round_of(path: Path, chance: random.Random, outcome: Outcome) -> None:
    """Have a writer write, kill it, and note what it acknowledged."""
    heard, tell = os.pipe()
    full = chance.random() < 0.25
    writer = forked(lambda: write(path, tell, full))
    os.close(tell)
    others = []
    if not select.select([heard], [], [], START_SECONDS)[0]:
        outcome.wrong.append("a writer made no tick")
    if chance.random() < 0.4:
        outcome.locked += 1
        others.append(forked(lambda: hold(path, chance.uniform(0, LONGEST_SECONDS))))
    outcome.full += full
    select.select([], [], [], chance.uniform(0, LONGEST_SECONDS))
    os.kill(writer, signal.SIGKILL)
    for child in (writer, *others):
        os.waitpid(child, 0)
    with os.fdopen(heard) as lines:
        for line in lines:
            if not line.endswith("\n"):
                continue
            seq, digest = line.split()
            if outcome.acknowledged.setdefault(int(seq), digest) != digest:
                outcome.wrong.append(f"snapshot {seq} was acknowledged twice, with two contents")
    outcome.kills += 1


def waiting(path: Path) -> dict[int, str]:
    """Return what waits in the spool, as a reader sees it who does not take it."""
    spool = Spool(path.with_name("spool"), SPOOL_BYTES)
    spool._file = os.open(path.with_name("spool"), os.O_RDONLY)
    spool._size = SPOOL_BYTES
    spool._epoch = int.from_bytes(os.pread(spool._file, 8, 8), "little")
    found = [read(tick).snapshot for tick in spool.ticks()]
    spool.release()
    return {one.seq: hashlib.sha256(one.text().encode()).hexdigest() for one in found}


def kept(path: Path) -> dict[int, str]:
    """Return what is in the database."""
    return dict(told(f"sqlite:///{path}", "SELECT seq, body_sha256 FROM snapshot"))


def compare(path: Path, outcome: Outcome, *, every: bool) -> None:
    """Hold what was acknowledged against what is there, of the newest or of all."""
    late = waiting(path) if path.with_name("spool").exists() else {}
    there = late | kept(path)
    outcome.waited += any(seq not in kept(path) for seq in late)
    newest = max(outcome.acknowledged, default=0)
    wanted = outcome.acknowledged if every else {s: d for s, d in outcome.acknowledged.items() if s > newest - 500}
    outcome.wrong += [f"snapshot {seq} is missing" for seq in wanted if seq not in there]
    outcome.wrong += [f"snapshot {seq} is another" for seq, d in wanted.items() if there.get(seq, d) != d]


def soak(path: Path, kills: int, seed: int) -> Outcome:
    """Kill so many times, then look at everything; each look is made by a process of its own."""
    chance, outcome = random.Random(seed), Outcome()
    began = time.monotonic()
    while outcome.kills < kills and not outcome.wrong:
        round_of(path, chance, outcome)
        compare(path, outcome, every=False)
        if outcome.kills % 50 == 0:
            say(
                f"{outcome.kills} kills, {len(outcome.acknowledged)} snapshots acknowledged, {outcome.waited} kills "
                f"while some waited, {time.monotonic() - began:.0f} s, wrong: {outcome.wrong[:3]}"
            )
    store = opened(path)
    store.lead()
    store.close()
    compare(path, outcome, every=True)
    rows = kept(path)
    if sorted(rows) != list(range(1, len(rows) + 1)):
        outcome.wrong.append("a number is missing or there twice")
    if path.with_name("spool").read_bytes()[BLOCK:].strip(b"\0"):
        outcome.wrong.append("something was left in the spool")
    fills = told(f"sqlite:///{path}", "SELECT count(*), count(DISTINCT nat_id) FROM record WHERE kind = 'fill'")[0]
    if fills[0] != fills[1]:
        outcome.wrong.append(f"{fills[0] - fills[1]} fills are there twice")
    lines: list[str] = []
    if not verify(f"sqlite:///{path}", lines.append):
        outcome.wrong += [line for line in lines if line.startswith("FAIL")]
    return outcome


def main() -> int:
    """Kill as often as is said; 0 when nothing was lost or doubled."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    with tempfile.TemporaryDirectory() as folder:
        done = soak(Path(folder) / "pnl.db", kills, seed)
    say(
        f"seed {seed}: {done.kills} kills, {len(done.acknowledged)} snapshots acknowledged, {done.waited} kills while "
        f"some waited in the spool, {done.locked} with a lock held, {done.full} on a full disk"
    )
    for line in done.wrong:
        say(f"FAIL  {line}")
    say("Nothing acknowledged was lost or doubled." if not done.wrong else f"{len(done.wrong)} things are wrong.")
    return 0 if not done.wrong else 1


if __name__ == "__main__":
    sys.exit(main())
