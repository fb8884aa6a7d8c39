"""Connections to SQLite: one writer a process that waits for the disk, readers that cannot write.

SQLite before 3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the
same moment, so the library is one that has the cure, and the process that ticks does every checkpoint.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool, StaticPool

from pnl.errors import ConfigError, StoreError, StoreUnavailable
from pnl.store.measuring import measure

CURED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""The first release with the cure, and the releases of older lines that it was brought to."""
LOG_LIMIT = 1_000_000
"""Bytes that the write-ahead log keeps on the disk once all of it is in the database."""
PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA trusted_schema=OFF",
)
WRITER = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=0",
    f"PRAGMA journal_size_limit={LOG_LIMIT}",  # the log shrinks again after a long look held it back
)


def _driver() -> ModuleType:
    try:
        from pysqlite3 import dbapi2 as found  # noqa: PLC0415 - the wheel does not exist for every machine
    except ImportError:
        from sqlite3 import dbapi2 as found  # noqa: PLC0415 - the machine's own
    module: ModuleType = found
    return module


def cured(version: tuple[int, ...]) -> bool:
    """Tell whether a version of SQLite has the cure.

    >>> cured((3, 53, 4)), cured((3, 50, 7)), cured((3, 50, 6)), cured((3, 40, 1))
    (True, True, False, False)
    """
    newest, *lines = CURED
    return version >= newest or any(version[:2] == line[:2] and version >= line for line in lines)


DRIVER = _driver()


def driver() -> ModuleType:
    """Return a DB-API module whose SQLite has the cure.

    Raises:
        ConfigError: There is none.
    """
    if not cured(DRIVER.sqlite_version_info):
        raise ConfigError(
            f"SQLite {DRIVER.sqlite_version} can corrupt a database that is read while it is written: "
            "install the package pysqlite3 (0.6.1 or later), or a Python with SQLite 3.51.3 or later"
        )
    return DRIVER


def file_of(url: str) -> Path:
    """Return the file that a `sqlite:///` URL names.

    Raises:
        ConfigError: It names none; it is not repeated, because a password may be anywhere in it.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is of the latter kind
        parsed = None
    if parsed is None or parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ConfigError(
            "PNL_DATABASE_URL names no SQLite file: write sqlite:///folder/name.db or "
            "postgresql://user@host/name, or leave it out for the file in PNL_DATA_DIR"
        )
    return Path(parsed.database).expanduser().absolute()


def ready(path: Path, *, make: bool) -> None:
    """See that a file is there and can be written to, by this user alone; make it and its folder where that is wanted.

    Raises:
        StoreUnavailable: It is not there.
        StoreError: They cannot be written to.
    """
    if not make and not path.exists():
        raise StoreUnavailable(f"{path} is gone: put it back, or set PNL_DATA_DIR to where it is")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"{path.parent} cannot be written to ({error.strerror}): set PNL_DATA_DIR to a folder that can"
        ) from error
    try:
        os.close(os.open(path, os.O_RDWR | (os.O_CREAT if make else 0) | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written to ({error.strerror}): make it a file that this user may write, "
            "or set PNL_DATA_DIR to another folder"
        ) from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process that makes or migrates this database, for a moment; others wait.

    Raises:
        StoreError: The file that tells so cannot be written to.
    """
    making = path.with_name(f"{path.name}.making")
    try:
        lock = os.open(making, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{making} cannot be written to ({error.strerror})") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def writer(path: Path, *, lock_seconds: float) -> Engine:
    """Return the engine of the one connection that writes."""
    engine = _engine(path, "rw", lock_seconds, poolclass=StaticPool)
    _prepare(engine, (*WRITER, *PRAGMAS), "BEGIN IMMEDIATE")
    return engine


def readers(path: Path, *, lock_seconds: float, immutable: bool = False) -> Engine:
    """Return the engine of the connections that only read; each look is at one instant of the database.

    Args:
        path: The file.
        lock_seconds: How long to wait for a lock, or for a connection.
        immutable: Whether nobody writes it meanwhile: no lock is asked for, and no file is made beside it.
    """
    mode = "ro&immutable=1" if immutable else "ro"
    engine = _engine(
        path,
        mode,
        lock_seconds,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        pool_timeout=lock_seconds,
        pool_use_lifo=True,
    )
    _prepare(engine, (*PRAGMAS, "PRAGMA query_only=ON"), "BEGIN")
    return engine


def _engine(path: Path, mode: str, lock_seconds: float, **pool: Any) -> Engine:  # noqa: ANN401 - as SQLAlchemy has it
    module = driver()

    def connect() -> Any:  # noqa: ANN401 - a DB-API connection
        return module.connect(f"{path.as_uri()}?mode={mode}", uri=True, check_same_thread=False, timeout=lock_seconds)

    return measure(create_engine("sqlite://", module=module, creator=connect, **pool))


def _prepare(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DB-API connection
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type is of no use to this line
        connection.exec_driver_sql(begin)
