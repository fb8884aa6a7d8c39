"""Whether Redis answers, for an operator: a state, and one line in the log for each change."""

import threading
from typing import Literal

import structlog
from redis.exceptions import InvalidResponse, RedisError

from pnl.clock import Clock

log = structlog.get_logger(__name__)


class RedisHealth:
    """Keeps what fails of all that is done with Redis; logs when the first thing fails and when the last works again.

    Args:
        clock: Measures how long it lasted.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failing: set[str] = set()
        self._since = 0.0

    def state(self) -> Literal["ok", "down"]:
        """Return `down` while anything fails."""
        return "down" if self._failing else "ok"

    def failed(self, doing: str, error: Exception) -> None:
        """Note that an attempt of this kind, such as `sending`, failed."""
        with self._lock:
            if not self._failing:
                self._since = self._clock.monotonic()
                log.warning("redis is down", doing=doing, kind=type(error).__name__, error=_shown(error))
            self._failing.add(doing)

    def worked(self, doing: str) -> None:
        """Note that one succeeded."""
        with self._lock:
            if doing in self._failing:
                self._failing.remove(doing)
                if not self._failing:
                    log.info("redis answers again", seconds=round(self._clock.monotonic() - self._since, 1))


def _shown(error: Exception) -> str:
    """Return what Redis or the system said; not what could not be read, which may hold the company's figures."""
    told = isinstance(error, RedisError) and not isinstance(error, InvalidResponse)
    return str(error)[:200] if told else ""
