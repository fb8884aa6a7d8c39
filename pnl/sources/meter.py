"""What is measured of an upstream's answers: how many, how many of them failed, how long the last ones took."""

from collections import deque
from collections.abc import Sequence

from pnl.clock import Clock
from pnl.ports import Traffic

LAST = 200
"""So many of the last answers tell how long one takes."""


class Meter:
    """Counts the calls of one source in this process; calls that got no whole answer are failed ones.

    Args:
        clock: Tells since when it counts.
    """

    def __init__(self, clock: Clock) -> None:
        self._since = clock.now()
        self._calls = 0
        self._failed = 0
        self._took: deque[float] = deque(maxlen=LAST)

    def count(self, took_seconds: float, *, well: bool) -> None:
        """Count a call, which took so many seconds whether it went well or not."""
        self._calls += 1
        self._failed += not well
        self._took.append(took_seconds)

    def traffic(self, skew_seconds: float | None) -> Traffic:
        """Return what was measured so far."""
        took = sorted(self._took)
        return Traffic(
            since=self._since,
            calls=self._calls,
            failed=self._failed,
            p50_ms=_at(took, 50),
            p95_ms=_at(took, 95),
            longest_ms=_at(took, 100),
            skew_ms=None if skew_seconds is None else round(skew_seconds * 1000),
        )


def _at(took: Sequence[float], percent: int) -> int | None:
    """Return the milliseconds under which so many percent of some seconds in order lie; None of none."""
    if not took:
        return None
    return round(took[max(0, -(-len(took) * percent // 100) - 1)] * 1000)
