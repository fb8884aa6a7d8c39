"""How long a tick takes, upstream time excluded: `python -m bench.tick`.

500 open positions and 100,000 fills behind them; five new fills and fifty moved quotes a tick; a
real SQLite file, written through to the disk. Printed beside the bare commit of one small row to the
same disk in the same run, which is the part that no code of ours can take away.
"""

import asyncio
import logging
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from bench.world import InstantKalshi, history
from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.aggregator.tick import Aggregator
from pnl.clock import SystemClock
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.store import open_store

FILLS, MARKETS, TICKS = 100_000, 500, 300


def bare_commits(folder: Path, rounds: int) -> list[float]:
    """Return the seconds of committing one small row, durably."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (n INTEGER)")
    took: list[float] = []
    for number in range(rounds):
        began = time.perf_counter()
        connection.execute("INSERT INTO t VALUES (?)", (number,))
        took.append(time.perf_counter() - began)
    connection.close()
    return took


async def ticks(folder: Path) -> list[float]:
    """Return the seconds of each tick after the first two, which read the history in."""
    clock = SystemClock()
    calendar = Calendar(ZoneInfo("America/New_York"))
    store = open_store(f"sqlite:///{folder / 'tick.db'}", demo=True)
    store.lead()
    ledger = Ledger(calendar)
    figures = LiveFigures(ledger, store, clock=clock, demo=True, time_zone="America/New_York", interval_seconds=10)
    source = InstantKalshi(history(FILLS, MARKETS), new_fills=5, moved=50, calendar=calendar)
    aggregator = Aggregator([Reader(source, None, 30)], ledger, store, figures, clock=clock, interval_seconds=10)
    took: list[float] = []
    for _ in range(TICKS + 2):
        source.prepare()
        began = time.perf_counter()
        await aggregator.tick()
        took.append(time.perf_counter() - began)
    await aggregator.close()
    store.close()
    return took[2:]


def main() -> None:
    """Print the table's rows."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        bare = bare_commits(Path(folder), TICKS)
        took = asyncio.run(ticks(Path(folder)))
    for name, seconds in (("tick", took), ("bare commit", bare)):
        median, p99 = statistics.median(seconds), sorted(seconds)[int(len(seconds) * 0.99)]
        print(f"| {name} | p50 {median * 1000:.1f} ms | p99 {p99 * 1000:.1f} ms |")


if __name__ == "__main__":
    main()
