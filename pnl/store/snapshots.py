"""Snapshots: one row a tick, never changed, and the gaps between them."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection, Engine, Row, Select, desc, func, insert, select

from pnl.domain.snapshot import LINES, Snapshot
from pnl.ports import Bucket, Gap, SnapshotRow
from pnl.store import schema
from pnl.store.facts import microseconds, moment

CHUNK = 5_000
table = schema.snapshot
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
    connection.execute(insert(table).values(values))


def quality(snapshot: Snapshot, *, after_gap: bool) -> str:
    """Return `ok`, or what a reader should know of the row, joined by `+`."""
    wrong = {
        "incomplete": not snapshot.complete,
        "stale": any(state.status in ("stale", "down") for state in snapshot.sources.values()),
        "failed_checks": snapshot.checks_failed > 0,
        "after_gap": after_gap,
    }
    return "+".join(name for name, holds in wrong.items() if holds) or "ok"


def one(engine: Engine, query: Select[tuple[object, ...]]) -> SnapshotRow | None:
    """Return the first row of a query over the table."""
    with engine.connect() as connection:
        row = connection.execute(query.limit(1)).first()
    return _row(row) if row else None


def last() -> Select[tuple[object, ...]]:
    """Return the query whose first row is the newest."""
    return select(table).order_by(desc(table.c.seq))


def before(at: datetime) -> Select[tuple[object, ...]]:
    """Return the query of the newest row at or before an instant whose unrealised result is known."""
    known = table.c.unrealised_total_n.is_not(None)
    return select(table).where(table.c.as_of_us <= microseconds(at), known).order_by(desc(table.c.as_of_us))


def after(at: datetime) -> Select[tuple[object, ...]]:
    """Return the query of the oldest row after an instant whose unrealised result is known."""
    known = table.c.unrealised_total_n.is_not(None)
    return select(table).where(table.c.as_of_us > microseconds(at), known).order_by(table.c.as_of_us)


def rows(engine: Engine, since: datetime | None, until: datetime | None, seq: int) -> Iterator[SnapshotRow]:
    """Give rows oldest first, a chunk at a time; those that are added meanwhile are left out."""
    c = table.c
    with engine.connect() as connection:
        end = connection.execute(select(func.max(c.seq))).scalar() or 0
    while True:
        query = select(table).where(c.seq > seq, c.seq <= end)
        if since:
            query = query.where(c.as_of_us >= microseconds(since))
        if until:
            query = query.where(c.as_of_us < microseconds(until))
        with engine.connect() as connection:
            found = connection.execute(query.order_by(c.seq).limit(CHUNK)).all()
        for row in found:
            yield _row(row)
        if len(found) < CHUNK:
            return
        seq = found[-1].seq


def buckets(engine: Engine, figure: str, since: datetime, until: datetime, step_seconds: int) -> list[Bucket]:
    """Return a figure by buckets of UTC time; see `pnl.ports.Store.buckets`."""
    if figure not in FIGURES:
        raise ValueError(f"{figure!r} is no figure: there are {', '.join(sorted(FIGURES))}")
    step = step_seconds * 1_000_000
    c = table.c
    value = c[f"{figure}_n"]
    number = (c.as_of_us / step).label("number") if engine.dialect.name != "sqlite" else c.as_of_us.op("/")(step)
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
    with engine.connect() as connection:
        return [
            Bucket(start=moment(row[0] * step), open=row[1], high=row[2], low=row[3], close=row[4], count=row[5])
            for row in connection.execute(query)
        ]


def gaps(engine: Engine, since: datetime, until: datetime) -> list[Gap]:
    """Return the gaps that overlap a stretch of time, oldest first."""
    c = schema.gap.c
    query = select(schema.gap).where(c.until_us > microseconds(since), c.since_us < microseconds(until))
    with engine.connect() as connection:
        return [
            Gap(since=moment(row.since_us), until=moment(row.until_us), missed=row.missed, reason=row.reason)
            for row in connection.execute(query.order_by(c.since_us))
        ]


def _row(row: Row[tuple[object, ...]]) -> SnapshotRow:
    found = row._mapping
    return SnapshotRow(
        seq=found["seq"],
        as_of=moment(found["as_of_us"]),
        day=date.fromisoformat(found["day"]),
        lines={line: found[f"{line}_n"] for line in LINES},
        net=found["net_n"],
        net_realised=found["net_realised_n"],
        complete=bool(found["complete"]),
        quality=found["quality"],
        unrealised_total=found["unrealised_total_n"],
    )
