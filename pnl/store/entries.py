"""Manual entries: records of the source `manual`, each change of which leaves an audit line."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, desc, insert, select

from pnl.domain.records import Record, RevenueEntry
from pnl.domain.snapshot import Json, instant
from pnl.errors import EntryConflict
from pnl.store import records, schema
from pnl.store.facts import decode, encode, microseconds, moment

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
    records.append(connection, [record], at)
    _write(connection, "entered" if old is None else "voided" if kept.status == "void" else "changed", kept, actor, at)
    return kept


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
    body = encode(entry)
    line = json.dumps([previous, microseconds(at), actor, action, entry.id, body], ensure_ascii=False)
    connection.execute(
        insert(schema.audit).values(
            at_us=microseconds(at),
            actor=actor,
            action=action,
            entry_id=entry.id,
            body=body,
            previous_hash=previous,
            hash=hashlib.sha256(line.encode()).hexdigest(),
        )
    )


def audit(connection: Connection, entry_id: str) -> tuple[Mapping[str, Json], ...]:
    """Return an entry's audit lines, oldest first."""
    query = select(schema.audit).where(schema.audit.c.entry_id == entry_id).order_by(schema.audit.c.audit_id)
    return tuple(
        {
            "at": instant(moment(row.at_us)),
            "actor": row.actor,
            "action": row.action,
            "body": json.loads(row.body)[1:],
            "hash": row.hash,
        }
        for row in connection.execute(query)
    )
