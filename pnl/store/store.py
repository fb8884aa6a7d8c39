"""The archive on SQLAlchemy Core; implements `pnl.ports.Store`."""

import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select, update

from pnl.domain.money import Nano
from pnl.domain.records import Kind, Mark, Market, Record, RevenueEntry
from pnl.domain.snapshot import Json
from pnl.errors import Deposed, Overtaken, StoreDamaged, StoreError, StoreUnavailable
from pnl.ports import (
    CheckChange,
    Course,
    Gap,
    Page,
    SeenDay,
    Series,
    ShownSnapshot,
    SnapshotRow,
    Sorted,
    SourceChange,
    SourceMemory,
    StoreFacts,
    Thinned,
    Tick,
    Trade,
)
from pnl.store import (
    bitemporal,
    checklog,
    days,
    entries,
    lookup,
    memories,
    quotes,
    readings,
    recent,
    records,
    retention,
    rollups,
    schema,
    seals,
    snapshots,
    sourcelog,
    ticks,
)
from pnl.store.about import told_of
from pnl.store.accounts import SqlAccounts
from pnl.store.alerts import SqlAlerts
from pnl.store.catching_up import CatchingUp
from pnl.store.checklog import Log
from pnl.store.database import Database
from pnl.store.embeds import SqlEmbeds
from pnl.store.extracting import SqlExtracts
from pnl.store.facts import microseconds
from pnl.store.failures import answered, answering
from pnl.store.spool import Spool
from pnl.store.upsert import put


class SqlStore:
    """One writing connection behind a lock, and readers that look at one instant each."""

    def __init__(self, database: Database, *, zone: ZoneInfo, spool: Spool | None = None) -> None:
        self._database = database
        self._spool = spool
        self._late = CatchingUp(spool, self._write_late, self._has) if spool else None
        self._zone = zone
        self._lock = threading.Lock()
        self._closed = False
        self._epoch: int | None = None
        self._log = Log()
        self._marks: dict[str, Mark] = {}
        self._markets: dict[str, Market] = {}

    @answered
    def sort(self, records_: Sequence[Record]) -> Sorted:
        """Tell what is new."""
        with self._reading() as connection:
            return records.sort(connection, records_, self._late.records if self._late else records.EMPTY)

    @answered
    def lead(self) -> int:
        """Become the one that ticks."""
        with self._lock:
            with self._writing() as connection:
                connection.execute(update(schema.leader).values(epoch=schema.leader.c.epoch + 1))
                epoch = int(connection.execute(select(schema.leader.c.epoch)).scalar_one())
                self._log = Log.read(connection)
            # What another leader kept since is known from now on.
            self._marks = {mark.ticker: mark for mark in self.marks()}
            self._markets = {market.ticker: market for market in self.markets()}
            self._epoch = epoch
            if self._late:
                try:
                    self._late.take(epoch)
                except StoreError:
                    self._epoch = None
                    raise
            return epoch

    def follow(self) -> None:
        """Tick no longer."""
        self._epoch = None

    @answered
    def keep(self, tick: Tick) -> None:
        """Keep a tick whole, or not at all."""
        with self._lock:
            if self._late is None:
                self._write(tick)
                return
            try:
                with answering():
                    if self._late.empty():
                        self._write(tick)
                        return
                why: StoreError = StoreUnavailable("what waited before is being written")
            except (StoreUnavailable, StoreDamaged) as error:
                why = error
            with self._late.spool.gate(alone=True):
                self._check_late(tick)
                self._late.put(tick, why)

    def waiting(self) -> str | None:
        """Return what waits to be written to the database, and why, in words; None where nothing does."""
        late = self._late
        if late is None or not late.waiting:
            return None
        count = "1 snapshot waits" if late.waiting == 1 else f"{late.waiting} snapshots wait"
        return f"{count} in the spool for the database to take them: {late.why}"

    @answered
    def thin(self, before: datetime) -> Thinned | None:
        """Thin some of the old marks."""
        with self._lock:
            with self._reading() as connection:
                due = retention.due(connection, microseconds(before))
            if due is None:
                return None
            with self._writing() as connection:
                self._check_epoch(connection)
                return retention.thin(connection, *due)

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
    def wish(self, name: str) -> int:
        """Count one more wish for a source to be read at once."""
        with self._lock, self._writing() as connection:
            return memories.wish(connection, name)

    @answered
    def wishes(self) -> Mapping[str, int]:
        """Return how many wishes there were, by source."""
        with self._reading() as connection:
            return memories.wishes(connection)

    def accounts(self) -> SqlAccounts:
        """Return who may come in, kept in the same database."""
        return SqlAccounts(self._reading, self._writing_alone)

    def alerts(self) -> SqlAlerts:
        """Return what is kept of alerts, in the same database."""
        return SqlAlerts(self._reading, self._writing_alone, self._check_epoch)

    def embeds(self) -> SqlEmbeds:
        """Return the links to panels for other sites' pages, kept in the same database."""
        return SqlEmbeds(self._reading, self._writing_alone)

    @answered
    def about(self) -> StoreFacts:
        """Return what database it is, and how large."""
        with self._reading() as connection:
            return told_of(connection)

    @answered
    def note(self, name: str, told: Json) -> None:
        """Note something about the archive that is no figure, in the place of what was noted before."""
        with self._lock, self._writing() as connection:
            put(connection, schema.about, [{"name": name, "value": json.dumps(told)}])

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
    def series(  # noqa: PLR0917 - as the port has them
        self,
        figures: Sequence[str],
        since: datetime | None,
        until: datetime | None,
        step: str,
        limit: int,
        known: datetime | None = None,
    ) -> Series:
        """Return figures by stretches of time."""
        end = records.LARGEST - 1
        given = microseconds(since) if since else 0, microseconds(until) if until else end
        with self._reading() as connection:
            found = rollups.series(connection, figures, *given, step, limit)
            return rollups.as_known(connection, found, step, microseconds(known)) if known else found

    @answered
    def company_days(self, since: date | None, until: date | None) -> list[SeenDay]:
        """Return the company days that have a snapshot, as they were seen."""
        with self._reading() as connection:
            return days.seen(connection, since, until)

    @answered
    def check_history(self, name: str, scope: str, since: datetime | None, until: datetime | None) -> list[CheckChange]:
        """Return how a check changed."""
        with self._reading() as connection:
            return checklog.history(connection, name, scope, since, until)

    @answered
    def source_history(self, name: str, since: datetime | None, until: datetime | None) -> list[SourceChange]:
        """Return how a source changed."""
        with self._reading() as connection:
            return sourcelog.history(connection, name, since, until)

    @answered
    def checks_changed(self, after: int, limit: int) -> list[tuple[str, str, CheckChange]]:
        """Return how checks changed after a sequence."""
        with self._reading() as connection:
            return checklog.changed(connection, after, limit)

    @answered
    def paces(self) -> list[tuple[datetime, int]]:
        """Return since when ticks are made how often."""
        with self._reading() as connection:
            return checklog.paces(connection)

    @answered
    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Return the gaps that overlap a stretch of time."""
        with self._reading() as connection:
            return snapshots.gaps(connection, since, until)

    @answered
    def page(  # noqa: PLR0917 - as the port has them
        self,
        kinds: Sequence[Kind],
        since: datetime | None,
        until: datetime | None,
        cursor: str | None,
        limit: int,
        at: datetime | None = None,
    ) -> Page:
        """Return records newest first."""
        start = records.opened(cursor) if cursor else None
        with self._reading() as connection:
            known = bitemporal.horizon(connection, at).known if at else None
            return records.page(connection, kinds, since, until, start, limit, known)

    @answered
    def named(self, keys: Sequence[records.Key], at: datetime | None = None) -> dict[records.Key, Record]:
        """Return records by (source, kind, id), as they were known at an instant or are now."""
        with self._reading() as connection:
            return lookup.named(connection, keys, at)

    @answered
    def shown(self, seq: int) -> ShownSnapshot | None:
        """Return a snapshot as it was shown."""
        with self._reading() as connection:
            return bitemporal.shown(connection, seq)

    @answered
    def checks_at(self, seq: int) -> list[tuple[str, str, CheckChange]]:
        """Return the checks of a snapshot."""
        with self._reading() as connection:
            return bitemporal.checks(connection, seq)

    @answered
    def net_between(self, first: int, last: int) -> tuple[Nano | None, Nano | None, tuple[str, ...]]:
        """Return the highest and the lowest net of some snapshots, and the qualities that they had."""
        with self._reading() as connection:
            return bitemporal.span(connection, first, last)

    @answered
    def net_first(self, first: int, last: int, net: Nano) -> int | None:
        """Return the first snapshot of some that showed a net."""
        c = schema.snapshot.c
        query = (
            select(c.seq)
            .where(c.seq >= first, c.seq <= last, c.net_n == net)
            .order_by(c.complete.desc(), c.seq)
            .limit(1)
        )
        with self._reading() as connection:
            found: int | None = connection.execute(query).scalar()
            return found

    @answered
    def opens(self, first: int, last: int) -> int | None:
        """Return the first complete snapshot of some, or the first whose net is known."""
        with self._reading() as connection:
            return bitemporal.opens(connection, first, last)

    @answered
    def course(self, first: int, last: int) -> Course | None:
        """Return how far the net of all days so far went over some snapshots."""
        with self._reading() as connection:
            return bitemporal.course(connection, first, last)

    def facts_at(self, at: datetime, *kinds: Kind, tickers: Collection[str] | None = None) -> Iterator[Record]:
        """Give the records that a snapshot knew."""
        with answering(), self._reading() as connection:
            known = bitemporal.horizon(connection, at).known
            yield from bitemporal.facts(connection, known, kinds, tickers)

    @answered
    def marks_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Mark, ...]:
        """Return the newest marks that a snapshot knew."""
        with self._reading() as connection:
            then = bitemporal.horizon(connection, at)
            return bitemporal.marks(connection, then.seq, then.as_of, tickers)

    @answered
    def markets_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Market, ...]:
        """Return what markets were called in a snapshot."""
        with self._reading() as connection:
            return bitemporal.markets(connection, bitemporal.horizon(connection, at).seq, tickers)

    @answered
    def versions(
        self,
        kinds: Sequence[Kind],
        *,
        upto: int,
        after: int = 0,
        tickers: Collection[str] | None = None,
    ) -> list[tuple[int, Record]]:
        """Return every version of records with its number."""
        with self._reading() as connection:
            return bitemporal.versions(connection, kinds, after, upto, tickers)

    @answered
    def replaced_since(self, known: int, kind: Kind) -> list[tuple[int, Record]]:
        """Return the readings that stood at a number, and were replaced since."""
        with self._reading() as connection:
            return [(one.number, one.record) for one in readings.standing(connection, known, (kind,))]

    @answered
    def read_since(self, since: datetime, until: datetime, after: int, upto: int) -> tuple[int, Record] | None:
        """Return the newest record of usage or cost that came after a number."""
        with self._reading() as connection:
            return bitemporal.read_since(connection, microseconds(since), microseconds(until), after, upto)

    @answered
    def trades(self, after: int) -> list[Trade]:
        """Return the times of fills and settlements kept after a number."""
        with self._reading() as connection:
            return bitemporal.trades(connection, after)

    @property
    def extracts(self) -> SqlExtracts:
        """What exports read."""
        return SqlExtracts(self._reading)

    @answered
    def entries(self) -> tuple[RevenueEntry, ...]:
        """Return the newest version of every manual entry, newest date first."""
        with self._reading() as connection:
            return entries.every(connection)

    @answered
    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str, at: datetime) -> RevenueEntry:
        """Keep a manual entry with its audit line."""
        effective = entry.occurred_at or datetime.combine(entry.date, datetime.min.time(), self._zone)
        gate = self._spool.gate(alone=False) if self._spool else nullcontext()
        with self._lock, gate, self._writing() as connection:
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
            self._database.close()
            if self._spool:
                self._spool.release()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._closed:
            raise StoreUnavailable("the database was closed")
        with self._database.reading() as connection:
            yield connection

    @contextmanager
    def _writing_alone(self) -> Iterator[Connection]:
        with self._lock, self._writing() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._closed:
            raise StoreUnavailable("the database was closed")
        with self._database.writing() as connection:
            yield connection
        if self._epoch is not None:  # who ticks tidies up; what was committed is kept, whatever becomes of that
            self._database.tidy()

    def _write(self, tick: Tick) -> None:
        """Write a tick; the lock is held."""
        marks = quotes.moved(tick.marks, self._marks)
        markets = [market for market in tick.markets if market != self._markets.get(market.ticker)]
        changes = self._log.changes(tick)
        with self._writing() as connection:
            self._check_epoch(connection)
            _check_new(connection, tick.snapshot.seq)
            if tick.known is not None and entries.above(connection, tick.known):
                raise Overtaken("a manual entry was kept since the tick looked for them: nothing was written")
            ticks.write(connection, replace(tick, marks=tuple(marks), markets=tuple(markets)), changes)
        self._log.kept(changes)
        self._marks.update({mark.ticker: mark for mark in marks})
        self._markets.update({market.ticker: market for market in markets})

    def _write_late(self, tick: Tick) -> None:
        """Write a tick that waited. Nobody entered anything meanwhile: see `Spool.gate`."""
        with answering():
            self._write(replace(tick, known=None))

    def _has(self, tick: Tick) -> bool | None:
        """Tell whether a tick that waited is there already; None where another is in its place, or one is missing."""
        with answering(), self._reading() as connection:
            found = connection.execute(
                snapshots.table.select().where(snapshots.table.c.seq == tick.snapshot.seq)
            ).first()
            if found is not None:
                return True if seals.shown(tick.snapshot.text(), found._asdict()) else None
            last = connection.execute(select(func.max(snapshots.table.c.seq))).scalar() or 0
            return False if tick.snapshot.seq == last + 1 else None

    def _check_late(self, tick: Tick) -> None:
        """Look, before a tick is let wait, whether it would be right to write it."""
        with answering(), self._reading() as connection:
            self._check_epoch(connection)
            if tick.known is not None and entries.above(connection, tick.known):
                raise Overtaken("a manual entry was kept since the tick looked for them: nothing was written")
            _check_new(connection, tick.snapshot.seq)

    def _check_epoch(self, connection: Connection) -> None:
        """Look, in the transaction that is to write, whether this process still leads."""
        if self._epoch is None:
            raise Deposed("this process does not lead: nothing was written")
        epoch = connection.execute(select(schema.leader.c.epoch)).scalar()
        if epoch != self._epoch:
            raise Deposed(f"another process leads (epoch {epoch}, ours was {self._epoch}): nothing was written")


def _check_new(connection: Connection, seq: int) -> None:
    """Look whether a tick is there already: kept in an answer that got lost on its way, it must not be made again."""
    kept = connection.execute(select(schema.current.c.seq)).scalar() or 0
    if kept >= seq:
        raise Deposed(f"snapshot {seq} was refused: {kept} is kept already, of which this process has not heard")
