"""Records: appended once, known by source, kind and id, read back as the newest version."""

import base64
import binascii
import hashlib
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, literal, select, tuple_

from pnl.domain.records import Kind, Record
from pnl.ports import Page, Sorted
from pnl.store import schema
from pnl.store.facts import decode, encode, microseconds, moment

CHUNK = 400
LOAD = 2_000
LARGEST = 2**63
DAY_US = 86_400_000_000
PROVISIONAL = ("usage", "cost", "anchor")
"""The kinds that describe a stretch of a UTC day, and grow while it lasts."""
Key = tuple[str, str, str]
table = schema.record
newer = schema.record.alias("newer")


def newest() -> Select[tuple[str, str, str, int, int, int, str, str, int]]:
    """Return the query of the newest version of every record."""
    c = table.c
    beaten = (
        select(newer.c.rec_id)
        .where(
            newer.c.source == c.source,
            newer.c.kind == c.kind,
            newer.c.nat_id == c.nat_id,
            newer.c.version > c.version,
        )
        .exists()
    )
    columns = (c.source, c.kind, c.nat_id, c.version, c.effective_us, c.recorded_us, c.fact, c.raw, c.rec_id)
    return select(*columns).where(~beaten)


def sort(connection: Connection, records: Sequence[Record]) -> Sorted:
    """Tell what is new, as if each record were kept before the next is looked at; see `pnl.ports.Store.sort`."""
    known = _known(connection, list(dict.fromkeys((record.source, record.kind, record.id) for record in records)))
    new: dict[Key, Record] = {}
    conflicts: dict[tuple[Key, str], tuple[Record, str]] = {}
    for record in records:
        key: Key = (record.source, record.kind, record.id)
        version, fact = known.get(key, (0, ""))
        if record.version is not None and record.version < version:
            continue
        found = encode(record.fact)
        if version and (fact == found or decode(fact) == record.fact):
            continue
        if record.version == version:
            conflicts[key, found] = (record, _conflict(record))
            continue
        known[key] = record.version or version + 1, found
        new[key] = record if record.version else replace(record, version=version + 1)
    return Sorted(new=tuple(new.values()), conflicts=tuple(conflicts.values()))


def append(connection: Connection, records: Sequence[Record], recorded_at: datetime) -> None:
    """Add records that `sort` called new."""
    if records:
        recorded = microseconds(recorded_at)
        connection.execute(insert(table), [_values(record, recorded) for record in records])
        _release(connection, [record for record in records if record.kind in PROVISIONAL and (record.version or 1) > 1])


def _release(connection: Connection, records: Sequence[Record]) -> None:
    """Let go of older readings of a day that had not ended when they were made: it is read every minute."""
    c = table.c
    keys = [
        {"one": record.source, "two": record.kind, "three": record.id, "four": record.version} for record in records
    ]
    if keys:
        same = (c.source == bindparam("one"), c.kind == bindparam("two"), c.nat_id == bindparam("three"))
        open_then = c.recorded_us < c.effective_us + DAY_US
        connection.execute(delete(table).where(*same, c.version < bindparam("four"), open_then), keys)


def facts(connection: Connection, kinds: Sequence[Kind]) -> Iterator[Record]:
    """Give the newest version of every record of these kinds, by effective time, then id."""
    streams = [_facts(connection, kind) for kind in dict.fromkeys(kinds)]  # each comes sorted from its index
    merged = heapq.merge(*streams, key=lambda row: (row[4], row[2], row[0], row[1]))
    for row in merged:
        yield _record(row)


def last(connection: Connection) -> int:
    """Return the number of the record that was kept last; 0 before the first."""
    return int(connection.execute(select(func.max(table.c.rec_id))).scalar() or 0)


def after(connection: Connection, number: int, source: str | None) -> tuple[tuple[Record, ...], int]:
    """Return the newest versions of records kept after a number; see `pnl.ports.Store.records_after`."""
    end = last(connection)
    query = newest().where(table.c.rec_id > number, table.c.rec_id <= end).order_by(table.c.rec_id)
    if source is not None:
        query = query.where(table.c.source == source)
    return tuple(_record(row) for row in connection.execute(query)), max(number, end)


def page(  # noqa: PLR0917 - as the port has them
    connection: Connection,
    kinds: Sequence[Kind],
    since: datetime | None,
    until: datetime | None,
    start: tuple[int, int] | None,
    limit: int,
) -> Page:
    """Return records newest first, from below `start` (microseconds, row); see `pnl.ports.Store.page`."""
    c = table.c
    query = newest()
    if since:
        query = query.where(c.effective_us >= microseconds(since))
    if until:
        query = query.where(c.effective_us < microseconds(until))
    if start:
        query = query.where(tuple_(c.effective_us, c.rec_id) < tuple_(literal(start[0]), literal(start[1])))
    query = query.order_by(c.effective_us.desc(), c.rec_id.desc()).limit(limit + 1)
    parts = [connection.execute(query.where(c.kind == kind)).all() for kind in dict.fromkeys(kinds)]
    merged = heapq.merge(*parts, key=lambda row: (row.effective_us, row.rec_id), reverse=True)
    rows = list(islice(merged, limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        records=tuple(_record(row) for row in rows[:limit]),
        next=_closed(last.effective_us, last.rec_id) if last else None,
    )


def damage(connection: Connection) -> Iterator[str]:
    """Give a sentence for every record whose fact is not what was kept."""
    c = table.c
    cursor = connection.connection.cursor()
    cursor.execute(str(select(c.kind, c.nat_id, c.version, c.fact, c.sha256).compile(connection)))
    while rows := cursor.fetchmany(LOAD):
        for kind, nat_id, version, fact, sha256 in rows:
            if digest(fact) != sha256:
                yield f"{kind} {nat_id} version {version} is not what was kept"


def digest(fact: str) -> str:
    """Return the SHA-256 of a fact's text, 64 hexadecimal digits."""
    return hashlib.sha256(fact.encode()).hexdigest()


def _values(record: Record, recorded: int) -> dict[str, object]:
    fact = encode(record.fact)
    return {
        "source": record.source,
        "kind": record.kind,
        "nat_id": record.id,
        "version": record.version,
        "effective_us": microseconds(record.effective_at),
        "recorded_us": recorded,
        "fact": fact,
        "raw": record.raw,
        "sha256": digest(fact),
    }


def _facts(connection: Connection, kind: Kind) -> Iterator[Sequence[object]]:
    c = table.c
    query = newest().where(c.kind == kind).order_by(c.effective_us, c.nat_id, c.source)
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    cursor = connection.connection.cursor()  # rows of plain tuples: a history is read in half the time
    cursor.execute(text)
    while rows := cursor.fetchmany(LOAD):
        yield from rows


def _known(connection: Connection, keys: list[Key]) -> dict[Key, tuple[int, str]]:
    c = table.c
    found: dict[Key, tuple[int, str]] = {}
    if len(keys) > CHUNK and not connection.execute(select(func.max(c.rec_id))).scalar():
        return found
    for start in range(0, len(keys), CHUNK):
        wanted = tuple_(c.source, c.kind, c.nat_id).in_(keys[start : start + CHUNK])
        query = select(c.source, c.kind, c.nat_id, c.version, c.fact).where(wanted)
        for source, kind, nat_id, version, fact in connection.execute(query):
            key = (source, kind, nat_id)
            if version > found.get(key, (0, ""))[0]:
                found[key] = (version, fact)
    return found


def _conflict(record: Record) -> str:
    return (
        f"{record.kind} {record.id} came again as version {record.version} with other content: "
        "the first is kept; send a change under a higher version"
    )


def _record(row: Sequence[object]) -> Record:
    source, kind, nat_id, version, effective, recorded, fact, raw, *_ = row
    return Record(
        source=source,  # type: ignore[arg-type]  # the columns' types
        kind=kind,  # type: ignore[arg-type]
        id=nat_id,  # type: ignore[arg-type]
        version=version,  # type: ignore[arg-type]
        effective_at=moment(effective),  # type: ignore[arg-type]
        recorded_at=moment(recorded),  # type: ignore[arg-type]
        fact=decode(fact),  # type: ignore[arg-type]
        raw=raw,  # type: ignore[arg-type]
    )


def _closed(at: int, rec_id: int) -> str:
    return base64.urlsafe_b64encode(f"{at}.{rec_id}".encode()).decode()


def opened(cursor: str) -> tuple[int, int]:
    """Return where a cursor stands: microseconds and row.

    Raises:
        ValueError: `cursor` was not given by this store.
    """
    try:
        at, _, rec_id = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode().partition(".")
        place = int(at), int(rec_id)
    except (binascii.Error, UnicodeError, ValueError):
        place = LARGEST, LARGEST
    if max(map(abs, place)) >= LARGEST:
        raise ValueError(f"cursor {cursor[:60]!r} was not given by this store")
    return place
