"""The newest snapshots, whole: a process that follows finds here what no bell told it of."""

from typing import Final

from sqlalchemy import Connection, delete, insert, select

from pnl.store import schema

MOST: Final = 120
"""How many are kept: as many as bells in Redis; twenty minutes at ten seconds."""


def keep(connection: Connection, seq: int, body: str) -> None:
    """Keep a snapshot, and let go of the one that is too old."""
    recent = schema.recent
    connection.execute(delete(recent).where(recent.c.seq <= seq - MOST))
    connection.execute(insert(recent), [{"seq": seq, "body": body}])


def after(connection: Connection, seq: int) -> list[tuple[int, str]]:
    """Return the snapshots that are kept after a sequence, oldest first, as JSON text."""
    recent = schema.recent
    found = connection.execute(select(recent.c.seq, recent.c.body).where(recent.c.seq > seq).order_by(recent.c.seq))
    return [(row.seq, row.body) for row in found]
