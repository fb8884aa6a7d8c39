"""What the use of Anthropic's API costs: reported cost as the anchor, usage since then as the delta.

Anthropic reports cost by UTC day. A UTC day's amount is its anchor plus what its usage has grown
since, at effective rates, and never below the anchor. It is spread over the day's hours in
proportion to usage, evenly where its usage was read and is nothing, in whole nano-dollars that add
up to it, so that a company day in any zone is a sum of hours, and neighbouring days share nothing
and lose nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Literal

from pnl.domain.cost_days import Figure, UtcDay, work_out
from pnl.domain.cost_drift import Drift, drift
from pnl.domain.cost_facts import Facts, is_open, utc_day
from pnl.domain.cost_stretch import Stretch, stretch
from pnl.domain.costs_held import Held, held
from pnl.domain.finality import Finality
from pnl.domain.money import Nano
from pnl.domain.rates import Rates, Spent
from pnl.domain.records import Anchor, Cost, Record, Usage
from pnl.domain.utc_hours import QUARTER, midnight

HISTORY_DAYS = 7
OPEN_DAYS = 31
"""A reported day may still change for so long."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCost:
    """What the API cost in a stretch of time, in nano-dollars above zero.

    `amount` is None until the cost and the usage of its UTC days are known; `reported` and
    `estimated` are its two parts. `flags`: `unpriced_usage`, where usage since the last report has
    no known price, so that the amount is too low until it is reported; `priority_usage`, where
    tokens were used that a contract bills and no report of cost shows.
    """

    amount: Nano | None
    finality: Finality
    flags: tuple[str, ...] = ()
    reported: Nano = 0
    estimated: Nano = 0


class ApiCosts:
    """The newest version of every cost, usage and anchor, worked out by UTC day when it is asked for."""

    def __init__(self) -> None:
        self._facts: dict[date, Facts] = {}
        self._figures: dict[date, Figure | None] = {}
        self._drifts: dict[date, Drift | None] = {}
        self._held: dict[date, Held | None] = {}
        self._spent: dict[date, Spent | None] = {}
        self._known: dict[tuple[datetime, datetime], ApiCost] = {}
        self._stretches: dict[tuple[date, int, int], tuple[Figure, Stretch]] = {}
        self._last_answer: datetime | None = None

    def fork(self) -> "ApiCosts":
        """Return a copy that goes its own way; what was worked out goes along."""
        found = ApiCosts()
        found._facts = {day: facts.fork() for day, facts in self._facts.items()}
        found._figures, found._drifts, found._held = self._figures.copy(), self._drifts.copy(), self._held.copy()
        found._spent, found._known = self._spent.copy(), self._known.copy()
        found._stretches, found._last_answer = self._stretches.copy(), self._last_answer
        return found

    @property
    def last_answer(self) -> datetime | None:
        """The newest instant at which a cost was read and said something new; None before the first."""
        return self._last_answer

    def add(self, record: Record) -> None:
        """Take a cost, a usage or an anchor in; a newer version replaces an older one."""
        version = record.version or 0
        match record.fact:
            case Anchor() as anchor:
                facts = self._of(anchor.day)
                before = facts.anchor(anchor.id)
                if facts.take(anchor, version):
                    if before and before.read_at == self._last_answer:  # it may have been the only one so late
                        self._last_answer = max(newest.read_at for newest in self._newest())
                    self._last_answer = max(self._last_answer or anchor.read_at, anchor.read_at)
                    self._forget(anchor.day)
            case Cost() | Usage() as row:
                day = utc_day(row)
                if self._of(day).take(row, version):
                    self._forget(day)

    def between(self, start: datetime, end: datetime) -> ApiCost:
        """Return what [start, end) cost, as of the last answer.

        A UTC day that began after the last answer adds nothing. Both ends are taken down to the
        quarter of an hour, the finest step that a zone has.
        """
        known = self._known.get((start, end))
        if known is None:
            known = self._known[(start, end)] = self._sum(start.astimezone(UTC), end.astimezone(UTC))
        return known

    def stretches(self, start: datetime, end: datetime) -> list[Stretch]:
        """Return, oldest first, what `between` is the sum of; empty where that is not known.

        One of which nothing has changed is the same object as before.
        """
        found = []
        for day, figure, low, high in self._covered(start.astimezone(UTC), end.astimezone(UTC)):
            if figure is None or figure.spread is None:
                return []
            known = self._stretches.get((day, low, high))
            if known is None or known[0] is not figure:
                rates = partial(self._rates, day)
                made = stretch(self._facts[day], figure, rates, spread=figure.spread, low=low, high=high)
                known = self._stretches[day, low, high] = (figure, made)
            found.append(known[1])
        return found

    def unread(self, start: datetime, end: datetime) -> list[tuple[date, Literal["cost", "usage"]]]:
        """Return, oldest first, of which UTC days of [start, end) what was not read yet; see `between`."""
        return [
            (day, "usage" if figure else "cost")
            for day, figure, _, _ in self._covered(start.astimezone(UTC), end.astimezone(UTC))
            if figure is None or figure.spread is None
        ]

    def days(self) -> tuple[UtcDay, ...]:
        """Return every UTC day whose cost was read, oldest first."""
        found = ((day, self._figure(day)) for day in sorted(self._facts))
        return tuple(self._final(figure.day) for _, figure in found if figure)

    def anchor(self, day: date, anchor_id: str) -> Anchor | None:
        """Return a report of a UTC day by its id; see `pnl.domain.records.Anchor`."""
        facts = self._facts.get(day)
        return facts.anchor(anchor_id) if facts else None

    def drifts(self) -> tuple[Drift, ...]:
        """Return, oldest first, how each ended UTC day that was read after its end compares with its estimate."""
        for day, facts in self._facts.items():
            if day not in self._drifts:
                self._drifts[day] = drift(facts, partial(self._rates, day))
        return tuple(found for _, found in sorted(self._drifts.items()) if found)

    def held(self) -> tuple[Held, ...]:
        """Return, oldest first, how the rows and the usage of each UTC day stand against its report.

        A day that is too old for its report to change is there only if its rows do not add up to it.
        """
        for day in self._facts.keys() - self._held.keys():
            self._held[day] = self._hold(day)
        since = self._last_answer.date() - timedelta(days=OPEN_DAYS) if self._last_answer else None
        return tuple(
            one
            for day, one in sorted(self._held.items())
            if one and ((since and day > since) or one.kept != one.reported)
        )

    def held_on(self, day: date) -> Held | None:
        """Return how a UTC day stands against its report; None where there is none."""
        if day not in self._held and day in self._facts:
            self._held[day] = self._hold(day)
        return self._held.get(day)

    def _hold(self, day: date) -> Held | None:
        facts = self._facts[day]
        anchor = facts.newest()
        if anchor is None:
            return None
        return held(anchor, facts.costs, None if is_open(anchor) else self._spent_on(day), self._rates(day))

    def _newest(self) -> Iterator[Anchor]:
        for facts in self._facts.values():
            if anchor := facts.newest():
                yield anchor

    def _of(self, day: date) -> Facts:
        return self._facts.setdefault(day, Facts(day))

    def _forget(self, day: date) -> None:
        self._known.clear()
        self._spent.pop(day, None)
        if not (self._figures or self._drifts or self._held):
            return  # as while an archive is read, a hundred thousand records long
        for later in range(HISTORY_DAYS + 1):
            self._figures.pop(day + timedelta(days=later), None)
            self._drifts.pop(day + timedelta(days=later), None)
            self._held.pop(day + timedelta(days=later), None)

    def _sum(self, start: datetime, end: datetime) -> ApiCost:
        if self._last_answer is None:
            return ApiCost(amount=None, finality="estimated")
        amount = reported = 0
        flags: dict[str, None] = {}
        finality: list[Finality] = []
        for _, figure, low, high in self._covered(start, end):
            if figure is None or figure.spread is None:
                return ApiCost(amount=None, finality="estimated")
            amount += figure.totals[high] - figure.totals[low]
            reported += figure.reports[high] - figure.reports[low]
            flags.update(dict.fromkeys(figure.day.flags))
            finality.append(self._final(figure.day).finality)
        return ApiCost(
            amount=amount,
            finality=_worst(finality),
            flags=tuple(flags),
            reported=reported,
            estimated=amount - reported,
        )

    def _covered(self, start: datetime, end: datetime) -> Iterator[tuple[date, Figure | None, int, int]]:
        """Give the UTC days of [start, end) up to the last answer, with their first quarter and the first after."""
        day = start.date()
        while self._last_answer and (begins := midnight(day)) < end and begins <= self._last_answer:
            low, high = (min(max((at - begins) // QUARTER, 0), 96) for at in (start, end))
            yield day, self._figure(day), low, high
            day += _DAY

    def _final(self, day: UtcDay) -> UtcDay:
        """Return the day, final where its report is too old to change."""
        if self._last_answer is None or day.day > self._last_answer.date() - timedelta(days=OPEN_DAYS):
            return day
        return replace(day, finality="final")

    def _figure(self, day: date) -> Figure | None:
        if day not in self._figures:
            facts = self._facts.get(day)
            self._figures[day] = work_out(facts, partial(self._rates, day)) if facts else None
        return self._figures[day]

    def _rates(self, day: date) -> Rates:
        days = (self._spent_on(day - timedelta(days=ago)) for ago in range(1, HISTORY_DAYS + 1))
        return Rates.of(spent for spent in days if spent)

    def _spent_on(self, day: date) -> Spent | None:
        """Return what a day cost, reported and at list as of the same moment; None where one is not known."""
        if day not in self._spent:
            facts = self._facts.get(day)
            self._spent[day] = facts.spent() if facts else None
        return self._spent[day]


def _worst(parts: list[Finality]) -> Finality:
    order: tuple[Finality, ...] = ("estimated", "provisional", "final")
    return min(parts, key=order.index, default="estimated")
