"""What reads the sources, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from pnl.domain.records import Mark, Market, Record, Report
from pnl.domain.snapshot import Status
from pnl.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one successful reading of a source gave.

    Attributes:
        as_of: The instant that the answer describes.
        cursor: JSON text that the next reading, also after a restart, starts from.
        records: Facts, in any order, repeats allowed: the store knows what it has.
        complete_through: The last company day that the source calls finished; None if it never says.
        whole_from: The first company day of which `records` are all that the source has, so that what is kept of it
            can be held against them; None where they are only what is new.
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
    whole_from: date | None = None
    caught_up: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a source's examination looked at: its name, whether it is well, what was found in words."""

    name: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What a process measured of the calls to one source.

    Attributes:
        since: Since when it counts.
        calls: The calls so far.
        failed: Those of them that got no whole answer, or a refusal.
        p50_ms: Milliseconds within which half of the last 200 calls ended; None before the first.
        p95_ms: The same of 95 in 100.
        longest_ms: The longest of them.
        skew_ms: Milliseconds that our clock is ahead of the source's; None when it does not tell its time.
    """

    since: datetime
    calls: int
    failed: int
    p50_ms: int | None
    p95_ms: int | None
    longest_ms: int | None
    skew_ms: int | None


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

    @property
    def traffic(self) -> Traffic | None:
        """What was measured of its calls; None where there are none, as of a file."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMemory:
    """What is kept of a source between ticks and over a restart.

    Attributes:
        error: What is wrong now; None when the last reading went well.
        trouble: What went wrong last, also when it went well since; None if nothing ever did.
        trouble_at: When that was.
        trouble_kind: The name of the class of that error, which tells the cure.
        status: How it was doing at the last tick, as the snapshot says it.
        every_seconds: Seconds from one good reading to the next; 0 for every tick.
        stale_seconds: The age at which it is called stale.
        traffic: What the process that reads it measured.
        served: The number of the last wish to read it sooner that an attempt followed; 0 before any.
    """

    name: str
    cursor: str | None
    as_of: datetime | None
    complete_through: date | None
    last_attempt: datetime | None
    next_attempt: datetime | None
    failures: int
    error: str | None
    caught_up: bool
    facts: Mapping[str, str] = field(default_factory=dict)
    trouble: str | None = None
    trouble_at: datetime | None = None
    trouble_kind: str | None = None
    status: Status = "down"
    every_seconds: float = 0
    stale_seconds: float = 0
    traffic: Traffic | None = None
    served: int = 0
