"""Puts an archive together again: the newest copy that proves whole, every segment after it, and a proof at the end."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, update

from pnl.backups import shelf
from pnl.backups.places import Place
from pnl.backups.putting_on import put_on
from pnl.backups.reach import Reach
from pnl.backups.shelf import Manifest, Whole
from pnl.backups.whole import proved, unpack
from pnl.errors import BackupError, BackupUnreachable
from pnl.store import schema
from pnl.store.about import BACKUPS, RESTORED
from pnl.store.database import database_of
from pnl.store.failures import answering
from pnl.store.lineage import STREAM

Tell = Callable[[str], None]
LOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """An archive that was put together again.

    Attributes:
        whole: The copy that it began with.
        segments: How many segments were put on.
        reach: How far it goes.
        counts: How many rows each table has.
        kept: The last snapshot that any copy or segment of the series has by its name, whole or not.
        trouble: What could not be put on, and so is missing; None where all was well.
        damaged: The files that were passed over and made up for by others.
    """

    whole: Whole
    segments: int
    reach: Reach
    counts: dict[str, int]
    kept: int
    trouble: str | None
    damaged: tuple[str, ...]


def put_together(place: Place, target: Path, work: Path, *, demo: bool, series: str | None, tell: Tell) -> Restored:
    """Put the newest archive of a place together in a file that is not there yet, and prove it.

    A copy that is damaged is passed over for the one before it; a segment that is damaged ends it there.

    Args:
        place: Where the backups are.
        target: The file.
        work: A folder for files on their way.
        demo: Which kind of data is wanted.
        series: Which series; None for that of the newest copy.
        tell: Takes a line of what is done.

    Raises:
        BackupError: There is no copy that proves whole.
        BackupUnreachable: The place does not answer.
    """
    whole, unsound = _newest(place, target, work, demo=demo, series=series, tell=tell)
    count, passed, trouble = _put_all_on(place, whole, target, work, tell)
    reach, counts, _ = proved(target, restored=True)
    kept = furthest(place, whole.series)
    if kept > reach.seq:
        missing = f"snapshots {reach.seq + 1} to {kept} were kept in {place.name}, and are not back"
        trouble = f"{trouble}; {missing}" if trouble else missing
    end = f"{reach.seq}:{reach.hash}"
    tell(f"proved: {counts['snapshot']} snapshots, the last of {reach.at:%Y-%m-%d %H:%M:%S} UTC, {end}")
    return Restored(
        whole=whole,
        segments=count,
        reach=reach,
        counts=counts,
        kept=kept,
        trouble=trouble,
        damaged=(*unsound, *passed),
    )


def furthest(place: Place, series: str) -> int:
    """Return the last snapshot of a series that a place has, by the names of its copies and segments; 0 where none.

    Raises:
        BackupUnreachable: The place does not answer.
    """
    copies, after = shelf.wholes(place, series), shelf.segments(place, series)
    return max((*(one.seq for one in copies), *(one.last for one in after)), default=0)


def renamed(target: Path, series: str, note: str) -> None:
    """Give a restored archive a series of its own: it goes on with numbers that the lost one may have used.

    Args:
        target: The file.
        series: The new name.
        note: What is noted of it, for the gap that follows and for the Status page.
    """
    about = schema.about
    database = database_of(f"sqlite:///{target}", lock_seconds=LOCK_SECONDS)
    try:
        with answering(), database.writing() as connection:
            connection.execute(update(about).where(about.c.name == STREAM).values(value=series))
            connection.execute(delete(about).where(about.c.name.in_((BACKUPS, RESTORED))))  # those of the lost series
            connection.execute(about.insert().values(name=RESTORED, value=note))
        settle(target)
    finally:
        database.close()


def settle(target: Path) -> None:
    """Have a file whole without its log beside it."""
    database = database_of(f"sqlite:///{target}", lock_seconds=LOCK_SECONDS)
    try:
        with database.writer.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()
    with target.open("rb+") as written:
        os.fsync(written.fileno())


def _newest(
    place: Place, target: Path, work: Path, *, demo: bool, series: str | None, tell: Tell
) -> tuple[Whole, list[str]]:
    """Unpack the newest copy that proves whole; return it, and the files of newer ones, which do not."""
    copies = shelf.wholes(place, series)
    damaged: list[str] = []
    of_other_kind = 0
    for whole in reversed(copies):
        packed = work / "whole.db.gz"
        try:
            about = shelf.manifest(place, whole, work)
            if about.demo != demo:
                of_other_kind += 1
                continue
            tell(f"{whole.file}: a copy of {about.made_at:%Y-%m-%d %H:%M:%S} UTC, up to snapshot {whole.seq}")
            shelf.fetch(place, whole.file, packed)
            _unpacked(packed, target, about)
            proved(target)
        except BackupUnreachable:
            raise
        except BackupError as error:
            tell(f"passed over: {error}")
            damaged.append(whole.file)
            target.unlink(missing_ok=True)
        else:
            return whole, damaged
        finally:
            packed.unlink(missing_ok=True)
    kind = "demo data" if demo else "real data"
    of = f" of series {series}" if series else ""
    cure = f"set PNL_SANDBOX={'off' if demo else 'on'} to restore from those"
    others = f"; {of_other_kind} are of {'real' if demo else 'demo'} data: {cure}" if of_other_kind else ""
    raise BackupError(f"{place.name} has no whole copy of {kind}{of} ({len(copies)} were looked at{others})")


def _unpacked(packed: Path, target: Path, about: Manifest) -> None:
    if unpack(packed, target) != about.sha256:
        raise BackupError(f"{packed.name} is not the database that its manifest tells of")


def _put_all_on(place: Place, whole: Whole, target: Path, work: Path, tell: Tell) -> tuple[int, list[str], str | None]:
    """Put on every segment after a copy; return how many, the damaged that others make up for, and why not all."""
    count, seq = 0, whole.seq
    damaged: list[str] = []
    every = shelf.segments(place, whole.series)
    file = work / "segment.jsonl.gz"
    url = f"sqlite:///{target}"
    while following := [one for one in every if one.first <= seq + 1 and one.last > seq]:
        trouble = None
        passed: list[str] = []
        for one in sorted(following, key=lambda one: one.last, reverse=True):
            try:
                shelf.fetch(place, one.name, file)
                database = database_of(url, lock_seconds=LOCK_SECONDS)
                try:
                    with answering(), database.writing() as connection:
                        seq = put_on(connection, file).seq
                finally:
                    database.close()
            except BackupUnreachable:
                raise
            except (BackupError, ValueError) as error:
                trouble = f"{one.name}: {error}"
                tell(f"passed over: {trouble}")
                passed.append(one.name)
            else:
                count += 1
                trouble = None
                damaged += passed
                break
            finally:
                file.unlink(missing_ok=True)
        if trouble:
            settle(target)
            return count, damaged, trouble
    settle(target)
    tell(f"{count} segments put on, up to snapshot {seq}")
    beyond = [one for one in every if one.last > seq]
    missing = f"{beyond[0].name} begins later than {seq + 1}: one before it is missing" if beyond else None
    return count, damaged, missing
