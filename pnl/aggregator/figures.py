"""The newest statement in memory: what every page, script and client is shown, in one piece."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pnl.clock import Clock
from pnl.domain.ledger import Ledger
from pnl.domain.records import Record, RevenueEntry
from pnl.domain.snapshot import Json, instant, money
from pnl.ports import Store


@dataclass(slots=True)
class Pulse:
    """When ticks were made, by the monotonic clock, why the last one was not kept, and what waits for the database.

    `damaged` is what was said of the database where the last tick found it torn.
    """

    started: float
    last: float | None = None
    trouble: str | None = None
    waiting: str | None = None
    damaged: str | None = None


class LiveFigures:
    """Implements `pnl.ports.Figures` over the ledger. Readers of any thread; the tick writes.

    The ledger belongs to the tick: whoever reads it takes `lock`, which a tick holds while it folds.
    """

    def __init__(
        self, ledger: Ledger, store: Store, *, clock: Clock, demo: bool, time_zone: str, interval_seconds: int
    ) -> None:
        self.lock = threading.RLock()  # a thread that asks twice must not wait for itself, and the ticks for it
        self.pulse = Pulse(clock.monotonic())
        self._ledger = ledger
        self._store = store
        self._clock = clock
        self._demo = demo
        self._time_zone = time_zone
        self._interval = interval_seconds
        self._current: tuple[int, bytes] | None = None
        self._checks: list[Json] | None = None
        self._followers: list[Callable[[int, str], object]] = []

    @property
    def demo(self) -> bool:
        """True when the sandbox feeds it."""
        return self._demo

    @property
    def time_zone(self) -> str:
        """The company's zone."""
        return self._time_zone

    def publish(self, seq: int, snapshot: str) -> None:
        """Show a snapshot that was kept, as its JSON text."""
        self._current = (seq, snapshot.encode())
        for follower in self._followers:
            follower(seq, snapshot)

    def follow(self, follower: Callable[[int, str], object]) -> None:
        """Have every snapshot that is published from now on handed to `follower`, in the publisher's thread."""
        self._followers.append(follower)

    def current(self) -> tuple[int, bytes] | None:
        """Return the newest sequence and snapshot; None before the first."""
        return self._current

    def told(self, checks: list[Json] | None) -> None:
        """Show the checks that another process made; None for those of this one."""
        self._checks = checks

    def positions(self, every: bool) -> dict[str, Json]:
        """Return the open markets, or with `every` all that were ever traded."""
        current = self._current
        if not every and current:
            snapshot = json.loads(current[1])
            return {"seq": snapshot["seq"], "positions": snapshot["positions"]}
        with self.lock:
            rows: list[Json] = [row.to_json() for row in self._ledger.rows(every=every)]
        return {"seq": current[0] if current else None, "positions": rows}

    def checks(self) -> dict[str, Json]:
        """Return every check of the newest tick; what failed comes first."""
        with self.lock:
            checks = self._ledger.reconciliation.to_json() if self._checks is None else self._checks
        return {"seq": self._current[0] if self._current else None, "checks": checks}

    def posts(self, record: Record) -> list[dict[str, Json]]:
        """Return what a record posts to the lines."""
        with self.lock:
            return [{"line": line, "amount": money(amount)} for line, amount in self._ledger.posts(record)]

    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str) -> RevenueEntry:
        """Keep a manual entry; the next tick finds it in the store, whoever makes it."""
        return self._store.enter(entry, replaces=replaces, actor=actor, at=self._clock.now())

    def heartbeat(self) -> float:
        """Return how many seconds ago a tick ended, or was taken over from the process that makes them."""
        pulse = self.pulse
        return self._clock.monotonic() - (pulse.started if pulse.last is None else pulse.last)

    def health(self) -> tuple[Literal["ok", "failing"], dict[str, Json]]:
        """Return whether ticks are made in time, and why not."""
        now, pulse = self._clock.monotonic(), self.pulse
        since = now - (pulse.last if pulse.last is not None else pulse.started)
        late = since > 3 * self._interval + 10
        following = self._checks is not None
        told = (
            "no newer snapshot came from the process that makes the ticks" if following else "no tick was made in time"
        )
        about: dict[str, Json] = {
            "seq": self._current[0] if self._current else None,
            "last_tick_seconds_ago": round(since) if pulse.last is not None else None,
            "trouble": told if late else pulse.trouble,
            "waiting": pulse.waiting,
            "damaged": pulse.damaged,
            "at": instant(self._clock.now()),
        }
        # A restart of a process that follows would bring nobody a newer snapshot.
        return ("failing" if (late or pulse.trouble) and not following else "ok"), about
