"""Takes what is newer than the newest backup out of the database that was torn, where all of it still proves.

The rows are written as one more segment, from a copy of the torn file, and put on a copy of the restored archive. That
is proved from its first snapshot to its last, as every backup is, and takes the other's place only then.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from pnl.backups import segments
from pnl.backups.putting_on import put_on
from pnl.backups.reach import Reach, reach_of
from pnl.backups.restoring import Restored, settle
from pnl.backups.whole import LEFT_BYTES, proved
from pnl.errors import BackupError, PnlError
from pnl.store import schema
from pnl.store.database import database_of
from pnl.store.entries import SOURCE
from pnl.store.failures import answering
from pnl.store.verification import opened

Tell = Callable[[str], None]
LOCK_SECONDS = 5.0
OF_A_DATABASE = ("", "-wal")
"""The files of a database in which rows are."""


def with_newer(torn: Path, found: Path, done: Restored, work: Path, tell: Tell) -> Restored:
    """Return what is restored once the newer rows of a torn database are put on; as it is, where they do not prove.

    Args:
        torn: The database that is damaged, which stays as it is.
        found: The restored archive, in the place of which the longer one is put.
        done: What that is.
        work: A folder for files on their way; it is made.
        tell: Takes a line of what is done.
    """
    work.mkdir()
    try:
        reach, counts = _longer(torn, found, done.reach, work, tell)
    except (PnlError, OSError, ValueError) as error:
        tell(f"nothing newer is taken from {torn.name}: {error}")
        return done
    finally:
        shutil.rmtree(work)
    return replace(done, reach=reach, counts=counts, trouble=None if reach.seq >= done.kept else done.trouble)


def _longer(torn: Path, found: Path, here: Reach, work: Path, tell: Tell) -> tuple[Reach, dict[str, int]]:
    """Make the longer archive, and put it in the place of the one that was found."""
    files = [path for ending in OF_A_DATABASE if (path := torn.with_name(f"{torn.name}{ending}")).exists()]
    needed = sum(path.stat().st_size for path in files) + 2 * found.stat().st_size + LEFT_BYTES
    free = shutil.disk_usage(work).free
    if free < needed:
        raise BackupError(f"{work.parent} has {free >> 20} MB free, and {needed >> 20} MB are needed to look at it")
    for path in files:
        shutil.copyfile(path, work / path.name)
    segment = work / "newer.jsonl.gz"
    with answering(), opened(f"sqlite:///{work / torn.name}") as database, database.reading() as connection:
        upto = reach_of(connection)
        if (upto.series, upto.schema) != (here.series, here.schema):
            raise BackupError(f"it is of series {upto.series}, schema {upto.schema}, and no longer of this one")
        if upto.seq <= here.seq:
            raise BackupError(f"it goes no farther than the backups, to snapshot {upto.seq}")
        segments.write(connection, here, upto, {}, segment)
    trial = work / "longer.db"
    shutil.copyfile(found, trial)
    database = database_of(f"sqlite:///{trial}", lock_seconds=LOCK_SECONDS)
    try:
        with answering(), database.writing() as connection:
            put_on(connection, segment)
            record = schema.record.c
            of_people = select(func.count()).where(record.rec_id > here.record, record.source == SOURCE)
            entries = connection.execute(of_people).scalar_one()
    finally:
        database.close()
    settle(trial)
    with answering():
        reach, counts, _ = proved(trial, restored=True)
    trial.replace(found)
    tell(f"taken from {torn.name}, and proved: snapshots {here.seq + 1} to {reach.seq}, {entries} manual entries")
    return reach, counts
