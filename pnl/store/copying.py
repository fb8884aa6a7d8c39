"""Many rows at once: PostgreSQL takes them by COPY, ten times as fast as one by one."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert

MANY = 200
"""From so many rows on COPY is worth its beginning and its end."""
HISTORY = 2_000
"""After so many rows PostgreSQL is told to look at them: what it thinks of a table that was empty makes it read all."""


def add(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns, in their order."""
    if len(rows) > MANY and connection.dialect.name == "postgresql":
        names = list(rows[0])
        copy(connection, table.name, names, ([row[name] for name in names] for row in rows))
        if len(rows) > HISTORY:
            learn(connection, table.name)
    elif rows:
        connection.execute(insert(table), list(rows))


def copy(connection: Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Send rows to a table of PostgreSQL, inside the connection's transaction."""
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as sent:
        for row in rows:
            sent.write_row(row)


def learn(connection: Connection, table: str) -> None:
    """Have PostgreSQL look at how a table is filled, by which it chooses indexes; it would only do so minutes later."""
    connection.exec_driver_sql(f'ANALYZE "{table}"')
