"""The newest snapshots, whole: for processes that follow, and for readers of a process that has ended."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

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
    """Return the snapshots that are kept after a sequence, oldest first, as JSON text.

    One that is not what its tick wrote is left out: nobody is to send it on.
    """
    return [(row.seq, row.body) for row in _rows(connection, seq) if _whole(row)]


def faults(connection: Connection) -> tuple[int, list[str]]:
    """Return how many snapshots there are, and a sentence for each that is not what its tick wrote."""
    rows = _rows(connection, 0)
    wrong = [
        f"what processes that follow are told of snapshot {row.seq} is not what was kept"
        for row in rows
        if not _whole(row)
    ]
    return len(rows), wrong


def _rows(connection: Connection, after: int) -> Sequence[Any]:
    recent, snapshot = schema.recent, schema.snapshot
    joined = recent.outerjoin(snapshot, recent.c.seq == snapshot.c.seq)
    query = select(recent.c.seq, recent.c.body, snapshot.c.body_sha256).select_from(joined)
    return connection.execute(query.where(recent.c.seq > after).order_by(recent.c.seq)).all()


def _whole(row: Any) -> bool:  # noqa: ANN401 - a row of both tables
    return hashlib.sha256(row.body.encode()).hexdigest() == str(row.body_sha256)
