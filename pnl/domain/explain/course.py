"""The course of the net over a range: its bars, its highest and lowest point, its largest fall, and its good days.

Each point is told by where it lies: at an edge between company days, where the days before it make it,
or in a day, in which a snapshot showed it. A day's bar tells not whether its highest or its lowest came
first: how far it fell within is asked of its snapshots, where that may be further than all that is certain.

What a day was restated by since it was shown is no fall: the largest fall is that of the course as it was shown,
each day from where the one before it was seen to end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from pnl.domain.explain.nodes import WIDE, Node, made
from pnl.domain.money import Nano


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time [since, until), in which a snapshot showed an amount."""

    since: datetime
    until: datetime
    amount: Nano


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the course, nano-dollars.

    `before` is how many of the range's days lie whole before it. `shown` is the stretch in which a snapshot
    of the day after those showed what it adds; None at the edge between two days, and at both ends. `seq` is
    that snapshot, where it is known already. `restated` is what the days before it were restated by since they
    were shown.
    """

    amount: Nano
    before: int = 0
    shown: Stretch | None = None
    seq: int | None = None
    restated: Nano = 0

    @property
    def level(self) -> Nano:
        """Where it lies on the course as it was shown: falls are measured there."""
        return self.amount - self.restated


class Bar(NamedTuple):
    """Four points of a day; `number` is how many days of the range are before it."""

    open: Point
    high: Point
    low: Point
    close: Point
    number: int = 0


Within = Callable[[int], tuple[Point, Point] | None]
"""Gives the peak and the trough of the largest fall between two snapshots of a day, by how many days are before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDay:
    """A company day, from `start` to `end`: its net as known, and the highest and the lowest that were shown.

    `ended` is the net that was shown last; None for a day that no snapshot ended.
    """

    day: date
    start: datetime
    end: datetime
    net: Nano | None
    high: Nano | None
    low: Nano | None
    ended: Nano | None = None


def daily(days: Sequence[CourseDay], *, falls: bool = False) -> list[Bar]:
    """Return a bar for each day whose net is known; what was shown tells how far it went.

    Args:
        days: Oldest first.
        falls: Whether the highest and the lowest of each are by its level, for `deepest`; else by amount.
    """
    by = _level if falls else _amount
    found: list[Bar] = []
    total = restated = 0
    for number, day in enumerate(days):
        if day.net is None:
            continue
        opens, total = Point(total, number, restated=restated), total + day.net
        restated += 0 if day.ended is None else day.net - day.ended
        closes = Point(total, number + 1, restated=restated)
        went = [
            Point(opens.amount + net, number, Stretch(day.start, day.end, net), restated=opens.restated)
            for net in (day.high, day.low)
            if net is not None
        ]
        ends = (opens, *went, closes)
        found.append(Bar(opens, max(ends, key=by), min(ends, key=by), closes, number))
    return found


def highest(bars: Sequence[Bar]) -> Point | None:
    """Return the first point that no other is above; None where nothing is known."""
    return max((bar.high for bar in bars), key=_amount, default=None)


def lowest(bars: Sequence[Bar]) -> Point | None:
    """Return the first point that no other is below; None where nothing is known."""
    return min((bar.low for bar in bars), key=_amount, default=None)


def deepest(bars: Sequence[Bar], within: Within) -> tuple[Point, Point] | None:
    """Return the peak and the trough of the largest fall, by their levels; None where it never fell.

    Args:
        bars: Days, oldest first, as `daily` makes them for falls.
        within: Asked of each day that may have fallen as far as what is found by then, or further.
    """
    peak: Point | None = None
    found: tuple[Point, Point] | None = None
    for bar in bars:
        for point in (bar.open, bar.low, bar.high, bar.close):
            if peak is None or point.level > peak.level:
                peak = point
            elif point.level < peak.level and (found is None or _fall(peak, point) < _fall(*found)):
                found = (peak, point)
    for bar in sorted(bars, key=lambda bar: _fall(bar.high, bar.low)):
        if _fall(bar.high, bar.low) >= 0 or (found and _fall(bar.high, bar.low) > _fall(*found)):
            break
        inner = within(bar.number)
        if inner and (found is None or _fall(*inner) <= _fall(*found)):
            found = inner
    return found


def profitable(key: str, title: str, days: Sequence[tuple[date, Nano | None, Callable[[], Node]]]) -> Node:
    """Return how many of some days ended above zero; by month where they are many. A net is worked out when opened."""
    return replace(_months(key, title, days) if len(days) > WIDE else _counted(key, title, days), note=_of(days))


def _months(key: str, title: str, days: Sequence[tuple[date, Nano | None, Callable[[], Node]]]) -> Node:
    months: dict[str, list[tuple[date, Nano | None, Callable[[], Node]]]] = {}
    for one in days:
        months.setdefault(one[0].strftime("%Y-%m"), []).append(one)
    parts = [
        replace(_counted(month, month, inside), group=True, note=_of(inside))
        for month, inside in reversed(months.items())
    ]
    return Node(key=key, title=title, amount=made("sum", parts), rule="sum", parts=parts, unit="days")


def _counted(key: str, title: str, days: Sequence[tuple[date, Nano | None, Callable[[], Node]]]) -> Node:
    return Node(
        key=key,
        title=title,
        amount=sum(net > 0 for _, net, _ in days if net is not None),
        rule="count",
        parts=lambda: [replace(root(), key=f"{day}", title=f"{day}") for day, _, root in reversed(days)],
        unit="days",
    )


def _of(days: Sequence[tuple[date, Nano | None, Callable[[], Node]]]) -> str:
    known = sum(net is not None for _, net, _ in days)
    rest = len(days) - known
    return f"of {known:,} {'day' if known == 1 else 'days'}" + (f"; the net of {rest:,} is not known" if rest else "")


def _fall(peak: Point, trough: Point) -> Nano:
    return trough.level - peak.level


def _level(point: Point) -> Nano:
    return point.level


def _amount(point: Point) -> Nano:
    return point.amount
