"""The archive on SQLAlchemy Core; implements `pnl.ports.Store`."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select, update

from pnl.domain.records import Mark, Market, Record, RevenueEntry
from pnl.domain.snapshot import Json
from pnl.errors import Deposed, Overtaken, StoreDamaged, StoreError, StoreUnavailable
from pnl.ports import (
    Sorted,
    Thinned,
    Tick,
)
from pnl.store import (
    entries,
    memories,
    quotes,
    records,
    retention,
    schema,
    seals,
    snapshots,
    ticks,
)
from pnl.store.accounts import SqlAccounts
from pnl.store.alerts import SqlAlerts
from pnl.store.archive import SqlArchive
from pnl.store.catching_up import CatchingUp
from pnl.store.checklog import Log
from pnl.store.database import Database
from pnl.store.embeds import SqlEmbeds
from pnl.store.facts import microseconds
from pnl.store.failures import answered, answering
from pnl.store.spool import Spool
from pnl.store.upsert import put


class SqlStore(SqlArchive):
    """One writing connection behind a lock, beside the readers."""

    def __init__(self, database: Database, *, zone: ZoneInfo, spool: Spool | None = None) -> None:
        super().__init__(database)
        self._spool = spool
        self._late = CatchingUp(spool, self._write_late, self._has) if spool else None
        self._zone = zone
        self._lock = threading.Lock()
        self._epoch: int | None = None
        self._log = Log()
        self._damage: str | None = None
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
                if self._spool and (before := self._spool.epoch) >= epoch:  # an older file was put in its place
                    epoch = before + 1
                    connection.execute(update(schema.leader).values(epoch=epoch))
                self._log = Log.read(connection)
            # What another leader kept since is known from now on.
            self._marks = {mark.ticker: mark for mark in self.marks()}
            self._markets = {market.ticker: market for market in self.markets()}
            self._epoch = epoch
            if self._late:
                try:
                    self._late.take(epoch, self.stream(), self._came_from())
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
                        self._damage = None
                        return
                why: StoreError = StoreUnavailable("what waited before is being written")
            except (StoreUnavailable, StoreDamaged) as error:
                why = error
            self._damage = str(why) if isinstance(why, StoreDamaged) else None
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

    def replaced(self) -> bool:
        """Tell whether another database is in the place of the one that was opened."""
        return self._database.replaced()

    def damaged(self) -> str | None:
        """Return what was said of the database where the newest tick was let wait because it is torn."""
        return self._damage

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

    @answered
    def wish(self, name: str) -> int:
        """Count one more wish for a source to be read at once."""
        with self._lock, self._writing() as connection:
            return memories.wish(connection, name)

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
    def note(self, name: str, told: Json) -> None:
        """Note something about the archive that is no figure, in the place of what was noted before."""
        with self._lock, self._writing() as connection:
            put(connection, schema.about, [{"name": name, "value": json.dumps(told)}])

    @answered
    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str, at: datetime) -> RevenueEntry:
        """Keep a manual entry with its audit line."""
        effective = entry.occurred_at or datetime.combine(entry.date, datetime.min.time(), self._zone)
        gate = self._spool.gate(alone=False) if self._spool else nullcontext()
        with self._lock, gate, self._writing() as connection:
            return entries.enter(connection, entry, replaces=replaces, actor=actor, at=at, effective=effective)

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

    def _came_from(self) -> str:
        """Return the series that this archive was restored from; empty where it never was."""
        told = self.about().restored
        return str(told.get("series", "")) if isinstance(told, dict) else ""

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
