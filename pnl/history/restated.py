"""What changed of days after they had ended, kept up to date record by record."""

import threading
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter

from pnl.domain.company_day import Calendar
from pnl.domain.days import Rule
from pnl.domain.records import Anchor, Mark, Record
from pnl.domain.restatements import TOGETHER, Edge, Entries, Restatement, of_market, restatement
from pnl.history.edges import Beginnings
from pnl.ports import SeenDay, Store

AHEAD = 16
"""A market's marks are asked for so many days at once: what is held at one is mostly held at the next."""
_DAY = timedelta(days=1)
_number = attrgetter("number")


class Restated:
    """Knows what each record changed of days that had ended, and of what was held where days begin.

    Args:
        store: The archive.
        calendar: The company's days.
        beginnings: Where days begin.
        primary: The source of revenue whose totals count, where one is named.
        rule: By what a position is valued.
    """

    def __init__(
        self, store: Store, calendar: Calendar, beginnings: Beginnings, *, primary: str | None, rule: Rule
    ) -> None:
        self._store = store
        self._calendar = calendar
        self._beginnings = beginnings
        self._rule = rule
        self._entries = Entries(calendar, primary)
        self._entered: dict[date, list[Restatement]] = defaultdict(list)
        self._traded: dict[str, tuple[tuple[date, Restatement], ...]] = {}
        self._held: dict[str, tuple[tuple[date, Restatement], ...]] = {}
        self._by_day: dict[date, list[Restatement]] = {}
        self._by_edge: dict[date, list[Restatement]] = {}
        self._reported: dict[date, list[tuple[int, Record]]] = defaultdict(list)
        self._seen: dict[date, int] = {}
        self._settled: dict[str, datetime] = {}
        self._then: tuple[int, Sequence[tuple[int, Record]]] | None = None
        self._last = 0
        self._taking = threading.Lock()

    def take(self, days: Sequence[SeenDay]) -> None:
        """Take in all that was kept up to the newest snapshot.

        Args:
            days: Every day as it was seen, oldest first, the newest snapshot's last.

        Raises:
            StoreError: The store does not answer; what was not taken in is taken in by the next call.
        """
        if not days:
            return
        with self._taking:
            self._beginnings.take(days)
            newest = days[-1].last
            if newest.known <= self._last:
                self._seen.update((seen.day, seen.last.known) for seen in days)
                return
            last = self._last
            entered = self._store.versions(("revenue", "credit"), after=last, upto=newest.known)
            anchors = self._store.versions(("anchor",), after=last, upto=newest.known)
            trades = [trade for trade in self._store.trades(last) if trade.number <= newest.known]
            self._seen.update((seen.day, seen.last.known) for seen in days)
            late = set()
            for trade in trades:
                at = trade.at
                if trade.settles:
                    self._settled[trade.ticker] = min(at, self._settled.get(trade.ticker, at))
                elif trade.ticker in self._settled:  # what is traded after a settlement posts where that does
                    at = min(at, self._settled[trade.ticker])
                edge = self._beginnings.after(at)
                if self._late(self._calendar.day(at), trade.number) or (edge and edge.boundary.known < trade.number):
                    late.add(trade.ticker)
            markets = {ticker: self._market(ticker, newest.known) for ticker in sorted(late)}
            # From here on nothing can fail: a part that was taken in twice would count twice.
            for day, change in self._entries.take(entered, newest.day, self._late):
                self._entered[day].append(change)
                if not markets:  # what comes later has a higher number
                    self._by_day.setdefault(day, []).append(change)
            for number, record in anchors:
                if isinstance(record.fact, Anchor):
                    self._reported[record.fact.day].append((number, record))
            if markets:
                for ticker, (of_days, of_edges) in markets.items():
                    self._traded[ticker], self._held[ticker] = of_days, of_edges
                self._by_day = _sorted(self._traded.values(), self._entered)
                self._by_edge = _sorted(self._held.values(), {})
            self._last = newest.known

    def told(self, day: date) -> tuple[object, ...]:
        """Return what is another when something more changed a day."""
        utc = self._calendar.bounds(day)[0].date()
        reports = (len(self._reported.get(utc + place * _DAY, ())) for place in range(3))
        parts = (self._by_day.get(day), self._by_edge.get(day), self._by_edge.get(day + _DAY))
        return (*((len(part), part[-1].number) if part else () for part in parts), *reports)

    def changes(self, day: date, known: int) -> list[Restatement]:
        """Return what records up to a number changed of a day that was seen."""
        found = _upto(self._by_day.get(day, ()), known)
        ends = _upto(self._by_edge.get(day + _DAY, ()), known)
        begins = [replace(change, amount=-change.amount) for change in _upto(self._by_edge.get(day, ()), known)]
        return sorted((*found, *ends, *begins), key=_number)

    def held(self, day: date, known: int) -> int:
        """Return what records up to a number changed of what was held where a day begins, in nano-dollars."""
        return sum(change.amount for change in _upto(self._by_edge.get(day, ()), known))

    def report(self, day: date, known: int) -> Restatement | None:
        """Return what of API cost became known last, up to a number, after a day had ended; its amount is 0.

        That is the newest report, or, where none came, the newest reading of usage.
        """
        start, end = self._calendar.bounds(day)
        seen = self._seen.get(day, 0)
        found: tuple[int, Record] | None = None
        utc = start.date()
        while utc <= (end - timedelta(microseconds=1)).date():
            for number, record in (*self._reported.get(utc, ()), *self._replaced(utc, known)):
                if seen < number <= known and (found is None or number > found[0]):
                    found = (number, record)
            utc += _DAY
        if found:
            return restatement(*found, "api_cost", 0, TOGETHER)
        whole = datetime.combine(start.date(), time(), UTC), datetime.combine(utc, time(), UTC)
        read = self._store.read_since(*whole, after=seen, upto=known)
        return restatement(*read, "api_cost", 0, TOGETHER) if read else None

    def _replaced(self, utc: date, known: int) -> Sequence[tuple[int, Record]]:
        """Return the reports of a UTC day that stood at a number, and gave way to later ones since."""
        then = self._then
        if then is None or then[0] != known:
            then = self._then = (known, self._store.replaced_since(known, "anchor"))
        return [pair for pair in then[1] if isinstance(pair[1].fact, Anchor) and pair[1].fact.day == utc]

    def _late(self, day: date, number: int) -> bool:
        seen = self._seen.get(day)
        return seen is not None and seen < number

    def _market(
        self, ticker: str, known: int
    ) -> tuple[tuple[tuple[date, Restatement], ...], tuple[tuple[date, Restatement], ...]]:
        versions = self._store.versions(("fill", "settlement"), upto=known, tickers=(ticker,))
        edges = self._beginnings.edges
        marks: dict[int, Mark | None] = {}

        def mark_at(edge: Edge) -> Mark | None:
            seq = edge.boundary.seq
            if seq not in marks:
                place = bisect_left(edges, edge.day, key=attrgetter("day"))
                marks.update(
                    self._store.marks_along(ticker, [one.boundary.seq for one in edges[place : place + AHEAD]])
                )
            if seq not in marks:  # what its day was told by then is not kept any more
                marks[seq] = next(iter(self._store.marks_at(edge.boundary.as_of, (ticker,))), None)
            return marks[seq]

        found = of_market(self._calendar, versions, self._late, edges, mark_at, self._rule)
        return found.days, found.edges


def _upto(changes: Sequence[Restatement], known: int) -> Sequence[Restatement]:
    return changes[: bisect_right(changes, known, key=_number)]


def _sorted(
    traded: Iterable[Iterable[tuple[date, Restatement]]], entered: Mapping[date, Sequence[Restatement]]
) -> dict[date, list[Restatement]]:
    found: dict[date, list[Restatement]] = {day: sorted(changes, key=_number) for day, changes in entered.items()}
    for changes in traded:
        for day, change in changes:
            insort(found.setdefault(day, []), change, key=_number)
    return found
