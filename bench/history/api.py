"""Asks `/api/pnl/history` for ranges of every length at every step, and times the answers."""

import math
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from flask import Flask

from pnl.ports import Cache
from pnl.store import SqlStore
from pnl.web.compression import compress
from pnl.web.guard import guard
from pnl.web.history import history
from pnl.web.newest import Newest
from pnl.web.problems import speak_problems
from pnl.web.query import Days

STEPS = ("auto", "raw", "1m", "5m", "15m", "1h", "4h", "1d", "1w")
FIELDS = ("net", "net", "net,revenue,api_cost", "cumulative_net,equity")


@dataclass(slots=True)
class Times:
    """Answers of one step: milliseconds, rows and bytes of each."""

    took: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Return one line of the table."""
        took = sorted(self.took)
        p99 = took[min(len(took) - 1, math.ceil(len(took) * 0.99) - 1)]
        return (
            f"{name:>6} {len(took):6} {statistics.median(took):8.2f} {p99:8.2f} {took[-1]:8.2f} "
            f"{statistics.median(self.rows):8.0f} {max(self.rows):7}"
        )


class StoppedClock:
    """A clock that stands at the archive's end."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return that instant."""
        return self._at

    def monotonic(self) -> float:
        """Return the seconds since the machine's start."""
        return time.monotonic()


class NoCache:
    """Implements `pnl.ports.Cache` without keeping anything: every answer is made from the database."""

    name = "none"

    def get(self, key: tuple[str, ...], make: Callable[[], bytes], *, keep_seconds: float = 0) -> bytes:
        """Return what `make` gives."""
        del key, keep_seconds
        return make()

    def counts(self) -> Mapping[str, int]:
        """Return nothing."""
        return {}

    def state(self) -> Literal["ok", "down", "off"]:
        """Return that there is no Redis."""
        return "off"

    def close(self) -> None:
        """Do nothing."""


def server(store: SqlStore, now: datetime, cache: Cache) -> Flask:
    """Return a server of the one route, behind the guards of the product."""
    app = Flask("bench")
    app.config.update(PNL_HOST="127.0.0.1", PNL_PORT=8050)
    speak_problems(app, 10)
    compress(app)
    guard(app, "127.0.0.1", ())
    clock = StoppedClock(now)
    newest = Newest(store, clock, 10)
    app.register_blueprint(history(store, clock, Days("America/New_York"), 10, cache, newest))
    return app


def ranges(first: datetime, last: datetime, seed: int) -> Iterator[tuple[datetime, datetime]]:
    """Give ranges between five minutes and everything, lengths spread evenly over the orders of magnitude."""
    luck = random.Random(seed)
    whole = (last - first).total_seconds()
    while True:
        length = math.exp(luck.uniform(math.log(300), math.log(whole)))
        since = first + timedelta(seconds=luck.uniform(0, whole - length))
        yield since, since + timedelta(seconds=length)


def measure(store: SqlStore, asked: int, cache: Cache, *, seed: int = 1) -> dict[str, Times]:
    """Return how long `asked` answers of each step took."""
    first, last = store.row(1), store.last_row()
    assert first
    assert last
    client = server(store, last.as_of, cache).test_client()
    luck, found = random.Random(seed), {step: Times() for step in STEPS}
    spans = ranges(first.as_of, last.as_of, seed)
    client.get("/api/pnl/history", headers={"Host": "127.0.0.1:8050"})
    for number in range(asked * len(STEPS)):
        since, until = next(spans)
        step = STEPS[number % len(STEPS)]
        query = f"from={_told(since)}&to={_told(until)}&step={step}&fields={luck.choice(FIELDS)}"
        began = time.perf_counter()
        answer = client.get(
            f"/api/pnl/history?{query}", headers={"Host": "127.0.0.1:8050", "Accept-Encoding": "identity"}
        )
        body = answer.get_data()
        found[step].took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, body[:300]
        found[step].rows.append(body.count(b'"at":'))
    return found


def newest(store: SqlStore, asked: int) -> list[float]:
    """Return how many milliseconds it took to find the newest row, each time."""
    took = []
    for _ in range(asked):
        began = time.perf_counter()
        store.last_row()
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def report(found: dict[str, Times]) -> None:
    """Print the table."""
    print("  step  asked   p50 ms   p99 ms   max ms  rows p50    most")
    for step, times in found.items():
        print(times.line(step))
    every = Times([one for times in found.values() for one in times.took], [n for t in found.values() for n in t.rows])
    print(every.line("all"))
    print(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
