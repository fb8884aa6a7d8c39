"""Backups, as the settings say: where they are kept, and what keeps them up to date."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from pnl.clock import Clock
from pnl.config import Settings
from pnl.errors import StoreError
from pnl.store import SqlStore, lineage
from pnl.store.about import BACKUPS
from pnl.store.engine import file_of
from pnl.store.spool import Spool
from pnl.store.spoolform import series_of

if TYPE_CHECKING:
    from pnl.backups.keeper import Keeper
    from pnl.backups.places import Place

log = structlog.get_logger(__name__)


def places(settings: Settings) -> "list[Place]":
    """Return the places where backups are kept; none where no setting names one."""
    if not (settings.backup_folder or settings.backup_bucket):
        return []
    from pnl.backups.opening import places_of  # noqa: PLC0415 - it weighs nothing where no backups are made

    return places_of(settings.backup_folder, settings.backup_bucket, settings.backup_endpoint)


def keeper_of(settings: Settings, store: SqlStore, clock: Clock) -> "Keeper | None":
    """Return what keeps backups up to date; None where no setting names a place for them."""
    found = places(settings)
    if not found:
        return None
    from pnl.backups.keeper import Keeper  # noqa: PLC0415 - as above

    return Keeper(
        settings.database_url,
        found,
        clock=clock,
        work=settings.data_dir / "backup-ship",
        every=timedelta(hours=settings.backup_hours),
        copy=_copy,
        note=lambda told: store.note(BACKUPS, told),
    )


def forget_backups(store: SqlStore) -> None:
    """Let go of what is noted of places that no setting names any more."""
    try:
        if store.about().backups:
            store.note(BACKUPS, [])
    except StoreError as error:
        log.warning("backups of before are still told of", error=str(error))


def spool_of(settings: Settings) -> Spool | None:
    """Return where ticks wait that the database cannot take; None for a PostgreSQL, or where there is to be none.

    While a PostgreSQL is away, another machine may come to lead, which would know nothing of what waits on this one.
    """
    if settings.database_url.startswith("postgresql") or not settings.spool_mb:
        return None
    return Spool(spool_file(settings), settings.spool_mb << 20)


def spool_file(settings: Settings) -> Path:
    """Return the file of the spool beside a SQLite database, whether there is one or not."""
    path = file_of(settings.database_url)
    return (settings.spool_folder or path.parent) / f"{path.name}.spool"


def kin_of(store: SqlStore) -> lineage.Kin:
    """Return whose an archive is that is open."""
    return lineage.kin_of(store.stream(), store.about().restored)


def note_whose(settings: Settings, kin: lineage.Kin) -> None:
    """Note beside a SQLite file whose it is, for a start that finds it torn."""
    try:
        lineage.note(file_of(settings.database_url), kin)
    except OSError as error:
        log.warning("which series the archive is could not be noted beside it", error=str(error))


def kin_beside(settings: Settings) -> lineage.Kin:
    """Return whose a SQLite file is that may be torn or gone; none where neither it nor what is beside it tells."""
    series = series_of(spool_file(settings))
    return lineage.known(file_of(settings.database_url)) or ((series,) if series else ())


def restored_after(store: SqlStore) -> int | None:
    """Return the snapshot that a restored archive ended with; None where it was never restored."""
    told = store.about().restored
    seq = told.get("seq") if isinstance(told, dict) else None
    return seq if isinstance(seq, int) else None


def _copy() -> "subprocess.Popen[bytes]":
    """Start `pnl backup` with the settings of this process."""
    return subprocess.Popen((sys.executable, "-m", "pnl", "backup", "--gently"), stdin=subprocess.DEVNULL)
