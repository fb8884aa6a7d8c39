"""What database the archive is in."""

import json

from sqlalchemy import Connection, select

from pnl.ports import StoreFacts
from pnl.store import schema

BACKUPS, RESTORED = "backups", "restored"
"""Rows of `about`: how the places of backups do, and that the archive was put back from one."""


def told_of(connection: Connection) -> StoreFacts:
    """Return the name and version of the database that a connection reads, and its size in bytes."""

    def scalar(text: str) -> str:
        return str(connection.exec_driver_sql(text).scalar_one())

    c = schema.about.c
    noted = {
        row.name: json.loads(row.value)
        for row in connection.execute(select(c.name, c.value).where(c.name.in_((BACKUPS, RESTORED))))
    }
    backups, restored = noted.get(BACKUPS, ()), noted.get(RESTORED)
    if connection.dialect.name == "postgresql":
        version = scalar("SHOW server_version").partition(" ")[0]
        size = int(scalar("SELECT pg_database_size(current_database())"))
        return StoreFacts(database=f"PostgreSQL {version}", bytes=size, backups=backups, restored=restored)
    pages, size = int(scalar("PRAGMA page_count")), int(scalar("PRAGMA page_size"))
    version = f"SQLite {scalar('SELECT sqlite_version()')}"
    return StoreFacts(database=version, bytes=pages * size, backups=backups, restored=restored)
