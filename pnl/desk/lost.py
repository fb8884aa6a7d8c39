"""A SQLite file that is gone or empty though there was an archive: what tells so, and what a start makes of it."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from pnl.clock import Clock
from pnl.config import Settings
from pnl.desk.backing import kin_beside, places, spool_file
from pnl.desk.restoring import CURE, NO_PLACE, restore
from pnl.errors import BackupUnreachable, StoreDamaged, StoreError
from pnl.store import claim_of
from pnl.store.engine import file_of
from pnl.store.lineage import Kin, note_of
from pnl.store.spoolform import holds, series_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Traces:
    """What an archive left whose file is gone.

    Attributes:
        path: The file.
        rows: Files that hold something of it, which a new archive would make worthless.
        others: Files that show that there was one, and hold nothing of it.
        kin: Whose it was, where they tell it.
    """

    path: Path
    rows: tuple[Path, ...]
    others: tuple[Path, ...]
    kin: Kin

    def __str__(self) -> str:
        """Return in words what is wrong."""
        names = ", ".join(path.name for path in (*self.rows, *self.others))
        return f"{self.path} is {'empty' if self.path.exists() else 'gone'}, and there was an archive: see {names}"

    @property
    def anew(self) -> str:
        """Return how to begin a new archive on purpose."""
        empty = (self.path,) if self.path.exists() else ()
        return f"to begin a new archive instead, move away {', '.join(map(str, (*empty, *self.rows, *self.others)))}"


def traces_of(settings: Settings) -> Traces | None:
    """Return what shows that there was an archive where none is; None where one is, or nothing shows it."""
    if settings.database_url.startswith("postgresql"):
        return None
    path = file_of(settings.database_url)
    if path.exists() and path.stat().st_size:
        return None
    kin, note = kin_beside(settings), note_of(path)
    spool, log_ = spool_file(settings), path.with_name(f"{path.name}-wal")
    waits, unwritten = holds(spool), log_.exists() and log_.stat().st_size > 0
    rows = [one for one, there in ((spool, waits), (log_, unwritten)) if there]
    others = [spool] if series_of(spool) and not waits else []
    others += [note] if note.exists() else []
    others += [one for end in ("-shm", ".leader") if (one := path.with_name(f"{path.name}{end}")).exists()]
    return Traces(path, tuple(rows), tuple(others), kin) if rows or others else None


def refuse_lost(settings: Settings) -> None:
    """Refuse to make a file where an archive was, for whoever does not tick: that is for the process that does.

    Raises:
        StoreDamaged: There was an archive that a start may have back.
    """
    traces = traces_of(settings)
    if traces and (traces.rows or places(settings)):
        raise StoreDamaged(f"{traces}: start NorthStar where it makes the ticks, which restores it or says what to do")


def made_good(settings: Settings, clock: Clock) -> None:
    """Restore a file that is gone or empty though there was an archive; a first start is left alone.

    Where nothing of it is left but signs, and no backup of it either, somebody deleted it to begin anew.

    Raises:
        StoreError: It is gone, and could not be restored; or a process that makes ticks has lost it.
    """
    if traces_of(settings) is None:
        return
    claim = claim_of(settings.database_url)
    alone = claim.take()
    claim.release()
    traces = traces_of(settings)
    if traces is None:
        return  # whoever ticks has restored it meanwhile
    if not alone:
        raise StoreDamaged(f"{traces}; a process makes ticks there ({claim.holder()}): stop it first, then {CURE}")
    if not traces.rows and not _copies(settings, traces.kin):
        log.warning("the database is gone, and a new archive begins: put it back if that is not meant", was=str(traces))
        return
    log.critical("the database is gone", error=str(traces))
    if not places(settings):
        raise StoreError(f"{traces}; {NO_PLACE}: put the file back, or {CURE}; {traces.anew}")
    try:
        restore(settings, clock, str(traces), why="lost", kin=traces.kin)
    except StoreError as error:
        raise StoreError(f"{error}; {traces.anew}") from error


def _copies(settings: Settings, kin: Kin) -> bool:
    """Tell whether there may be a copy of an archive in a place: one that does not answer may have it."""
    found = places(settings)
    if not found:
        return False
    from pnl.backups import shelf  # noqa: PLC0415 - it weighs nothing where no backups are made

    for place in found:
        try:
            if any(shelf.wholes(place, series) for series in kin or (None,)):
                return True
        except BackupUnreachable:
            return True
    return False
