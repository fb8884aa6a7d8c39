"""Records: appended once, known by source, kind and id, read back as the newest version."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, Select, and_, func, insert, select, tuple_

from pnl.domain.records import Kind, Record
from pnl.ports import Page, Sorted
from pnl.store import schema
from pnl.store.facts import decode, encode, microseconds, moment

CHUNK = 400
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


def sort(engine: Engine, records: Sequence[Record]) -> Sorted:
    """Tell what is new; see `pnl.ports.Store.sort`."""
    wanted: dict[Key, Record] = {}
    conflicts: list[tuple[Record, str]] = []
    for record in records:
        key: Key = (record.source, record.kind, record.id)
        seen = wanted.get(key)
        if seen is None or _beats(record, seen):
            wanted[key] = record
        elif record.version is not None and record.version == seen.version and record.fact != seen.fact:
            conflicts.append((record, _conflict(record)))
    known = _known(engine, list(wanted))
    new: list[Record] = []
    for key, record in wanted.items():
        version, fact = known.get(key, (0, ""))
        same = version > 0 and fact == encode(record.fact)
        if same or (record.version is not None and record.version < version):
            continue
        if record.version is not None and record.version == version:
            conflicts.append((record, _conflict(record)))
            continue
        new.append(versioned(record, record.version or version + 1))
    return Sorted(new=tuple(new), conflicts=tuple(conflicts))


def append(connection: Connection, records: Sequence[Record], recorded_at: datetime) -> None:
    """Add records that `sort` called new."""
    if not records:
        return
    recorded = microseconds(recorded_at)
    connection.execute(
        insert(table),
        [
            {
                "source": record.source,
                "kind": record.kind,
                "nat_id": record.id,
                "version": record.version,
                "effective_us": microseconds(record.effective_at),
                "recorded_us": recorded,
                "fact": encode(record.fact),
                "raw": record.raw,
            }
            for record in records
        ],
    )


def facts(engine: Engine, kinds: Sequence[Kind]) -> Iterator[Record]:
    """Give the newest version of every record of these kinds, by effective time, then id."""
    query = newest().where(table.c.kind.in_(kinds)).order_by(table.c.effective_us, table.c.nat_id)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(str(query.compile(engine, compile_kwargs={"literal_binds": True})))
        while rows := cursor.fetchmany(2000):
            for row in rows:
                yield _record(row)


def page(  # noqa: PLR0917 - as the port has them
    engine: Engine,
    kinds: Sequence[Kind],
    since: datetime | None,
    until: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page:
    """Return records newest first; see `pnl.ports.Store.page`."""
    query = newest().where(table.c.kind.in_(kinds))
    if since:
        query = query.where(table.c.effective_us >= microseconds(since))
    if until:
        query = query.where(table.c.effective_us < microseconds(until))
    if cursor:
        at, rec_id = _opened(cursor)
        before = and_(table.c.effective_us == at, table.c.rec_id < rec_id)
        query = query.where((table.c.effective_us < at) | before)
    query = query.order_by(table.c.effective_us.desc(), table.c.rec_id.desc()).limit(limit + 1)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(
        records=tuple(_record(row) for row in rows[:limit]),
        next=_closed(last.effective_us, last.rec_id) if last else None,
    )


def versioned(record: Record, version: int) -> Record:
    """Return the record with its version."""
    return Record(
        source=record.source,
        kind=record.kind,
        id=record.id,
        effective_at=record.effective_at,
        fact=record.fact,
        raw=record.raw,
        version=version,
        recorded_at=record.recorded_at,
    )


def _known(engine: Engine, keys: list[Key]) -> dict[Key, tuple[int, str]]:
    c = table.c
    found: dict[Key, tuple[int, str]] = {}
    with engine.connect() as connection:
        if len(keys) > CHUNK and not connection.execute(select(func.max(c.rec_id))).scalar():
            return found
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            query = select(c.source, c.kind, c.nat_id, c.version, c.fact).where(
                tuple_(c.source, c.kind, c.nat_id).in_(some)
            )
            for source, kind, nat_id, version, fact in connection.execute(query):
                key = (source, kind, nat_id)
                if version > found.get(key, (0, ""))[0]:
                    found[key] = (version, fact)
    return found


def _beats(record: Record, seen: Record) -> bool:
    return record.version is not None and record.version > (seen.version or 0)


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


def _opened(cursor: str) -> tuple[int, int]:
    try:
        at, _, rec_id = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode().partition(".")
        return int(at), int(rec_id)
    except (binascii.Error, UnicodeError, ValueError):
        raise ValueError(f"cursor {cursor[:60]!r} was not given by this store") from None
