"""Looks at every rule with every tick, from the snapshot that the pages are about to show."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from pnl.alerts.book import InForce
from pnl.alerts.kept import AlertStore
from pnl.domain.alerts.board import Look, look
from pnl.domain.alerts.figures import Seen
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.snapshot import Snapshot

SLACK_SECONDS = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class High:
    """The highest net of a company day so far, by the lines that it was without.

    Nets of the same lines alone are held against each other: what a source adds, or takes away, when it first
    answers, or is connected, is no rise and no fall.
    """

    day: date | None = None
    nets: Mapping[tuple[str, ...], Nano] = field(default_factory=dict)

    def of(self, snapshot: Snapshot) -> Nano | None:
        """Return the highest of the day and the lines of a snapshot; None while none was known."""
        return self.nets.get(snapshot.missing) if self.day == snapshot.day else None

    def with_(self, snapshot: Snapshot) -> "High":
        """Return what it is with one more snapshot."""
        before = self.nets if self.day == snapshot.day else {}
        if snapshot.net is None:
            return High(snapshot.day, before)
        highest = max(snapshot.net, before.get(snapshot.missing, snapshot.net))
        return High(snapshot.day, {**before, snapshot.missing: highest})


class Watch:
    """Belongs to the tick: no other thread calls it. What it found counts once the tick is kept.

    Args:
        store: How the rules did before this process began.
        in_force: Gives the rules.
        budget: The monthly budget for API cost.
        interval_seconds: The pace of ticks.
        high: The highest net of the company day so far, as it was shown.
    """

    def __init__(
        self,
        store: AlertStore,
        in_force: Callable[[], InForce],
        *,
        budget: Nano | None,
        interval_seconds: int,
        high: High,
    ) -> None:
        self._in_force = in_force
        self._budget = budget
        self._trust = timedelta(seconds=3 * interval_seconds + SLACK_SECONDS)
        self._high = high
        _, self._board = store.board()

    def look(self, snapshot: Snapshot, ledger: Ledger) -> Look:
        """Return what a look at a snapshot leads to; the ledger is as the snapshot knows it."""
        found = self._in_force()
        figures = {rule.figure for rule in found.rules}
        seen = Seen(
            snapshot=snapshot,
            high=self._high.with_(snapshot).of(snapshot),
            month_cost=month_cost(ledger, snapshot.day) if "api_budget" in figures else None,
            budget=self._budget,
            failed=failed(ledger) if any(name.startswith("failed_checks.") for name in figures) else {},
        )
        return look(self._board, found.rules, found.silenced, seen, self._trust)

    def keep(self, found: Look, snapshot: Snapshot) -> None:
        """Go on from what was found: its tick is kept."""
        self._board = found.board
        self._high = self._high.with_(snapshot)


def month_cost(ledger: Ledger, day: date) -> Nano | None:
    """Return what API use has cost in the company days of a month up to one of them, above zero.

    Days of which the cost is not known are left out; None where none is known.
    """
    days = (day.replace(day=1) + number * _DAY for number in range(day.day))
    known = [cost.amount for cost in map(ledger.api_cost, days) if cost.amount is not None]
    return sum(known) if known else None


def failed(ledger: Ledger) -> Mapping[str, int]:
    """Return how many checks fail, by name."""
    return Counter(check.name for check in ledger.reconciliation.checks() if check.state == "failed")
