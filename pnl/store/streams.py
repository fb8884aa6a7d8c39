"""Long answers, row by row: plain tuples, of which a few thousand are in memory at a time."""

from collections.abc import Generator
from contextlib import closing
from itertools import count
from typing import Any

from sqlalchemy import Connection, Select

LOAD = 2_000
_numbers = count()


def stream(connection: Connection, query: Select[Any]) -> Generator[tuple[Any, ...]]:
    """Give the rows of a query as its driver has them, in half the time that objects of rows take.

    Several may be read from one connection at the same time. PostgreSQL keeps the rest of the answer
    on its side: close what you do not read to the end, while the connection is yours.
    """
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    raw = connection.connection
    if connection.dialect.name == "postgresql":
        cursor = raw.cursor(name=f"stream_{next(_numbers)}")
        text = text.replace("%%", "%")  # doubled for a driver that is handed values beside the text
    else:
        cursor = raw.cursor()
    with closing(cursor):
        cursor.execute(text)
        while rows := cursor.fetchmany(LOAD):
            yield from rows
