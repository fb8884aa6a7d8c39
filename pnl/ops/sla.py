"""`pnl sla`: how much of a month's uptime was kept, by the time that the ticks of told gaps stand for."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from pnl.domain.snapshot import Json, instant
from pnl.ports import Gap, Store

UNTOLD_SECONDS: Final = 10
"""The time between ticks where the archive, of an older version, does not tell it."""
STILL: Final = "no tick since: the product does not run, or cannot keep what it makes"
_THOUSANDTH: Final = Decimal("0.001")
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Ticks of the month that were not made, in one stretch.

    Attributes:
        since: The last snapshot before it.
        until: The first after it; the time of the report where there is none yet.
        missed: How many of its ticks belong to the month.
        lost: The time that they stand for.
        reason: As it was told when it ended.
    """

    since: datetime
    until: datetime
    missed: int
    lost: timedelta
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """A month's ticks against its budget. Ticks may stand for more or less time each; what is promised is time.

    Attributes:
        month: Its first day.
        since: From when on it is counted: the month's beginning, or the first snapshot ever.
        until: Up to when: the month's end, or the time of the report.
        made: Ticks that were made, each a snapshot that is kept.
        outages: Where ticks are missing, oldest first.
        target: What part of the time is promised, below one.
        budget: The time that may be lost in the whole month, as far as it is counted.
    """

    month: date
    since: datetime
    until: datetime
    made: int
    outages: tuple[Outage, ...]
    target: Decimal
    budget: timedelta

    @property
    def missed(self) -> int:
        """Ticks that should have been and were not."""
        return sum(outage.missed for outage in self.outages)

    @property
    def expected(self) -> int:
        """Ticks that should have been."""
        return self.made + self.missed

    @property
    def lost(self) -> timedelta:
        """The time that the missed ticks stand for."""
        return sum((outage.lost for outage in self.outages), timedelta())

    @property
    def left(self) -> timedelta:
        """What the budget has left; below zero where it is overdrawn."""
        return self.budget - self.lost

    @property
    def percent(self) -> Decimal:
        """The part of the time that was not lost, never rounded up."""
        whole = (self.until - self.since) // _MICROSECOND
        kept = max(whole - self.lost // _MICROSECOND, 0)
        return (Decimal(100 * kept) / whole).quantize(_THOUSANDTH, ROUND_DOWN)

    @property
    def promised(self) -> str:
        """The target in percent, as one writes it."""
        return f"{(self.target * 100).normalize():f}"

    @property
    def kept(self) -> bool:
        """Whether the budget has not been overdrawn."""
        return self.left >= timedelta()

    def to_json(self) -> dict[str, Json]:
        """Return it for programs; times in seconds."""
        return {
            "month": f"{self.month:%Y-%m}",
            "since": instant(self.since),
            "until": instant(self.until),
            "expected": self.expected,
            "made": self.made,
            "missed": self.missed,
            "percent": str(self.percent),
            "target": self.promised,
            "budget_seconds": _seconds(self.budget),
            "lost_seconds": _seconds(self.lost),
            "left_seconds": _seconds(self.left),
            "kept": self.kept,
            "outages": [
                {
                    "since": instant(outage.since),
                    "until": instant(outage.until),
                    "missed": outage.missed,
                    "lost_seconds": _seconds(outage.lost),
                    "reason": outage.reason,
                }
                for outage in self.outages
            ],
        }


def uptime(
    store: Store, month: date, bounds: tuple[datetime, datetime], *, now: datetime, target: Decimal
) -> Uptime | None:
    """Return a month's ticks against its budget; None where nothing of the month is kept yet.

    Args:
        store: The archive.
        month: Its first day.
        bounds: When the month begins and ends.
        now: The time of the report.
        target: What part of the time is promised, below one.

    Raises:
        StoreError: The archive cannot be read.
    """
    first, last = store.row(1), store.last_row()
    begin, end = max(bounds[0], first.as_of) if first else bounds[0], min(bounds[1], now)
    if first is None or last is None or begin >= end:
        return None
    paces = store.paces()
    gaps = store.gaps(begin, end)
    behind = (now - last.as_of) // timedelta(seconds=_pace(paces, last.as_of)) - 1
    if behind > 0:
        gaps.append(Gap(since=last.as_of, until=now, missed=behind, reason=STILL))
    outages = (_outage(gap, _pace(paces, gap.until), begin, end) for gap in gaps)
    return Uptime(
        month=month,
        since=begin,
        until=end,
        made=_seq(store, end) - _seq(store, begin),
        outages=tuple(outage for outage in outages if outage.missed),
        target=target,
        budget=_part(bounds[1] - begin, 1 - target),
    )


def lines(found: Uptime) -> Iterator[str]:
    """Give what an operator reads of it."""
    yield f"{found.month:%Y-%m}, from {_told(found.since)} to {_told(found.until)}"
    yield f"ticks expected  {found.expected:>10,}"
    yield f"ticks made      {found.made:>10,}"
    yield f"ticks missed    {found.missed:>10,}  {spelled(found.lost)}"
    yield f"uptime          {found.percent:>10} %, promised are {found.promised} %"
    rest = f"{spelled(found.left)} left" if found.kept else f"overdrawn by {spelled(-found.left)}"
    yield f"budget          {spelled(found.budget)}: {rest}"
    if found.outages:
        yield ""
        yield f"{'missed':>8}  {'lost':>14}  {'from':<20}  {'to':<20}  why"
    for outage in found.outages:
        since, until = _told(outage.since), _told(outage.until)
        yield f"{outage.missed:>8,}  {spelled(outage.lost):>14}  {since}  {until}  {outage.reason}"


def spelled(time: timedelta) -> str:
    """Return a stretch of time in words, to the second."""
    seconds = _seconds(time)
    parts = ((seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def _outage(gap: Gap, pace: int, begin: datetime, end: datetime) -> Outage:
    """Return what of a gap lies in [begin, end): its ticks are taken to be spread over it evenly."""
    apart = (gap.until - gap.since) / (gap.missed + 1)
    missed = _before(gap, apart, end) - _before(gap, apart, begin)
    return Outage(
        since=gap.since, until=gap.until, missed=missed, lost=timedelta(seconds=missed * pace), reason=gap.reason
    )


def _before(gap: Gap, apart: timedelta, at: datetime) -> int:
    """Return how many of the ticks that a gap missed were due before an instant."""
    passed = -((gap.since - at) // apart) - 1  # those due at the instant itself are not before it
    return min(max(passed, 0), gap.missed)


def _pace(paces: Sequence[tuple[datetime, int]], at: datetime) -> int:
    """Return the seconds between ticks that were in force at an instant."""
    place = bisect_right(paces, at, key=lambda pace: pace[0])
    return paces[max(place - 1, 0)][1] if paces else UNTOLD_SECONDS


def _seq(store: Store, before: datetime) -> int:
    """Return the number of the last snapshot before an instant; snapshots are numbered without a hole."""
    row = store.row_at(before - timedelta(microseconds=1))
    return row.seq if row else 0


def _part(time: timedelta, part: Decimal) -> timedelta:
    return int(time // _MICROSECOND * part) * _MICROSECOND


def _seconds(time: timedelta) -> int:
    return time // timedelta(seconds=1)


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
