"""Who ticks: one process of all that could, until it dies, freezes or is told to stop."""

import os
import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from pnl.aggregator.follower import Follower
from pnl.errors import PnlError
from pnl.ports import Claim, Store

log = structlog.get_logger(__name__)

TRY_SECONDS = 0.2
BEAT_SECONDS = 0.4
FAREWELL_SECONDS = 3.0
"""So long a process that has lost the lead may take to send away who is connected, before it ends."""
DEPOSED = 70
"""The exit code of a process that was the leader and no longer is: what it holds may be behind the store's, so it
ends, and whoever supervises it starts it anew, as one that waits. The same where the database has to be restored."""


class Term(Protocol):
    """The time that this process ticks."""

    @property
    def deposed(self) -> bool:
        """True once a write was refused because another process leads."""
        ...

    @property
    def alive(self) -> bool:
        """False while no tick ends: another process had better take over."""
        ...

    @property
    def torn(self) -> bool:
        """True once the database is damaged for certain, and a start would restore it."""
        ...

    def start(self) -> None:
        """Begin to tick."""
        ...

    def stop(self) -> None:
        """Let the tick under way end, and stop."""
        ...


class Leadership:
    """Waits for the right to tick, holds it, and gives it back.

    Args:
        claim: The right.
        store: What only its holder may write ticks to.
        follower: What this process shows while another ticks.
        term: Makes ready to tick.
        farewell: Sends away who is connected, when this process has to end.
    """

    def __init__(
        self,
        claim: Claim,
        store: Store,
        follower: Follower,
        term: Callable[[], Term],
        farewell: Callable[[], None] = lambda: None,
    ) -> None:
        self._claim = claim
        self._store = store
        self._follower = follower
        self._make = term
        self._farewell = farewell
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadership", daemon=True)
        self.term: Term | None = None
        self.epoch = 0

    def take(self) -> bool:
        """Try to become the leader now; True if this process is.

        Raises:
            PnlError: The store does not answer, or the ticking cannot be made ready.
        """
        if not self._claim.take():
            return False
        self._follower.stop()
        try:
            epoch = self._store.lead()
            self._follower.look()
            self.term, self.epoch = self._make(), epoch
        except BaseException:
            self._store.follow()
            self._claim.release()
            raise
        log.info("leading", epoch=epoch)
        return True

    def holder(self) -> str:
        """Return who leads, in words."""
        return self._claim.holder()

    def start(self) -> None:
        """Tick if this process leads; otherwise follow, and wait for the leader to end."""
        if self.term:
            self.term.start()
        else:
            log.info("following", leader=self._claim.holder())
            self._follower.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop ticking or waiting, and let another lead."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        if self.term:
            self.term.stop()
        else:
            self._follower.stop()
        self._store.follow()
        self._claim.release()

    def _run(self) -> None:
        try:
            while not self._stopping.wait(BEAT_SECONDS if self.term else TRY_SECONDS):
                if self.term:
                    self._hold(self.term)
                else:
                    self._wait()
        except Exception:
            log.exception("neither leading nor waiting any more: ending this process")
            self._end()

    def _hold(self, term: Term) -> None:
        lost = "its writes are refused" if term.deposed else None
        try:
            if term.alive:
                self._claim.beat()
        except PnlError as error:
            lost = str(error)
        if lost:
            log.critical("another process leads: ending this one", reason=lost)
            self._end()
        if term.torn:
            log.critical("ending this process: the next one restores the database")
            self._end()

    def _end(self) -> None:
        """End this process: it writes no tick any more, and who is connected is told to come back first."""
        try:
            self._store.follow()
            # In a thread, for whatever holds it up, the end must not wait for longer.
            going = threading.Thread(target=self._farewell, name="farewell", daemon=True)
            going.start()
            going.join(FAREWELL_SECONDS)
        finally:
            os._exit(DEPOSED)

    def _wait(self) -> None:
        try:
            leading = self.take()
        except PnlError as error:
            log.error("the lead cannot be taken", error=str(error))
            self._follower.start()
            return
        if leading and self.term:
            self.term.start()
