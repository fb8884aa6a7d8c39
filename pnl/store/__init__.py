"""The archive: every record, every snapshot, every manual entry, in one database."""

import os
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from pnl.errors import StoreError
from pnl.store.engine import claim, file_of, readers, sorted_error, writer
from pnl.store.migrate import migrate
from pnl.store.store import SqlStore

__all__ = ["SqlStore", "open_store"]


def open_store(url: str, *, demo: bool, zone: ZoneInfo | None = None) -> SqlStore:
    """Return the store at `url`, made or migrated as needed, for this process alone to write.

    Args:
        url: `sqlite:///folder/name.db`.
        demo: Whether the sandbox feeds it; demo data and real data never share a database.
        zone: The company's zone, in which a manual entry's date begins; New York when not given.

    Raises:
        ConfigError: The URL or the SQLite library cannot be used.
        StoreMismatch: The database is in use, newer than this code, or of the other kind of data.
        StoreError: It cannot be opened.
    """
    path = file_of(url)
    lock = claim(path)
    engine = writer(path)
    try:
        migrate(engine, demo=demo)
        path.chmod(0o600)
        return SqlStore(engine, readers(path), lock_file=lock, zone=zone or ZoneInfo("America/New_York"))
    except Exception as error:
        engine.dispose()
        os.close(lock)
        if isinstance(error, (DBAPIError, OSError)):
            raise StoreError(f"{path} cannot be opened: {sorted_error(error)}") from error
        raise
