"""What others may do to a database while the product has it open: look into it, change it, hold it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, text

from pnl.store.engine import driver
from pnl.store.migrate import SCRIPTS


def engine_of(url: str) -> Engine:
    """Return a plain engine for a database of either kind.

    With the store's own SQLite: two libraries in one process do not see each other's locks.
    """
    if url.startswith("sqlite"):
        return create_engine(url, module=driver())
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))


@contextmanager
def outside(url: str) -> Iterator[Connection]:
    """Give a connection in a transaction, as somebody has it who is not the product."""
    engine = engine_of(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def told(url: str, query: str) -> list[tuple[Any, ...]]:
    """Return the rows that a query gives."""
    with outside(url) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def rows_of(url: str, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table, by column."""
    with outside(url) as connection:
        return [dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside


def emptied(url: str) -> None:
    """Leave nothing in a database that no store has open."""
    with outside(url) as connection:
        everything = MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP FUNCTION IF EXISTS northstar_append_only() CASCADE"))


def made_by(revision: str, url: str) -> None:
    """Make the tables, in the place of those that are there, as a version did whose last migration was `revision`."""
    emptied(url)
    scripts = ScriptDirectory(str(SCRIPTS))
    with outside(url) as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for script in reversed(list(scripts.iterate_revisions(revision, "base"))):
                script.module.upgrade()
                context.stamp(scripts, script.revision)
