"""How well the API cost of a UTC day was estimated before it was reported as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import localcontext

from pnl.domain.cost_facts import Facts
from pnl.domain.cost_growth import delta
from pnl.domain.money import DOLLAR, Nano, nano_rounded, share
from pnl.domain.rates import DIGITS, Rates


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


def drift(facts: Facts, rates: Callable[[], Rates]) -> Drift | None:
    """Return how a UTC day compares with its estimate; None where it was not read after its end.

    Args:
        facts: What is known of the day.
        rates: Gives the rates of the days before.
    """
    closing = facts.closing()
    if not closing:
        return None
    first, reported = nano_rounded(closing[0].reported), nano_rounded(closing[-1].reported)
    watched = facts.anchor(facts.day.isoformat())
    estimate = None
    if watched and watched.usage_known:
        added, _ = delta(watched, facts.listed(), rates)
        with localcontext(prec=DIGITS):
            estimate = nano_rounded(watched.reported + added)
    return Drift(
        day=facts.day,
        reported=reported,
        estimate=estimate,
        difference=None if estimate is None else reported - estimate,
        tolerance=max(DOLLAR, share(abs(reported), 5, 100)),
        restated_by=reported - first,
    )
