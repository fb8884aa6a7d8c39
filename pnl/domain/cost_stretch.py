"""A stretch of a UTC day's API cost, with what that day's cost is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pnl.domain.cost_days import Figure, Spread
from pnl.domain.cost_facts import Facts
from pnl.domain.cost_growth import growth
from pnl.domain.money import Nano
from pnl.domain.rates import Rates
from pnl.domain.records import Anchor, Cost, Usage
from pnl.domain.utc_hours import QUARTER, midnight


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


def stretch(
    facts: Facts, figure: Figure, rates: Callable[[], Rates], *, spread: Spread, low: int, high: int
) -> Stretch:
    """Return a stretch of a UTC day.

    Args:
        facts: What is known of the day.
        figure: The day worked out.
        rates: Gives the rates of the days before.
        spread: The day's, which is known.
        low: Its first quarter of an hour.
        high: The first one after it.
    """
    return Stretch(
        day=facts.day,
        start=midnight(facts.day) + low * QUARTER,
        end=midnight(facts.day) + high * QUARTER,
        amount=figure.totals[high] - figure.totals[low],
        reported=figure.reports[high] - figure.reports[low],
        spread=spread,
        anchor=figure.anchor,
        costs=facts.costs,
        usage=facts.usage,
        growth=growth(figure.anchor, facts.listed(), rates) if figure.day.estimated else {},
    )
