"""What open positions are worth at the price at which they could be sold now."""

from collections.abc import Mapping
from typing import Literal

from pnl.domain.book import MarketBook
from pnl.domain.money import DOLLAR, MICRO, Centi, Nano, cost_of, share
from pnl.domain.positions import dollars
from pnl.domain.records import Mark, Market
from pnl.domain.snapshot import MarkSource, PositionRow

DECIDED = frozenset({"determined", "disputed", "amended", "finalized", "settled"})
"""The market statuses in which the outcome, not the book, gives the value."""


def exit_price(mark: Mark, side: Literal["yes", "no"], rule: Literal["bid", "mid"]) -> tuple[Nano | None, MarkSource]:
    """Return the price of one contract of `side` and where it comes from; None without a bid.

    A decided market has its settlement value. Else it is the bid of the side that is held
    (for NO, one dollar less the YES ask where no bid of its own is sent), or the middle between
    bid and ask.
    """
    if mark.settlement_value is not None and mark.status in DECIDED:
        return (mark.settlement_value if side == "yes" else DOLLAR - mark.settlement_value), "settlement"
    bid, ask = _quotes(mark, side)
    if rule == "mid" and bid is not None and ask is not None:
        return (bid + ask) // 2, "mid"
    return (bid, "bid") if bid is not None else (None, "none")


def middle(mark: Mark, side: Literal["yes", "no"]) -> Nano | None:
    """Return the middle between bid and ask of `side`, read as the probability that it wins."""
    if mark.settlement_value is not None and mark.status in DECIDED:
        return mark.settlement_value if side == "yes" else DOLLAR - mark.settlement_value
    bid, ask = _quotes(mark, side)
    return (bid + ask) // 2 if bid is not None and ask is not None else None


def _quotes(mark: Mark, side: Literal["yes", "no"]) -> tuple[Nano | None, Nano | None]:
    own = (mark.yes_bid, mark.yes_ask) if side == "yes" else (mark.no_bid, mark.no_ask)
    other = (mark.no_bid, mark.no_ask) if side == "yes" else (mark.yes_bid, mark.yes_ask)
    bid = own[0] if own[0] is not None else (None if other[1] is None else DOLLAR - other[1])
    ask = own[1] if own[1] is not None else (None if other[0] is None else DOLLAR - other[0])
    return bid, ask


def held_legs(market: MarketBook) -> dict[Literal["yes", "no"], Centi]:
    """Return the contracts held of each side; two subaccounts may hold opposite ones, and do not net."""
    if market.settlement:
        return {}
    held = [position.contracts for position in market.held.values()]
    yes, no = sum(max(count, 0) for count in held), sum(max(-count, 0) for count in held)
    found: dict[Literal["yes", "no"], Centi] = {"yes": yes, "no": no}
    return {side: count for side, count in found.items() if count}


def _expected(mark: Mark, legs: Mapping[Literal["yes", "no"], Centi], cost: Nano) -> Nano | None:
    total = -cost
    for side, count in legs.items():
        middling = middle(mark, side)
        if middling is None:
            return None
        total += cost_of(count, middling)
    return total


def row(
    market: MarketBook, mark: Mark | None, markets: Mapping[str, Market], rule: Literal["bid", "mid"] = "bid"
) -> PositionRow:
    """Return a market's row: its life in Kalshi's terms, and its value now.

    A held position whose market was never quoted has no value; one without a bid is worth nothing
    until somebody bids.
    """
    about = markets.get(market.ticker)
    position = market.position
    held = position.contracts
    legs = held_legs(market)
    size = sum(legs.values())
    side: Literal["yes", "no"] | None = "yes" if held > 0 else "no" if held < 0 else None
    price: Nano | None = None
    source: MarkSource = "none"
    value: Nano | None = None if legs else 0
    expected: Nano | None = None
    last: Nano | None = None
    if legs and mark:
        exits = {leg: exit_price(mark, leg, rule) for leg in legs}
        value = sum(cost_of(count, exits[leg][0] or 0) for leg, count in legs.items())
        expected = _expected(mark, legs, position.cost)
        source = min((found for _, found in exits.values()), key=lambda found: found != "none")
        price = exits[side][0] if side else None
        last = mark.last if side == "yes" or mark.last is None else DOLLAR - mark.last
    return PositionRow(
        ticker=market.ticker,
        title=about.title if about else market.ticker,
        position=held,
        side=side,
        average_price=share(position.cost, 100, size, MICRO) if size else None,
        mark=price,
        mark_source=source,
        last_price=last,
        value=value,
        exposure=position.cost,
        unrealised=value - position.cost if value is not None else None,
        realised=position.realised,
        fees=position.fees,
        total_traded=position.total_traded,
        close_time=about.close_time if about else None,
        best_case=dollars(max(legs.values())) - position.cost if legs else None,
        worst_case=dollars(size - max(legs.values())) - position.cost if legs else None,
        expected=expected,
        settled=market.settlement is not None,
        event_ticker=about.event_ticker if about else "",
        exclusive=about.mutually_exclusive if about else False,
    )
