"""The chain: every snapshot's hash covers the one before it, so that nothing before it can be changed unseen.

A link is the SHA-256 of a JSON text of: the hash before, every value of the row in the order of `COLUMNS`,
a digest of the records for good that were kept since the snapshot before, and what else was noted with it
(a gap, changes of sources, of checks and of their sides, another pace, the pack of the readings that it replaced,
what was left when old marks were thinned). The row has digests of the marks, of the descriptions and of the text that
its tick wrote (see `pnl.store.seals`); that of a version before has none, and its link is without those columns.
Readings of a day that had not ended are not for good in their place: they are in the link of the snapshot that
replaced them (see `pnl.store.readings`).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, desc, func, or_, select

from pnl.store import schema, seals
from pnl.store.readings import COLUMNS as RECORD
from pnl.store.readings import DAY_US, PROVISIONAL

COLUMNS = tuple(column.name for column in schema.snapshot.c if column.name != "hash")
"""What of a snapshot's row is in its link, in order: all of it but the hash."""
_FIRST_SEAL = COLUMNS.index(seals.COLUMNS[0])
Value = str | int | None
Note: TypeAlias = Sequence[Value]


_WRITTEN = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def link(previous: str, row: Sequence[Value], kept: str, notes: Sequence[Note]) -> str:
    """Return a snapshot's hash, 64 hexadecimal digits.

    Args:
        previous: The hash of the snapshot before; empty for the first.
        row: The row's values in the order of `COLUMNS`.
        kept: The digest of the records for good since the snapshot before.
        notes: What was noted with it, in the order of `noted`.
    """
    return hashlib.sha256(_text([previous, *_said(row), kept, list(notes)])).hexdigest()


def digest(rows: Iterable[Sequence[Value]]) -> str:
    """Return the SHA-256 of records as `lasting` gives them, 64 hexadecimal digits; empty where there is none."""
    found = None
    for row in rows:
        found = found or hashlib.sha256()
        found.update(_text(list(row)) + b"\n")
    return found.hexdigest() if found else ""


def lasting(after: int) -> Select[Any]:
    """Return the query of the records for good above a number, in the order that they were kept in."""
    c = schema.record.c
    for_good = or_(c.kind.not_in(PROVISIONAL), c.recorded_us >= c.effective_us + DAY_US)
    return select(*(c[name] for name in RECORD)).where(c.rec_id > after, for_good).order_by(c.rec_id)


def lasts(row: Sequence[Any]) -> bool:
    """Tell whether a record, its values in the order of `readings.COLUMNS`, is one for good."""
    _, _, kind, _, _, effective, recorded, *_ = row
    return kind not in PROVISIONAL or recorded >= effective + DAY_US


def noted(
    *,
    gaps: Iterable[Note] = (),
    sources: Iterable[Note] = (),
    checks: Iterable[Note] = (),
    sides: Iterable[Note] = (),
    paces: Iterable[Note] = (),
    readings: Iterable[Note] = (),
    thinned: Iterable[Note] = (),
) -> list[Note]:
    """Return the rows that were noted with a snapshot, each after its table's name, in the order of a link."""
    kinds = (
        ("gap", gaps),
        ("source_note", sources),
        ("check_log", checks),
        ("check_side", sides),
        ("pace", paces),
        ("reading", readings),
        ("thinned", thinned),
    )
    return [[name, *row] for name, rows in kinds for row in sorted(rows, key=repr)]


def tip(connection: Connection) -> tuple[str, int, int, str]:
    """Return the newest snapshot's day, what it carried, the newest record that it knew, and its hash."""
    c = schema.snapshot.c
    row = connection.execute(select(c.day, c.carried_n, c.last_record, c.hash).order_by(desc(c.seq)).limit(1)).first()
    return (row[0], row[1], row[2], row[3]) if row else ("", 0, 0, "")


def carried(connection: Connection, day: str) -> int:
    """Return the sum, as seen, of the last net of every company day before `day`; an unknown one counts nothing."""
    days, last = schema.company_day.c, schema.snapshot.c
    net = select(func.coalesce(func.sum(last.net_n), 0)).join(schema.company_day, days.last_seq == last.seq)
    return int(connection.execute(net.where(days.day < day)).scalar_one())


def _said(row: Sequence[Value]) -> Sequence[Value]:
    """Return what a link takes of a row: without the digests where the row is of a version that had none."""
    return row if row[-1] is not None else row[:_FIRST_SEAL]


def _text(values: list[object]) -> bytes:
    return _WRITTEN(values).encode()
