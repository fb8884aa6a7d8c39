"""What is kept of a source between ticks: one row a source, its fields as JSON."""

import json
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, select

from pnl.ports import SourceMemory
from pnl.store import schema
from pnl.store.facts import microseconds, moment
from pnl.store.upsert import put

TIMES = ("as_of", "last_attempt", "next_attempt")


def keep(connection: Connection, memories: Iterable[SourceMemory]) -> None:
    """Put every memory in the place of the one before."""
    put(connection, schema.source_memory, [{"name": memory.name, "body": _body(memory)} for memory in memories])


def every(connection: Connection) -> tuple[SourceMemory, ...]:
    """Return what was kept of every source."""
    return tuple(_memory(row.name, row.body) for row in connection.execute(select(schema.source_memory)))


def _body(memory: SourceMemory) -> str:
    times = {name: getattr(memory, name) for name in TIMES}
    body = {
        "cursor": memory.cursor,
        "complete_through": memory.complete_through and memory.complete_through.isoformat(),
        "failures": memory.failures,
        "error": memory.error,
        "caught_up": memory.caught_up,
        "facts": dict(memory.facts),
        **{name: None if at is None else microseconds(at) for name, at in times.items()},
    }
    return json.dumps(body, separators=(",", ":"))


def _memory(name: str, text: str) -> SourceMemory:
    body = json.loads(text)
    times = {name: None if body[name] is None else moment(body[name]) for name in TIMES}
    through = body["complete_through"]
    return SourceMemory(
        name=name,
        cursor=body["cursor"],
        complete_through=date.fromisoformat(through) if through else None,
        failures=body["failures"],
        error=body["error"],
        caught_up=body["caught_up"],
        facts=body["facts"],
        **times,
    )
