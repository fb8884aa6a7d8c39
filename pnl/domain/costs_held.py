"""The cost of a UTC day held against Anthropic's report of it: by the rows that are kept, and by its usage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from pnl.domain.money import DOLLAR, Nano, nano_rounded, share
from pnl.domain.rates import DIGITS, Rates, Spent
from pnl.domain.records import Anchor, Cost

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByUsage:
    """What a day's usage costs at the rates of the week before, and what the rows of that usage say; nano-dollars.

    `expected` and `billed` go by usage key; a kind of token without a price is in neither.
    """

    expected: Mapping[str, Nano]
    billed: Mapping[str, Nano]

    @property
    def tolerance(self) -> Nano:
        """A dollar, or a twentieth of the bill where that is more."""
        return max(DOLLAR, share(abs(sum(self.billed.values())), 5, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A UTC day: its kept rows of cost added up, and what its newest report came to as a whole; nano-dollars.

    `rows` are those that the report covers. `by_usage` is None for a day that is not over, and where
    its usage or the rates of the week before are not known.
    """

    day: date
    anchor: Anchor
    rows: tuple[Cost, ...]
    kept: Nano
    reported: Nano
    by_usage: ByUsage | None


def held(anchor: Anchor, costs: Iterable[Cost], spent: Spent | None, rates: Rates) -> Held:
    """Return how a day's rows stand against its report; `spent` is None for a day that is not over."""
    rows = tuple(row for row in costs if anchor.watermark is None or row.start < anchor.watermark)
    with localcontext(prec=DIGITS):
        kept = nano_rounded(sum((row.amount for row in rows), _ZERO))
    return Held(
        day=anchor.day,
        anchor=anchor,
        rows=rows,
        kept=kept,
        reported=nano_rounded(anchor.reported),
        by_usage=_by_usage(spent, rates) if spent and rates != Rates() else None,
    )


def _by_usage(spent: Spent, rates: Rates) -> ByUsage:
    with localcontext(prec=DIGITS):
        expected = {
            key: nano_rounded(rates.rate(key) * listed) for key, listed in spent.listed.items() if listed is not None
        }
    unpriced = {key for key, listed in spent.listed.items() if listed is None}
    billed = {key: nano_rounded(amount) for key, amount in spent.reported.items() if key not in unpriced}
    return ByUsage(expected=expected, billed=billed)
