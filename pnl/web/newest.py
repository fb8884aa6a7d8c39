"""The newest snapshot as answers from the archive know it: at most a quarter of a second behind."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pnl.cache.fresh import FRESH_SECONDS, Fresh
from pnl.clock import Clock
from pnl.ports import Store
from pnl.web.series import Expected, microseconds


@dataclass(frozen=True, slots=True)
class Head:
    """What the archive ends with.

    Attributes:
        seq: The newest sequence; 0 before the first.
        as_of: When that snapshot was, in microseconds since 1970.
        first: When the first of all was.
        paces: Since when, in microseconds, ticks are made how many seconds apart, oldest first; not empty.
    """

    seq: int
    as_of: int
    first: int
    paces: tuple[tuple[int, int], ...]


class Newest:
    """Tells the head of the archive, and what time it is for an answer about it.

    Args:
        store: The archive.
        clock: The time.
        interval_seconds: The length of a tick, for as long as the archive knows of none.
        seconds: How old what it tells may be.
    """

    def __init__(self, store: Store, clock: Clock, interval_seconds: int, *, seconds: float = FRESH_SECONDS) -> None:
        self._store = store
        self._clock = clock
        self._interval = timedelta(seconds=interval_seconds)
        self._unknown = ((0, interval_seconds),)
        self._first: int | None = None
        self.head = Fresh(self._look, clock, seconds)

    def now(self, head: Head) -> datetime:
        """Return the time, which for an answer goes on with the ticks: from the newest snapshot by whole ticks.

        So answers of the same second are the same, letter by letter. Half a tick after one was due, it counts
        as missed.
        """
        now = self._clock.now()
        if not head.seq:
            return now
        as_of = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=head.as_of)
        return as_of + max(0, (now - as_of - self._interval / 2) // self._interval) * self._interval

    def expected(self, head: Head, width: int) -> Expected:
        """Return what tells how many snapshots a stretch of `width` microseconds would hold."""
        return Expected(head.paces, head.first, microseconds(self.now(head)), width)

    def _look(self) -> Head:
        last = self._store.last_row()
        if last is None:
            return Head(0, 0, 0, self._unknown)
        if self._first is None:
            first = self._store.row(1)
            self._first = microseconds(first.as_of) if first else 0
        paces = tuple((microseconds(at), seconds) for at, seconds in self._store.paces())
        return Head(last.seq, microseconds(last.as_of), self._first, paces or self._unknown)
