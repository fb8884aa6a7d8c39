"""Run with `python -m bench.cache FOLDER`: hit rates of many analysts, and the latency of each layer."""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

from bench.cache.crowd import HEADER, run
from bench.history import year
from pnl.aggregator.figures import LiveFigures
from pnl.cache import open_cache
from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.cache.shelf import Shelf
from pnl.clock import SystemClock
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.history import KnownHistory
from pnl.store import open_store
from pnl.web.current import current
from pnl.web.query import Days
from tests.services import RedisServer

ROUNDS = 2000


def main() -> None:
    """Make the archive where it is not there yet, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the database is made")
    parser.add_argument("--snapshots", type=int, default=8640 * 100)
    parser.add_argument("--minutes", type=float, default=15)
    given = parser.parse_args()
    path = given.folder / f"{given.snapshots}.db"
    if not path.exists():
        given.folder.mkdir(parents=True, exist_ok=True)
        year.make(path, given.snapshots)
    redis = RedisServer()
    try:
        redis.start()
        crowds(path, redis, given.minutes)
        layers(redis)
        newest(path)
    finally:
        redis.remove()


def crowds(path: Path, redis: RedisServer, minutes: float) -> None:
    """Print what crowds of analysts saw."""
    print(HEADER)
    for analysts, workers, shared in (
        (100, 1, False),
        (100, 2, False),
        (100, 2, True),
        (300, 2, False),
        (300, 2, True),
    ):
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            copy = Path(folder) / "pnl.db"
            shutil.copy(path, copy)
            store = open_store(f"sqlite:///{copy}", demo=False)
            store.lead()
            with redis.client() as client:
                client.flushall()
            found = run(store, analysts, workers, redis.url if shared else None, minutes=minutes)
            store.close()
        print(found.line(f"{analysts} × {workers}, {'with' if shared else 'without'}"))


def layers(redis: RedisServer) -> None:
    """Print how long one value of 32 kB takes from each layer."""
    value = b'{"net":{"open":"12.34","high":"12.34"}},' * 800
    shelf = Shelf(redis.url, stream="bench", version="1", clock=SystemClock())
    cache = Layers(Memory(), shelf, SystemClock())
    cache.get(("hot",), lambda: value)
    print(f"\nmicroseconds for a value of {len(value)} bytes: p50, p99")
    _print("L1", lambda _: cache.get(("hot",), lambda: value))
    shelf.put(("hot",), value, 300)
    _print("L2, read and unpacked", lambda _: shelf.get(("hot",)))
    _print("L2, packed and written", lambda number: shelf.put((str(number),), value, 300))
    _print("L2, nothing there", lambda number: shelf.get(("none", str(number))))
    redis.kill()
    shelf.get(("hot",))
    _print("L2, breaker open", lambda _: shelf.get(("hot",)))
    cache.close()


def newest(path: Path) -> None:
    """Print how long the newest snapshot takes: from memory, and the whole answer of its route."""
    clock = SystemClock()
    store = open_store(f"sqlite:///{path}", demo=False)
    calendar = Calendar(ZoneInfo("UTC"))
    ledger = Ledger(calendar)
    figures = LiveFigures(ledger, store, clock=clock, demo=False, time_zone="UTC", interval_seconds=10)
    past = KnownHistory(ledger, figures.lock, store, lambda: Ledger(calendar), demo=False, interval_seconds=10)
    cache = open_cache(None, stream=store.stream(), settings="bench", clock=clock)
    text = json.dumps({"seq": 1, "positions": [{"ticker": f"KX{number}", "value": "578.00"} for number in range(300)]})
    figures.publish(1, text)
    app = Flask("newest")
    app.register_blueprint(current(figures, store, past, Days("UTC"), cache, 10))
    client = app.test_client()
    print(f"\nmicroseconds for the newest snapshot, {len(text)} bytes: p50, p99")
    _print("L1", lambda _: figures.current())
    _print("GET /api/pnl/current", lambda _: client.get("/api/pnl/current"))
    cache.close()
    store.close()


def _print(name: str, do: Callable[[int], object]) -> None:
    took = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        do(number)
        took.append((time.perf_counter() - began) * 1e6)
    print(f"{name:28} {statistics.median(took):9.1f} {sorted(took)[int(ROUNDS * 0.99)]:9.1f}")


if __name__ == "__main__":
    main()
