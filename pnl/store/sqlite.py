"""A SQLite file as a database of the archive."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from sqlalchemy import Connection

from pnl.errors import StoreUnavailable
from pnl.store import engine
from pnl.store.failures import ERRORS


class SqliteFile:
    """Implements `pnl.store.database.Database`: one writing connection, and readers that look at one instant each.

    Args:
        url: `sqlite:///folder/name.db`.
        lock_seconds: How long to wait for a lock, or for a connection to read.
        make: Whether folder and file are made where there are none.
    """

    def __init__(self, url: str, *, lock_seconds: float, make: bool = False) -> None:
        self._path = engine.file_of(url)
        self.name = str(self._path)
        engine.driver()
        engine.ready(self._path, make=make)
        self._inode = self._path.stat().st_ino
        self.writer = engine.writer(self._path, lock_seconds=lock_seconds)
        self._readers = engine.readers(self._path, lock_seconds=lock_seconds)

    def replaced(self) -> bool:
        """Tell whether another file has its name; one that is gone may come back."""
        try:
            return self._path.stat().st_ino != self._inode
        except OSError:
            return False

    def alone(self) -> AbstractContextManager[None]:
        """Be the only process that makes or migrates it."""
        return engine.alone(self._path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that cannot write."""
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection that writes, in a transaction."""
        self._check_file()
        try:
            with self.writer.begin() as connection:
                yield connection
        except ERRORS:
            self.writer.dispose()  # the next write opens the file anew: some disk errors stick to a connection
            raise

    def tidy(self) -> None:
        """Move the tick out of the write-ahead log; where that fails, the next one does."""
        with suppress(*ERRORS), self.writer.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self.writer.dispose()

    def _check_file(self) -> None:
        try:
            same = self._path.stat().st_ino == self._inode
        except OSError as error:
            cure = "it is taken up again by itself when it is back"
            raise StoreUnavailable(f"{self._path} is gone ({error.strerror}): {cure}") from error
        if not same:
            raise StoreUnavailable(f"{self._path} is another file than the one that was opened: restart")
