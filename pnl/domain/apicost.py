"""What the use of Anthropic's API costs: reported cost as the anchor, usage since then as the delta.

Anthropic reports cost by UTC day. A UTC day's amount is its anchor plus what its usage has grown
since, at effective rates, and never below the anchor. It is spread over the day's hours in
proportion to usage, evenly where its usage was read and is nothing, in whole nano-dollars that add
up to it, so that a company day in any zone is a sum of hours, and neighbouring days share nothing
and lose nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from typing import Literal, TypeAlias, TypeVar

from pnl.domain.costs_held import Held, held
from pnl.domain.finality import Finality
from pnl.domain.money import DOLLAR, Nano, nano_rounded, share, split
from pnl.domain.rates import DIGITS, WEB_SEARCH, Rates, Spent, cost_key, usage_key
from pnl.domain.records import Anchor, Cost, Record, Usage
from pnl.domain.utc_hours import as_reported, by_usage, priced, running

__all__ = ["WEB_SEARCH", "ApiCost", "ApiCosts", "Drift", "Stretch", "UtcDay", "usage_key"]

ZERO = Decimal(0)
HISTORY_DAYS = 7
OPEN_DAYS = 31
"""A reported day may still change for so long."""

_DAY = timedelta(days=1)
_QUARTER = timedelta(minutes=15)

Spread: TypeAlias = Literal["usage", "evenly", "hours"]
"""How a UTC day's amount came to its hours: by usage, evenly for want of any, or as it was reported by the hour."""
_Rank: TypeAlias = tuple[int, datetime]
_F = TypeVar("_F", Cost, Usage, Anchor)
_UNREAD = datetime.min.replace(tzinfo=UTC)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How well an ended UTC day was estimated, and whether its report changed later; nano-dollars.

    `estimate` is the last anchor from before the day's end plus all usage since, None where the day
    was never watched; `difference` is `reported` less `estimate`. `restated_by` is how much the
    report changed later than six hours after the day's end.
    """

    day: date
    reported: Nano
    estimate: Nano | None
    difference: Nano | None
    tolerance: Nano
    restated_by: Nano

    @property
    def within(self) -> bool:
        """True when the difference is not worth a person's time."""
        return self.difference is None or abs(self.difference) <= self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class UtcDay:
    """One UTC day, in nano-dollars: as reported, at list price, and the amount that counts."""

    day: date
    reported: Nano
    listed: Nano
    amount: Nano
    estimated: Nano
    finality: Finality
    flags: tuple[str, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """A UTC day worked out. `totals` and `reports` run over its 96 quarters, from 0 to the whole day.

    `spread` is None while its usage was not read: what its hours cost is not known then.
    """

    day: UtcDay
    anchor: Anchor
    spread: Spread | None
    totals: list[Nano]
    reports: list[Nano]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The hours of one UTC day that a stretch of time covers, and what that day's cost is made of.

    `start` and `end` bound them. `amount` and its part `reported` are nano-dollars above zero, exact;
    `spread` is how they came to these hours.
    `costs`, `usage` and `anchor` are of the whole UTC day; `growth` is, by usage key, the dollars by
    which usage has grown since the anchor, at effective rates.
    """

    day: date
    start: datetime
    end: datetime
    amount: Nano
    reported: Nano
    spread: Spread
    anchor: Anchor
    costs: tuple[Cost, ...]
    usage: tuple[Usage, ...]
    growth: Mapping[str, Decimal]


@dataclass(slots=True)
class _Facts:
    """What is known of a UTC day: the newest version of each fact, by id."""

    costs: dict[str, tuple[_Rank, Cost]] = field(default_factory=dict)
    usage: dict[str, tuple[_Rank, Usage]] = field(default_factory=dict)
    anchors: dict[str, tuple[_Rank, Anchor]] = field(default_factory=dict)

    def fork(self) -> "_Facts":
        return _Facts(self.costs.copy(), self.usage.copy(), self.anchors.copy())

    def newest(self) -> Anchor | None:
        return max((anchor for _, anchor in self.anchors.values()), key=_read_at, default=None)

    def anchor(self, anchor_id: str) -> Anchor | None:
        found = self.anchors.get(anchor_id)
        return found[1] if found else None


class ApiCosts:
    """The newest version of every cost, usage and anchor, worked out by UTC day when it is asked for."""

    def __init__(self) -> None:
        self._facts: dict[date, _Facts] = {}
        self._figures: dict[date, _Figure | None] = {}
        self._drifts: dict[date, Drift | None] = {}
        self._held: dict[date, Held | None] = {}
        self._spent: dict[date, Spent | None] = {}
        self._known: dict[tuple[datetime, datetime], ApiCost] = {}
        self._stretches: dict[tuple[date, int, int], tuple[_Figure, Stretch]] = {}
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
                if _take(facts.anchors, anchor.id, (version, anchor.read_at), anchor):
                    if before and before.read_at == self._last_answer:  # it may have been the only one so late
                        self._last_answer = max(newest.read_at for newest in self._newest())
                    self._last_answer = max(self._last_answer or anchor.read_at, anchor.read_at)
                    self._forget(anchor.day)
            case Cost() as cost:
                day = cost.start.astimezone(UTC).date()
                if _take(self._of(day).costs, cost.id, (version, _UNREAD), cost):
                    self._forget(day)
            case Usage() as usage:
                day = usage.start.astimezone(UTC).date()
                if _take(self._of(day).usage, usage.id, (version, _UNREAD), usage):
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
                made = self._stretch(day, figure, figure.spread, low, high)
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
                self._drifts[day] = self._drift(day, facts) if _closing(day, facts) else None
        return tuple(drift for _, drift in sorted(self._drifts.items()) if drift)

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
        over = (anchor.watermark or anchor.read_at) >= _midnight(day) + _DAY
        costs = (row for _, row in facts.costs.values())
        return held(anchor, costs, self._spent_on(day) if over else None, self._rates(day))

    def _newest(self) -> Iterator[Anchor]:
        for facts in self._facts.values():
            if anchor := facts.newest():
                yield anchor

    def _of(self, day: date) -> _Facts:
        return self._facts.setdefault(day, _Facts())

    def _forget(self, day: date) -> None:
        self._known.clear()
        self._spent.pop(day, None)
        if (
            not self._figures and not self._drifts and not self._held
        ):  # as while an archive is read, a hundred thousand records long
            return
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

    def _covered(self, start: datetime, end: datetime) -> Iterator[tuple[date, _Figure | None, int, int]]:
        """Give the UTC days of [start, end) up to the last answer, with their first quarter and the first after."""
        day = start.date()
        while self._last_answer and (midnight := _midnight(day)) < end and midnight <= self._last_answer:
            low, high = (min(max((at - midnight) // _QUARTER, 0), 96) for at in (start, end))
            yield day, self._figure(day), low, high
            day += _DAY

    def _stretch(self, day: date, figure: _Figure, spread: Spread, low: int, high: int) -> Stretch:
        facts = self._facts[day]
        usage = tuple(row for _, row in facts.usage.values())
        return Stretch(
            day=day,
            start=_midnight(day) + low * _QUARTER,
            end=_midnight(day) + high * _QUARTER,
            amount=figure.totals[high] - figure.totals[low],
            reported=figure.reports[high] - figure.reports[low],
            spread=spread,
            anchor=figure.anchor,
            costs=tuple(row for _, row in facts.costs.values()),
            usage=usage,
            growth=self._growth(figure.anchor, _listed(usage)) if figure.day.estimated else {},
        )

    def _final(self, day: UtcDay) -> UtcDay:
        """Return the day, final where its report is too old to change."""
        if self._last_answer is None or day.day > self._last_answer.date() - timedelta(days=OPEN_DAYS):
            return day
        return replace(day, finality="final")

    def _figure(self, day: date) -> _Figure | None:
        if day not in self._figures:
            facts = self._facts.get(day)
            anchor = facts.newest() if facts else None
            self._figures[day] = self._work_out(facts, anchor) if facts and anchor else None
        return self._figures[day]

    def _work_out(self, facts: _Facts, anchor: Anchor) -> _Figure:
        usage = [row for _, row in facts.usage.values()]
        listed = _listed(usage)
        delta, grown = self._delta(anchor, listed)
        with localcontext(prec=DIGITS):
            whole = nano_rounded(anchor.reported + delta)
            at_list = sum((value for value in listed.values() if value), ZERO)
        reported = nano_rounded(anchor.reported) if delta else whole
        weights = by_usage(anchor, usage)
        exact_hours = as_reported([cost for _, cost in facts.costs.values()])
        if exact_hours is None:
            totals, reports = split(whole, weights), split(reported, weights)
        else:
            reports = split(reported, exact_hours)
            since = by_usage(anchor, [row for row in usage if anchor.watermark is None or row.end > anchor.watermark])
            totals = [one + other for one, other in zip(reports, split(whole - reported, since), strict=True)]
        still_open = _is_open(anchor)
        spread: Spread | None = "usage" if priced(usage) else "evenly"
        if not _usage_read(facts, still_open=still_open) and (still_open or whole):
            spread = None
        if exact_hours is not None and (spread or not still_open):
            spread = "hours"
        unpriced = still_open and any(_is_unpriced(row) for row in usage)
        priority = any(_is_priority(row) and any(row.tokens.values()) for row in usage)
        return _Figure(
            anchor=anchor,
            spread=spread,
            day=UtcDay(
                day=anchor.day,
                reported=reported,
                listed=nano_rounded(at_list),
                amount=whole,
                estimated=whole - reported,
                finality="estimated" if grown or unpriced else "provisional",
                flags=("unpriced_usage",) * unpriced + ("priority_usage",) * priority,
                read_at=anchor.read_at,
            ),
            totals=running(totals),
            reports=running(reports),
        )

    def _delta(self, anchor: Anchor, listed: Mapping[str, Decimal | None]) -> tuple[Decimal, bool]:
        """Return what usage has grown by since the anchor, in dollars at effective rates, and whether it has."""
        if not anchor.usage_known:
            return ZERO, False
        growth = self._growth(anchor, listed)
        with localcontext(prec=DIGITS):
            delta = sum(growth.values(), ZERO)
        return max(delta, ZERO), any(by > 0 for by in growth.values())

    def _growth(self, anchor: Anchor, listed: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
        """Return, by usage key, the dollars at effective rates by which usage has changed since the anchor."""
        found: dict[str, Decimal] = {}
        if not anchor.usage_known:
            return found
        rates = None
        with localcontext(prec=DIGITS):
            for key in listed.keys() | anchor.list_values.keys():
                now, then = listed.get(key, ZERO), anchor.list_values.get(key, ZERO)
                if now is None or then is None or now == then:
                    continue
                rates = rates or self._rates(anchor.day)
                found[key] = rates.rate(key) * (now - then)
        return found

    def _rates(self, day: date) -> Rates:
        days = (self._spent_on(day - timedelta(days=ago)) for ago in range(1, HISTORY_DAYS + 1))
        return Rates.of(spent for spent in days if spent)

    def _spent_on(self, day: date) -> Spent | None:
        """Return what a day cost, reported and at list as of the same moment; None where one is not known."""
        if day not in self._spent:
            self._spent[day] = _spent(self._facts.get(day))
        return self._spent[day]

    def _drift(self, day: date, facts: _Facts) -> Drift:
        reported = nano_rounded(_closing(day, facts)[-1].reported)
        first = nano_rounded(_closing(day, facts)[0].reported)
        watched = facts.anchor(day.isoformat())
        estimate = None
        if watched and watched.usage_known:
            delta, _ = self._delta(watched, _listed(row for _, row in facts.usage.values()))
            with localcontext(prec=DIGITS):
                estimate = nano_rounded(watched.reported + delta)
        return Drift(
            day=day,
            reported=reported,
            estimate=estimate,
            difference=None if estimate is None else reported - estimate,
            tolerance=max(DOLLAR, share(abs(reported), 5, 100)),
            restated_by=reported - first,
        )


def _take(known: dict[str, tuple[_Rank, _F]], fact_id: str, rank: _Rank, fact: _F) -> bool:
    """Put a fact in its place unless a newer one is there; tell whether that changed anything."""
    old = known.get(fact_id)
    if old and rank < old[0]:
        return False
    known[fact_id] = (rank, fact)
    return old is None or old[1] != fact


def _read_at(anchor: Anchor) -> datetime:
    return anchor.read_at


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _closing(day: date, facts: _Facts) -> list[Anchor]:
    """Return the anchors that were read after the day's end, oldest first."""
    found = (facts.anchor(f"{day.isoformat()}/{name}") for name in ("closed", "restated"))
    return [anchor for anchor in found if anchor]


def _usage_read(facts: _Facts, *, still_open: bool) -> bool:
    """Tell whether the usage of a UTC day was read, to its end where the day is over.

    A report from after the day's end says so. Of a day that was watched until a pause, what was read before the pause
    is not all of it; of one that was never watched, its usage was read as a whole if any was.
    """
    anchors = [anchor for _, anchor in facts.anchors.values()]
    if still_open:
        return bool(facts.usage) or any(anchor.usage_known for anchor in anchors)
    watched = any(_is_open(anchor) for anchor in anchors)
    known = any(anchor.usage_known for anchor in anchors if not _is_open(anchor))
    return known or (bool(facts.usage) and not watched)


def _is_open(anchor: Anchor) -> bool:
    """Tell whether a report is of a day that was not over."""
    return (anchor.watermark or anchor.read_at) < _midnight(anchor.day) + _DAY


def _listed(usage: Iterable[Usage]) -> dict[str, Decimal | None]:
    """Return the list value of usage by usage key; None where some of it has no price."""
    sums: dict[str, Decimal | None] = {}
    with localcontext(prec=DIGITS):
        for row in usage:
            for token_type, value in row.list_values.items():
                key = usage_key(row, token_type)
                before = sums.get(key, ZERO)
                sums[key] = None if value is None or before is None else before + value
    return sums


def _spent(facts: _Facts | None) -> Spent | None:
    anchor = facts.newest() if facts else None
    if facts is None or anchor is None:
        return None
    listed = anchor.list_values if anchor.usage_known else _listed(row for _, row in facts.usage.values())
    if not listed:
        return None  # the cost of a day whose usage was never read says nothing of rates
    reported: dict[str, Decimal] = {}
    with localcontext(prec=DIGITS):
        for _, cost in facts.costs.values():
            key = cost_key(cost)
            if key is not None:
                reported[key] = reported.get(key, ZERO) + cost.amount
    return Spent(reported=reported, listed=listed)


def _is_unpriced(row: Usage) -> bool:
    return not _is_priority(row) and any(
        count and row.list_values.get(token_type) is None for token_type, count in row.tokens.items()
    )


def _is_priority(row: Usage) -> bool:
    return (row.service_tier or "").startswith("priority")


def _worst(parts: list[Finality]) -> Finality:
    order: tuple[Finality, ...] = ("estimated", "provisional", "final")
    return min(parts, key=order.index, default="estimated")
