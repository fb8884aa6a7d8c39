"""What is read of the archive as it stands: the newest of everything, and the rows of snapshots."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select

from pnl.domain.records import Kind, Mark, Market, Record, RevenueEntry
from pnl.domain.snapshot import Json
from pnl.errors import StoreUnavailable
from pnl.ports import (
    SnapshotRow,
    SourceMemory,
    StoreFacts,
)
from pnl.store import (
    bitemporal,
    entries,
    memories,
    quotes,
    recent,
    records,
    schema,
    snapshots,
    strays,
)
from pnl.store.about import told_of
from pnl.store.database import Database
from pnl.store.failures import answered, answering


class SqlNewest:
    """Readers that look at one instant each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._closed = False

    def facts(self, *kinds: Kind) -> Iterator[Record]:
        """Give the newest version of every record of these kinds, as of one instant."""
        with answering(), self._reading() as connection:
            yield from records.facts(connection, kinds)

    @answered
    def marks(self) -> tuple[Mark, ...]:
        """Return the newest mark of every market."""
        with self._reading() as connection:
            return quotes.newest(connection)

    @answered
    def markets(self) -> tuple[Market, ...]:
        """Return every market that was ever seen."""
        with self._reading() as connection:
            return quotes.markets(connection)

    @answered
    def sources(self) -> tuple[SourceMemory, ...]:
        """Return what was kept of every source."""
        with self._reading() as connection:
            return memories.every(connection)

    @answered
    def wishes(self) -> Mapping[str, int]:
        """Return how many wishes there were, by source."""
        with self._reading() as connection:
            return memories.wishes(connection)

    @answered
    def about(self) -> StoreFacts:
        """Return what database it is, and how large."""
        with self._reading() as connection:
            return told_of(connection)

    @answered
    def current(self) -> dict[str, Json] | None:
        """Return the newest snapshot whole."""
        with self._reading() as connection:
            body = connection.execute(select(schema.current.c.body)).scalar()
        found: dict[str, Json] | None = json.loads(body) if body else None
        return found

    @answered
    def stream(self) -> str:
        """Return the name of this store's series of sequence numbers."""
        with self._reading() as connection:
            return str(connection.execute(select(schema.about.c.value).where(schema.about.c.name == "stream")).scalar())

    @answered
    def head(self) -> int:
        """Return the newest sequence."""
        with self._reading() as connection:
            return int(connection.execute(select(schema.current.c.seq)).scalar() or 0)

    @answered
    def recent(self, after: int) -> list[tuple[int, str]]:
        """Return the newest snapshots whole, after a sequence."""
        with self._reading() as connection:
            return recent.after(connection, after)

    @answered
    def last_record(self) -> int:
        """Return the number of the record that was kept last."""
        with self._reading() as connection:
            return records.last(connection)

    @answered
    def records_after(self, number: int, source: str | None = None) -> tuple[tuple[Record, ...], int]:
        """Return the newest versions of records kept after a number, and the last number."""
        with self._reading() as connection:
            return records.after(connection, number, source)

    @answered
    def checks(self) -> str | None:
        """Return the checks of the newest tick that kept them."""
        with self._reading() as connection:
            return connection.execute(select(schema.checks.c.body)).scalar()

    @answered
    def last_row(self) -> SnapshotRow | None:
        """Return the newest snapshot's row."""
        with self._reading() as connection:
            return snapshots.one(connection, snapshots.last())

    @answered
    def row(self, seq: int) -> SnapshotRow | None:
        """Return the row with a sequence number."""
        with self._reading() as connection:
            return snapshots.one(connection, snapshots.numbered(seq))

    @answered
    def row_at(self, at: datetime) -> SnapshotRow | None:
        """Return the newest row at or before an instant."""
        with self._reading() as connection:
            return snapshots.one(connection, snapshots.at(at))

    @answered
    def row_before(self, at: datetime) -> SnapshotRow | None:
        """Return the newest row at or before `at` whose unrealised result is known."""
        with self._reading() as connection:
            return snapshots.one(connection, snapshots.before(at))

    @answered
    def row_after(self, at: datetime) -> SnapshotRow | None:
        """Return the oldest row after `at` whose unrealised result is known."""
        with self._reading() as connection:
            return snapshots.one(connection, snapshots.after(at))

    @answered
    def rows(self, since: datetime | None, until: datetime | None, after: int = 0) -> Iterator[SnapshotRow]:
        """Give rows oldest first, in flat memory; those kept after this call are left out."""
        with self._reading() as connection:
            span = snapshots.span(connection, since, until, after)
        return self._rows(*span)

    def _rows(self, after: int, end: int) -> Iterator[SnapshotRow]:
        size = snapshots.FIRST_CHUNK  # who asks for the first row alone does not wait for thousands
        while after < end:
            with answering(), self._reading() as connection:  # a new look at each chunk: none holds the log back
                chunk = snapshots.chunk(connection, after, end, size)
            yield from chunk
            after, size = chunk[-1].seq if chunk else end, snapshots.CHUNK

    @answered
    def entries(self, at: datetime | None = None) -> tuple[RevenueEntry, ...]:
        """Return the newest version of every manual entry, as known at an instant or now, newest date first."""
        with self._reading() as connection:
            return entries.every(connection, bitemporal.horizon(connection, at).known if at else None)

    @answered
    def audit(self, entry_id: str) -> tuple[Mapping[str, Json], ...]:
        """Return who did what to an entry and when."""
        with self._reading() as connection:
            return entries.audit(connection, entry_id)

    @answered
    def damage(self) -> tuple[str, ...]:
        """Return what does not match its digest: records that changed, a broken chain of the audit."""
        with self._reading() as connection:
            return (*records.damage(connection), *entries.damage(connection))

    @answered
    def unexplained(self) -> tuple[str, ...]:
        """Return what is wrong with records that no snapshot knows: they were not entered by hand since the newest."""
        with self._reading() as connection:
            return tuple(strays.unexplained(connection))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._closed:
            raise StoreUnavailable("the database was closed")
        with self._database.reading() as connection:
            yield connection
