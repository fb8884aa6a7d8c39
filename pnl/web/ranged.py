"""Figures of the course of the net over a range: its good days, its largest fall, its highest and its lowest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from pnl.domain.explain import Day, Figure, Node, covering, figure, of_day, over_days
from pnl.domain.explain.course import (
    Bar,
    CourseDay,
    Point,
    Row,
    daily,
    deepest,
    fine,
    highest,
    lowest,
    profitable,
    shown,
)
from pnl.domain.explain.nodes import difference
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.snapshot import Json, instant
from pnl.ports import SnapshotRow, Store
from pnl.web.explained import Explained, StatedDay, Told, standing
from pnl.web.grown import ends
from pnl.web.history import finest, floor
from pnl.web.problems import BadParameter
from pnl.web.tiles import STEPS

MOST_POINTS = 10_000
SHOWN = "shown"
"""The part of a path that leads into a snapshot, as it was shown; what is known now is not asked for it."""
_DAILY = ("1d", "1w")
_JUST_BEFORE = timedelta(microseconds=1)
_NEVER = "it never fell below what it had been: at its end it is as high as ever"
_LIES_OVER = "shown by the stretch of time that lies over midnight; its last snapshot was of the day before"


def step_of(given: str, length: timedelta, interval_seconds: int) -> tuple[str, timedelta]:
    """Return the step by which a range is looked at, and how long one is; `auto` is the finest that fits.

    Raises:
        BadParameter: It makes too many points.
    """
    step = finest(length, interval_seconds) if given == "auto" else given
    width = timedelta(seconds=STEPS.get(step, interval_seconds))
    if length / width > MOST_POINTS:
        raise BadParameter(
            "step", f"step {step} makes more than {MOST_POINTS:,} points of this range; take a wider one"
        )
    return step, width


class OverDays:
    """Explains the course of the net over company days, each as it is known, and shown within.

    Args:
        explained: Finds what led to figures.
        store: The archive.
        step: The step's name, and how long it is.
        known: The instant whose knowledge counts; None for now.
    """

    def __init__(self, explained: Explained, store: Store, step: tuple[str, timedelta], known: datetime | None) -> None:
        self._explained = explained
        self._store = store
        self._step, self._width = step
        self._known = known
        self._bars: list[Bar] = []
        self._places: dict[Point, SnapshotRow | None] = {}

    @contextmanager
    def of(self, asked: Figure, since: date, until: date, path: str) -> Iterator[Told]:
        """Give a figure of the days of [since, until).

        Raises:
            BadParameter: There is no day of these, or nothing is known of their net.
        """

        def prepare(stated: Sequence[StatedDay]) -> None:
            self._explained.prepare(stated, self._known, path)
            if asked.name != "profitable_days":
                self._bars = self._course(stated)
                if not self._bars:
                    raise BadParameter("from", f"nothing is known of the net from {since} to {until}")
                for point in _points(asked.name, self._bars):
                    self._places[point] = self._place(stated, point)

        with self._explained.stated(since, until, self._known, prepare) as (stated, ledger):
            if SHOWN not in path.split("/"):
                yield self._told(asked, since, until, stated, ledger)
                return
        yield self._told(asked, since, until, stated, Ledger(self._explained.calendar))

    def _told(self, asked: Figure, since: date, until: date, stated: Sequence[StatedDay], ledger: Ledger) -> Told:
        days = [self._explained.known_day(one, ledger, self._known) for one in stated]
        pairs = covering(_NET, ledger, [one.day for one in stated])
        at: dict[str, Json] = {"from": since.isoformat(), "to": until.isoformat()}
        if asked.name != "profitable_days":
            at["step"] = self._step
        return Told(
            root=self._root(asked, days),
            at={**at, "seq": None, "as_of": instant(self._known)},
            seen=False,
            known=self._known,
            pairs=pairs,
            checks=standing(ledger, pairs, self._known),
        )

    def _root(self, asked: Figure, days: Sequence[Day]) -> Node:
        if asked.name == "profitable_days":
            nets = [(day.day, of_day("net", day).amount, lambda day=day: of_day("net", day)) for day in days]
            return profitable(asked.name, asked.title, nets)
        return _root(asked, self._bars, lambda key, title, point: self._node(key, title, point, days))

    def _node(self, key: str, title: str, point: Point, days: Sequence[Day]) -> Node:
        """Return a point as the net of the days before it, and what its own day showed by then."""
        parts = []
        if point.before:
            first, last = days[0].day, days[point.before - 1].day
            span = f"Net of {first}" if first == last else f"Net of {first} to {last}"
            parts.append(replace(over_days("net", days[: point.before]), key="days", title=span))
        row = self._places.get(point)
        if point.shown and row:
            when = _moment(self._explained, row)
            node = replace(of_day("net", self._explained.day_of(row)), key=SHOWN, title=f"Net of {row.day} so far")
            parts.append(replace(node, note=f"as snapshot {row.seq:,} showed it"))
        else:
            when = f"the end of {days[point.before - 1].day}" if point.before else f"the beginning of {days[0].day}"
            if point.shown:
                rest = Node(key="~remainder", title=_LIES_OVER, amount=point.shown.amount, rule="remainder")
                parts.append(rest)
        return Node(key=key, title=f"{title}, {when}", amount=point.amount, rule="sum", parts=parts)

    def _course(self, stated: Sequence[StatedDay]) -> list[Bar]:
        bounds = self._explained.calendar.bounds
        days = [
            CourseDay(
                day=one.day,
                start=bounds(one.day)[0],
                end=bounds(one.day)[1],
                net=_net(one.lines),
                high=one.seen.high if one.seen else None,
                low=one.seen.low if one.seen else None,
            )
            for one in stated
        ]
        if self._step in _DAILY:
            return daily(days, weekly=self._step == "1w")
        since, until = days[0].start, days[-1].end
        return fine(days, _rows(self._store, "net", (since, until), self._step, self._known), self._width)

    def _place(self, stated: Sequence[StatedDay], point: Point) -> SnapshotRow | None:
        """Return the first snapshot that showed a point."""
        seen = stated[point.before].seen if point.shown else None
        if seen is None or point.shown is None:
            return None
        return first_of(
            self._store, point.shown.amount, point.shown.since, point.shown.until, seen.first, seen.last.seq
        )


class OverInstants:
    """Explains the course of the net between two instants, as snapshots showed it."""

    def __init__(self, explained: Explained, store: Store, step: tuple[str, timedelta]) -> None:
        self._explained = explained
        self._store = store
        self._step, self._width = step

    def of(self, asked: Figure, since: datetime, until: datetime) -> Told:
        """Return a figure of [since, until).

        Raises:
            BadParameter: Nothing is known of it there.
        """
        cut = None if floor(until, self._step) == until else until - _JUST_BEFORE
        bars = shown(_rows(self._store, "cumulative_net", (since, until), self._step, cut), self._width)
        if not bars:
            raise BadParameter("from", f"nothing is known of the net from {instant(since)} to {instant(until)}")
        _, last = ends(self._store, since, until)
        self._explained.keep(last)
        root = _root(asked, bars, lambda key, title, point: self._node(key, title, point, until), bars[0].open)
        return Told(
            root=root,
            at={
                "from": instant(since),
                "to": instant(until),
                "step": self._step,
                "seq": None,
                "as_of": instant(last.as_of),
            },
            seen=True,
            known=last.as_of,
            pairs=covering(_NET, Ledger(self._explained.calendar), [last.day]),
            checks=None,
        )

    def _node(self, key: str, title: str, point: Point, until: datetime) -> Node:
        row = self._place(point, until)
        node = self._explained.cumulative(row)
        when = _moment(self._explained, row)
        note = f"net of all days so far, as snapshot {row.seq:,} showed it"
        return replace(node, key=key, title=f"{title}, {when}", note=note)

    def _place(self, point: Point, until: datetime) -> SnapshotRow:
        """Return the first snapshot that showed a point: the net of the days before its own, and that of its own."""
        stretch = point.shown
        if stretch is None:
            raise ValueError("a point between two instants is one that was shown")
        total: Nano = 0
        calendar, end = self._explained.calendar, min(stretch.until, until)
        last = calendar.day(end - _JUST_BEFORE) + timedelta(days=1)
        for seen in self._store.company_days(None, last):
            if seen.day >= calendar.day(stretch.since):
                wanted = stretch.amount - total
                row = first_of(self._store, wanted, stretch.since, end, seen.first, seen.last.seq)
                if row:
                    return row
            total += seen.last.net or 0
        raise ValueError(f"no snapshot from {instant(stretch.since)} to {instant(end)} shows {stretch.amount}")


def first_of(  # noqa: PLR0917 - as one would say it
    store: Store, net: Nano, since: datetime, until: datetime, first: int, last: int
) -> SnapshotRow | None:
    """Return the first snapshot of [since, until), of those numbered from `first` to `last`, that showed a net."""
    begin, end = next(store.rows(since, until), None), store.row_at(until - _JUST_BEFORE)
    if begin is None or end is None:
        return None
    seq = store.net_first(max(first, begin.seq), min(last, end.seq), net)
    return store.row(seq) if seq is not None else None


@dataclass(frozen=True, slots=True)
class _Named:
    """How a point is called: its key in the path, and its title."""

    key: str
    title: str


_PEAK, _TROUGH = _Named("peak", "Peak"), _Named("trough", "Trough")
_NET = figure("net") or Figure(name="net", title="", text="")


def _points(name: str, bars: Sequence[Bar]) -> list[Point]:
    """Return the points that a figure is made of: a fall is the trough less the peak."""
    if name == "max_drawdown":
        fall = deepest(bars)
        return [fall[1], fall[0]] if fall else []
    found = highest(bars) if name == "highest_net" else lowest(bars)
    return [found] if found else []


def _root(
    asked: Figure, bars: Sequence[Bar], node: Callable[[str, str, Point], Node], ground: Point | None = None
) -> Node:
    """Return a figure as its points make it; `ground` is where the range began, None where it began at zero."""
    points = _points(asked.name, bars)
    if asked.name == "max_drawdown":
        if not points:
            return Node(key=asked.name, title=asked.title, amount=0, rule="sum", note=_NEVER)
        named = zip((_TROUGH, _PEAK), points, strict=True)
        return difference(asked.name, asked.title, [node(one.key, one.title, point) for one, point in named])
    (point,) = points
    name = asked.title.split()[0]
    if ground is None:
        found = node(asked.name, name, point)
        return replace(found, title=asked.title, note=f"reached at {found.title.removeprefix(name).lstrip(', ')}")
    parts = [node("point", name, point), node("begin", "Beginning", ground)]
    return difference(asked.name, asked.title, parts)


def _rows(store: Store, name: str, span: tuple[datetime, datetime], step: str, known: datetime | None) -> Iterator[Row]:
    found = store.series((name,), floor(span[0], step), span[1], step, 2 * MOST_POINTS, known)
    for start, _count, _quality, *values in found.rows:
        yield (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=start or 0), *values)  # type: ignore[misc] # four


def _net(lines: Mapping[str, Nano | None]) -> Nano | None:
    known = [amount for amount in lines.values() if amount is not None]
    return sum(known) if known else None


def _moment(explained: Explained, row: SnapshotRow) -> str:
    return f"{row.as_of.astimezone(explained.calendar.zone):%Y-%m-%d %H:%M:%S}"
