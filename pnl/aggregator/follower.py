"""Shows what another process ticks: watches the store for a newer snapshot, and learns what led to it."""

import json
import threading
from datetime import datetime

import structlog

from pnl.aggregator.figures import LiveFigures
from pnl.clock import Clock
from pnl.domain.ledger import Ledger
from pnl.domain.records import KINDS
from pnl.domain.snapshot import Json
from pnl.errors import StoreError
from pnl.ports import Store

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""The store is looked at so often even when nothing rings: what a relay drops is found here."""


class Follower:
    """Keeps figures and ledger as they are in the store, in a thread of its own, between `start` and `stop`.

    Args:
        figures: Where a newer snapshot is published.
        ledger: Grown by the records that were kept; read and written under the figures' lock.
        store: What is followed.
        clock: The time.
    """

    def __init__(self, figures: LiveFigures, ledger: Ledger, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._figures = figures
        self._ledger = ledger
        self._store = store
        self._record = 0
        self._looking = threading.Lock()
        self._rung = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Take up all that the store has.

        Raises:
            StoreError: It does not answer.
        """
        with self._figures.lock:
            self._record = self._store.last_record()
            self._ledger.take(self._store.facts(*KINDS))
        self.look()

    def start(self) -> None:
        """Begin to follow, unless it does already."""
        if self._thread:
            return
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Follow no longer; returns when the look under way has ended."""
        self._stopping.set()
        self._rung.set()
        if self._thread:
            self._thread.join()
            self._thread = None
        with self._looking:
            pass  # a look that somebody else began has ended, and no other begins

    def ring(self) -> None:
        """Have the store looked at now: somebody said that there is a newer snapshot."""
        self._rung.set()

    def catch_up(self) -> None:
        """Look at the store at once, while it is followed: somebody has seen a newer snapshot than is here.

        A process that hands over to this one is a look ahead of it: its readers must not be set back.
        """
        with self._looking:
            if self._thread is None or self._stopping.is_set():
                return
            try:
                self._take()
            except StoreError as error:
                log.warning("the store could not be looked at for a reader who is ahead", error=str(error))

    def look(self) -> None:
        """Take what is new in the store.

        Raises:
            StoreError: It does not answer.
        """
        with self._looking:
            self._take()

    def _take(self) -> None:
        seq = self._store.head()
        shown = self._figures.current()
        if shown and seq <= shown[0]:
            return
        # First the snapshot, then what led to it: what is kept in between is looked at again, not left out.
        newer, checks = self._newer(shown[0] if shown else seq - 1, seq), self._store.checks()
        with self._figures.lock:
            records, self._record = self._store.records_after(self._record)
            self._ledger.take(records)
            self._ledger.quote(self._store.marks(), self._store.markets())
            row = self._store.last_row()
            self._ledger.seq = row.seq if row and row.known == self._record else None
        if newer:
            self._figures.told(json.loads(checks) if checks else [])
            # What is there when this process comes may be long over; what comes later has just been made.
            age = 0.0 if shown else self._age(newer[-1][1])
            self._figures.pulse.last = self._clock.monotonic() - age
            for number, body in newer:
                self._figures.publish(number, body)

    def _age(self, body: str) -> float:
        as_of = datetime.fromisoformat(json.loads(body)["as_of"])
        return max(0.0, (self._clock.now() - as_of).total_seconds())

    def _newer(self, held: int, newest: int) -> list[tuple[int, str]]:
        """Return the snapshots after one as they were written, or the newest alone where not all of them are kept."""
        found = self._store.recent(held)
        if not found or found[-1][0] < newest:
            current = self._store.current()  # whoever ticked last shared it with nobody
            return [(int(str(current["seq"])), _written(current))] if current else []
        return found if [seq for seq, _ in found] == list(range(held + 1, found[-1][0] + 1)) else found[-1:]

    def _run(self) -> None:
        well = True
        while not self._stopping.is_set():
            try:
                self.look()
                if not well:
                    log.info("the store can be followed again")
                well = True
            except StoreError as error:
                if well:
                    log.error("the store cannot be followed", error=str(error))
                well = False
            self._rung.wait(LOOK_SECONDS)
            self._rung.clear()


def _written(snapshot: dict[str, Json]) -> str:
    return json.dumps(snapshot, separators=(",", ":"), ensure_ascii=False)
