"""The course of the net over a range: its bars, its highest and lowest point, its largest fall, and its good days.

Each point is told by where it lies: at an edge between company days, where the days before it make it,
or in a stretch of time in which a snapshot showed it. A stretch tells not whether its highest or its
lowest came first: a fall counts as far as it is certain, from the opening to the lowest, and from the
highest to the close.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeAlias

from pnl.domain.explain.nodes import WIDE, Node, made
from pnl.domain.money import Nano

Row: TypeAlias = tuple[datetime, Nano | None, Nano | None, Nano | None, Nano | None]
"""A stretch of the history: its start, and open, high, low and close of the figure."""


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
    of the day after those showed what it adds; None at the edge between two days, and at both ends.
    """

    amount: Nano
    before: int = 0
    shown: Stretch | None = None


class Bar(NamedTuple):
    """Four points of a stretch of time."""

    open: Point
    high: Point
    low: Point
    close: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDay:
    """A company day, from `start` to `end`: its net as known, and the highest and the lowest that were shown."""

    day: date
    start: datetime
    end: datetime
    net: Nano | None
    high: Nano | None
    low: Nano | None


def daily(days: Sequence[CourseDay], *, weekly: bool = False) -> list[Bar]:
    """Return a bar for each day whose net is known, or for each week of them, from Monday on."""
    found: list[Bar] = []
    monday: date | None = None
    for before, bar in _whole(days).items():
        begins = days[before].day - timedelta(days=days[before].day.weekday())
        if weekly and found and begins == monday:
            last = found[-1]
            high, low = max(last.high, bar.high, key=_amount), min(last.low, bar.low, key=_amount)
            found[-1] = Bar(last.open, high, low, bar.close)
        else:
            found.append(bar)
        monday = begins
    return found


def fine(days: Sequence[CourseDay], rows: Iterable[Row], step: timedelta) -> list[Bar]:
    """Return the bars of a day's net, each on top of the days before it; a day without any is one bar.

    Args:
        days: The days, oldest first.
        rows: Stretches of the net; one that lies over midnight is told by its end, which is of the new day.
        step: How long a stretch is.
    """
    within: dict[int, list[Row]] = {}
    place = 0
    for row in rows:
        last = row[0] + step - timedelta(milliseconds=1)
        while place < len(days) and days[place].end <= last:
            place += 1
        if place < len(days) and days[place].start <= last:
            within.setdefault(place, []).append(row)
    whole = _whole(days)
    found: list[Bar] = []
    total = 0
    for number, day in enumerate(days):
        mine = [row for row in within.get(number, ()) if row[4] is not None]
        if not mine and number in whole:
            found.append(whole[number])
        found += [_bar(row, day, number, total, step) for row in mine]
        total += day.net or 0
    return found


def shown(rows: Iterable[Row], step: timedelta) -> list[Bar]:
    """Return the bars of a figure that never begins anew, as it was shown."""
    found = []
    for begin, *ends in rows:
        known = [Point(end, 0, Stretch(begin, begin + step, end)) for end in ends if end is not None]
        if len(known) == len(Bar._fields):
            found.append(Bar(*known))
    return found


def highest(bars: Sequence[Bar]) -> Point | None:
    """Return the first point that no other is above; None where nothing is known."""
    return max((bar.high for bar in bars), key=_amount, default=None)


def lowest(bars: Sequence[Bar]) -> Point | None:
    """Return the first point that no other is below; None where nothing is known."""
    return min((bar.low for bar in bars), key=_amount, default=None)


def deepest(bars: Iterable[Bar]) -> tuple[Point, Point] | None:
    """Return the peak and the trough of the largest fall that is certain; None where it never fell."""
    peak: Point | None = None
    found: tuple[Point, Point] | None = None
    for bar in bars:
        for point in (bar.open, bar.low, bar.high, bar.close):
            if peak is None or point.amount > peak.amount:
                peak = point
            elif found is None or point.amount - peak.amount < found[1].amount - found[0].amount:
                found = (peak, point)
    return found if found and found[1].amount < found[0].amount else None


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


def _whole(days: Sequence[CourseDay]) -> Mapping[int, Bar]:
    """Return the bar of each whole day whose net is known, by its number; what was shown tells how far it went."""
    found: dict[int, Bar] = {}
    total = 0
    for number, day in enumerate(days):
        if day.net is None:
            continue
        opens, total = Point(total, number), total + day.net
        closes = Point(total, number + 1)
        went = [
            Point(opens.amount + net, number, Stretch(day.start, day.end, net))
            for net in (day.high, day.low)
            if net is not None
        ]
        ends = (opens, closes, *went)
        found[number] = Bar(opens, max(ends, key=_amount), min(ends, key=_amount), closes)
    return found


def _bar(row: Row, day: CourseDay, number: int, total: Nano, step: timedelta) -> Bar:
    begin, *ends = row
    edge = Point(total, number)
    since, until = max(begin, day.start), min(begin + step, day.end)

    def point(net: Nano | None) -> Point:
        return edge if net is None else Point(total + net, number, Stretch(since, until, net))

    opens, high, low, close = (point(net) for net in ends)
    if begin >= day.start:
        return Bar(opens, high, low, close)
    return Bar(edge, max(edge, close, key=_amount), min(edge, close, key=_amount), close)


def _amount(point: Point) -> Nano:
    return point.amount
