"""Connections to SQLite: one writer that waits for the disk, readers that cannot write.

SQLite before 3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the
same moment, so the library is one that has the cure, there is one writer, and it does every checkpoint.
"""

import fcntl
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool, StaticPool

from pnl.errors import ConfigError, StoreError, StoreMismatch, StoreUnavailable

CURED = (3, 51, 3)
PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-8000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA trusted_schema=OFF",
)
WRITER = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=0")


def library() -> ModuleType:
    """Return a DB-API module whose SQLite has the cure.

    Raises:
        ConfigError: There is none.
    """
    try:
        from pysqlite3 import dbapi2 as found  # noqa: PLC0415 - the wheel does not exist for every machine
    except ImportError:
        from sqlite3 import dbapi2 as found  # noqa: PLC0415 - the machine's own
    if found.sqlite_version_info < CURED:
        raise ConfigError(
            f"SQLite {found.sqlite_version} can corrupt a database that is read while it is written: "
            "install the package pysqlite3 (0.6.1 or later), or a Python with SQLite 3.51.3 or later"
        )
    module: ModuleType = found
    return module


def file_of(url: str) -> Path:
    """Return the file that a `sqlite:///` URL names.

    Raises:
        ConfigError: It names none.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ConfigError(f"PNL_DATABASE_URL={url} names no SQLite file: write sqlite:///folder/name.db")
    return Path(parsed.database).expanduser().absolute()


def claim(path: Path) -> int:
    """Become the one process that writes this database; the claim ends with the process.

    Raises:
        StoreMismatch: Another process has it.
        StoreError: The folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_name(f"{path.name}.leader"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{path.parent} cannot be written to ({error.strerror}): set PNL_DATA_DIR to a folder that can"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(lock, 20).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise StoreMismatch(
            f"{path} is in use by another process (pid {holder}): stop it, or set PNL_DATA_DIR to another folder"
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def writer(path: Path) -> Engine:
    """Return the engine of the one connection that writes."""
    engine = create_engine(
        f"sqlite:///{path}", module=library(), poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    _prepare(engine, (*WRITER, *PRAGMAS), "BEGIN IMMEDIATE")
    return engine


def readers(path: Path) -> Engine:
    """Return the engine of the connections that only read; each look is at one instant of the database."""
    module = library()

    def connect() -> Any:  # noqa: ANN401 - a DB-API connection
        return module.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)

    engine = create_engine(
        "sqlite://", module=module, creator=connect, poolclass=QueuePool, pool_size=8, max_overflow=24, pool_timeout=5
    )
    _prepare(engine, (*PRAGMAS, "PRAGMA query_only=ON"), "BEGIN")
    return engine


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


def sorted_error(error: Exception) -> StoreError:
    """Return a database's error as one of ours: unavailable for now, or broken."""
    text = str(getattr(error, "orig", None) or error)
    if "malformed" in text or "not a database" in text or "CHECK constraint" in text or "append-only" in text:
        return StoreError(f"the database refused: {text}")
    return StoreUnavailable(f"the database cannot answer: {text}")
