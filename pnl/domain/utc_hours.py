"""The hours of a UTC day: what each weighs, and their running sums in exact nano-dollars."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from itertools import accumulate

from pnl.domain.money import Nano, split
from pnl.domain.rates import DIGITS
from pnl.domain.records import Anchor, Cost, Usage

ZERO = Decimal(0)
_HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
"""The finest step that a zone has."""


def midnight(day: date) -> datetime:
    """Return the instant at which a UTC day begins."""
    return datetime.combine(day, time(), UTC)


def by_usage(anchor: Anchor, usage: Iterable[Usage]) -> list[int]:
    """Return the weight of each hour of the day: its usage at list, else 1 for every hour that has begun."""
    hours = [ZERO] * 24
    begins = midnight(anchor.day)
    with localcontext(prec=DIGITS):
        for row in usage:
            value = sum((value for value in row.list_values.values() if value), ZERO)
            covered = _hours(row.start - begins, row.end - begins)
            for hour in covered:
                hours[hour] += value / len(covered)
    if any(hours):
        return _whole(hours)
    begun = -((begins - anchor.read_at) // _HOUR)
    return [int(hour < max(begun, 1)) for hour in range(24)]


def priced(usage: Iterable[Usage]) -> bool:
    """Tell whether any usage has a price at list, by which a day can be spread."""
    return any(value for row in usage for value in row.list_values.values())


def as_reported(costs: Sequence[Cost]) -> list[int] | None:
    """Return the reported cost of each hour as weights; None where it is reported by the day."""
    if not costs or any(cost.end - cost.start > _HOUR for cost in costs):
        return None
    hours = [ZERO] * 24
    with localcontext(prec=DIGITS):
        for cost in costs:
            hours[cost.start.astimezone(UTC).hour] += cost.amount
    return _whole(hours) if min(hours) >= 0 else None


def _hours(start: timedelta, end: timedelta) -> range:
    first = min(start // _HOUR, 23)
    return range(first, max(min(-(-end // _HOUR), 24), first + 1))


def _whole(amounts: list[Decimal]) -> list[int]:
    """Return amounts as integers in the same proportion, exactly."""
    finest = min(0, *(_exponent(amount) for amount in amounts))
    with localcontext(prec=DIGITS):
        return [int(amount.scaleb(-finest)) for amount in amounts]


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def running(hours: list[Nano]) -> list[Nano]:
    """Return the sums of the quarters of 24 hours, from nothing to the whole day."""
    return list(accumulate((quarter for hour in hours for quarter in split(hour, [1] * 4)), initial=0))
