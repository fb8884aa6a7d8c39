"""The archive on SQLAlchemy Core; implements `pnl.ports.Store`."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Table, and_, desc, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pnl.domain.records import Kind, Mark, Market, Record, RevenueEntry
from pnl.domain.snapshot import Json
from pnl.ports import Bucket, Gap, Page, SnapshotRow, Sorted, SourceMemory, Tick
from pnl.store import entries, records, schema, snapshots
from pnl.store.engine import sorted_error
from pnl.store.facts import decode, microseconds, moment

Given = ParamSpec("Given")
Found = TypeVar("Found")

QUOTES = ("yes_bid", "yes_ask", "no_bid", "no_ask", "last", "settlement_value")


def answering(
    method: "Callable[Concatenate[SqlStore, Given], Found]",
) -> "Callable[Concatenate[SqlStore, Given], Found]":
    """Make a database's error one of ours."""

    @wraps(method)
    def asked(self: "SqlStore", *args: Given.args, **kwargs: Given.kwargs) -> Found:
        try:
            return method(self, *args, **kwargs)
        except (DBAPIError, PoolTimeout) as error:
            raise sorted_error(error) from error

    return asked  # type: ignore[return-value]  # mypy takes what `wraps` gives for another type


class SqlStore:
    """One writing connection behind a lock, and readers that look at one instant each."""

    def __init__(self, writer: Engine, readers: Engine, *, lock_file: int, zone: ZoneInfo) -> None:
        self._writer = writer
        self._readers = readers
        self._lock_file = lock_file
        self._zone = zone
        self._lock = threading.Lock()
        self._marks = {mark.ticker: mark for mark in self.marks()}
        self._markets = {market.ticker: market for market in self.markets()}

    @answering
    def sort(self, records_: Sequence[Record]) -> Sorted:
        """Tell what is new."""
        return records.sort(self._readers, records_)

    @answering
    def keep(self, tick: Tick) -> None:
        """Keep a tick whole, or not at all."""
        marks = [mark for mark in tick.marks if _moved(mark, self._marks.get(mark.ticker))]
        markets = [market for market in tick.markets if market != self._markets.get(market.ticker)]
        with self._writing() as connection:
            records.append(connection, tick.records, tick.snapshot.as_of)
            if marks:
                _put(connection, schema.mark, [_mark_values(mark) for mark in marks])
            if markets:
                _put(connection, schema.market, [_market_values(market) for market in markets])
            _put(connection, schema.source_memory, [_memory_values(memory) for memory in tick.sources])
            snapshots.append(connection, tick.snapshot, after_gap=tick.gap is not None)
            _put(connection, schema.current, [{"id": 1, "seq": tick.snapshot.seq, "body": tick.snapshot.text()}])
            if tick.gap:
                gap = tick.gap
                span = {"since_us": microseconds(gap.since), "until_us": microseconds(gap.until)}
                connection.execute(insert(schema.gap).values(**span, missed=gap.missed, reason=gap.reason))
        self._marks.update({mark.ticker: mark for mark in marks})
        self._markets.update({market.ticker: market for market in markets})

    def facts(self, *kinds: Kind) -> Iterator[Record]:
        """Give the newest version of every record of these kinds."""
        return records.facts(self._readers, kinds)

    @answering
    def marks(self) -> tuple[Mark, ...]:
        """Return the newest mark of every market."""
        c = schema.mark.c
        newest = select(c.ticker, func.max(c.at_us).label("at_us")).group_by(c.ticker).subquery()
        query = select(schema.mark).join(newest, and_(newest.c.ticker == c.ticker, newest.c.at_us == c.at_us))
        with self._readers.connect() as connection:
            return tuple(
                Mark(
                    ticker=row.ticker,
                    at=moment(row.at_us),
                    status=row.status,
                    yes_bid=row.yes_bid_n,
                    yes_ask=row.yes_ask_n,
                    no_bid=row.no_bid_n,
                    no_ask=row.no_ask_n,
                    last=row.last_n,
                    settlement_value=row.settlement_value_n,
                )
                for row in connection.execute(query)
            )

    @answering
    def markets(self) -> tuple[Market, ...]:
        """Return every market that was ever seen."""
        with self._readers.connect() as connection:
            return tuple(
                Market(
                    ticker=row.ticker,
                    event_ticker=row.event_ticker,
                    title=row.title,
                    close_time=None if row.close_us is None else moment(row.close_us),
                    mutually_exclusive=bool(row.mutually_exclusive),
                )
                for row in connection.execute(select(schema.market))
            )

    @answering
    def sources(self) -> tuple[SourceMemory, ...]:
        """Return what was kept of every source."""
        with self._readers.connect() as connection:
            return tuple(_memory(row.name, row.body) for row in connection.execute(select(schema.source_memory)))

    @answering
    def current(self) -> dict[str, Json] | None:
        """Return the newest snapshot whole."""
        with self._readers.connect() as connection:
            body = connection.execute(select(schema.current.c.body)).scalar()
        found: dict[str, Json] | None = json.loads(body) if body else None
        return found

    @answering
    def last_row(self) -> SnapshotRow | None:
        """Return the newest snapshot's row."""
        return snapshots.one(self._readers, snapshots.last())

    @answering
    def row_before(self, at: datetime) -> SnapshotRow | None:
        """Return the newest row at or before `at` whose unrealised result is known."""
        return snapshots.one(self._readers, snapshots.before(at))

    @answering
    def row_after(self, at: datetime) -> SnapshotRow | None:
        """Return the oldest row after `at` whose unrealised result is known."""
        return snapshots.one(self._readers, snapshots.after(at))

    def rows(self, since: datetime | None, until: datetime | None, after: int = 0) -> Iterator[SnapshotRow]:
        """Give rows oldest first, in flat memory."""
        try:
            yield from snapshots.rows(self._readers, since, until, after)
        except (DBAPIError, PoolTimeout) as error:
            raise sorted_error(error) from error

    @answering
    def buckets(self, figure: str, since: datetime, until: datetime, step_seconds: int) -> list[Bucket]:
        """Return a figure by buckets of UTC time."""
        return snapshots.buckets(self._readers, figure, since, until, step_seconds)

    @answering
    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Return the gaps that overlap a stretch of time."""
        return snapshots.gaps(self._readers, since, until)

    @answering
    def page(
        self, kinds: Sequence[Kind], since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page:
        """Return records newest first."""
        return records.page(self._readers, kinds, since, until, cursor, limit)

    @answering
    def entries(self) -> tuple[RevenueEntry, ...]:
        """Return the newest version of every manual entry, newest date first."""
        c = schema.record.c
        query = records.newest().where(c.kind == "revenue", c.source == entries.SOURCE)
        with self._readers.connect() as connection:
            rows = connection.execute(query.order_by(desc(c.effective_us), desc(c.rec_id))).all()
        return tuple(fact for row in rows if isinstance(fact := decode(row.fact), RevenueEntry))

    @answering
    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str, at: datetime) -> RevenueEntry:
        """Keep a manual entry with its audit line."""
        effective = entry.occurred_at or datetime.combine(entry.date, datetime.min.time(), self._zone)
        with self._writing() as connection:
            return entries.enter(connection, entry, replaces=replaces, actor=actor, at=at, effective=effective)

    @answering
    def audit(self, entry_id: str) -> tuple[Mapping[str, Json], ...]:
        """Return who did what to an entry and when."""
        with self._readers.connect() as connection:
            return entries.audit(connection, entry_id)

    def close(self) -> None:
        """Let go of the database, and of the claim to write it."""
        self._readers.dispose()
        with self._lock:
            self._writer.dispose()
        if self._lock_file >= 0:
            os.close(self._lock_file)
            self._lock_file = -1

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._lock:
            with self._writer.begin() as connection:
                yield connection
            with self._writer.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")


def _put(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert rows, each in the place of the one with its key."""
    if not rows:
        return
    statement = upsert(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), rows)


def _moved(mark: Mark, known: Mark | None) -> bool:
    if known is None:
        return True
    return mark.status != known.status or any(getattr(mark, name) != getattr(known, name) for name in QUOTES)


def _mark_values(mark: Mark) -> dict[str, object]:
    quotes = {f"{name}_n": getattr(mark, name) for name in QUOTES}
    return {"ticker": mark.ticker, "at_us": microseconds(mark.at), "status": mark.status, **quotes}


def _market_values(market: Market) -> dict[str, object]:
    return {
        "ticker": market.ticker,
        "event_ticker": market.event_ticker,
        "title": market.title,
        "close_us": microseconds(market.close_time) if market.close_time else None,
        "mutually_exclusive": int(market.mutually_exclusive),
    }


def _memory_values(memory: SourceMemory) -> dict[str, object]:
    body = {
        "cursor": memory.cursor,
        "as_of": memory.as_of and microseconds(memory.as_of),
        "complete_through": memory.complete_through and memory.complete_through.isoformat(),
        "last_attempt": memory.last_attempt and microseconds(memory.last_attempt),
        "next_attempt": memory.next_attempt and microseconds(memory.next_attempt),
        "failures": memory.failures,
        "error": memory.error,
        "caught_up": memory.caught_up,
        "facts": dict(memory.facts),
    }
    return {"name": memory.name, "body": json.dumps(body, ensure_ascii=False)}


def _memory(name: str, text: str) -> SourceMemory:
    body = json.loads(text)
    times = {
        key: moment(body[key]) if body[key] is not None else None for key in ("as_of", "last_attempt", "next_attempt")
    }
    through = body["complete_through"]
    return SourceMemory(
        name=name,
        cursor=body["cursor"],
        complete_through=date.fromisoformat(through) if through else None,
        failures=body["failures"],
        error=body["error"],
        caught_up=body["caught_up"],
        facts=body["facts"],
        **times,
    )
