"""Asks now and then how large the database is, so that a scrape never waits for it."""

import threading
from collections.abc import Callable
from typing import Final

import structlog

from pnl.errors import StoreError
from pnl.metrics.instruments import DB_BYTES

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
        self._every = every_seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weighing", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when it has."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> None:
        """Ask once."""
        try:
            DB_BYTES.set(self._read())
        except StoreError as error:
            DB_BYTES.forget()
            log.warning("the size of the database cannot be told", error=str(error))

    def _run(self) -> None:
        self.look()
        while not self._closing.wait(self._every):
            self.look()
