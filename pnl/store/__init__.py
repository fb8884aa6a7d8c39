"""The archive: every record, every snapshot, every manual entry, in one database."""

from zoneinfo import ZoneInfo

from pnl.store.claim import claim_of
from pnl.store.database import database_of
from pnl.store.failures import errors, sorted_error
from pnl.store.migrate import migrate
from pnl.store.spool import Spool
from pnl.store.store import SqlStore

__all__ = ["SqlStore", "claim_of", "open_store"]


def open_store(
    url: str, *, demo: bool, zone: ZoneInfo | None = None, lock_seconds: float = 5, spool: Spool | None = None
) -> SqlStore:
    """Return the store at `url`, made or migrated as needed. Any number of processes may have it open.

    Args:
        url: `sqlite:///folder/name.db`, or `postgresql://user@host/name` for a database that is there.
        demo: Whether the sandbox feeds it; demo data and real data never share a database.
        zone: The company's zone, in which a manual entry's date begins; New York when not given.
        spool: Where ticks wait that a SQLite file cannot take; None for nowhere.
        lock_seconds: How long to wait for the database, or for a connection to read, before it is unavailable.

    Raises:
        ConfigError: The URL or the SQLite library cannot be used.
        StoreMismatch: The database is newer than this code, or of the other kind of data.
        StoreError: It cannot be opened.
    """
    database = database_of(url, lock_seconds=lock_seconds, make=True)
    try:
        with database.alone():
            migrate(database.writer, demo=demo)
        return SqlStore(database, zone=zone or ZoneInfo("America/New_York"), spool=spool)
    except Exception as error:
        database.close()
        if isinstance(error, errors()):
            found = sorted_error(error)
            raise type(found)(f"{database.name} cannot be opened: {found}") from error
        raise
