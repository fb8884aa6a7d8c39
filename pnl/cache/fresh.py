"""A value that is looked up anew when it is a quarter of a second old."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from pnl.cache.flights import Flights
from pnl.clock import Clock

FRESH_SECONDS: Final = 0.25
_WAIT_SECONDS: Final = 5.0

V = TypeVar("V")


class Fresh(Generic[V]):
    """Gives what `read` gave at most `seconds` ago; many who ask at once cost one reading.

    Args:
        read: Looks it up; what it raises goes to whoever asked.
        clock: Measures how old it is.
        seconds: How old it may be.
    """

    def __init__(self, read: Callable[[], V], clock: Clock, seconds: float = FRESH_SECONDS) -> None:
        self._read = read
        self._clock = clock
        self._seconds = seconds
        self._flights = Flights[V](_WAIT_SECONDS)
        self._kept: tuple[float, V] | None = None
        self._turn = 0

    def __call__(self) -> V:
        """Return the value."""
        kept = self._kept
        if kept and self._clock.monotonic() < kept[0]:
            return kept[1]
        return self._flights.fly(self._turn, self._look)[0]

    def forget(self) -> None:
        """Have it looked up anew by whoever asks next: it has changed."""
        self._turn += 1  # a reading under way may be of before
        self._kept = None

    def _look(self) -> V:
        kept, turn, began = self._kept, self._turn, self._clock.monotonic()
        if kept and began < kept[0]:
            return kept[1]
        value = self._read()
        if turn == self._turn:
            self._kept = (began + self._seconds, value)
        return value
