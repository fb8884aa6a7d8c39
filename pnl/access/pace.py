"""How often somebody may ask: so many requests a minute, which may also come all at once."""

import math
import threading
from typing import Final

from pnl.clock import Clock

_REMEMBERED: Final = 10_000


class Pace:
    """Counts the requests of each name, in this process alone; any thread may ask.

    Args:
        clock: The time.
        per_minute: How many requests of one name a minute lasts for.
    """

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._most = float(per_minute)
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, name: str) -> int:
        """Count a request; return 0 if it may pass, else in how many seconds to come again."""
        now = self._clock.monotonic()
        with self._lock:
            left, at = self._left.get(name, (self._most, now))
            left = min(self._most, left + (now - at) * self._most / 60)
            passes = left >= 1
            self._left[name] = (left - 1 if passes else left, now)
            if len(self._left) > _REMEMBERED:
                self._forget(now)
        return 0 if passes else max(1, math.ceil((1 - left) * 60 / self._most))

    def _forget(self, now: float) -> None:
        """Let go of names that have been quiet for a minute: they have all their requests again."""
        self._left = {name: known for name, known in self._left.items() if now - known[1] < 60}
        if len(self._left) > _REMEMBERED:
            self._left.clear()
