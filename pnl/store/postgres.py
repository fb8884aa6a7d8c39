"""A PostgreSQL as a database of the archive.

Read from https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS,
https://www.postgresql.org/docs/15/runtime-config-client.html and
https://www.psycopg.org/psycopg3/docs/ on 2026-11-23.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.adapt import Loader
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from pnl.errors import StoreError
from pnl.store import conninfo
from pnl.store.failures import errors
from pnl.store.measuring import measure
from pnl.store.sessions import called

WRITE_KEY = 7_814_552_081_940_232
"""The lock that whoever writes holds until its transaction ends; `advisory.KEY` is another, that of the lead."""
MAKE_KEY = 7_814_552_081_940_233
"""The lock of whoever makes or migrates the tables."""
READS = psycopg.IsolationLevel.REPEATABLE_READ
WRITES = psycopg.IsolationLevel.READ_COMMITTED
"""What is read once the lock was got is what the one before has written."""
OLDEST = 130_000
"""The oldest server that is taken: 13."""
STATEMENT_SECONDS = 60
"""No question that a page asks takes so long; a migration may."""
IDLE_SECONDS = 20
"""A process that is stopped while it writes loses its transaction, and with it the lock, after so long."""
LOOK_SECONDS = 300
"""A look that is forgotten keeps the server from clearing away old rows; it ends after so long."""


class _Whole(Loader):
    """Reads `numeric` as a whole number: sums of our whole numbers come as such."""

    def load(self, data: Any) -> int:  # noqa: ANN401 - bytes of whatever kind
        return int(bytes(data))


class Postgres:
    """Implements `pnl.store.database.Database`.

    Who writes holds a lock until its transaction ends, so that the transactions of all processes come
    one after the other, and what is numbered becomes visible in the order of its numbers.

    Args:
        url: `postgresql://…` or `postgresql+psycopg://…`, with all that libpq takes in one, such as `?sslmode=require`.
        lock_seconds: How long to wait for a lock, for a connection of ours, or for the server to take one.
    """

    def __init__(self, url: str, *, lock_seconds: float) -> None:
        self._given = conninfo.parsed(url)
        self._lock_seconds = lock_seconds
        self.name = conninfo.name(self._given)
        self.writer = self._writer()
        self._readers = self._engine("reads", READS, LOOK_SECONDS, size=8, more=24)

    def replaced(self) -> bool:
        """Tell that it is not: who connects to a server finds the database of that name."""
        return False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that makes or migrates it."""
        with psycopg.connect(**self._arguments("makes"), autocommit=True) as session:
            if (version := session.info.server_version) < OLDEST:
                raise StoreError(f"PostgreSQL {version // 10_000} is too old: 13 or later is needed")
            if (encoding := session.info.parameter_status("server_encoding")) != "UTF8":
                raise StoreError(f"{self.name} is encoded in {encoding}, which not every text has: make one with UTF8")
            session.execute("SELECT pg_advisory_lock(%s)", (MAKE_KEY,))
            yield

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that only reads."""
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction of its own."""
        try:
            with self.writer.begin() as connection:
                yield connection
        except errors():
            self.writer.dispose()  # the next write begins on a connection of which nothing is in doubt
            raise

    def tidy(self) -> None:
        """Do nothing: the server does it."""

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self.writer.dispose()

    def _writer(self) -> Engine:
        engine = self._engine("writes", WRITES, IDLE_SECONDS, size=1, more=1)

        @event.listens_for(engine, "begin")
        def _begun(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type is of no use to this line
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_KEY})")

        return engine

    def _engine(self, purpose: str, level: psycopg.IsolationLevel, idle: int, *, size: int, more: int) -> Engine:
        def connect() -> "psycopg.Connection[Any]":
            session = psycopg.connect(**self._arguments(purpose), autocommit=True)
            session.execute(
                f"SET lock_timeout = {round(self._lock_seconds * 1000)}; "
                f"SET statement_timeout = '{STATEMENT_SECONDS}s'; "
                f"SET idle_in_transaction_session_timeout = '{idle}s'"
            )
            session.adapters.register_loader("numeric", _Whole)
            session.autocommit = False
            session.isolation_level, session.read_only = level, True if level is READS else None
            return session

        made = create_engine(
            "postgresql+psycopg://",
            creator=connect,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=more,
            pool_timeout=self._lock_seconds,
            pool_pre_ping=True,  # a connection that was lost is made anew before it is used
        )
        return measure(made)

    def _arguments(self, purpose: str) -> dict[str, Any]:
        ours = {
            "connect_timeout": max(2, math.ceil(self._lock_seconds)),
            "application_name": called(purpose),
            "client_encoding": "UTF8",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
        }
        return ours | self._given
