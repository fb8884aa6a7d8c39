"""What usage has grown by since a UTC day's cost was reported, at effective rates."""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext

from pnl.domain.rates import DIGITS, Rates
from pnl.domain.records import Anchor

_ZERO = Decimal(0)


def delta(anchor: Anchor, listed: Mapping[str, Decimal | None], rates: Callable[[], Rates]) -> tuple[Decimal, bool]:
    """Return what usage has grown by since the report, in dollars and never below zero, and whether any has.

    Args:
        anchor: The report.
        listed: The list value by usage key of the day's usage as it is known now; None where it has no price.
        rates: Gives the rates of the days before; it is asked only where something has changed.
    """
    by_key = growth(anchor, listed, rates)
    with localcontext(prec=DIGITS):
        grown = sum(by_key.values(), _ZERO)
    return max(grown, _ZERO), any(by > 0 for by in by_key.values())


def growth(anchor: Anchor, listed: Mapping[str, Decimal | None], rates: Callable[[], Rates]) -> dict[str, Decimal]:
    """Return, by usage key, the dollars by which usage has changed since the report; see `delta`."""
    found: dict[str, Decimal] = {}
    if not anchor.usage_known:
        return found
    effective = None
    with localcontext(prec=DIGITS):
        for key in listed.keys() | anchor.list_values.keys():
            now, then = listed.get(key, _ZERO), anchor.list_values.get(key, _ZERO)
            if now is None or then is None or now == then:
                continue
            effective = effective or rates()
            found[key] = effective.rate(key) * (now - then)
    return found
