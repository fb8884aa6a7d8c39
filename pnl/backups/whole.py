"""Whole copies: taken while the product ticks, proved, compressed, put in every place, read back, and only then told.

A copy of a PostgreSQL is a SQLite file as well: the same tables with the same rows, which can be put back into either.
"""

import fcntl
import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from pnl.backups import shelf
from pnl.backups.owning import given_to_owner
from pnl.backups.places import Place
from pnl.backups.reach import Reach, reach_of
from pnl.backups.shelf import Manifest
from pnl.clock import Clock
from pnl.errors import BackupError, BackupThere, PnlError
from pnl.store import schema, soundness
from pnl.store.database import Database
from pnl.store.engine import driver, file_of
from pnl.store.failures import ERRORS, answering, sorted_error
from pnl.store.moving import take_out
from pnl.store.verification import Fault, examine, opened

Tell = Callable[[str], None]
LEFT_BYTES = 200_000_000
"""A copy is not begun where less than this would be left on the disk beside it."""


@contextmanager
def workshop(data_dir: Path) -> Iterator[Path]:
    """Give an empty folder to make a copy in, to one process at a time.

    Raises:
        BackupError: Another process is at it, or the folder cannot be made.
    """
    folder = data_dir / "backup-work"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        given_to_owner(folder)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise BackupError(f"{folder} cannot be used ({error.strerror}): a copy is made there first") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _clear(folder)
        yield folder
        _clear(folder)
    except BlockingIOError:
        raise BackupError("another process is making or reading a backup: wait for it to end") from None
    finally:
        os.close(lock)


def _clear(folder: Path) -> None:
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def back_up(url: str, places: Sequence[Place], work: Path, *, clock: Clock, tell: Tell) -> list[tuple[Place, PnlError]]:
    """Make a copy of the archive at `url`, prove it, and keep it in every place; return the places that failed.

    Raises:
        BackupError: No copy could be made, or it is not whole.
        StoreError: The archive does not answer.
    """
    made_at = clock.now().replace(microsecond=0)
    copy, packed = work / "copy.db", work / "copy.db.gz"
    with opened(url) as database:
        _room(database, work)
        take(url, database, copy, tell)
    reach, counts, demo = proved(copy)
    tell(f"the copy is whole: {counts['snapshot']} snapshots up to {reach.seq}, {counts['record']} records")
    digest = shelf.sha256(copy)
    _pack(copy, packed)
    size = copy.stat().st_size
    copy.unlink()
    file_digest = shelf.sha256(packed)
    name = shelf.whole_name(reach, made_at, file_digest)
    failed: list[tuple[Place, PnlError]] = []
    for place in places:
        try:
            _put(place, f"{name}.db.gz", packed)
            _read_back(place, f"{name}.db.gz", work / "back.db.gz", digest)
            about = Manifest(
                reach=reach, demo=demo, made_at=made_at, verified_at=clock.now().replace(microsecond=0), counts=counts,
                bytes=size, sha256=digest, file_sha256=file_digest,
            )  # fmt: skip
            (work / "manifest.json").write_text(about.text(), encoding="utf-8")
            _put(place, f"{name}.json", work / "manifest.json")
            tell(f"kept in {place.name}, read back, and the same: {name}.db.gz, {packed.stat().st_size} bytes")
        except PnlError as error:
            failed.append((place, error))
            tell(f"not kept in {place.name}: {error}")
    return failed


def take(url: str, database: Database, copy: Path, tell: Tell) -> None:
    """Copy an archive, as it is at one instant, into a file that is not there yet.

    Raises:
        StoreError: It does not answer.
        BackupError: The copy cannot be written.
    """
    if url.startswith("postgresql"):
        take_out(database, copy, tell)
        return
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    module: Any = driver()
    source = module.connect(f"{file_of(url).as_uri()}?mode=ro", uri=True, timeout=5)
    target = module.connect(str(copy), isolation_level=None)
    try:
        # All pages in one step: in several, each tick in between begins it anew.
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE").fetchone()
    except ERRORS as error:
        raise BackupError(f"{file_of(url)} cannot be copied: {sorted_error(error)}") from error
    except OSError as error:
        raise BackupError(f"{file_of(url)} cannot be copied: {error}") from error
    finally:
        target.close()
        source.close()
    with copy.open("rb+") as written:
        os.fsync(written.fileno())


def proved(copy: Path, *, restored: bool = False) -> tuple[Reach, dict[str, int], bool]:
    """Prove that a copy is whole; return how far it goes, how many rows each table has, and whether it is demo data.

    Args:
        copy: The file.
        restored: Whether it was put together from segments. Those of older versions have the line of the audit, but not
            the record, of what was entered after their last snapshot.

    Raises:
        BackupError: Something of it is missing, altered or torn.
        StoreError: It cannot be read.
    """
    with opened(f"sqlite:///{copy}") as database:
        with answering(), database.reading() as connection:
            if torn := soundness.torn(connection):
                raise BackupError(f"the copy is torn: {'; '.join(torn)[:300]}")
            counts = {
                name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for name, table in sorted(schema.metadata.tables.items())
            }
            reach = reach_of(connection)
            kind = connection.execute(select(schema.about.c.value).where(schema.about.c.name == "data")).scalar()
        for found in examine(database, restored=restored):
            if isinstance(found, Fault):
                raise BackupError(f"the copy is not whole: {found.text}; `python -m pnl verify` tells all of it")
    return reach, counts, kind == "demo"


def unpack(packed: Path, copy: Path) -> str:
    """Unpack a copy, and return the SHA-256 of what came out.

    Raises:
        BackupError: It is cut off or damaged.
    """
    digest = hashlib.sha256()
    try:
        with gzip.open(packed) as read, os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as written:
            while piece := read.read(1 << 20):
                digest.update(piece)
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        raise BackupError(f"{packed.name} cannot be unpacked: {error}") from error
    return digest.hexdigest()


def _room(database: Database, work: Path) -> None:
    with database.reading() as connection:
        if connection.dialect.name == "postgresql":
            size = int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
        else:
            pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
            size = pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    free = shutil.disk_usage(work).free
    if free < 2 * size + LEFT_BYTES:
        raise BackupError(
            f"{work} has {free >> 20} MB free, and a copy needs {(2 * size + LEFT_BYTES) >> 20} MB for a while: "
            "make room, or the database itself would soon have none"
        )


def _pack(copy: Path, packed: Path) -> None:
    with packed.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as to:
        for piece in shelf.pieces(copy):
            to.write(piece)


def _put(place: Place, name: str, file: Path) -> None:
    with suppress(BackupThere):  # an attempt before this one got so far; the name tells that it is the same
        place.put(name, file)


def _read_back(place: Place, name: str, back: Path, sha256: str) -> None:
    """Hold what a place keeps against what was put there, to the last byte."""
    shelf.fetch(place, name, back)
    digest = hashlib.sha256()
    try:
        with gzip.open(back) as read:
            while piece := read.read(1 << 20):
                digest.update(piece)
    except (EOFError, gzip.BadGzipFile) as error:
        raise BackupError(f"{name} in {place.name} cannot be unpacked: {error}") from error
    if digest.hexdigest() != sha256:
        raise BackupError(f"{name} in {place.name} is not what was put there")
