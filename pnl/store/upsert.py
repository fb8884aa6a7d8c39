"""The one statement that SQLite and PostgreSQL have and standard SQL has not."""

from functools import cache

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def put(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert rows, each in the place of the one with its primary key."""
    if rows:
        connection.execute(_statement(table, connection.dialect.name), rows)


def insertion(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """Return an insert that can be told what to do where a row is there already."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _statement(table: Table, dialect: str) -> Executable:
    statement = insertion(table, dialect)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)
