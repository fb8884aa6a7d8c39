"""The checks of what the API cost: each UTC day by its rows, its usage, its estimate and its restatement."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from pnl.domain.apicost import ApiCosts
from pnl.domain.checks import Check
from pnl.domain.costs_held import Held

BEING_READ = "rows of cost have come that are newer than the report of the day: it is read again within minutes"
UNTOLD = (
    "rows of cost are missing, or kept that Anthropic tells no more: the breakdown by model is off by the difference"
)
RESTATED = "Anthropic changed the cost of this day after its end"
_PATIENCE = timedelta(minutes=15)
"""Rows and the sum of a day are read in turn: for so long they may be of two readings."""


class CostChecks:
    """Makes the checks, and remembers since when the rows of a day have not been its report."""

    def __init__(self) -> None:
        self._apart: dict[date, datetime] = {}

    def of(self, costs: ApiCosts, at: datetime) -> list[Check]:
        """Return the checks as they stand at an instant."""
        found = costs.held()
        self._apart = {one.day: self._apart.get(one.day, at) for one in found if one.kept != one.reported}
        checks = [self._rows(one, at) for one in found]
        checks += _usage(found)
        checks += [
            Check("api_cost", drift.day.isoformat(), drift.estimate, drift.reported, drift.tolerance)
            for drift in costs.drifts()
            if drift.estimate is not None
        ]
        checks += [
            Check("api_cost_restated", f"{drift.day}", drift.reported - drift.restated_by, drift.reported, 0, RESTATED)
            for drift in costs.drifts()
            if drift.restated_by
        ]
        return checks

    def _rows(self, one: Held, at: datetime) -> Check:
        since = self._apart.get(one.day)
        waiting = BEING_READ if since is not None and at - since < _PATIENCE else None
        reason = UNTOLD if since is not None else None
        return Check("api_cost_rows", one.day.isoformat(), one.kept, one.reported, 0, waiting, reason)


def _usage(found: tuple[Held, ...]) -> Iterator[Check]:
    for one in found:
        if one.by_usage:
            expected, billed = sum(one.by_usage.expected.values()), sum(one.by_usage.billed.values())
            yield Check("api_cost_usage", one.day.isoformat(), expected, billed, one.by_usage.tolerance)
