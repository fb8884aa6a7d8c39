"""What each reading changed of the API cost of days that had ended, kept up to date as long as it is asked for."""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pnl.domain.company_day import Calendar
from pnl.domain.cost_changes import CostChanges, reach
from pnl.domain.restatements import Numbered, Restatement
from pnl.ports import Store

KEPT = 16
"""Days that are kept in mind: more than are told reading by reading in one answer."""


@dataclass(slots=True)
class _Followed:
    changes: CostChanges
    last: int
    found: list[Restatement] = field(default_factory=list)


class Spent:
    """Knows what each reading of API usage and cost changed of a company day after it had ended.

    A day is followed from when it was shown last: the readings that were known then are read from the archive
    once, and every later one once, also those that gave way to others since.

    Args:
        store: The archive.
        calendar: The company's days.
    """

    def __init__(self, store: Store, calendar: Calendar) -> None:
        self._store = store
        self._calendar = calendar
        self._followed: OrderedDict[date, _Followed] = OrderedDict()
        self._following = threading.Lock()

    def changes(self, day: date, shown: int, known: int) -> Sequence[Restatement]:
        """Return what records above the number `shown`, up to `known`, changed of a day's cost, in their order.

        Args:
            day: A company day.
            shown: The last record that was known when the day was shown last.
            known: The last one that counts.

        Raises:
            StoreError: The store does not answer.
        """
        if known <= shown:
            return ()
        with self._following:
            kept = self._followed.get(day) or self._begin(day, shown)
            if known > kept.last:
                kept.found += kept.changes.take(self._read(*self._calendar.bounds(day), after=kept.last, upto=known))
                kept.last = known
            self._followed[day] = kept
            self._followed.move_to_end(day)
            while len(self._followed) > KEPT:
                self._followed.popitem(last=False)
            return kept.found[: bisect_right(kept.found, known, key=lambda change: change.number)]

    def _begin(self, day: date, shown: int) -> _Followed:
        start, end = self._calendar.bounds(day)
        return _Followed(CostChanges(start, end, self._read(start, end, after=None, upto=shown)), shown)

    def _read(self, start: datetime, end: datetime, *, after: int | None, upto: int) -> list[Numbered]:
        return self._store.readings(*reach(start, end), after=after, upto=upto)
