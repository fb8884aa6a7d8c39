"""What database the archive is in."""

from sqlalchemy import Connection

from pnl.ports import StoreFacts


def told_of(connection: Connection) -> StoreFacts:
    """Return the name and version of the database that a connection reads, and its size in bytes."""

    def scalar(text: str) -> str:
        return str(connection.exec_driver_sql(text).scalar_one())

    if connection.dialect.name == "postgresql":
        version = scalar("SHOW server_version").partition(" ")[0]
        size = int(scalar("SELECT pg_database_size(current_database())"))
        return StoreFacts(database=f"PostgreSQL {version}", bytes=size)
    pages, size = int(scalar("PRAGMA page_count")), int(scalar("PRAGMA page_size"))
    return StoreFacts(database=f"SQLite {scalar('SELECT sqlite_version()')}", bytes=pages * size)
