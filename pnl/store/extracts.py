"""What exports read: snapshots as lines of text that the database itself lays out, and records as they were known.

To lay out a number in SQL takes half the time that Python takes, and leaves other threads alone meanwhile.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, text, tuple_

from pnl.domain.records import Kind, Record
from pnl.errors import StoreError
from pnl.ports import Spelling
from pnl.store import readings, schema
from pnl.store.facts import decode, microseconds, moment
from pnl.store.spelled import cell

CHUNK = 2_000
"""Rows a look: some ten milliseconds."""
c = schema.record.c
_newer = schema.record.alias("newer")


def lines(
    connection: Connection, columns: Sequence[str], after: int, end: int, *, spelling: Spelling, size: int
) -> tuple[int, int, str]:
    """Return the next snapshots above the sequence `after`, up to `end`: the last sequence, how many, and their lines.

    Raises:
        ValueError: There is no such column.
        StoreError: The database did not keep to the order that it was asked for.
    """
    postgresql = connection.dialect.name == "postgresql"
    cells = " || ',' || ".join(cell(name, spelling, postgresql=postgresql) for name in columns)
    ends = "chr(13) || chr(10)" if postgresql else "char(13, 10)"
    joined = f"string_agg(line, {ends} ORDER BY seq)" if postgresql else f"group_concat(line, {ends})"
    first, last, rows, found = connection.execute(
        text(
            f"SELECT min(seq), max(seq), count(*), {joined} FROM (SELECT seq, {cells} AS line FROM snapshot "  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
            "WHERE seq > :after AND seq <= :end ORDER BY seq LIMIT :size) AS part"
        ),
        {"after": after, "end": end, "size": size},
    ).one()
    if found is None:
        return end, 0, ""
    if columns[0] == "seq" and found[:20].partition("\r")[0].partition(",")[0] != str(first):
        raise StoreError(f"the database gave snapshots out of order: {first} is not first in {found[:40]!r}")
    return int(last), rows, f"{found}\r\n"


def counted(connection: Connection, after: int, end: int) -> int:
    """Return how many snapshots have a sequence above `after`, up to `end`."""
    table = schema.snapshot.c
    first = connection.execute(select(table.as_of_us).where(table.seq > after).order_by(table.seq).limit(1)).scalar()
    last = connection.execute(
        select(table.as_of_us).where(table.seq <= end).order_by(table.seq.desc()).limit(1)
    ).scalar()
    if first is None or last is None:
        return 0
    # The index of times is an eighth of the table.
    within = (table.as_of_us >= first, table.as_of_us <= last, table.seq > after, table.seq <= end)
    return int(connection.execute(select(func.count(table.as_of_us)).where(*within)).scalar_one())


def known(connection: Connection, seq: int) -> tuple[datetime, int] | None:
    """Return when a snapshot was, and the number of the last record that it knows; None where there is none."""
    table = schema.snapshot.c
    row = connection.execute(select(table.as_of_us, table.last_record).where(table.seq == seq)).first()
    return (moment(row[0]), row[1]) if row else None


def place(connection: Connection, number: int, up_to: int, *, kind: Kind, source: str | None) -> tuple[int, int]:
    """Return where a record stands in the order of time: microseconds, and its number.

    Args:
        connection: To look with.
        number: The record's.
        up_to: The last record of what it stands in.
        kind: What kind it is of.
        source: The source that it is of; None for any.

    Raises:
        ValueError: There is no such record, of this kind and source.
    """
    wanted = [c.rec_id == number, c.kind == kind, *([c.source == source] if source else [])]
    at = connection.execute(select(c.effective_us).where(*wanted)).scalar()
    if at is None:
        standing = readings.standing(connection, up_to, (kind,))
        mine = (one for one in standing if one.number == number and source in (None, one.record.source))
        at = next((one.effective_us for one in mine), None)
    if at is None:
        raise ValueError(f"there is no record {number} in it")
    return at, number


def replaced(
    connection: Connection,
    kind: Kind,
    since: datetime | None,
    until: datetime | None,
    after: tuple[int, int] | None,
    *,
    up_to: int,
    source: str | None,
) -> list[tuple[int, Record]]:
    """Return, by place, what `those` and `records` do not find any more: readings of days that had not ended."""
    found = [
        (one.number, replace(one.record, raw=""))
        for one in readings.standing(connection, up_to, (kind,))
        if (since is None or one.record.effective_at >= since)
        and (until is None or one.record.effective_at < until)
        and (source is None or one.record.source == source)
        and (after is None or (one.effective_us, one.number) > after)
    ]
    return sorted(found, key=lambda pair: placed(*pair))


def placed(number: int, record: Record) -> tuple[int, int]:
    """Return where a record stands."""
    return microseconds(record.effective_at), number


def records(
    connection: Connection, wanted: Sequence[ColumnElement[bool]], after: tuple[int, int] | None
) -> list[tuple[int, Record]]:
    """Return the next records after a place, with their numbers, by effective time."""
    columns = (c.rec_id, c.source, c.kind, c.nat_id, c.version, c.effective_us, c.recorded_us, c.fact)
    query: Select[Any] = select(*columns).where(*wanted)
    if after:
        query = query.where(tuple_(c.effective_us, c.rec_id) > tuple_(literal(after[0]), literal(after[1])))
    found = connection.execute(query.order_by(c.effective_us, c.rec_id).limit(CHUNK))
    return [_record(*row) for row in found]


def count_records(connection: Connection, wanted: Sequence[ColumnElement[bool]], after: tuple[int, int] | None) -> int:
    """Return how many records there are after a place."""
    query = select(func.count(c.rec_id)).where(*wanted)
    if after:
        query = query.where(tuple_(c.effective_us, c.rec_id) > tuple_(literal(after[0]), literal(after[1])))
    return int(connection.execute(query).scalar_one())


def those(
    kind: Kind, since: datetime | None, until: datetime | None, *, up_to: int, source: str | None
) -> list[ColumnElement[bool]]:
    """Return what picks the versions of records that were the newest when the record `up_to` was the last one."""
    same = (_newer.c.source == c.source, _newer.c.kind == c.kind, _newer.c.nat_id == c.nat_id)
    beaten = select(_newer.c.rec_id).where(*same, _newer.c.version > c.version, _newer.c.rec_id <= up_to).exists()
    picked = [c.kind == kind, c.rec_id <= up_to, ~beaten]
    if since:
        picked.append(c.effective_us >= microseconds(since))
    if until:
        picked.append(c.effective_us < microseconds(until))
    if source:
        picked.append(c.source == source)
    return picked


def _record(  # noqa: PLR0917 - the columns
    number: int, source: str, kind: Kind, nat_id: str, version: int, effective: int, recorded: int, fact: str
) -> tuple[int, Record]:
    made = Record(
        source=source,
        kind=kind,
        id=nat_id,
        version=version,
        effective_at=moment(effective),
        recorded_at=moment(recorded),
        fact=decode(fact),
        raw="",
    )
    return number, made
