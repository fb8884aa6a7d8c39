"""Puts the newest backup in the place of a SQLite file that a start found damaged or gone."""

import structlog

from pnl.clock import Clock
from pnl.config import Settings
from pnl.desk.backing import places
from pnl.errors import BackupError, StoreError
from pnl.store.lineage import Kin

log = structlog.get_logger(__name__)

CURE = "docs/how-to/restore-at-night.md tells what to do"
NO_PLACE = "there is no PNL_BACKUP_FOLDER or PNL_BACKUP_BUCKET to restore it from"


def restore(settings: Settings, clock: Clock, trouble: str, *, why: str, kin: Kin) -> None:
    """Put the newest backup in place, with every segment after it.

    Args:
        settings: Which archive, and where its backups are.
        clock: The time.
        trouble: What is wrong with what is there.
        why: The same in a word, for the name that what is there gets.
        kin: Whose it is; none where nothing tells, and then it must be the only one that there is.

    Raises:
        StoreError: There is no backup that can be put in its place.
    """
    found = places(settings)
    if not found:
        raise StoreError(f"{trouble}; {NO_PLACE}: {CURE}")
    from pnl.backups.choosing import of_kin  # noqa: PLC0415 - a start on a sound file restores nothing
    from pnl.backups.putting_back import put_back  # noqa: PLC0415
    from pnl.backups.whole import workshop  # noqa: PLC0415

    try:
        with workshop(settings.data_dir) as work:
            series = of_kin(found, kin, work, demo=settings.demo) if kin else None
            done = put_back(
                found,
                settings.database_url,
                work,
                demo=settings.demo,
                series=series,
                replace=True,
                clock=clock,
                tell=lambda line: log.warning("restoring", step=line),
                why=why,
            )
    except BackupError as error:
        raise StoreError(f"{trouble}; it could not be restored ({error}): {CURE}") from error
    log.critical(
        "the database was moved aside, and the newest backup is in its place",
        seq=done.reach.seq,
        as_of=done.reach.at.isoformat(),
        missing=done.trouble,
    )
