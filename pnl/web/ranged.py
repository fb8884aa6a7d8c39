"""Figures of the course of the net over a range: its good days, its largest fall, its highest and its lowest."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pnl.domain.explain import Day, Figure, Node, covering, figure, of_day, over_days
from pnl.domain.explain.course import (
    Bar,
    CourseDay,
    Point,
    Stretch,
    Within,
    daily,
    deepest,
    highest,
    lowest,
    profitable,
)
from pnl.domain.explain.nodes import difference
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.snapshot import Json, instant
from pnl.domain.statement import of_lines
from pnl.ports import SeenDay, SnapshotRow, Store
from pnl.web.explained import Explained
from pnl.web.grown import ends
from pnl.web.problems import BadParameter
from pnl.web.told import StatedDay, Told, of_several, standing

SHOWN = "shown"
"""The part of a path that leads into a snapshot, as it was shown; what is known now is not asked for it."""
_LONGEST = timedelta(days=31)
"""How far two instants may lie apart: every snapshot between them is looked at."""
_JUST_BEFORE = timedelta(microseconds=1)
_NEVER = "it never fell below what it had been: at its end it is as high as ever"
_NO_FALL = "what days were restated by since they were shown is no fall"
_NOT_KEPT = "shown so by a snapshot that is not kept"


class OverDays:
    """Explains the course of the net over company days, each as it is known, and shown within.

    Args:
        explained: Finds what led to figures.
        store: The archive.
        known: The instant whose knowledge counts; None for now.
    """

    def __init__(self, explained: Explained, store: Store, known: datetime | None) -> None:
        self._explained = explained
        self._store = store
        self._known = known
        self._points: list[Point] = []
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
                bars = self._course(stated, falls=asked.name == "max_drawdown")
                if not bars:
                    raise BadParameter("from", f"nothing is known of the net from {since} to {until}")
                self._points = _points(asked.name, bars, lambda number: self._within(stated, bars, number))
                for point in self._points:
                    self._places[point] = self._place(stated, point)

        with self._explained.stated(since, until, self._known, prepare) as (stated, ledger):
            if SHOWN not in path.split("/"):
                yield self._told(asked, since, until, stated, ledger)
                return
        yield self._told(asked, since, until, stated, Ledger(self._explained.calendar))

    def amount(self, name: str, since: date, until: date) -> Nano | None:
        """Return what a figure of the days of [since, until) comes to; None where nothing is known of them."""
        asked = figure(name)
        if asked is None:
            return None
        try:
            with self.of(asked, since, until, "") as told:
                return told.root.amount
        except BadParameter:
            return None

    def _told(self, asked: Figure, since: date, until: date, stated: Sequence[StatedDay], ledger: Ledger) -> Told:
        days = [self._explained.known_day(one, ledger, self._known) for one in stated]
        pairs = of_several(covering(_NET, ledger, [one.day for one in stated]))
        at: dict[str, Json] = {"from": since.isoformat(), "to": until.isoformat()}
        return Told(
            root=self._root(asked, days, stated),
            at={**at, "seq": None, "as_of": instant(self._known)},
            seen=False,
            known=self._known,
            pairs=pairs,
            checks=standing(ledger, pairs, self._known),
        )

    def _root(self, asked: Figure, days: Sequence[Day], stated: Sequence[StatedDay]) -> Node:
        if asked.name == "profitable_days":
            nets = [(day.day, of_day("net", day).amount, lambda day=day: of_day("net", day)) for day in days]
            return profitable(asked.name, asked.title, nets)
        root = _root(asked, self._points, lambda key, title, point: self._node(key, title, point, days))
        if asked.name != "max_drawdown" or len({point.restated for point in self._points}) < 2:
            return root
        trough, peak = self._points
        restated = self._restated(peak, trough, days, stated)
        return difference(root.key, root.title, [*root.children(), restated], note=_NO_FALL)

    def _restated(self, peak: Point, trough: Point, days: Sequence[Day], stated: Sequence[StatedDay]) -> Node:
        """Return what the days from a peak to a trough were restated by since they were shown."""
        parts = []
        for day, one in list(zip(days, stated, strict=True))[peak.before : trough.before]:
            known, ended = of_lines(one.lines).net, _ended(one.seen)
            if one.seen is None or known is None or ended is None or known == ended:
                continue
            row = one.seen.last
            if ended == row.net:
                note = f"as snapshot {row.seq:,} showed it"
                net = of_day("net", self._explained.day_of(row))
                shown = replace(net, key=SHOWN, title="Net as it was shown last", note=note)
            else:  # its last snapshot was incomplete
                title = "Net as complete snapshots showed it: no lower and no higher"
                shown = Node(key="~remainder", title=title, amount=ended, rule="remainder")
            whole = replace(of_day("net", day), key="known", title="Net as it is known")
            parts.append(difference(f"{one.day}", f"{one.day}", [whole, shown]))
        amount = trough.restated - peak.restated
        return Node(
            key="restated", title="What days were restated by in between", amount=amount, rule="sum", parts=parts
        )

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
                rest = Node(key="~remainder", title=_NOT_KEPT, amount=point.shown.amount, rule="remainder")
                parts.append(rest)
        return Node(key=key, title=f"{title}, {when}", amount=point.amount, rule="sum", parts=parts)

    def _course(self, stated: Sequence[StatedDay], *, falls: bool) -> list[Bar]:
        bounds = self._explained.calendar.bounds
        days = [
            CourseDay(
                day=one.day,
                start=bounds(one.day)[0],
                end=bounds(one.day)[1],
                net=of_lines(one.lines).net,
                high=one.seen.high if one.seen else None,
                low=one.seen.low if one.seen else None,
                ended=_ended(one.seen),
            )
            for one in stated
        ]
        return daily(days, falls=falls)

    def _within(self, stated: Sequence[StatedDay], bars: Sequence[Bar], number: int) -> tuple[Point, Point] | None:
        """Return the peak and the trough of the largest fall between two snapshots of a day."""
        seen = stated[number].seen
        course = self._store.course(seen.first, seen.last.seq) if seen else None
        if course is None or course.fall is None:
            return None
        begins = next(bar.open for bar in bars if bar.number == number)
        start, end = self._explained.calendar.bounds(stated[number].day)
        found = []
        for seq in course.fall:
            net = _net_of(self._store, seq)
            found.append(Point(begins.amount + net, number, Stretch(start, end, net), seq, begins.restated))
        return found[0], found[1]

    def _place(self, stated: Sequence[StatedDay], point: Point) -> SnapshotRow | None:
        """Return the first snapshot that showed a point."""
        seen = stated[point.before].seen if point.shown else None
        if seen is None or point.shown is None:
            return None
        if point.seq is not None:
            return self._store.row(point.seq)
        return first_of(
            self._store, point.shown.amount, point.shown.since, point.shown.until, seen.first, seen.last.seq
        )


class OverInstants:
    """Explains the course of the net between two instants, as snapshots showed it."""

    def __init__(self, explained: Explained, store: Store) -> None:
        self._explained = explained
        self._store = store

    def of(self, asked: Figure, since: datetime, until: datetime) -> Told:
        """Return a figure of [since, until).

        Raises:
            BadParameter: Nothing is known of it there.
        """
        if until - since > _LONGEST:
            raise BadParameter("from", f"from and to are more than {_LONGEST.days} days apart: name company days")
        first, last = ends(self._store, since, until)
        course = self._store.course(first.seq, last.seq)
        if course is None:
            raise BadParameter("from", f"nothing is known of the net from {instant(since)} to {instant(until)}")
        self._explained.keep(last)
        begins = self._node("begin", "Beginning", course.opens)
        if asked.name == "max_drawdown":
            named = zip((_TROUGH, _PEAK), reversed(course.fall), strict=True) if course.fall else ()
            root = _fall(asked, [self._node(one.key, one.title, seq) for one, seq in named])
        else:
            name = asked.title.split()[0]
            seq = course.high if asked.name == "highest_net" else course.low
            root = difference(asked.name, asked.title, [self._node("point", name, seq), begins])
        return Told(
            root=root,
            at={
                "from": instant(since),
                "to": instant(until),
                "begins": instant(self._row(course.opens).as_of),
                "seq": None,
                "as_of": instant(last.as_of),
            },
            seen=True,
            known=last.as_of,
            pairs=of_several(covering(_NET, Ledger(self._explained.calendar), [last.day])),
            checks=None,
        )

    def _node(self, key: str, title: str, seq: int) -> Node:
        row = self._row(seq)
        note = f"net of all days so far, as snapshot {row.seq:,} showed it"
        title = f"{title}, {_moment(self._explained, row)}"
        return replace(self._explained.cumulative(row), key=key, title=title, note=note)

    def _row(self, seq: int) -> SnapshotRow:
        return _kept(self._store, seq)


def _ended(seen: SeenDay | None) -> Nano | None:
    """Return the net that a day was shown with last; within what its complete snapshots showed, if there are any."""
    if seen is None or seen.last.net is None:
        return None
    net = seen.last.net if seen.high is None else min(seen.last.net, seen.high)
    return net if seen.low is None else max(net, seen.low)


def _kept(store: Store, seq: int) -> SnapshotRow:
    row = store.row(seq)
    if row is None:
        raise LookupError(f"snapshot {seq} is not kept")
    return row


def _net_of(store: Store, seq: int) -> Nano:
    net = _kept(store, seq).net
    if net is None:
        raise LookupError(f"snapshot {seq} has no net")
    return net


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


def _points(name: str, bars: Sequence[Bar], within: Within) -> list[Point]:
    """Return the points that a figure is made of: a fall is the trough less the peak."""
    if name == "max_drawdown":
        fall = deepest(bars, within)
        return [fall[1], fall[0]] if fall else []
    found = highest(bars) if name == "highest_net" else lowest(bars)
    return [found] if found else []


def _root(asked: Figure, points: Sequence[Point], node: Callable[[str, str, Point], Node]) -> Node:
    """Return a figure of days as its points make it."""
    if asked.name == "max_drawdown":
        named = zip((_TROUGH, _PEAK), points, strict=True) if points else ()
        return _fall(asked, [node(one.key, one.title, point) for one, point in named])
    (point,) = points
    name = asked.title.split()[0]
    found = node(asked.name, name, point)
    return replace(found, title=asked.title, note=f"reached at {found.title.removeprefix(name).lstrip(', ')}")


def _fall(asked: Figure, parts: Sequence[Node]) -> Node:
    """Return the trough less the peak; without them it never fell."""
    if not parts:
        return Node(key=asked.name, title=asked.title, amount=0, rule="sum", note=_NEVER)
    return difference(asked.name, asked.title, parts)


def _moment(explained: Explained, row: SnapshotRow) -> str:
    return f"{row.as_of.astimezone(explained.calendar.zone):%Y-%m-%d %H:%M:%S}"
