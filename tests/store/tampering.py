"""Changes that nobody may make, by somebody who can, and what the verification finds of them."""

from sqlalchemy import Connection, text

from pnl.store.verification import Fault, examine, opened
from tests.store.outside import outside

TABLES = ("record", "snapshot", "audit", "gap", "source_note", "check_log", "check_side", "pace", "reading", "thinned")


def faults(url: str, noted: tuple[int, str] | None = None) -> list[str]:
    with opened(url) as database:
        return [found.text for found in examine(database, noted) if isinstance(found, Fault)]


def tamper(url: str, *changes: str) -> None:
    """Change what nobody may, by somebody who can."""
    with outside(url) as connection:
        for name in TABLES:
            unguard(connection, name)
        for change in changes:
            connection.execute(text(change))


def unguard(connection: Connection, name: str) -> None:
    """Take away the triggers that keep a table from being changed."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        return
    for change in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}_no_{change}"))
