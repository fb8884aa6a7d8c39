"""Snapshots: one row a tick, never changed, and the gaps between them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, desc, select

from pnl.domain.snapshot import LINES, Snapshot, SourceState
from pnl.ports import Gap, SnapshotRow
from pnl.store import schema
from pnl.store.facts import microseconds, moment

FIRST_CHUNK, CHUNK = 100, 500
Rows: TypeAlias = Select[Any]
table = schema.snapshot
_NAMES = (
    *("seq", "as_of_us", "day", "net_n", "net_realised_n", "complete", "quality", "unrealised_total_n"),
    "last_record",
)
COLUMNS = [table.c[name] for name in (*_NAMES, *(f"{line}_n" for line in LINES))]


def values(snapshot: Snapshot, *, after_gap: bool) -> dict[str, str | int | None]:
    """Return a snapshot's row without what comes of the rows before it: `carried_n`, `last_record` and `hash`."""
    account = snapshot.account
    lines = {f"{line}_n": snapshot.lines[line] for line in LINES}
    return {
        **lines,
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
        "sources": " ".join(f"{name}={state.status}@{_second(state)}" for name, state in snapshot.sources.items()),
        "checks_ok": snapshot.checks_ok,
        "checks_failed": snapshot.checks_failed,
        "checks_waiting": snapshot.checks_waiting,
    }


def _second(state: SourceState) -> str:
    return str(int(state.as_of.timestamp())) if state.as_of else "-"


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
    return told(row) if row else None


def numbered(seq: int) -> Rows:
    """Return the query of the row with a sequence number."""
    return select(*COLUMNS).where(table.c.seq == seq)


def at(instant: datetime) -> Rows:
    """Return the query of the newest row at or before an instant."""
    return select(*COLUMNS).where(table.c.as_of_us <= microseconds(instant)).order_by(desc(table.c.as_of_us))


def last() -> Rows:
    """Return the query whose first row is the newest."""
    return select(*COLUMNS).order_by(desc(table.c.seq))


def before(instant: datetime) -> Rows:
    """Return the query of the newest row at or before an instant whose unrealised result is known."""
    known = table.c.unrealised_total_n.is_not(None)
    return select(*COLUMNS).where(table.c.as_of_us <= microseconds(instant), known).order_by(desc(table.c.as_of_us))


def after(instant: datetime) -> Rows:
    """Return the query of the oldest row after an instant whose unrealised result is known."""
    known = table.c.unrealised_total_n.is_not(None)
    return select(*COLUMNS).where(table.c.as_of_us > microseconds(instant), known).order_by(table.c.as_of_us)


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
    return [told(row) for row in connection.execute(query)]


def gaps(connection: Connection, since: datetime, until: datetime) -> list[Gap]:
    """Return the gaps that overlap a stretch of time, oldest first."""
    c = schema.gap.c
    query = select(schema.gap).where(c.until_us > microseconds(since), c.since_us < microseconds(until))
    return [
        Gap(since=moment(row.since_us), until=moment(row.until_us), missed=row.missed, reason=row.reason)
        for row in connection.execute(query.order_by(c.since_us))
    ]


def told(row: Sequence[Any]) -> SnapshotRow:
    """Return a row of `COLUMNS`."""
    seq, as_of, day, net, net_realised, complete, quality_, unrealised_total, known, *lines = row
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
        known=known,
    )
