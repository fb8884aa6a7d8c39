"""What API use costs against what the company makes of it, and against its budget for the month.

Everything is an exact sum of company days. A rate is that of the last seven days that are over, by
the time that they lasted, and a projection goes on at that rate from the snapshot to the end of the
company's month. Ratios are rounded once, to a millionth.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from pnl.domain.money import DOLLAR, MICRO, Nano, share

REVENUE = ("revenue", "refunds", "processor_fees", "adjustments")
TRADING = ("trading_realised", "trading_unrealised", "trading_fees")
RATE_DAYS = 7
_MILLISECOND = timedelta(milliseconds=1)

Reason: TypeAlias = Literal["cost_not_known", "result_not_known", "not_above_zero"]
Course: TypeAlias = Literal["no_budget", "no_rate", "used_up", "this_month", "not_this_month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """One company day: what API use cost, above zero, and what trading after fees and revenue brought.

    None is not known. `ms` is how long the day lasts, in milliseconds.
    """

    day: date
    ms: int
    cost: Nano | None
    trading: Nano | None
    revenue: Nano | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """API cost per dollar of a result, in nano-dollars; None, with the reason, where that says nothing.

    `cost` and `result` are of the same `days`: those of which both are known.
    """

    cost: Nano | None
    result: Nano | None
    days: int
    ratio: Nano | None
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What API use cost on some days, and what they brought; days of which one is not known are left out."""

    cost: Nano
    result: Nano
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The days before today.

    Attributes:
        cost: The cost of those of this month; None where none of them is known.
        trading, revenue: What trading, and revenue, brought on them, beside the cost of the same days.
        not_known: How many days of the month have a cost that is not known.
        rate_cost, rate_ms: What the last seven days cost, and how long those lasted whose cost is known.
        over_on: The day of this month on which the budget was used up; None where it was not.
    """

    cost: Nano | None
    trading: Pair
    revenue: Pair
    not_known: int
    rate_cost: Nano
    rate_ms: int
    over_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """The month's API cost so far and to come, nano-dollars.

    Attributes:
        cost: The month to date, today included; None where nothing is known.
        projected: The same at the month's end, at the rate of the last seven days; None without a rate.
        per_day: That rate, by 24 hours.
        used: The part of the budget that is used, in nano-units of one; `projected_use` at the month's end.
        course: Whether the budget lasts.
        used_up_on: The day on which it was, or will be, used up, where that is this month.
    """

    cost: Nano | None
    projected: Nano | None
    per_day: Nano | None
    used: Nano | None
    projected_use: Nano | None
    course: Course
    used_up_on: date | None


def day_result(day: date, ms: int, lines: Mapping[str, Nano | None]) -> DayResult:
    """Return what a day's lines say; a result of which one line is not known is not known."""
    cost = lines.get("api_cost")
    return DayResult(
        day=day,
        ms=ms,
        cost=None if cost is None else -cost,
        trading=_whole(lines, TRADING),
        revenue=_whole(lines, REVENUE),
    )


def month_of(day: date) -> tuple[date, date]:
    """Return the first day of a day's month, and that of the next one."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def needed_from(day: date) -> date:
    """Return the first day that a day's figures need: the month's, or that of the rate."""
    return min(month_of(day)[0], day - timedelta(days=RATE_DAYS))


def before(days: Sequence[DayResult], today: date, budget: Nano | None) -> Before:
    """Return what the days before today come to.

    Args:
        days: Some days in order, from `needed_from(today)` on.
        today: The day that is not over.
        budget: What a month may cost; None where that is not said.
    """
    first = month_of(today)[0]
    month = [one for one in days if first <= one.day < today]
    lately = [one for one in days if today - timedelta(days=RATE_DAYS) <= one.day < today]
    known = [(one.cost, one.ms) for one in lately if one.cost is not None]
    return Before(
        cost=_known([one.cost for one in month]),
        trading=_pair([(one.cost, one.trading) for one in month]),
        revenue=_pair([(one.cost, one.revenue) for one in month]),
        not_known=sum(one.cost is None for one in month),
        rate_cost=sum(cost for cost, _ in known),
        rate_ms=sum(ms for _, ms in known),
        over_on=_over(month, budget),
    )


def burn(
    earlier: Before,
    today: DayResult,
    *,
    as_of: datetime,
    ends: datetime,
    budget: Nano | None,
    day_of: Callable[[datetime], date],
) -> Burn:
    """Return the month's course.

    Args:
        earlier: The days before today.
        today: Today so far.
        as_of: The instant of that; it counts to the millisecond, cut, as it is told.
        ends: When the company's month ends.
        budget: What the month may cost.
        day_of: Tells the company day of an instant.
    """
    as_of = as_of.replace(microsecond=as_of.microsecond // 1000 * 1000)
    cost = _known([earlier.cost, today.cost])
    rated = earlier.rate_ms > 0
    left = max(0, (ends - as_of) // _MILLISECOND)
    projected = (cost or 0) + share(earlier.rate_cost, left, earlier.rate_ms) if rated else None
    course, on = _course(earlier, cost or 0, as_of, ends, budget, today.day, day_of)
    return Burn(
        cost=cost,
        projected=projected,
        per_day=share(earlier.rate_cost, 86_400_000, earlier.rate_ms) if rated else None,
        used=None if budget is None or cost is None else share(DOLLAR, cost, budget, MICRO),
        projected_use=None if budget is None or projected is None else share(DOLLAR, projected, budget, MICRO),
        course=course,
        used_up_on=on,
    )


NOTHING = Pair(cost=0, result=0, days=0)


def ratio(earlier: Pair, cost: Nano | None, result: Nano | None) -> Ratio:
    """Return what API use costs per dollar of a result; one that is nothing or a loss has none.

    Args:
        earlier: The days before; `NOTHING` for today alone.
        cost: What it cost today.
        result: What today brought.
    """
    both = _pair([(cost, result)])
    days = earlier.days + both.days
    if not days:
        missing: Reason = "cost_not_known" if cost is None else "result_not_known"
        return Ratio(cost=cost, result=result, days=0, ratio=None, reason=missing)
    cost, result = earlier.cost + both.cost, earlier.result + both.result
    if result <= 0:
        return Ratio(cost=cost, result=result, days=days, ratio=None, reason="not_above_zero")
    return Ratio(cost=cost, result=result, days=days, ratio=share(DOLLAR, cost, result, MICRO), reason=None)


def _pair(days: Sequence[tuple[Nano | None, Nano | None]]) -> Pair:
    known = [(cost, result) for cost, result in days if cost is not None and result is not None]
    return Pair(cost=sum(cost for cost, _ in known), result=sum(result for _, result in known), days=len(known))


def _course(  # noqa: PLR0917 - as one would say it
    earlier: Before,
    cost: Nano,
    as_of: datetime,
    ends: datetime,
    budget: Nano | None,
    today: date,
    day_of: Callable[[datetime], date],
) -> tuple[Course, date | None]:
    if budget is None:
        return "no_budget", None
    if earlier.over_on or cost >= budget:
        return "used_up", earlier.over_on or today
    if not earlier.rate_ms:
        return "no_rate", None
    if earlier.rate_cost <= 0:
        return "not_this_month", None
    lasts = -(-(budget - cost) * earlier.rate_ms // earlier.rate_cost)
    if lasts >= (ends - as_of) // _MILLISECOND:
        return "not_this_month", None
    return "this_month", day_of(as_of + lasts * _MILLISECOND)


def _over(month: Sequence[DayResult], budget: Nano | None) -> date | None:
    total = 0
    for one in month:
        total += one.cost or 0
        if budget is not None and total >= budget:
            return one.day
    return None


def _known(amounts: Sequence[Nano | None]) -> Nano | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _whole(lines: Mapping[str, Nano | None], names: Sequence[str]) -> Nano | None:
    amounts = [lines.get(name) for name in names]
    return None if None in amounts else sum(amount for amount in amounts if amount is not None)
