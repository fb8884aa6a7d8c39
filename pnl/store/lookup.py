"""Records by their own ids: what an explanation names, in the version that was newest."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from pnl.domain.records import Record
from pnl.store import bitemporal, readings, schema
from pnl.store.facts import decode, microseconds, moment
from pnl.store.records import CHUNK, Key

table = schema.record


def named(connection: Connection, keys: Sequence[Key], at: datetime | None) -> dict[Key, Record]:
    """Return the newest versions of records by (source, kind, id); see `pnl.ports.Store.named`."""
    c = table.c
    query = select(c.source, c.kind, c.nat_id, c.version, c.effective_us, c.recorded_us, c.fact, c.raw)
    if at is not None:
        query = query.where(c.recorded_us <= microseconds(at))
    found: dict[Key, Record] = {}
    for start in range(0, len(keys), CHUNK):
        wanted = tuple_(c.source, c.kind, c.nat_id).in_(keys[start : start + CHUNK])
        for source, kind, name, version, effective, recorded, fact, raw in connection.execute(query.where(wanted)):
            key = (source, kind, name)
            if key not in found or version > (found[key].version or 0):
                found[key] = Record(
                    source=source,
                    kind=kind,
                    id=name,
                    version=version,
                    effective_at=moment(effective),
                    recorded_at=moment(recorded),
                    fact=decode(fact),
                    raw=raw,
                )
    if at is not None and len(found) < len(keys):
        found |= _replaced(connection, {key for key in keys if key not in found}, at)
    return found


def _replaced(connection: Connection, keys: Collection[Key], at: datetime) -> dict[Key, Record]:
    """Return the readings of days that had not ended, as a snapshot knew them."""
    known = bitemporal.horizon(connection, at).known
    kinds = {kind for kind in readings.PROVISIONAL if any(key[1] == kind for key in keys)}
    standing = (reading.record for reading in readings.standing(connection, known, kinds))
    named_ = {(record.source, record.kind, record.id): record for record in standing}
    return {key: record for key, record in named_.items() if key in keys}
