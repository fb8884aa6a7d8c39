"""Brings a database to the schema of this code, by Alembic, and refuses one that is newer."""

from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select, text

from pnl.errors import StoreMismatch
from pnl.store import schema

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, *, demo: bool) -> None:
    """Run the migrations that are missing, and hold what the database holds against `demo`.

    Raises:
        StoreMismatch: The database is of a newer version, or holds the other kind of data.
    """
    with engine.begin() as connection:
        upgrade(connection)
        _same_kind(connection, demo=demo)


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, in the connection's transaction.

    Raises:
        StoreMismatch: The database is of a newer version.
    """
    if _at(connection) == _newest():
        return
    from alembic.migration import MigrationContext  # noqa: PLC0415 - a tenth of a second, for a start that migrates
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if connection.dialect.name == "postgresql":  # a migration of a long history takes its time
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    scripts = ScriptDirectory(str(SCRIPTS))
    context = MigrationContext.configure(connection)
    known = {script.revision for script in scripts.walk_revisions()}
    at = context.get_current_revision()
    if at is not None and at not in known:
        raise StoreMismatch(f"the database has schema {at}, which is newer than this version: install the newer one")
    pending = [script for script in scripts.iterate_revisions("heads", at or "base") if script.revision != at]
    with Operations.context(context):
        for script in reversed(pending):
            script.module.upgrade()
            context.stamp(scripts, script.revision)


def revisions(connection: Connection) -> tuple[str | None, str | None]:
    """Return the schema that a database has (None: none at all), and that of this code."""
    return _at(connection), _newest()


def _at(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _newest() -> str:
    """Return the number of the newest script, which its file's name begins with."""
    return max(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("*.py"))


def _same_kind(connection: Connection, *, demo: bool) -> None:
    kind = "demo" if demo else "real"
    held = connection.execute(select(schema.about.c.value).where(schema.about.c.name == "data")).scalar()
    if held is None:
        connection.execute(insert(schema.about).values(name="data", value=kind))
    elif held != kind:
        other = {"demo": "the sandbox's demo data", "real": "real data"}
        raise StoreMismatch(
            f"this database holds {other[held]}, and {other[kind]} may not be mixed with it: "
            "set PNL_DATABASE_URL or PNL_DATA_DIR to another place"
        )
