"""What was known when: ledgers and screens of the past, days and what restated them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

from pnl.domain.days import Boundary
from pnl.domain.ledger import Ledger
from pnl.domain.snapshot import PositionRow, Snapshot
from pnl.history.days import KnownDays
from pnl.history.edges import Beginnings
from pnl.history.ledgers import KnownLedgers
from pnl.history.restated import Restated
from pnl.history.screens import Screens
from pnl.history.spent import Spent
from pnl.history.warm import WarmUp
from pnl.ports import CheckChange, StatedDay, Store

__all__ = ["KnownHistory", "KnownLedgers", "WarmUp"]


class KnownHistory:
    """Implements `pnl.ports.History` and, as `ledgers`, `pnl.ports.Ledgers`.

    Args:
        ledger: The tick's own.
        lock: Held by whoever reads or writes it.
        store: The archive.
        empty: Makes a ledger that knows nothing.
        demo: Whether it is a demonstration.
        interval_seconds: The pace of ticks.
    """

    def __init__(
        self,
        ledger: Ledger,
        lock: AbstractContextManager[object],
        store: Store,
        empty: Callable[[], Ledger],
        *,
        demo: bool,
        interval_seconds: float,
    ) -> None:
        self.ledgers = KnownLedgers(ledger, lock, store, empty)
        calendar = empty().calendar  # of its own, since it remembers the day that it was asked for last
        beginnings = Beginnings(store, calendar, interval_seconds)
        restated = Restated(store, calendar, beginnings, primary=ledger.revenue_primary, rule=ledger.mark_rule)
        spent = Spent(store, calendar)
        self._days = KnownDays(store, self.ledgers, calendar, beginnings, restated, spent)
        self._screens = Screens(store, self.ledgers, demo=demo)

    def days(self, since: date | None, until: date | None, at: datetime | None = None) -> Sequence[StatedDay]:
        """Return the company days of [since, until), as known now or at an instant."""
        return self._days.days(since, until, at)

    def began(self, start: datetime, at: datetime | None = None) -> Boundary | None:
        """Return the open positions where a company day begins, as known now or at an instant."""
        return self._days.began(start, at)

    def screen(self, at: datetime) -> Snapshot | None:
        """Return what was shown at an instant."""
        return self._screens.screen(at)

    def positions(self, at: datetime) -> tuple[int, Sequence[PositionRow]] | None:
        """Return every market that was ever traded by an instant."""
        return self._screens.positions(at)

    def checks(self, at: datetime) -> tuple[int, Sequence[tuple[str, str, CheckChange]]] | None:
        """Return the checks that were shown at an instant."""
        return self._screens.checks(at)
