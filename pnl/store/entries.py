"""Manual entries: records of the source `manual`, each change of which leaves an audit line."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, desc, func, insert, select

from pnl.domain.records import Record, RevenueEntry
from pnl.domain.snapshot import Json, instant, money
from pnl.errors import EntryConflict, StoreError
from pnl.store import records, schema
from pnl.store.facts import EPOCH, MICROSECOND, decode, encode, microseconds, moment

SOURCE = "manual"


def enter(
    connection: Connection, entry: RevenueEntry, *, replaces: int | None, actor: str, at: datetime, effective: datetime
) -> RevenueEntry:
    """Keep an entry, or the next version of one, inside a transaction; see `pnl.ports.Store.enter`."""
    old = _newest(connection, entry.id)
    if old and _content(old) == _content(entry) and replaces in (None, old.version - 1, old.version):
        return old
    if old and replaces is None:
        raise EntryConflict(
            "id", f"an entry {entry.id!r} with other content exists: change it by its version {old.version}"
        )
    if replaces is not None and (old is None or old.version != replaces):
        newest = f"its newest version is {old.version}" if old else "there is no such entry"
        raise EntryConflict("version", f"entry {entry.id!r} cannot replace version {replaces}: {newest}")
    kept = replace(entry, version=old.version + 1 if old else 1, updated_at=at)
    raw = json.dumps({"entered_by": actor, "replaces": replaces}, ensure_ascii=False)
    record = Record(
        source=SOURCE,
        kind="revenue",
        id=kept.id,
        version=kept.version,
        effective_at=effective,
        fact=kept,
        raw=raw,
    )
    # No snapshot that was kept knows it, whatever this machine's clock says.
    records.append(connection, [record], max(at, _newest_snapshot(connection) + MICROSECOND))
    _write(connection, action_of(kept), kept, actor, at)
    return kept


def action_of(entry: RevenueEntry) -> str:
    """Return what an audit line calls the making of a version of an entry."""
    return "entered" if entry.version == 1 else "voided" if entry.status == "void" else "changed"


def above(connection: Connection, number: int) -> bool:
    """Tell whether an entry was kept after the record with a number."""
    c = schema.record.c
    query = select(c.rec_id).where(c.rec_id > number, c.source == SOURCE).limit(1)
    return connection.execute(query).scalar() is not None


def _newest_snapshot(connection: Connection) -> datetime:
    at = connection.execute(select(func.max(schema.snapshot.c.as_of_us))).scalar()
    return EPOCH if at is None else moment(at)


def every(connection: Connection, known: int | None = None) -> tuple[RevenueEntry, ...]:
    """Return the newest version of every entry, of those up to the record number `known`, newest date first."""
    c = schema.record.c
    query = records.newest(known).where(c.kind == "revenue", c.source == SOURCE).order_by(desc(c.rec_id))
    found = [fact for row in connection.execute(query) if isinstance(fact := decode(row.fact), RevenueEntry)]
    return tuple(sorted(found, key=lambda entry: entry.date, reverse=True))


def _newest(connection: Connection, entry_id: str) -> RevenueEntry | None:
    c = schema.record.c
    query = select(c.fact).where(c.source == SOURCE, c.kind == "revenue", c.nat_id == entry_id)
    text = connection.execute(query.order_by(desc(c.version)).limit(1)).scalar()
    fact = decode(text) if text else None
    return fact if isinstance(fact, RevenueEntry) else None


def _content(entry: RevenueEntry) -> RevenueEntry:
    return replace(entry, version=0, updated_at=None)


def _write(connection: Connection, action: str, entry: RevenueEntry, actor: str, at: datetime) -> None:
    c = schema.audit.c
    previous = connection.execute(select(c.hash).order_by(desc(c.audit_id)).limit(1)).scalar() or ""
    line = {"at_us": microseconds(at), "actor": actor, "action": action, "entry_id": entry.id, "body": encode(entry)}
    connection.execute(insert(schema.audit).values(**line, previous_hash=previous, hash=_hash(previous, line)))


def _hash(previous: str, line: Mapping[str, object]) -> str:
    values = [previous, *(line[name] for name in ("at_us", "actor", "action", "entry_id", "body"))]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()


def audit(connection: Connection, entry_id: str) -> tuple[Mapping[str, Json], ...]:
    """Return an entry's audit lines, oldest first: at, actor, action, version, the entry's fields (`body`), hash."""
    query = select(schema.audit).where(schema.audit.c.entry_id == entry_id).order_by(schema.audit.c.audit_id)
    return tuple(_line(row) for row in connection.execute(query))


def _line(row: Row[Any]) -> Mapping[str, Json]:
    entry = decode(row.body)
    if not isinstance(entry, RevenueEntry):
        raise StoreError(f"audit line {row.audit_id} is of no entry")
    return {
        "at": instant(moment(row.at_us)),
        "actor": row.actor,
        "action": row.action,
        "version": entry.version,
        "body": {
            "date": entry.date.isoformat(),
            "kind": entry.kind,
            "amount": money(entry.amount),
            "currency": entry.currency,
            "description": entry.description,
            "status": entry.status,
            "recurs": entry.recurs,
        },
        "hash": row.hash,
    }


def damage(connection: Connection) -> Iterator[str]:
    """Give a sentence for every audit line that does not follow from the one before."""
    previous = ""
    for row in connection.execute(select(schema.audit).order_by(schema.audit.c.audit_id)):
        if row.previous_hash != previous or row.hash != _hash(previous, row._asdict()):
            yield f"audit line {row.audit_id} does not follow from the one before"
        previous = row.hash
