"""How far an archive goes: the end of its chain, and the last number of everything that is only added to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Column, Connection, func, select

from pnl.store import schema
from pnl.store.facts import moment
from pnl.store.lineage import STREAM
from pnl.store.migrate import revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far.

    Attributes:
        series: The name of the series of snapshots; another archive has another.
        schema: The revision of its tables.
        seq: The newest snapshot; 0 before the first.
        hash: Its hash, which is that of all before it.
        at_us: When it was, in microseconds since 1970.
        record: The last record that it knew.
        audit: The last line of the audit of manual entries.
        change: The last change of a rule of an alert.
        event: The last event of an alert.
    """

    series: str
    schema: str
    seq: int
    hash: str
    at_us: int
    record: int
    audit: int
    change: int
    event: int

    @property
    def at(self) -> datetime:
        """When the newest snapshot was."""
        return moment(self.at_us)

    def to_json(self) -> dict[str, Any]:
        """Return it as it is written down."""
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what was written down."""
        return cls(**kept)


def reach_of(connection: Connection) -> Reach:
    """Return how far the archive goes that a connection reads."""
    c = schema.snapshot.c
    newest = connection.execute(
        select(c.seq, c.hash, c.as_of_us, c.last_record).order_by(c.seq.desc()).limit(1)
    ).first()
    seq, hash_, at, record = newest or (0, "", 0, 0)
    return Reach(
        series=str(connection.execute(select(schema.about.c.value).where(schema.about.c.name == STREAM)).scalar()),
        schema=str(revisions(connection)[0]),
        seq=seq,
        hash=hash_,
        at_us=at,
        record=record,
        audit=_last(connection, schema.audit.c.audit_id),
        change=_last(connection, schema.alert_change.c.change_id),
        event=_last(connection, schema.alert_event.c.event_id),
    )


def _last(connection: Connection, column: Column[int]) -> int:
    return int(connection.execute(select(func.max(column))).scalar() or 0)
