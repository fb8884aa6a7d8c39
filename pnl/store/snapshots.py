"""Snapshots: one row a tick, never changed, and the gaps between them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, desc, func, insert, select

from pnl.domain.snapshot import LINES, Snapshot
from pnl.ports import Bucket, Gap, SnapshotRow
from pnl.store import schema
from pnl.store.facts import microseconds, moment

FIRST_CHUNK, CHUNK = 100, 500
Rows: TypeAlias = Select[Any]
table = schema.snapshot
_NAMES = ("seq", "as_of_us", "day", "net_n", "net_realised_n", "complete", "quality", "unrealised_total_n")
COLUMNS = [table.c[name] for name in (*_NAMES, *(f"{line}_n" for line in LINES))]
FIGURES = frozenset({*LINES, "net", "net_realised"})


def append(connection: Connection, snapshot: Snapshot, *, after_gap: bool) -> None:
    """Add a snapshot's row."""
    account = snapshot.account
    values: dict[str, object] = {f"{line}_n": snapshot.lines[line] for line in LINES}
    values |= {
        "seq": snapshot.seq,
        "as_of_us": microseconds(snapshot.as_of),
        "day": snapshot.day.isoformat(),
        "net_n": snapshot.net,
        "net_realised_n": snapshot.net_realised,
        "unrealised_total_n": snapshot.unrealised_total,
        "cash_n": account.cash,
        "positions_value_n": account.positions_value,
        "exposure_n": account.exposure,
        "complete": int(snapshot.complete),
        "finality": snapshot.finality,
        "quality": quality(snapshot, after_gap=after_gap),
        "flags": " ".join(snapshot.flags),
        "sources": " ".join(f"{name}={state.status}" for name, state in snapshot.sources.items()),
        "checks_ok": snapshot.checks_ok,
        "checks_failed": snapshot.checks_failed,
        "checks_waiting": snapshot.checks_waiting,
    }
    connection.execute(insert(table), [values])


def quality(snapshot: Snapshot, *, after_gap: bool) -> str:
    """Return `ok`, or what a reader should know of the row, joined by `+`."""
    wrong = {
        "incomplete": not snapshot.complete,
        "stale": any(state.status in ("stale", "down") for state in snapshot.sources.values()),
        "failed_checks": snapshot.checks_failed > 0,
        "after_gap": after_gap,
    }
    return "+".join(name for name, holds in wrong.items() if holds) or "ok"


def one(connection: Connection, query: Rows) -> SnapshotRow | None:
    """Return the first row of a query of rows."""
    row = connection.execute(query.limit(1)).first()
    return _row(row) if row else None


def last() -> Rows:
    """Return the query whose first row is the newest."""
    return select(*COLUMNS).order_by(desc(table.c.seq))


def before(at: datetime) -> Rows:
    """Return the query of the newest row at or before an instant whose unrealised result is known."""
    known = table.c.unrealised_total_n.is_not(None)
    return select(*COLUMNS).where(table.c.as_of_us <= microseconds(at), known).order_by(desc(table.c.as_of_us))


def after(at: datetime) -> Rows:
    """Return the query of the oldest row after an instant whose unrealised result is known."""
    known = table.c.unrealised_total_n.is_not(None)
    return select(*COLUMNS).where(table.c.as_of_us > microseconds(at), known).order_by(table.c.as_of_us)


def span(connection: Connection, since: datetime | None, until: datetime | None, after: int) -> tuple[int, int]:
    """Return the sequences that rows of [since, until) lie between: above the first, up to the second.

    Sequence and time grow together, so that one look at the index finds each end.
    """
    c = table.c
    seqs = select(c.seq).limit(1)
    query = seqs.where(c.as_of_us < microseconds(until)) if until else seqs
    end = connection.execute(query.order_by(desc(c.as_of_us))).scalar() or 0
    if since:
        last_before = seqs.where(c.as_of_us < microseconds(since)).order_by(desc(c.as_of_us))
        after = max(after, connection.execute(last_before).scalar() or 0)
    return after, end


def chunk(connection: Connection, after: int, end: int, size: int) -> list[SnapshotRow]:
    """Return the next `size` rows above the sequence `after`, up to `end`, oldest first."""
    c = table.c
    query = select(*COLUMNS).where(c.seq > after, c.seq <= end).order_by(c.seq).limit(size)
    return [_row(row) for row in connection.execute(query)]


def buckets(connection: Connection, figure: str, since: datetime, until: datetime, step_seconds: int) -> list[Bucket]:
    """Return a figure by buckets of UTC time; see `pnl.ports.Store.buckets`."""
    if figure not in FIGURES:
        raise ValueError(f"{figure!r} is no figure: there are {', '.join(sorted(FIGURES))}")
    step = step_seconds * 1_000_000
    c = table.c
    value = c[f"{figure}_n"]
    number = c.as_of_us // step
    inside = (
        select(
            number.label("number"),
            func.min(value).label("low"),
            func.max(value).label("high"),
            func.count().label("count"),
            func.min(c.seq).label("first"),
            func.max(c.seq).label("last"),
        )
        .where(c.as_of_us >= microseconds(since), c.as_of_us < microseconds(until))
        .group_by(number)
        .subquery()
    )
    opening, closing = table.alias("opening"), table.alias("closing")
    query = (
        select(
            inside.c.number,
            opening.c[f"{figure}_n"].label("open"),
            inside.c.high,
            inside.c.low,
            closing.c[f"{figure}_n"].label("close"),
            inside.c.count,
        )
        .join(opening, opening.c.seq == inside.c.first)
        .join(closing, closing.c.seq == inside.c.last)
        .order_by(inside.c.number)
    )
    return [
        Bucket(start=moment(row[0] * step), open=row[1], high=row[2], low=row[3], close=row[4], count=row[5])
        for row in connection.execute(query)
    ]


def gaps(connection: Connection, since: datetime, until: datetime) -> list[Gap]:
    """Return the gaps that overlap a stretch of time, oldest first."""
    c = schema.gap.c
    query = select(schema.gap).where(c.until_us > microseconds(since), c.since_us < microseconds(until))
    return [
        Gap(since=moment(row.since_us), until=moment(row.until_us), missed=row.missed, reason=row.reason)
        for row in connection.execute(query.order_by(c.since_us))
    ]


def _row(row: Sequence[Any]) -> SnapshotRow:
    seq, as_of, day, net, net_realised, complete, quality_, unrealised_total, *lines = row
    return SnapshotRow(
        seq=seq,
        as_of=moment(as_of),
        day=date.fromisoformat(day),
        lines=dict(zip(LINES, lines, strict=True)),
        net=net,
        net_realised=net_realised,
        complete=bool(complete),
        quality=quality_,
        unrealised_total=unrealised_total,
    )
