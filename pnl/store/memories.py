"""What is kept of a source between ticks, one row a source, its fields as JSON; and how often it was wished for."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from pnl.ports import SourceMemory, Traffic
from pnl.store import schema
from pnl.store.facts import microseconds, moment
from pnl.store.upsert import insertion, put

TIMES = ("as_of", "last_attempt", "next_attempt", "trouble_at")
PLAIN = (
    "cursor",
    "failures",
    "error",
    "caught_up",
    "trouble",
    "trouble_kind",
    "status",
    "every_seconds",
    "stale_seconds",
    "served",
)


def keep(connection: Connection, memories: Iterable[SourceMemory]) -> None:
    """Put every memory in the place of the one before."""
    put(connection, schema.source_memory, [{"name": memory.name, "body": _body(memory)} for memory in memories])


def every(connection: Connection) -> tuple[SourceMemory, ...]:
    """Return what was kept of every source."""
    return tuple(_memory(row.name, row.body) for row in connection.execute(select(schema.source_memory)))


def faults(connection: Connection) -> tuple[int, list[str]]:
    """Return of how many sources something is kept, and a sentence for each of which that cannot be read."""
    rows = connection.execute(select(schema.source_memory)).all()
    wrong = []
    for row in rows:
        try:
            _memory(row.name, row.body)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            wrong.append(f"what is kept of the source {row.name} between two readings cannot be read")
    return len(rows), wrong


def _body(memory: SourceMemory) -> str:
    times = {name: getattr(memory, name) for name in TIMES}
    traffic = memory.traffic
    body = {
        **{name: getattr(memory, name) for name in PLAIN},
        "complete_through": memory.complete_through and memory.complete_through.isoformat(),
        "facts": dict(memory.facts),
        "traffic": traffic and asdict(traffic) | {"since": microseconds(traffic.since)},
        **{name: None if at is None else microseconds(at) for name, at in times.items()},
    }
    return json.dumps(body, separators=(",", ":"))


def _memory(name: str, text: str) -> SourceMemory:
    body = json.loads(text)
    through, traffic = body["complete_through"], body.get("traffic")
    read: dict[str, Any] = {name: body[name] for name in PLAIN if name in body}  # an older program kept less
    read |= {name: None if body.get(name) is None else moment(body[name]) for name in TIMES}
    return SourceMemory(
        name=name,
        complete_through=date.fromisoformat(through) if through else None,
        facts=body["facts"],
        traffic=Traffic(**traffic | {"since": moment(traffic["since"])}) if traffic else None,
        **read,
    )


def wish(connection: Connection, name: str) -> int:
    """Count one more wish to read a source, and return how many there were."""
    table = schema.source_wish
    statement = insertion(table, connection.dialect.name).values(name=name, wishes=1)
    more = statement.on_conflict_do_update(index_elements=["name"], set_={"wishes": table.c.wishes + 1})
    return int(connection.execute(more.returning(table.c.wishes)).scalar_one())


def wishes(connection: Connection) -> Mapping[str, int]:
    """Return how many wishes there were to read each source."""
    return {row.name: row.wishes for row in connection.execute(select(schema.source_wish))}
