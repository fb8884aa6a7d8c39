"""Where Kalshi's live rows end and `/historical` begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

OVERLAP = timedelta(days=2)
"""For so long fills and positions are in both; settlements just vanish."""


@dataclass(frozen=True, slots=True)
class Cutoff:
    """What is older than the live days is historical."""

    live: timedelta

    def at(self, now: datetime) -> datetime:
        """Return the cut-off, a midnight in UTC."""
        return (now - self.live).replace(hour=0, minute=0, second=0, microsecond=0)
