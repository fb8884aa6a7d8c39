"""Records: appended once, known by source, kind and id, read back as the newest version."""

import base64
import binascii
import hashlib
import heapq
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, literal, select, tuple_

from pnl.domain.records import Fill, Kind, Record, Settlement
from pnl.ports import Page, Sorted
from pnl.store import readings, schema
from pnl.store.copying import add
from pnl.store.facts import decode, encode, microseconds, moment
from pnl.store.readings import COLUMNS, DAY_US, PROVISIONAL
from pnl.store.streams import stream

CHUNK = 400
LARGEST = 2**63
Key = tuple[str, str, str]
EMPTY: Mapping[tuple[str, Kind, str], tuple[int, str]] = {}
table = schema.record
newer = schema.record.alias("newer")


def newest(known: int | None = None) -> Select[tuple[str, str, str, int, int, int, str, str, int]]:
    """Return the query of the newest version of every record, of those up to the number `known`."""
    c = table.c
    seen = () if known is None else (newer.c.rec_id <= known,)
    beaten = (
        select(newer.c.rec_id)
        .where(
            newer.c.source == c.source,
            newer.c.kind == c.kind,
            newer.c.nat_id == c.nat_id,
            newer.c.version > c.version,
            *seen,
        )
        .exists()
    )
    columns = (c.source, c.kind, c.nat_id, c.version, c.effective_us, c.recorded_us, c.fact, c.raw, c.rec_id)
    found = select(*columns).where(~beaten)
    return found if known is None else found.where(c.rec_id <= known)


def sort(
    connection: Connection, records: Sequence[Record], waiting: Mapping[tuple[str, Kind, str], tuple[int, str]] = EMPTY
) -> Sorted:
    """Tell what is new, as if each record were kept before the next is looked at; see `pnl.ports.Store.sort`.

    `waiting` has the version and the fact of records that the database is still to take.
    """
    known = _known(connection, list(dict.fromkeys((record.source, record.kind, record.id) for record in records)))
    for record in records:  # what waits to be kept is newer than what is
        if (held := waiting.get((record.source, record.kind, record.id))) is not None:
            known[record.source, record.kind, record.id] = held
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


def append(connection: Connection, records: Sequence[Record], recorded_at: datetime) -> list[Row[Any]]:
    """Add records that `sort` called new; return what they replaced, in the order of `readings.COLUMNS`.

    Replaced are readings of a day that had not ended when they were made: it is read every minute.
    """
    if not records:
        return []
    recorded = microseconds(recorded_at)
    add(connection, table, [_values(record, recorded) for record in records])
    return _released(connection, [record for record in records if record.kind in PROVISIONAL and record.version != 1])


def _released(connection: Connection, records: Sequence[Record]) -> list[Row[Any]]:
    c = table.c
    newest: dict[tuple[str, Kind, str], int] = {
        (record.source, record.kind, record.id): record.version or 0 for record in records
    }
    ids: dict[tuple[str, Kind], list[str]] = {}
    for source, kind, nat_id in newest:
        ids.setdefault((source, kind), []).append(nat_id)
    found: list[Row[Any]] = []
    for (source, kind), wanted in ids.items():
        of = (c.source == source, c.kind == kind, c.recorded_us < c.effective_us + DAY_US)
        for start in range(0, len(wanted), CHUNK):
            query = select(*(c[name] for name in COLUMNS)).where(*of, c.nat_id.in_(wanted[start : start + CHUNK]))
            rows = connection.execute(query).all()
            found += [row for row in rows if row.version < newest[row.source, row.kind, row.nat_id]]
    for start in range(0, len(found), CHUNK):
        gone = [row.rec_id for row in found[start : start + CHUNK]]
        connection.execute(delete(table).where(c.rec_id.in_(gone)))
    return found


def facts(connection: Connection, kinds: Sequence[Kind]) -> Iterator[Record]:
    """Give the newest version of every record of these kinds, by effective time, then id."""
    with ExitStack() as open_:
        # Each comes sorted from its index.
        streams = [open_.enter_context(closing(_facts(connection, kind))) for kind in dict.fromkeys(kinds)]
        for row in heapq.merge(*streams, key=lambda row: (row[4], row[2], row[0], row[1])):
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
    known: int | None = None,
) -> Page:
    """Return records newest first, from below `start` (microseconds, row); see `pnl.ports.Store.page`.

    With `known`, of the records up to that number.
    """
    c = table.c
    query = newest(known)
    if since:
        query = query.where(c.effective_us >= microseconds(since))
    if until:
        query = query.where(c.effective_us < microseconds(until))
    if start:
        query = query.where(tuple_(c.effective_us, c.rec_id) < tuple_(literal(start[0]), literal(start[1])))
    query = query.order_by(c.effective_us.desc(), c.rec_id.desc()).limit(limit + 1)
    parts = [connection.execute(query.where(c.kind == kind)).all() for kind in dict.fromkeys(kinds)]
    found = [[(row.effective_us, row.rec_id, _record(row)) for row in part] for part in parts]
    if known is not None:
        found.append(list(_standing(connection, kinds, since, until, start, known)))
    merged = heapq.merge(*found, key=lambda one: one[:2], reverse=True)
    rows = list(islice(merged, limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        records=tuple(record for _, _, record in rows[:limit]),
        next=_closed(*last[:2]) if last else None,
    )


def _standing(  # noqa: PLR0917 - as `page` has them
    connection: Connection,
    kinds: Sequence[Kind],
    since: datetime | None,
    until: datetime | None,
    start: tuple[int, int] | None,
    known: int,
) -> Iterator[tuple[int, int, Record]]:
    """Give the readings of a page that stood at a number and were replaced since, newest first."""
    found = readings.standing(connection, known, kinds)
    for one in sorted(found, key=lambda one: (one.effective_us, one.number), reverse=True):
        at = one.record.effective_at
        below = start is None or (one.effective_us, one.number) < start
        if below and (since is None or at >= since) and (until is None or at < until):
            yield one.effective_us, one.number, one.record


def damage(connection: Connection) -> Iterator[str]:
    """Give a sentence for every record whose fact is not what was kept."""
    c = table.c
    for kind, nat_id, version, fact, sha256 in stream(
        connection, select(c.kind, c.nat_id, c.version, c.fact, c.sha256)
    ):
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
        "ticker": record.fact.ticker if isinstance(record.fact, Fill | Settlement) else None,
    }


def _facts(connection: Connection, kind: Kind) -> Generator[Sequence[Any]]:
    c = table.c
    return stream(connection, newest().where(c.kind == kind).order_by(c.effective_us, c.nat_id, c.source))


def _known(connection: Connection, keys: list[Key]) -> dict[Key, tuple[int, str]]:
    """Return the newest version and the fact of each key that is there."""
    c = table.c
    found: dict[Key, tuple[int, str]] = {}
    if len(keys) > CHUNK and not connection.execute(select(func.max(c.rec_id))).scalar():
        return found
    ids: dict[tuple[str, str], list[str]] = {}
    for source, kind, nat_id in keys:
        ids.setdefault((source, kind), []).append(nat_id)
    # One source and kind at a time, so that either database goes by the index of ids, also before it knows its tables.
    for (source, kind), wanted in ids.items():
        of = select(c.nat_id, c.version, c.fact).where(c.source == source, c.kind == kind)
        for start in range(0, len(wanted), CHUNK):
            for nat_id, version, fact in connection.execute(of.where(c.nat_id.in_(wanted[start : start + CHUNK]))):
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
