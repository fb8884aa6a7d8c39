"""The company days of an explanation: each with its lines, and the open positions at its edges."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from pnl.domain.company_day import Calendar
from pnl.domain.explain import (
    Day,
    Node,
    Valuation,
    by_day,
    of_day,
)
from pnl.domain.explain.positions import open_holdings
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.ports import Ledgers, SnapshotRow, Store
from pnl.web.edges import Edges
from pnl.web.told import StatedDay

_UNREALISED = "trading_unrealised"


class ExplainedDays:
    """Makes days, of screens and as they are known, to be explained.

    Args:
        store: The archive.
        ledgers: What is known, and was known.
        edges: The open positions at the edges of days.
        calendar: The company's days.
    """

    def __init__(self, store: Store, ledgers: Ledgers, edges: Edges, calendar: Calendar) -> None:
        self._store = store
        self._ledgers = ledgers
        self._edges = edges
        self._calendar = calendar

    def day_of(self, row: SnapshotRow) -> Day:
        """Return a snapshot's day as it was shown then, to be explained by what was known then."""
        return self.of_row(row, lambda: self.opening(row, row.as_of, None), lambda: self._ledgers.at(row.as_of))

    def of_row(self, row: SnapshotRow, opening: Callable[[], Valuation], know: Callable[[], Ledger]) -> Day:
        """Return the day of a snapshot as it showed it, by what `know` gives."""
        closing = self._marked(
            Valuation(at=row.as_of, unrealised=row.unrealised_total, holdings=lambda: open_holdings(know()))
        )
        return Day(
            know=know,
            calendar=self._calendar,
            day=row.day,
            lines=row.lines,
            opening=opening,
            closing=lambda: closing,
        )

    def opening(self, row: SnapshotRow, known: datetime | None, held: Ledger | None) -> Valuation:
        """Return with what a screen's day opened: what it showed less what it had changed by."""
        change = row.lines.get(_UNREALISED)
        counted = None if change is None or row.unrealised_total is None else row.unrealised_total - change
        return self._marked(self._edges.at(self._calendar.bounds(row.day)[0], counted, known, held))

    def of_stated(self, one: StatedDay, ledger: Ledger, known: datetime | None) -> Day:
        """Return a day as it is known."""
        start, end = self.bounds(one.day, known)
        return Day(
            know=lambda: ledger,
            calendar=self._calendar,
            day=one.day,
            lines=one.lines,
            opening=lambda: self._marked(self._edges.at(start, None, known, ledger)),
            closing=lambda: self._marked(self._edges.at(end, None, known, ledger)),
        )

    def bounds(self, day: date, known: datetime | None) -> tuple[datetime, datetime]:
        """Return when a day began and ended, as far as it had by then."""
        start, end = self._calendar.bounds(day)
        return start, min(end, known) if known else end

    def prepare(self, stated: Sequence[StatedDay], known: datetime | None, path: str) -> None:
        """Work the open positions at a day's edges out before the ledger is locked."""
        for one in stated:
            if len(stated) == 1 or one.day.isoformat() in path:
                for at in self.bounds(one.day, known):
                    self._edges.at(at, None, known, None).holdings()

    def cumulative(self, key: str, title: str, row: SnapshotRow, day: Day) -> Node:
        """Return the net of all company days up to a snapshot, each as it was shown last."""
        days: list[tuple[date, Nano | None, Callable[[], Node]]] = [
            (one.day, one.last.net, lambda last=one.last: self._net_of(last))  # type: ignore[misc]
            for one in self._store.company_days(None, row.day)
        ]
        days.append((row.day, row.net, lambda: of_day("net", day)))
        return by_day(key, title, days)

    def _marked(self, found: Valuation) -> Valuation:
        """Return open positions that say whether prices of their time were thinned."""
        return replace(found, thinned=found.at is not None and self._store.marks_thinned(found.at))

    def _net_of(self, row: SnapshotRow) -> Node:
        return of_day("net", self.day_of(row))
