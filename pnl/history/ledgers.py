"""The ledger as it is now, and as it was known at an instant: an older one's copy brought forward, or rebuilt."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from pnl.domain.ledger import Ledger
from pnl.domain.records import KINDS, Balance
from pnl.ports import SnapshotRow, Store

KEPT = 4
"""Ledgers of the past that are kept: whoever looks at a past screen asks for the same one again and again."""
HOLD_SECONDS = 300
"""How old the newest of them becomes before another copy of now is kept."""


class KnownLedgers:
    """Implements `pnl.ports.Ledgers`.

    Args:
        ledger: The tick's own.
        lock: Held by whoever reads or writes it.
        store: The archive.
        empty: Makes a ledger that knows nothing.
        seconds: Counts seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        lock: AbstractContextManager[object],
        store: Store,
        empty: Callable[[], Ledger],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._lock = lock
        self._store = store
        self._empty = empty
        self._kept: OrderedDict[int, Ledger] = OrderedDict()
        self._making = threading.Lock()
        self._seconds = seconds
        self._held: Ledger | None = None
        self._held_at = 0.0

    @contextmanager
    def now(self) -> Iterator[Ledger]:
        """Give the tick's own ledger, locked."""
        with self._lock:
            yield self._ledger

    def hold(self, ledger: Ledger) -> None:
        """Keep a copy of the tick's own ledger, now and then: what later snapshots knew is found from it quickly.

        Args:
            ledger: What `now` gives, while it is locked.
        """
        now = self._seconds()
        recent = self._held is not None and now - self._held_at < HOLD_SECONDS
        if ledger.seq is None or recent or not self._making.acquire(blocking=False):
            return  # nobody waits here for a ledger that is being made: ticks would wait, too
        try:
            self._held, self._held_at = ledger.fork(), now
        finally:
            self._making.release()

    def at(self, instant: datetime) -> Ledger:
        """Return a ledger of what the newest snapshot at or before an instant knew; an empty one before the first."""
        row = self._store.row_at(instant)
        if row is None:
            return self._empty()
        with self._making:  # one at a time: each is as large as the ledger of now
            made = self._kept.get(row.seq)
            if made is None:
                made = self._kept[row.seq] = self._make(row)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(row.seq)
            return made

    def _make(self, row: SnapshotRow) -> Ledger:
        made = self._later(row)
        if made is None:
            made = self._empty()
            made.take(self._store.facts_at(row.as_of, *KINDS))
        made.seq = row.seq
        made.quote(self._store.marks_at(row.as_of), self._store.markets_at(row.as_of))
        shown = self._store.shown(row.seq)
        cash = shown.head.account.cash if shown else None
        if cash is not None:  # each reading of the balance is in the snapshot, and no record
            made.balance = Balance(at=row.as_of, cash=cash, portfolio_value=0)
        return made

    def _later(self, row: SnapshotRow) -> Ledger | None:
        """Return a copy of the newest ledger that is no newer than a snapshot, with the records that came up to it."""
        kept = [one for one in (self._held, *self._kept.values()) if one and one.seq and one.seq <= row.seq]
        base = max(kept, key=lambda one: one.seq or 0, default=None)
        then = self._store.row(base.seq) if base and base.seq else None
        if base is None or then is None or not then.known:
            return None
        made = base.fork()
        made.take(record for _, record in self._store.versions(KINDS, after=then.known, upto=row.known))
        return made
