"""The archive on SQLAlchemy Core; implements `pnl.ports.Store`."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, insert, select, update

from pnl.domain.records import Kind, Mark, Market, Record, RevenueEntry
from pnl.domain.snapshot import Json
from pnl.errors import Deposed, StoreUnavailable
from pnl.ports import Bucket, Gap, Page, SnapshotRow, Sorted, SourceMemory, Tick
from pnl.store import entries, memories, quotes, records, schema, snapshots
from pnl.store.facts import microseconds
from pnl.store.failures import ERRORS, answered, answering
from pnl.store.upsert import put


class SqlStore:
    """One writing connection behind a lock, and readers that look at one instant each."""

    def __init__(self, writer: Engine, readers: Engine, *, path: Path, zone: ZoneInfo) -> None:
        self._writer = writer
        self._readers = readers
        self._path = path
        self._inode = path.stat().st_ino
        self._zone = zone
        self._lock = threading.Lock()
        self._closed = False
        self._epoch: int | None = None
        self._marks: dict[str, Mark] = {}
        self._markets: dict[str, Market] = {}

    @answered
    def sort(self, records_: Sequence[Record]) -> Sorted:
        """Tell what is new."""
        with self._reading() as connection:
            return records.sort(connection, records_)

    @answered
    def lead(self) -> int:
        """Become the one that ticks."""
        with self._lock:
            with self._writing() as connection:
                connection.execute(update(schema.leader).values(epoch=schema.leader.c.epoch + 1))
                epoch = int(connection.execute(select(schema.leader.c.epoch)).scalar_one())
            # What another leader kept since is known from now on.
            self._marks = {mark.ticker: mark for mark in self.marks()}
            self._markets = {market.ticker: market for market in self.markets()}
            self._epoch = epoch
            return epoch

    def follow(self) -> None:
        """Tick no longer."""
        self._epoch = None

    @answered
    def keep(self, tick: Tick) -> None:
        """Keep a tick whole, or not at all."""
        with self._lock:
            marks = quotes.moved(tick.marks, self._marks)
            markets = [market for market in tick.markets if market != self._markets.get(market.ticker)]
            with self._writing() as connection:
                self._check_epoch(connection)
                records.append(connection, tick.records, tick.snapshot.as_of)
                quotes.append(connection, marks)
                quotes.name(connection, markets)
                memories.keep(connection, tick.sources)
                snapshots.append(connection, tick.snapshot, after_gap=tick.gap is not None)
                put(connection, schema.current, [{"id": 1, "seq": tick.snapshot.seq, "body": tick.snapshot.text()}])
                if tick.checks is not None:
                    put(connection, schema.checks, [{"id": 1, "seq": tick.snapshot.seq, "body": tick.checks}])
                if tick.gap:
                    gap = tick.gap
                    span = {"since_us": microseconds(gap.since), "until_us": microseconds(gap.until)}
                    connection.execute(insert(schema.gap).values(**span, missed=gap.missed, reason=gap.reason))
            self._marks.update({mark.ticker: mark for mark in marks})
            self._markets.update({market.ticker: market for market in markets})

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
    def buckets(self, figure: str, since: datetime, until: datetime, step_seconds: int) -> list[Bucket]:
        """Return a figure by buckets of UTC time."""
        with self._reading() as connection:
            return snapshots.buckets(connection, figure, since, until, step_seconds)

    @answered
    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Return the gaps that overlap a stretch of time."""
        with self._reading() as connection:
            return snapshots.gaps(connection, since, until)

    @answered
    def page(
        self, kinds: Sequence[Kind], since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page:
        """Return records newest first."""
        start = records.opened(cursor) if cursor else None
        with self._reading() as connection:
            return records.page(connection, kinds, since, until, start, limit)

    @answered
    def entries(self) -> tuple[RevenueEntry, ...]:
        """Return the newest version of every manual entry, newest date first."""
        with self._reading() as connection:
            return entries.every(connection)

    @answered
    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str, at: datetime) -> RevenueEntry:
        """Keep a manual entry with its audit line."""
        effective = entry.occurred_at or datetime.combine(entry.date, datetime.min.time(), self._zone)
        with self._lock, self._writing() as connection:
            return entries.enter(connection, entry, replaces=replaces, actor=actor, at=at, effective=effective)

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

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._readers.dispose()
            self._writer.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._closed:
            raise StoreUnavailable("the database was closed")
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._closed:
            raise StoreUnavailable("the database was closed")
        self._check_file()
        try:
            with self._writer.begin() as connection:
                yield connection
        except ERRORS:
            self._writer.dispose()  # the next write opens the file anew: some disk errors stick to a connection
            raise
        if self._epoch is None:
            return  # who ticks moves it out of the log
        # What was committed is kept, whatever becomes of this: the next tick moves it out of the log.
        with suppress(*ERRORS), self._writer.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _check_epoch(self, connection: Connection) -> None:
        """Look, in the transaction that is to write, whether this process still leads."""
        if self._epoch is None:
            raise Deposed("this process does not lead: nothing was written")
        epoch = connection.execute(select(schema.leader.c.epoch)).scalar()
        if epoch != self._epoch:
            raise Deposed(f"another process leads (epoch {epoch}, ours was {self._epoch}): nothing was written")

    def _check_file(self) -> None:
        try:
            same = self._path.stat().st_ino == self._inode
        except OSError as error:
            raise StoreUnavailable(f"{self._path} is gone ({error.strerror}): restart when it is back") from error
        if not same:
            raise StoreUnavailable(f"{self._path} is another file than the one that was opened: restart")
