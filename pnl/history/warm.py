"""Reads the whole past once, beside the work of a start, so that whoever asks first need not wait for it."""

import threading
import time
from collections.abc import Callable

import structlog

from pnl.errors import StoreError
from pnl.ports import History

log = structlog.get_logger(__name__)


class WarmUp:
    """Has every company day told once; what that takes from the archive is remembered by `history`.

    Args:
        history: The past.
        seconds: Counts seconds, for the log.
    """

    def __init__(self, history: History, seconds: Callable[[], float] = time.perf_counter) -> None:
        self._history = history
        self._seconds = seconds
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it has already."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Return when it has ended."""
        if self._thread:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        begun = self._seconds()
        try:
            days = self._history.days(None, None)
        except StoreError as error:  # whoever asks for the past next is told so, or finds that it answers again
            log.warning("the past could not be read beforehand", error=str(error))
            return
        log.info("the past is at hand", days=len(days), seconds=round(self._seconds() - begun, 3))
