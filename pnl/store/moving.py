"""A whole store from one database to another: all of it or nothing, and compared row by row before it counts."""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, delete, func, inspect, select

from pnl.errors import StoreError, StoreMismatch
from pnl.store import schema
from pnl.store.claim import claim_of
from pnl.store.copying import copy, learn
from pnl.store.database import Database, database_of
from pnl.store.engine import file_of
from pnl.store.failures import answering
from pnl.store.migrate import revisions, upgrade
from pnl.store.spool import waits
from pnl.store.streams import LOAD, stream

Rows: TypeAlias = Generator[tuple[Any, ...]]
LOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """One table, on both sides.

    Attributes:
        table: Its name.
        rows: How many rows were read.
        arrived: How many are there.
        digest: The SHA-256 of all that was read, in the order of the primary key.
        arrived_digest: The same of what is there.
    """

    table: str
    rows: int
    arrived: int
    digest: str
    arrived_digest: str

    @property
    def whole(self) -> bool:
        """Whether both sides are the same."""
        return (self.rows, self.digest) == (self.arrived, self.arrived_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A copy: the name of the series, its newest sequence, and every table."""

    stream: str
    seq: int
    tables: tuple[Copied, ...]

    @property
    def whole(self) -> bool:
        """Whether every table is the same on both sides."""
        return all(table.whole for table in self.tables)


def move(source_url: str, target_url: str, tell: Callable[[str], None], *, spool_folder: Path | None = None) -> Moved:
    """Copy the store at one URL into the empty database at another, and return what is there now.

    Nobody writes to the source meanwhile. The target has everything, or, when anything fails or one
    row is not the same on both sides, nothing.

    Args:
        source_url: A SQLite file or a PostgreSQL, of the schema of this version.
        target_url: A SQLite file that is not there yet, or a PostgreSQL without a table of ours.
        tell: Is told of each table, in words.
        spool_folder: Where the spool of the source is kept, if not beside it: nothing may wait there, nor beside it.

    Raises:
        ConfigError: A URL makes no sense.
        StoreMismatch: The source is of another version, or is in use, or the target is not empty.
        StoreError: A database does not answer, or does not take a row.
    """
    with answering(), ExitStack() as parts:
        target = _Target(target_url)
        parts.callback(target.close)
        with target.looking() as connection:
            target.refuse_filled(connection)
        source, reading = parts.enter_context(_source(source_url, spool_folder))
        with target.writing() as writing:
            upgrade(writing)
            tables = [_copied(reading, writing, table, tell) for table in schema.metadata.sorted_tables]
            moved = Moved(
                stream=str(
                    reading.execute(select(schema.about.c.value).where(schema.about.c.name == "stream")).scalar()
                ),
                seq=int(reading.execute(select(schema.current.c.seq)).scalar() or 0),
                tables=tuple(tables),
            )
            if not moved.whole:
                writing.rollback()
                return moved
            _finish(writing)
        target.settle()
        tell(f"{source.name} is copied to {target.name}")
    return moved


def take_out(source: Database, file: Path, tell: Callable[[str], None]) -> None:
    """Copy a store as it is at one instant into a SQLite file that is not there yet; it may be ticked meanwhile.

    Raises:
        StoreError: It does not answer, or what arrived is not what was read.
    """
    with answering(), ExitStack() as parts:
        target = _Target(f"sqlite:///{file}")
        parts.callback(target.close)
        reading = parts.enter_context(source.reading())
        _take_time(reading)
        with target.writing() as writing:
            upgrade(writing)
            tables = [_copied(reading, writing, table, tell) for table in schema.metadata.sorted_tables]
            for table in tables:
                if not table.whole:
                    raise StoreError(f"what arrived of the table {table.table} is not what was read")
        target.settle()


def _refuse_waiting(path: Path, spool_folder: Path | None) -> None:
    """Refuse a file that is not there, or of which something waits in a spool: it would be missing in the copy."""
    if not path.is_file():
        raise StoreError(f"{path} is not there: there is nothing to copy")
    for folder in filter(None, (path.parent, spool_folder)):
        spool = folder / f"{path.name}.spool"
        if waits(spool):
            raise StoreMismatch(f"snapshots of {path} wait in {spool}: start it once, and stop it, before")


@contextmanager
def _source(url: str, spool_folder: Path | None) -> Iterator[tuple[Database, Connection]]:
    """Give the source, and a connection that lets nobody else write to it."""
    if url.startswith("sqlite"):
        _refuse_waiting(file_of(url), spool_folder)
    source = database_of(url, lock_seconds=LOCK_SECONDS)
    claim = claim_of(url)
    try:
        if not claim.take():
            raise StoreMismatch(f"a process makes ticks in {source.name} ({claim.holder()}): stop it first")
        with source.writing() as connection:
            _take_time(connection)
            found, ours = revisions(connection)
            if found is None:
                raise StoreMismatch(f"{source.name} holds no archive: there is nothing to copy")
            if found != ours:
                cure = "install the newer version" if found > str(ours) else "start this version on it once"
                raise StoreMismatch(f"{source.name} has schema {found}, and this version has {ours}: {cure}")
            yield source, connection
    finally:
        claim.release()
        source.close()


class _Target:
    """An empty database. A file is written under another name, and gets its own when it is whole."""

    def __init__(self, url: str) -> None:
        self._final: Path | None = None
        if url.startswith("sqlite"):
            self._final = file_of(url)
            if self._final.exists() and self._final.stat().st_size:
                raise StoreMismatch(f"{self._final} is there already: give the name of a file that is not")
            self._draft = self._final.with_name(f"{self._final.name}.copying")
            self._remove_draft()
            url = f"sqlite:///{self._draft}"
        self._database = database_of(url, lock_seconds=LOCK_SECONDS, make=True)
        self.name = str(self._final or self._database.name)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in the one transaction that writes everything."""
        with self._database.alone(), self._database.writing() as connection:
            _take_time(connection)
            self.refuse_filled(connection)
            yield connection

    def looking(self) -> AbstractContextManager[Connection]:
        """Give a connection that only reads."""
        return self._database.reading()

    def refuse_filled(self, connection: Connection) -> None:
        """Refuse a database that has tables of ours, be they empty."""
        there = sorted({*schema.metadata.tables, "alembic_version"} & set(inspect(connection).get_table_names()))
        if there:
            raise StoreMismatch(f"{self.name} is not empty (it has a table {there[0]}): make another database")

    def settle(self) -> None:
        """Give a file that is whole its own name."""
        if self._final:
            self._database.tidy()
            self._database.close()
            log = self._draft.with_name(f"{self._draft.name}-wal")
            if log.exists() and log.stat().st_size:
                raise StoreError(f"{self._draft} could not be finished: its log is not in it yet")
            self._draft.replace(self._final)

    def close(self) -> None:
        """Let go of it, and leave no half of a file."""
        self._database.close()
        if self._final:
            self._remove_draft()

    def _remove_draft(self) -> None:
        for more in ("", "-wal", "-shm", ".making"):
            self._draft.with_name(f"{self._draft.name}{more}").unlink(missing_ok=True)


class _Sum:
    """Counts and digests the rows that pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    def of(self, rows: Iterable[tuple[Any, ...]]) -> Rows:
        for row in rows:
            self.rows += 1
            self._digest.update(repr(row).encode())
            yield row

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()


def _copied(reading: Connection, writing: Connection, table: Table, tell: Callable[[str], None]) -> Copied:
    tell(f"copying {table.name}")
    read, arrived = _Sum(), _Sum()
    writing.execute(delete(table))  # what a new store begins with
    with closing(_rows(reading, table)) as rows:
        _write(writing, table, read.of(rows))
    with closing(_rows(writing, table)) as rows:
        for _ in arrived.of(rows):
            pass
    return Copied(
        table=table.name,
        rows=read.rows,
        arrived=arrived.rows,
        digest=read.digest,
        arrived_digest=arrived.digest,
    )


def _rows(connection: Connection, table: Table) -> Rows:
    return stream(connection, select(table).order_by(*table.primary_key))


def _write(connection: Connection, table: Table, rows: Rows) -> None:
    names = [column.name for column in table.c]
    if connection.dialect.name == "postgresql":
        copy(connection, table.name, names, rows)
        return
    places = ", ".join("?" for _ in names)
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    while chunk := list(islice(rows, LOAD)):
        connection.exec_driver_sql(statement, chunk)


def _take_time(connection: Connection) -> None:
    """Let a transaction last as long as the copy does."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def _finish(connection: Connection) -> None:
    """Let PostgreSQL number on from where the copy ends, and know how its tables are filled."""
    if connection.dialect.name != "postgresql":
        return
    for column in (schema.record.c.rec_id, schema.audit.c.audit_id):
        last = connection.execute(select(func.max(column))).scalar()
        if last:
            name = func.pg_get_serial_sequence(column.table.name, column.name)
            connection.execute(select(func.setval(name, last)))
    for table in schema.metadata.tables:
        learn(connection, table)
