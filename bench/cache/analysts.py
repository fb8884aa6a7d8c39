"""Analysts who look into the past: what they open, and where they zoom to. The behaviour is a guess, not a record."""

from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

PRESETS: Final = ((1 * HOUR, 3), (4 * HOUR, 2), (DAY, 5), (7 * DAY, 4), (30 * DAY, 3), (90 * DAY, 1))
"""The lengths that end now, in seconds, and how many of 18 clicks go to each."""
FIELDS: Final = (
    (("net",), 5),
    (("net", "cumulative_net"), 2),
    (("net", "revenue", "refunds", "api_cost", "trading_realised", "trading_unrealised", "trading_fees"), 2),
    (("equity",), 1),
)
"""The sets of figures that a page asks for, and how many of ten views show each."""
SHORTEST: Final = 0.5 * HOUR


@dataclass(slots=True)
class Analyst:
    """Looks at one range after another; half of the clicks go to a preset, half look closer, beside or farther.

    Attributes:
        ends: Where the range ends, in seconds before now; None for a range that goes on with the time.
        length: Its length in seconds.
    """

    random: Random
    fields: tuple[str, ...] = ("net",)
    length: float = DAY
    ends: float | None = None

    def look(self, archive: float) -> tuple[float, float | None, tuple[str, ...]]:
        """Return the next range: its length, where it ends (seconds before now, or None), and its figures.

        Args:
            archive: Seconds from the first snapshot to now.
        """
        does = self.random.random()
        if does < 0.5:
            self.length, self.ends = self._of(PRESETS), None
        elif does < 0.75:  # closer, to any part of what is shown
            shorter = max(self.length * self.random.uniform(0.1, 0.6), SHORTEST)
            room = max(self.length - shorter, 0.0)
            self.ends = (self.ends or 0.0) + self.random.uniform(0, room)
            self.length = shorter
        elif does < 0.9:  # beside
            self.ends = max((self.ends or 0.0) + self.random.choice([1, 1, -1]) * self.length / 2, 0.0)
        else:  # farther
            self.length, self.ends = self.length * 2, max((self.ends or 0.0) - self.length / 2, 0.0)
        self.length = min(self.length, archive)
        if self.ends is not None:
            self.ends = min(self.ends, archive - self.length)
        if self.random.random() < 0.2:
            self.fields = self._of(FIELDS)
        return self.length, self.ends or None, self.fields

    def _of(self, choices: tuple[tuple[T, int], ...]) -> T:
        return self.random.choices([what for what, _ in choices], [weight for _, weight in choices])[0]
