"""How long a holder has not beaten, by the clock of whoever waits for its place."""

from collections.abc import Callable
from typing import Final

STEP_SECONDS: Final = 1.0
"""Of the time between two looks no more than this counts. Who was itself stopped, or given no processor, did not
listen meanwhile; and what stopped it, a paused machine or container, may have stopped the holder with it."""


class Silence:
    """Counts the time since the last beat.

    Args:
        patience_seconds: After so long without a beat the holder is taken to be frozen.
        monotonic: The clock of whoever waits; the holder's is never asked.
    """

    def __init__(self, *, patience_seconds: float, monotonic: Callable[[], float]) -> None:
        self._patience = patience_seconds
        self._monotonic = monotonic
        self._beat: object = None
        self._looked = 0.0
        self._waited = 0.0

    def lasts(self, beat: object) -> bool:
        """Take a look at the newest beat, and tell whether it has been the newest for too long."""
        now = self._monotonic()
        if beat != self._beat:
            self._beat, self._waited = beat, 0.0
        else:
            self._waited += min(now - self._looked, STEP_SECONDS)
        self._looked = now
        return self._waited >= self._patience

    def forget(self) -> None:
        """Begin anew: the holder is another from now on."""
        self._beat, self._waited = None, 0.0
