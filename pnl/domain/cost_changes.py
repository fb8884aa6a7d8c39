"""What became known of a company day's API cost after it had ended: reading by reading, what each changed.

Records are taken in the order in which they were kept. All that a tick kept is one reading: the cost of the
day is worked out before and after it, so that the changes add up to what the cost changed by.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from pnl.domain.apicost import HISTORY_DAYS, ApiCosts
from pnl.domain.cost_facts import utc_day
from pnl.domain.money import Nano
from pnl.domain.records import Anchor, Cost, Record, Usage
from pnl.domain.restatements import (
    READ_ON,
    REPORTED,
    UNKNOWN,
    UNREAD,
    USAGE_UNREAD,
    Numbered,
    Restatement,
    restatement,
)
from pnl.domain.utc_hours import midnight

RATED = "What the days before cost was reported, or changed, and with it the rates by which usage is estimated."
_DAY = timedelta(days=1)
_WEIGHT = {"usage": 0, "cost": 1, "anchor": 2}
"""Of all that a reading tells, its report is named; without one the cost, or the usage."""


class CostChanges:
    """Follows the API cost of [start, end), a company day that has ended.

    Args:
        start: Its first instant.
        end: The first one after it.
        known: What was known when it was shown last, in the order of its numbers.
    """

    def __init__(self, start: datetime, end: datetime, known: Iterable[Numbered]) -> None:
        self._bounds = start, end
        self._days = tuple(utc_days(start, end))
        self._costs = ApiCosts()
        for _, record in known:
            self._costs.add(record)
        self._amount = self._now()

    def take(self, numbered: Iterable[Numbered]) -> Iterator[Restatement]:
        """Take later records in, by number, and give what each reading changed."""
        for _, group in groupby(numbered, key=lambda pair: pair[1].recorded_at):
            reading = list(group)
            parts = self._parts()
            for _, record in reading:
                self._costs.add(record)
            amount = self._now()
            if amount != self._amount:
                changed = [day for day, then, now in zip(self._days, parts, self._parts(), strict=True) if now != then]
                by = (self._amount or 0) - (amount or 0)
                if by:
                    yield self._change(reading, changed, by, self._turned(amount))
                self._amount = amount

    def _now(self) -> Nano | None:
        return self._costs.between(*self._bounds).amount

    def _turned(self, amount: Nano | None) -> str | None:
        """Return why it is known now, or is not known any more; None where it was and is known."""
        if self._amount is None:
            return UNKNOWN
        return unread(self._costs, *self._bounds) if amount is None else None

    def _parts(self) -> list[Nano | None]:
        start, end = self._bounds
        return [
            self._costs.between(max(start, begins), min(end, begins + _DAY)).amount
            for begins in map(midnight, self._days)
        ]

    def _change(
        self, reading: Sequence[Numbered], changed: Sequence[date], amount: Nano, turned: str | None
    ) -> Restatement:
        """Return a change, put down to what a reading tells of the UTC days that it changed."""
        own = [pair for pair in reading if _day(pair[1]) in changed]
        number, record = max(own or reading, key=lambda pair: (_WEIGHT.get(pair[1].kind, -1), pair[0]))
        reason = (READ_ON if record.kind == "usage" else REPORTED) if own else RATED
        return restatement(number, record, "api_cost", amount, turned or reason)


def utc_days(start: datetime, end: datetime) -> Iterator[date]:
    """Give the UTC days that [start, end) is in."""
    day = start.astimezone(UTC).date()
    while midnight(day) < end:
        yield day
        day += _DAY


def unread(costs: ApiCosts, start: datetime, end: datetime) -> str:
    """Return why it is not known what [start, end) cost."""
    return USAGE_UNREAD if any(what == "usage" for _, what in costs.unread(start, end)) else UNREAD


def reach(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return the stretch of time of which usage and cost count for [start, end): effective rates come from before."""
    days = tuple(utc_days(start, end))
    return midnight(days[0] - HISTORY_DAYS * _DAY), midnight(days[-1] + _DAY)


def _day(record: Record) -> date | None:
    return utc_day(record.fact) if isinstance(record.fact, Cost | Usage | Anchor) else None
