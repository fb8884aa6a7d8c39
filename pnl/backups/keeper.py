"""Keeps backups up to date while this process leads: a segment every minute, and a whole copy when one is due.

A whole copy is made by a process of its own, which yields to everything else: to prove a year takes it a minute.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from pnl.backups import shelf
from pnl.backups.others import left_behind, said_of
from pnl.backups.places import Place
from pnl.backups.shelf import Manifest
from pnl.backups.shipping import Shipping
from pnl.clock import Clock
from pnl.domain.snapshot import Json, instant
from pnl.errors import PnlError, StoreError
from pnl.metrics.instruments import BACKUP_BYTES, BACKUP_DUE, BACKUP_VERIFIED, SHIP_LAG
from pnl.store.database import database_of
from pnl.store.failures import answering

log = structlog.get_logger(__name__)

SHIP_SECONDS = 60.0
AGAIN_SECONDS = 600.0
"""So long after a whole copy that could not be made the next one is tried."""
LOCK_SECONDS = 5.0
ENDED_SECONDS = 1.0
"""So often it is asked whether a whole copy has ended."""


class Copying(Protocol):
    """A process that makes a whole copy."""

    def poll(self) -> int | None:
        """Return how it ended; None while it is at it."""
        ...

    def terminate(self) -> None:
        """Tell it to stop."""
        ...


@dataclass(slots=True)
class Kept:
    """What is known of one place."""

    shipping: Shipping
    manifest: Manifest | None = None
    looked: bool = False
    shipped_at: datetime | None = None
    began: float = field(default=0.0)
    trouble: str | None = None
    others: dict[str, int] = field(default_factory=dict)
    warning: str | None = None


class Keeper:
    """Works in a thread of its own between `start` and `stop`.

    Args:
        url: The archive.
        places: Where its backups are kept.
        clock: The time.
        work: A folder for files on their way.
        every: The time from one whole copy to the next.
        copy: Starts a process that makes one.
        note: Is told how all places do, after every look.
        seconds: How often segments are sent.
    """

    def __init__(
        self,
        url: str,
        places: Sequence[Place],
        *,
        clock: Clock,
        work: Path,
        every: timedelta,
        copy: Callable[[], Copying],
        note: Callable[[Json], None],
        seconds: float = SHIP_SECONDS,
    ) -> None:
        self._url = url
        self._work = work
        self._kept = [Kept(Shipping(place, work), began=clock.monotonic()) for place in places]
        self._clock = clock
        self._since = clock.now()
        self._every = every
        self._copy = copy
        self._note = note
        self._seconds = seconds
        self._copying: Copying | None = None
        self._not_before = 0.0
        self._failed: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        """Begin; from now on it is measured since when a place is without a copy, whatever a look comes to."""
        self._since = self._clock.now()
        for kept in self._kept:
            self._measure(kept)
        self._thread.start()

    def stop(self) -> None:
        """Send what is there to be sent, and end; a whole copy under way is left off."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self.leave_off()

    def leave_off(self) -> None:
        """End the whole copy that is under way, if one is."""
        if copying := self._copying:
            copying.terminate()

    def look(self) -> None:
        """Send what came since, and have a whole copy made if one is due."""
        self._work.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._copying and (code := self._copying.poll()) is not None:
            self._ended(code)
        for kept in self._kept:
            self._ship(kept)
        if not any(kept.trouble or self._due(kept) for kept in self._kept):
            self._failed = None
        if not self._copying and self._clock.monotonic() >= self._not_before and any(map(self._due, self._kept)):
            self._copying = self._copy()
            log.info("whole copy begun")
        self._tell()

    def _ended(self, code: int) -> None:
        self._copying = None
        self._failed = None
        if code:
            self._failed = f"the last whole copy was not made (exit code {code}): the log tells why"
            self._not_before = self._clock.monotonic() + AGAIN_SECONDS
            log.error("whole copy not made", code=code)
        for kept in self._kept:
            kept.looked = False
            kept.shipping.forget()

    def _ship(self, kept: Kept) -> None:
        place = kept.shipping.place
        try:
            if not kept.looked or kept.manifest is None or self._failed:  # one may lie there that was not seen
                kept.manifest = self._newest(kept)
            if not kept.looked or kept.warning:
                self._look_at_others(kept)
            kept.looked = True
            database = database_of(self._url, lock_seconds=LOCK_SECONDS)
            try:
                reached = kept.shipping.ship(database)
            finally:
                database.close()
        except (PnlError, OSError) as error:
            if kept.trouble != str(error):
                log.error("backups not up to date", place=place.name, error=str(error))
            kept.trouble = str(error)
            kept.shipping.forget()
            return
        if kept.trouble:
            log.info("backups are up to date again", place=place.name)
            self._not_before = self._clock.monotonic()
        kept.trouble = None
        if reached:
            kept.shipped_at = self._clock.now()
            kept.began = self._clock.monotonic()

    def _look_at_others(self, kept: Kept) -> None:
        """Warn of an archive that ended before this one began; one that goes on meanwhile is another product's."""
        database = database_of(self._url, lock_seconds=LOCK_SECONDS)
        try:
            with answering(), database.reading() as connection:
                found = left_behind(kept.shipping.place, connection, self._work, self._clock.now())
        finally:
            database.close()
        found = [one for one in found if kept.others.setdefault(one.series, one.upto) == one.upto]
        warning = said_of(found) if found else None
        if warning and warning != kept.warning:
            log.warning("the place has backups of another archive", place=kept.shipping.place.name, found=warning)
        kept.warning = warning

    def _newest(self, kept: Kept) -> Manifest | None:
        database = database_of(self._url, lock_seconds=LOCK_SECONDS)
        try:
            series = kept.shipping.series_of(database)
        finally:
            database.close()
        copies = shelf.wholes(kept.shipping.place, series)
        return shelf.manifest(kept.shipping.place, copies[-1], self._work) if copies else None

    def _due(self, kept: Kept) -> bool:
        """Tell whether a place that answers has no copy, an old one, or one that segments do not go on from."""
        if not kept.looked or kept.trouble:
            return False
        if kept.manifest is None or kept.shipping.reached is None:
            return True
        return self._clock.now() - kept.manifest.made_at >= self._every

    def _tell(self) -> None:
        told: list[Json] = []
        for kept in self._kept:
            place, manifest, reached = kept.shipping.place, kept.manifest, kept.shipping.reached
            failed = self._failed if self._due(kept) else None
            self._measure(kept)
            told.append(
                {
                    "place": place.name,
                    "verified_at": instant(manifest.verified_at) if manifest else None,
                    "seq": manifest.reach.seq if manifest else None,
                    "bytes": manifest.bytes if manifest else None,
                    "sent_at": instant(kept.shipped_at),
                    "sent_seq": reached.seq if reached else None,
                    "trouble": kept.trouble or failed or kept.warning,
                }
            )
        try:
            self._note(told)
        except StoreError as error:
            log.warning("how backups do was not noted", error=str(error))

    def _measure(self, kept: Kept) -> None:
        kind, manifest = kept.shipping.place.kind, kept.manifest
        SHIP_LAG.set(self._clock.monotonic() - kept.began, kind)
        due = manifest.verified_at + self._every if manifest else self._since
        BACKUP_DUE.set(due.timestamp(), kind)
        if manifest:
            BACKUP_VERIFIED.set(manifest.verified_at.timestamp(), kind)
            BACKUP_BYTES.set(manifest.bytes, kind)

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                log.exception("a look at the backups failed")
            if self._rest():
                break
        for kept in self._kept:
            self._ship(kept)  # the last ticks before a stop

    def _rest(self) -> bool:
        """Wait for the next look, or for a whole copy to end, to tell of it at once; return whether to stop."""
        until = time.monotonic() + self._seconds
        while (left := until - time.monotonic()) > 0:
            if self._stopping.wait(min(left, ENDED_SECONDS)):
                return True
            if self._copying and self._copying.poll() is not None:
                return False
        return self._stopping.is_set()
