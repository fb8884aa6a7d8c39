"""The right to tick where the archive is in PostgreSQL: an advisory lock on a connection of its own."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

from pnl.errors import LeadershipLost, StoreUnavailable
from pnl.store import conninfo
from pnl.store.sessions import beside, called
from pnl.store.silence import Silence

KEY = 7_814_552_081_940_231
"""The number of our lock; locks of other programs in the same database have others."""
_HOLDER = """
    SELECT a.pid, a.state_change, a.application_name, a.client_addr
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32) | l.objid::bigint = %s
"""

_NAMED = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
_THERE = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
END_SECONDS = 2.0
"""A session that was told to end has so long."""
END_LOOK_SECONDS = 0.02


class AdvisoryClaim:
    """Implements `pnl.ports.Claim`. The lock ends with its session; a query now and then is the beat.

    A process that is stopped keeps its sessions. Who takes over from it ends first that of the lead, and
    those that write: stopped in the middle of a write, it holds the lock of all writers too. A session
    that ended otherwise is made anew: while the server is away nobody else can lead either, and whoever
    did meanwhile has raised the epoch, so that nothing of ours is written.

    Args:
        url: `postgresql+psycopg://…` or `postgresql://…`.
        patience_seconds: How long the holder may be without a beat, by this process's own clock.
        monotonic: That clock.

    Raises:
        ConfigError: The URL makes no sense.
    """

    def __init__(self, url: str, *, patience_seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._given = conninfo.parsed(url)
        self._silence = Silence(patience_seconds=patience_seconds, monotonic=monotonic)
        self._session: psycopg.Connection[Any] | None = None
        self._holds = False
        self._number = 0

    def take(self) -> bool:
        """Try to become the holder; see `Claim.take`."""
        if self._holds:
            return True
        try:
            self._holds = self._try()
            if not self._holds and self._end_frozen():
                self._holds = self._try()
        except psycopg.Error as error:
            self._drop()
            raise StoreUnavailable(f"the database does not answer: {error}") from error
        return self._holds

    def beat(self) -> None:
        """Show that the holder is alive; see `Claim.beat`."""
        if not self._holds:
            raise LeadershipLost("the lead is not held")
        try:
            if self._session is not None:
                self._session.execute("SELECT 1")
                return
        except psycopg.Error:
            self._close()
        try:
            self._holds = self._take_again()
        except psycopg.Error:
            self._close()  # the next beat tries again
            return
        if not self._holds:
            holder = self.holder()
            self._drop()
            raise LeadershipLost(f"the session that held the lead has ended, and another has it: {holder}")

    def holder(self) -> str:
        """Return who holds it, in words."""
        try:
            found = self._holder()
        except psycopg.Error:
            self._drop()
            return "unknown"
        return f"session {found[0]} from {found[3] or 'this machine'}" if found else "nobody"

    def release(self) -> None:
        """Give it up."""
        self._drop()

    def _take_again(self) -> bool:
        """Take the lock in a new session, also from our old one, of which the server may not know that it is lost."""
        lost = self._number
        if self._try():
            return True
        found = self._holder()
        if found is None or found[0] != lost:
            return False
        self._end(lost)
        return self._try()

    def _try(self) -> bool:
        taken = bool(self._ask("SELECT pg_try_advisory_lock(%s)", KEY))
        if taken and self._session is not None:
            self._number = self._session.info.backend_pid
        return taken

    def _end_frozen(self) -> bool:
        """End the holder's session if it has not beaten for as long as we have patience."""
        found = self._holder()
        if found is None:
            return True
        number, beat, name, _ = found
        if not self._silence.lasts((number, beat)):
            return False
        self._end(number)
        for (writing,) in self._run(_NAMED, beside(name, "writes")).fetchall():
            self._end(writing)  # stopped in the middle of a write, it would hold the lock of all writers
        self._silence.forget()
        return True

    def _end(self, number: int) -> None:
        """End a session, and return when it has ended, or has been given long enough to."""
        self._ask("SELECT pg_terminate_backend(%s)", number)
        until = time.monotonic() + END_SECONDS
        while self._run(_THERE, number).fetchone() and time.monotonic() < until:
            time.sleep(END_LOOK_SECONDS)

    def _holder(self) -> tuple[Any, ...] | None:
        return self._run(_HOLDER, KEY).fetchone()

    def _ask(self, query: str, value: int | str) -> Any:  # noqa: ANN401 - whatever the database gives
        """Return the first column of the one row that a query gives."""
        (row,) = self._run(query, value).fetchall()
        return row[0]

    def _run(self, query: str, value: int | str) -> "psycopg.Cursor[Any]":
        if self._session is None:
            ours = {
                "connect_timeout": 3,
                "application_name": called("lead"),
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 5000,
            }
            self._session = psycopg.connect(**self._given | ours, autocommit=True)
        return self._session.execute(query, (value,))

    def _drop(self) -> None:
        self._holds = False
        self._close()

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(psycopg.Error):
                session.close()
