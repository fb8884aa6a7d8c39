"""A day in minutes, with something broken every twenty seconds: `python -m tests.faults.simulated` (make soak-day).

`tests.faults.life` makes 8,640 ticks in a time that it moves itself. It is killed now and then, also by itself, stays
away for a while, and is started anew. What it published counts as acknowledged; it is held against the database and
the spool after each death, and all of it at the end.
"""

import asyncio
import logging
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import structlog

from pnl.cli.terminal import say
from pnl.ops.verify import verify
from pnl.store.spool import BLOCK
from tests.faults.kills import Outcome, compare, forked, kept
from tests.faults.life import INTERVAL, Life
from tests.store.making import START
from tests.store.outside import told

DAY = 24 * 3600 // INTERVAL
AWAY = (0, 0, 0, 0, 1, 5, 60)
"""The time of so many ticks it may stay away after it died."""
MEMORY = Path("/dev/shm")  # noqa: S108 - a kill takes nothing from it, and it does not wait for a disk


class Day(Outcome):
    """What so many ticks led to.

    Attributes:
        ticks: How many were begun.
        lives: How many processes began them.
        done: Whether the last one came to the end of the day.
        faults: How often each was laid.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ticks = self.lives = 0
        self.done = False
        self.faults: Counter[str] = Counter()


def one_life(path: Path, day: Day, chance: random.Random, at: datetime, last: int) -> datetime:
    """Let it tick until it dies; return the time that it had then."""
    heard, pipe = os.pipe()
    seed = f"{chance.random()}"

    def live() -> None:
        os.close(heard)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        try:
            asyncio.run(Life(path, pipe, seed, at).run(day.ticks + 1, last))
        except Exception:
            os.write(pipe, f"wrong {' | '.join(traceback.format_exc().splitlines()[-9:])}\n".encode())
            raise
        os.write(pipe, b"end\n")

    child = forked(live)
    os.close(pipe)
    with os.fdopen(heard) as lines:
        for line in lines:
            if not line.endswith("\n"):
                continue
            what, _, rest = line.rstrip("\n").partition(" ")
            if what == "tick":
                number, _, instant = rest.partition(" ")
                day.ticks, at = int(number), datetime.fromisoformat(instant)
            elif what == "kept":
                _acknowledge(day, rest)
            elif what == "fault":
                day.faults[rest] += 1
            elif what == "wrong":
                day.wrong.append(rest)
            day.done |= what == "end"
    _, status = os.waitpid(child, 0)
    day.kills += os.WIFSIGNALED(status)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 1:
        day.wrong.append(f"tick {day.ticks}: the process ended by an error")
    day.lives += 1
    return at + timedelta(seconds=INTERVAL * chance.choice(AWAY))


def _acknowledge(day: Day, rest: str) -> None:
    seq, digest = rest.split()
    newest = max(day.acknowledged, default=0)
    if day.acknowledged.setdefault(int(seq), digest) != digest:
        day.wrong.append(f"snapshot {seq} was acknowledged twice, with two contents")
    elif int(seq) < newest:
        day.wrong.append(f"snapshot {seq} was shown after {newest}")


def uncovered(path: Path, seconds: float = 1.5 * INTERVAL) -> list[str]:
    """Return the holes of so many seconds that no gap covers, and times that do not grow."""
    url = f"sqlite:///{path}"
    gaps = {(since, until): reason for since, until, reason in told(url, "SELECT since_us, until_us, reason FROM gap")}
    rows = told(url, "SELECT seq, as_of_us FROM snapshot ORDER BY seq")
    wrong = [f"a gap without a reason at {since}" for (since, _), reason in gaps.items() if not reason]
    for (_, before), (seq, at) in pairwise(rows):
        if at <= before:
            wrong.append(f"snapshot {seq} is not later than the one before")
        if at - before >= seconds * 1_000_000 and (before, at) not in gaps:
            wrong.append(f"{(at - before) / 1e6:.0f} s before snapshot {seq} are covered by no gap")
    return wrong


def simulate(path: Path, ticks: int, seed: int) -> Day:
    """Let so many ticks of time pass while things break, then hold everything against what was acknowledged."""
    chance, day, at = random.Random(seed), Day(), START
    began = time.monotonic()
    while not day.done and not day.wrong:
        at = one_life(path, day, chance, at, ticks)
        compare(path, day, every=False)
        if day.lives % 20 == 0:
            say(f"tick {day.ticks}, {sum(day.faults.values())} faults, {time.monotonic() - began:.0f} s")
    compare(path, day, every=True)
    rows = kept(path)
    if sorted(rows) != list(range(1, len(rows) + 1)):
        day.wrong.append("a number is missing or there twice")
    if path.with_name("spool").read_bytes()[BLOCK:].strip(b"\0"):
        day.wrong.append("something was left in the spool")
    day.wrong += uncovered(path)
    lines: list[str] = []
    if not verify(f"sqlite:///{path}", lines.append):
        day.wrong += [line for line in lines if line.startswith("FAIL")]
    return day


def main() -> int:
    """Simulate a day, or so many ticks; 0 when no invariant was broken."""
    ticks = int(sys.argv[1]) if len(sys.argv) > 1 else DAY
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    say(f"seed {seed}, {ticks} ticks")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        day = simulate(Path(folder) / "pnl.db", ticks, seed)
    for name, count in sorted(day.faults.items()):
        say(f"  {count:5} × {name}")
    say(
        f"seed {seed}: {day.ticks} ticks of {INTERVAL} s, {sum(day.faults.values())} faults, {day.lives} starts, "
        f"{day.kills} kills, {len(day.acknowledged)} snapshots acknowledged, {time.monotonic() - began:.0f} s"
    )
    for line in day.wrong:
        say(f"FAIL  {line}")
    say("No invariant was broken." if not day.wrong else f"{len(day.wrong)} things are wrong.")
    return 0 if not day.wrong else 1


if __name__ == "__main__":
    sys.exit(main())
