"""How a source did over time: what it called finished, and what was wrong with it."""

from datetime import date, datetime

from sqlalchemy import Connection, func, select

from pnl.ports import SourceChange
from pnl.store import schema
from pnl.store.facts import microseconds, moment


def history(connection: Connection, name: str, since: datetime | None, until: datetime | None) -> list[SourceChange]:
    """Return how a source changed, oldest first; see `pnl.ports.Store.source_history`."""
    note, snapshot = schema.source_note.c, schema.snapshot.c
    joined = schema.source_note.join(schema.snapshot, note.seq == snapshot.seq)
    query = select(note.seq, snapshot.as_of_us, note.complete_through, note.error).select_from(joined)
    query = query.where(note.name == name).order_by(note.seq)
    if until:
        query = query.where(snapshot.as_of_us < microseconds(until))
    if since:
        held = select(func.max(snapshot.as_of_us)).select_from(joined)
        held = held.where(note.name == name, snapshot.as_of_us <= microseconds(since))
        query = query.where(snapshot.as_of_us >= func.coalesce(held.scalar_subquery(), 0))
    return [
        SourceChange(
            seq=row.seq,
            at=moment(row.as_of_us),
            complete_through=date.fromisoformat(row.complete_through) if row.complete_through else None,
            error=row.error,
        )
        for row in connection.execute(query)
    ]
