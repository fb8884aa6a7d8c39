"""The statement of a company day: its lines, signed, adding up to the net.

Every line's sign, what posts to it and when are told in the explanation of how the numbers are
made. What is not known is None, never zero; the net is then the sum of what is known, and the
statement says which lines are missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pnl.domain.money import Nano
from pnl.domain.snapshot import LINES


@dataclass(frozen=True, slots=True, kw_only=True)
class Trading:
    """What trading adds to a day: `realised` gross of fees, `fees` above zero when charged.

    `unrealised` is that of the open positions now, `opening` at the day's start; None where not known.
    """

    realised: Nano
    fees: Nano
    unrealised: Nano | None
    opening: Nano | None
    other_income: Nano


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The lines of a day, and their sum."""

    lines: Mapping[str, Nano | None]
    net: Nano | None
    net_realised: Nano | None
    missing: tuple[str, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """True when every line is known."""
        return not self.missing


def statement(
    *, trading: Trading | None, api_cost: Nano | None, revenue: Mapping[str, Nano] | None, operating_cost: Nano
) -> Statement:
    """Return the statement of a day.

    Args:
        trading: None while Kalshi has never answered.
        api_cost: What the day's API use costs, above zero; None while it is not known.
        revenue: The sums of revenue, refunds, processor fees and adjustments, signed; None while
            a configured source of revenue has never answered.
        operating_cost: Signed, so below zero.
    """
    lines: dict[str, Nano | None] = dict.fromkeys(LINES)
    lines["operating_cost"] = operating_cost
    if revenue is not None:
        for name in ("revenue", "refunds", "processor_fees", "adjustments"):
            lines[name] = revenue[name]
    if api_cost is not None:
        lines["api_cost"] = -api_cost
    if trading is not None:
        lines["trading_realised"] = trading.realised
        lines["trading_fees"] = -trading.fees
        lines["other_income"] = trading.other_income
        if trading.unrealised is not None and trading.opening is not None:
            lines["trading_unrealised"] = trading.unrealised - trading.opening
    return of_lines(lines)


def of_lines(lines: Mapping[str, Nano | None]) -> Statement:
    """Return the statement that some lines make."""
    known = {name: amount for name, amount in lines.items() if amount is not None}
    # That nothing was spent by hand is always known, and tells nothing.
    nothing = known.keys() <= {"operating_cost"} and not lines["operating_cost"]
    net = None if nothing else sum(known.values())
    return Statement(
        lines=lines,
        net=net,
        net_realised=None if net is None else net - (lines["trading_unrealised"] or 0),
        missing=tuple(name for name in LINES if lines[name] is None),
    )
