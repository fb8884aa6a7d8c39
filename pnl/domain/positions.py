"""The average-cost fold of one market's fills: what is held, what it cost, what was realised.

Average cost is what Kalshi's own positions report, gross of fees. A partial close releases its
share of the cost, to the nearest millionth of a dollar (the finest that Kalshi prints), half to
even; what is released leaves the cost, so that no money appears or vanishes, and closing to
nothing leaves exactly nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from pnl.domain.money import CENT, CONTRACT, DOLLAR, MICRO, Centi, Nano, cost_of, share
from pnl.domain.records import Fill, Settlement
from pnl.errors import BookError


@dataclass(frozen=True, slots=True)
class Position:
    """One market (in one subaccount) after some fills.

    `contracts` is signed: YES above zero, NO below. `cost` is what the open contracts cost,
    `realised` what closes and the settlement gained, both without fees. The four sums are all
    that was ever bought of each side, and what it cost.
    """

    contracts: Centi = 0
    cost: Nano = 0
    realised: Nano = 0
    fees: Nano = 0
    yes_count: Centi = 0
    yes_cost: Nano = 0
    no_count: Centi = 0
    no_cost: Nano = 0

    @property
    def total_traded(self) -> Nano:
        """Everything that was paid for contracts of either side."""
        return self.yes_cost + self.no_cost

    @property
    def pairs(self) -> Centi:
        """Contracts closed against the other side; each pair paid back one dollar."""
        return min(self.yes_count, self.no_count)

    @property
    def cash(self) -> Nano:
        """The change of the balance by these fills, where pairs pay back at once."""
        return dollars(self.pairs) - self.total_traded - self.fees

    def plus(self, other: "Position") -> "Position":
        """Return both added up, as an account that holds the two apart."""
        return Position(
            self.contracts + other.contracts,
            self.cost + other.cost,
            self.realised + other.realised,
            self.fees + other.fees,
            self.yes_count + other.yes_count,
            self.yes_cost + other.yes_cost,
            self.no_count + other.no_count,
            self.no_cost + other.no_cost,
        )


FLAT = Position()


def dollars(count: Centi) -> Nano:
    """Return one dollar a contract."""
    return count * (DOLLAR // CONTRACT)


def apply(position: Position, fill: Fill) -> Position:
    """Return `position` after `fill`.

    The fill first closes contracts of the other side, each pair paying back one dollar; what is
    left over opens contracts of its own side at its own price.

    Raises:
        BookError: The fill's count is not above zero.
    """
    if fill.count <= 0:
        raise BookError(f"fill {fill.id} has a count of {fill.count}: it must be above zero")
    paid = cost_of(fill.count, fill.price)
    held = position.contracts
    signed = fill.count if fill.side == "yes" else -fill.count
    cost, realised = position.cost, position.realised
    if held and (held > 0) != (signed > 0):
        size = abs(held)
        closing = min(fill.count, size)
        released = cost if closing == size else share(cost, closing, size, MICRO)
        closing_paid = paid if closing == fill.count else cost_of(closing, fill.price)
        realised += dollars(closing) - closing_paid - released
        cost += paid - closing_paid - released
    else:
        cost += paid
    yes = fill.side == "yes"
    return Position(
        held + signed,
        cost,
        realised,
        position.fees + fill.fee,
        position.yes_count + (fill.count if yes else 0),
        position.yes_cost + (paid if yes else 0),
        position.no_count + (0 if yes else fill.count),
        position.no_cost + (0 if yes else paid),
    )


def fold(fills: Iterable[Fill], start: Position = FLAT) -> Position:
    """Return the position after fills that are already in order."""
    return reduce(apply, fills, start)


def order(fill: Fill) -> tuple[object, ...]:
    """Return the key that fills are folded by: when, then id."""
    return (fill.at, fill.id, fill.subaccount)


def close_out(position: Position, payout: Nano) -> Position:
    """Return `position` settled: flat, with what the payout brought over what was left of the cost."""
    return replace(position, contracts=0, cost=0, realised=position.realised + payout - position.cost)


def payout(contracts: Centi, settlement: Settlement) -> Nano:
    """Return what `contracts`, held at the settlement of their market, were paid.

    A yes or no pays one dollar a winning contract. A scalar result pays what the row says.
    """
    if settlement.result == "yes":
        return dollars(max(contracts, 0))
    if settlement.result == "no":
        return dollars(max(-contracts, 0))
    return settlement.revenue - (0 if nets(settlement) else dollars(min(settlement.yes_count, settlement.no_count)))


def nets(settlement: Settlement) -> bool:
    """Tell whether the account closed YES against NO before this settlement (Kalshi's default).

    Where netting is off, both sides are kept to the end and the row's revenue pays the winning one.
    """
    pairs = min(settlement.yes_count, settlement.no_count)
    if not pairs:
        return True
    value = {"yes": DOLLAR, "no": 0}.get(settlement.result, settlement.value)
    if value is None or not 0 <= value <= DOLLAR:
        return True
    held = settlement.yes_count - settlement.no_count
    net = cost_of(held, value) if held > 0 else cost_of(-held, DOLLAR - value)
    gross = cost_of(settlement.yes_count, value) + cost_of(settlement.no_count, DOLLAR - value)
    return settlement.revenue == whole_cents(net) or settlement.revenue != whole_cents(gross)


def whole_cents(amount: Nano) -> Nano:
    """Return an amount above zero without its fraction of a cent, as Kalshi pays it."""
    return amount // CENT * CENT


def life_result(settlement: Settlement) -> Nano:
    """Return what a settled market gained over its whole life, before fees, from its row alone."""
    if settlement.result == "yes":
        paid = dollars(settlement.yes_count)
    elif settlement.result == "no":
        paid = dollars(settlement.no_count)
    else:
        pairs = dollars(min(settlement.yes_count, settlement.no_count))
        paid = settlement.revenue + (pairs if nets(settlement) else 0)
    return paid - settlement.yes_cost - settlement.no_cost
