"""What differs between the databases: how they are opened, locked, written to and left tidy; the rest is one code."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Engine


class Database(Protocol):
    """One database, open. Any thread may ask."""

    @property
    def name(self) -> str:
        """What it is called in messages: a path, or an address without its password."""
        ...

    @property
    def writer(self) -> Engine:
        """The connections that write; a transaction of them begins when no other process writes."""
        ...

    def replaced(self) -> bool:
        """Tell whether another database is in the place of the one that was opened."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Be the only process that makes or migrates it, for a moment; others wait.

        Raises:
            StoreError: That cannot be told.
        """
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection that cannot write, and sees one instant of the database."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """Give a connection in a transaction, which is committed at the end, or not at all.

        Transactions of all processes come one after the other: what the next one numbers has higher
        numbers than what was committed before.

        Raises:
            StoreUnavailable: It is gone, or is another one than that which was opened.
        """
        ...

    def tidy(self) -> None:
        """Do what the database wants done after a tick, by the process that ticks. What fails comes right later."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def database_of(url: str, *, lock_seconds: float, make: bool = False) -> Database:
    """Return the database at `url`.

    Args:
        url: `sqlite:///folder/name.db` or `postgresql://user@host/name`.
        lock_seconds: How long to wait for a lock, for a connection, or for a server to take one.
        make: Whether a file is made where there is none. Who only goes on with what is there must not: an empty file
            in the place of one that was moved away would look like a first start.

    Raises:
        ConfigError: The URL or the SQLite library cannot be used.
        StoreError: It cannot be opened.
    """
    if url.startswith("postgresql"):
        from pnl.store.postgres import Postgres  # noqa: PLC0415 - its driver weighs nothing where there is none

        return Postgres(url, lock_seconds=lock_seconds)
    from pnl.store.sqlite import SqliteFile  # noqa: PLC0415 - as the other one

    return SqliteFile(url, lock_seconds=lock_seconds, make=make)
