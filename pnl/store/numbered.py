"""What is known by a number, was made by somebody, lasts until an instant, and may be ended before: links, tokens."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Table, select, update

from pnl.store.facts import microseconds, moment

Opened = Callable[[], AbstractContextManager[Connection]]
"""Opens a connection."""


class Numbered(Protocol):
    """What all of them have."""

    @property
    def number(self) -> str:
        """By which it is known."""
        ...

    @property
    def made_by(self) -> str:
        """Who made it."""
        ...

    @property
    def made(self) -> datetime:
        """When."""
        ...

    @property
    def until(self) -> datetime:
        """When it is over."""
        ...


def newest_first(connection: Connection, table: Table) -> tuple[Row[Any], ...]:
    """Return every row, the newest first."""
    return tuple(connection.execute(select(table).order_by(table.c.made_us.desc(), table.c.number)))


def one(connection: Connection, table: Table, number: str) -> Row[Any] | None:
    """Return the row of a number."""
    return connection.execute(select(table).where(table.c.number == number)).one_or_none()


def new(thing: Numbered) -> dict[str, Any]:
    """Return what the row of a new one holds of what all have."""
    return {
        "number": thing.number,
        "made_by": thing.made_by,
        "made_us": microseconds(thing.made),
        "until_us": microseconds(thing.until),
        "ended_us": None,
    }


def of(row: Row[Any]) -> dict[str, Any]:
    """Return what a row says of what all have."""
    return {
        "number": row.number,
        "made_by": row.made_by,
        "made": moment(row.made_us),
        "until": moment(row.until_us),
        "ended": None if row.ended_us is None else moment(row.ended_us),
    }


def end(connection: Connection, table: Table, number: str, at: datetime) -> bool:
    """End one; return whether there was one that was not ended."""
    ended = update(table).where(table.c.number == number, table.c.ended_us.is_(None))
    return bool(connection.execute(ended.values(ended_us=microseconds(at))).rowcount)
