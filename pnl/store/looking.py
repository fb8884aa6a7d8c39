"""A SQLite file that is only looked at, where nothing may be written: somebody else's, or on a read-only disk."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from pnl.errors import StoreError
from pnl.store import engine


def writable(path: Path) -> bool:
    """Tell whether this process may write a database, and the log that SQLite keeps beside it."""
    return all(os.access(one, os.W_OK, effective_ids=True) for one in (path, path.parent))


class SqliteLook:
    """Implements `pnl.store.database.Database` for looking alone. Nothing of the file or its folder is touched.

    A log with something in it belongs to the database. Without it what is looked at would be an older state, so that
    it is opened only where SQLite can read the log, too.

    Args:
        url: `sqlite:///folder/name.db`.
        lock_seconds: How long to wait for a lock, or for a connection.

    Raises:
        StoreError: There is a log that cannot be read from here.
    """

    def __init__(self, url: str, *, lock_seconds: float) -> None:
        self._path = engine.file_of(url)
        self.name = str(self._path)
        engine.driver()
        log, shared = (self._path.with_name(f"{self._path.name}{ending}") for ending in ("-wal", "-shm"))
        in_use = shared.exists()
        if not in_use and log.exists() and log.stat().st_size > 0:
            raise StoreError(
                f"{log} holds what is not in {self._path.name} yet, and cannot be read where nothing may be written: "
                "copy both into a folder of yours, and name that by PNL_DATABASE_URL"
            )
        self._readers = engine.readers(self._path, lock_seconds=lock_seconds, immutable=not in_use)

    @property
    def writer(self) -> Engine:
        """There is none."""
        raise self._refusal()

    def replaced(self) -> bool:
        """Tell nothing of it: whoever only looks is soon done."""
        return False

    def alone(self) -> AbstractContextManager[None]:
        """Refuse: it is neither made nor migrated."""
        raise self._refusal()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that cannot write."""
        with self._readers.connect() as connection:
            yield connection

    def writing(self) -> AbstractContextManager[Connection]:
        """Refuse."""
        raise self._refusal()

    def tidy(self) -> None:
        """Leave it as it is."""

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()

    def _refusal(self) -> StoreError:
        return StoreError(f"{self._path} may not be written: it was opened to be looked at")
