"""The ports: what the aggregator and the pages ask of sources and of the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from pnl.domain.records import Mark, Market, Record, Report
from pnl.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one successful reading of a source gave.

    Attributes:
        as_of: The instant that the answer describes.
        records: Facts, in any order, repeats allowed: the store knows what it has.
        cursor: JSON text that the next reading, also after a restart, starts from.
        complete_through: The last company day that the source calls finished; None if it never says.
        caught_up: False while history is still being read in; the next reading follows at once.
        facts: What an operator may want to know: mode, clock skew, calls, rows refused.
    """

    as_of: datetime
    cursor: str
    records: tuple[Record, ...] = ()
    marks: tuple[Mark, ...] = ()
    markets: tuple[Market, ...] = ()
    report: Report | None = None
    complete_through: date | None = None
    caught_up: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """An upstream that is read again and again. It keeps nothing that a restart would miss."""

    @property
    def name(self) -> str:
        """`kalshi`, `anthropic`, or for revenue `revenue.feed`, `revenue.csv`, `revenue.stripe`."""
        ...

    @property
    def every_seconds(self) -> float:
        """Seconds from the start of one good reading to the next; 0 for every tick."""
        ...

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return the seconds to wait after the `failures`th failure in a row; 0 for the next tick."""
        ...

    async def read(self, cursor: str | None) -> Reading:
        """Read what is new since `cursor` (None: everything).

        Raises:
            SourceError: It could not be read; nothing of the attempt counts.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
