"""A SQLite file that is torn while it is in use: made certain of, and left to the next start, which restores it."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from pnl.aggregator.figures import Pulse
from pnl.clock import Clock
from pnl.config import Settings
from pnl.desk.backing import places
from pnl.desk.restoring import CURE
from pnl.errors import BackupError, StoreDamaged, StoreError
from pnl.rounds import Rounds
from pnl.store import lineage, soundness
from pnl.store.engine import file_of
from pnl.store.lineage import Kin

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 0.5
AGAIN_SECONDS: Final = 60.0
"""So long after a look that led to nothing the next one is made, while ticks still say that the file is damaged."""


class Damage:
    """Looks through the file as soon as a tick says that it is damaged, in a thread of its own.

    What a tick says may be wrong, and a start must come to the same finding, or it would restore nothing and end in
    the same way again. So the whole file is looked through here as it is there, and a note beside it has the start do
    so. Where there is no backup to restore, the process goes on: it shows the last figures, and says what to do.

    Args:
        settings: Which archive, and where its backups are.
        pulse: What the last tick came to.
        clock: The time.
        leave_off: Ends what would keep the next start from the backups.
        kin: Whose the archive is, as was read when it was sound.
    """

    def __init__(
        self, settings: Settings, pulse: Pulse, clock: Clock, leave_off: Callable[[], None], *, kin: Kin
    ) -> None:
        self._settings = settings
        self._pulse = pulse
        self._clock = clock
        self._leave_off = leave_off
        self._kin = kin
        self._path = file_of(settings.database_url)
        self._not_before = clock.monotonic()
        self._rounds = Rounds("damage", LOOK_SECONDS, self.look)
        self.certain = False

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """End; returns when the look under way has ended."""
        self._rounds.stop()

    def look(self) -> None:
        """Make certain of what the last tick said, if it said so, and if there is anything to be done about it."""
        said = self._pulse.damaged
        if said is None or self.certain or self._clock.monotonic() < self._not_before:
            return
        if not restorable(self._settings, self._kin):
            log.critical("the database is damaged, and no backup of it is to be had", error=said, cure=CURE)
        elif self._is_torn():
            self._leave_off()
            self.certain = True
        self._not_before = self._clock.monotonic() + AGAIN_SECONDS

    def _is_torn(self) -> bool:
        try:
            soundness.check(self._path, budget_seconds=None)
        except StoreDamaged as error:
            try:
                lineage.note(self._path, self._kin)
                soundness.suspect(self._path)
            except OSError as trouble:
                log.critical("the database is damaged, and the disk takes nothing", error=str(error), why=str(trouble))
                return False
            log.critical("the database is damaged: the next start restores it", error=str(error))
            return True
        except StoreError as error:
            log.error("the database cannot be looked through", error=str(error))
            return False
        log.error("a tick says that the database is damaged, and SQLite finds nothing: run `python -m pnl verify`")
        return False


def restorable(settings: Settings, kin: Kin) -> bool:
    """Tell whether a start would find a copy to put in the place of the archive: one of its own, and of its kind.

    A place that does not answer has none for now.
    """
    found = places(settings)
    if not found:
        return False
    from pnl.backups import shelf  # noqa: PLC0415 - it weighs nothing where no backups are made

    for place in found:
        try:
            with TemporaryDirectory() as work:
                copies = next(filter(None, (shelf.wholes(place, series) for series in kin)), [])
                if copies and shelf.manifest(place, copies[-1], Path(work)).demo == settings.demo:
                    return True
        except (BackupError, OSError) as error:
            log.warning("no backup is to be had from here for now", place=place.name, error=str(error))
    return False
