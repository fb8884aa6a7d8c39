"""Asks now and then how large the database is, so that a scrape never waits for it."""

from collections.abc import Callable
from typing import Final

import structlog

from pnl.errors import StoreError
from pnl.metrics.instruments import DB_BYTES
from pnl.rounds import Rounds

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 30.0


class Weighing:
    """Keeps `pnl_db_bytes` true, in a thread of its own; while the database does not answer, there is no such metric.

    Args:
        read: Returns the bytes of the database; raises StoreError when it does not answer.
        every_seconds: How often.
    """

    def __init__(self, read: Callable[[], int], every_seconds: float = EVERY_SECONDS) -> None:
        self._read = read
        self._rounds = Rounds("weighing", every_seconds, self.look, at_once=True)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """End; returns when it has."""
        self._rounds.stop()

    def look(self) -> None:
        """Ask once."""
        try:
            DB_BYTES.set(self._read())
        except StoreError as error:
            DB_BYTES.forget()
            log.warning("the size of the database cannot be told", error=str(error))
