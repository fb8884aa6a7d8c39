"""Links to panels, in the same database as what they show; implements `pnl.access.grants.EmbedLinks`."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from pnl.access.grants import EmbedLink
from pnl.store import numbered, schema
from pnl.store.facts import microseconds
from pnl.store.failures import answered
from pnl.store.numbered import Opened
from pnl.store.upsert import insertion

_SECRET = "embeds"  # noqa: S105 - the name of one, not one


class SqlEmbeds:
    """Links, tickets that were used, and the secret that signs both.

    Args:
        reading: Opens a connection that reads.
        writing: Opens one in a transaction.
    """

    def __init__(self, reading: Opened, writing: Opened) -> None:
        self._reading = reading
        self._writing = writing

    @answered
    def links(self) -> tuple[EmbedLink, ...]:
        """Return every link, the newest first."""
        with self._reading() as connection:
            return tuple(_link(row) for row in numbered.newest_first(connection, schema.embed_link))

    @answered
    def link(self, number: str) -> EmbedLink | None:
        """Return one."""
        with self._reading() as connection:
            row = numbered.one(connection, schema.embed_link, number)
            return _link(row) if row else None

    @answered
    def put_link(self, link: EmbedLink) -> None:
        """Keep a new link."""
        row = {
            **numbered.new(link),
            "panels": " ".join(link.panels),
            "locked": json.dumps(dict(link.locked), sort_keys=True),
            "origins": " ".join(link.origins),
        }
        with self._writing() as connection:
            connection.execute(insert(schema.embed_link).values(row))

    @answered
    def end_link(self, number: str, at: datetime) -> bool:
        """Revoke a link."""
        with self._writing() as connection:
            return numbered.end(connection, schema.embed_link, number, at)

    @answered
    def end_links(self, at: datetime) -> int:
        """Revoke every link that is not over."""
        table = schema.embed_link
        ended = update(table).where(table.c.ended_us.is_(None), table.c.until_us > microseconds(at))
        with self._writing() as connection:
            return connection.execute(ended.values(ended_us=microseconds(at))).rowcount

    @answered
    def burn(self, digest: str, until: datetime, now: datetime) -> bool:
        """Use a ticket up; two that come at once are told apart by the table's key."""
        table = schema.embed_ticket
        with self._writing() as connection:
            connection.execute(delete(table).where(table.c.until_us <= microseconds(now)))
            used = insertion(table, connection.dialect.name).values(digest=digest, until_us=microseconds(until))
            fresh = used.on_conflict_do_nothing().returning(table.c.digest)
            return connection.execute(fresh).one_or_none() is not None

    @answered
    def secret(self, made: str) -> str:
        """Return the secret that is kept; whoever comes first keeps his."""
        table = schema.secret
        kept = select(table.c.value).where(table.c.name == _SECRET)
        with self._writing() as connection:
            first = insertion(table, connection.dialect.name).values(name=_SECRET, value=made)
            connection.execute(first.on_conflict_do_nothing())
            return str(connection.execute(kept).scalar_one())


def _link(row: Row[Any]) -> EmbedLink:
    return EmbedLink(
        panels=tuple(row.panels.split()),
        locked=json.loads(row.locked),
        origins=tuple(row.origins.split()),
        **numbered.of(row),
    )
