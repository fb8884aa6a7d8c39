"""Where days begin: the snapshots that the open positions of each beginning are taken from."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from pnl.domain.company_day import Calendar
from pnl.domain.days import Boundary, boundary
from pnl.domain.restatements import Edge
from pnl.ports import SeenDay, SnapshotRow, Store

_DAY = timedelta(days=1)


class Beginnings:
    """Knows the boundary at the beginning of every company day since the first snapshot, as it was shown.

    Args:
        store: The archive.
        calendar: The company's days.
        interval_seconds: The pace of ticks, by which a snapshot is near midnight.
    """

    def __init__(self, store: Store, calendar: Calendar, interval_seconds: float) -> None:
        self._store = store
        self._calendar = calendar
        self._interval = interval_seconds
        self._edges: list[Edge] = []
        self._untils: list[datetime] = []
        self._by_day: dict[date, Boundary] = {}

    def take(self, days: Sequence[SeenDay]) -> None:
        """Take in how the days since the first snapshot were seen, oldest first, today last.

        A day whose beginning cannot be told yet is looked for again by the next call, and no later one before it:
        nothing that tells was kept since.
        """
        if not days:
            return
        lasts = {seen.day: seen.last for seen in days}
        day = self._edges[-1].day + _DAY if self._edges else days[0].day
        while day <= days[-1].day:
            found = self._over(day) or self._find(day, lasts.get(day - _DAY))
            if found is None:
                return
            self._by_day[day] = found
            self._edges.append(Edge(day=day, boundary=found))
            self._untils.append(found.until)
            day += _DAY

    @property
    def edges(self) -> Sequence[Edge]:
        """What is known, oldest first."""
        return self._edges

    def of(self, day: date) -> Boundary | None:
        """Return how a day began; None where that is not known."""
        return self._by_day.get(day)

    def after(self, at: datetime) -> Edge | None:
        """Return the first edge at which what was executed at an instant counts."""
        place = bisect_right(self._untils, at)
        return self._edges[place] if place < len(self._edges) else None

    def _over(self, day: date) -> Boundary | None:
        """Return the boundary of the day before where nothing was kept from there until after this day began, too."""
        last = self._edges[-1].boundary if self._edges else None
        return last if last and last.estimated and last.as_of > self._calendar.bounds(day)[0] else None

    def _find(self, day: date, last: SnapshotRow | None) -> Boundary | None:
        start = self._calendar.bounds(day)[0]
        before = last if last and last.unrealised_total is not None else self._store.row_before(start)
        found = boundary(start, before, None, self._interval)
        return found or boundary(start, None, self._store.row_after(start), self._interval)


def corrected(found: Boundary | None, amount: int) -> Boundary | None:
    """Return a boundary with what became known later of it."""
    return replace(found, corrected=amount) if found and amount else found
