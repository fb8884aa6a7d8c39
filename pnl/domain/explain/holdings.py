"""The open positions of an instant: each market's value, what it cost, and the two sums over all markets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from pnl.domain.book import MarketBook
from pnl.domain.company_day import Calendar
from pnl.domain.explain.nodes import Node, Quote, by_size, constant, difference, made
from pnl.domain.explain.steps import checked, leaves, of_market
from pnl.domain.money import DOLLAR, Centi, Nano, count_text
from pnl.domain.records import Fill, Mark, Market
from pnl.domain.snapshot import PositionRow
from pnl.domain.valuation import exit_price, held_legs, middle, row

Side: TypeAlias = Literal["yes", "no"]
NO_QUOTE = "was never quoted"
CAME_LATER = "what was counted then, and what records known now no longer tell"
THINNED = "what was counted then: prices of that time were thinned to one each quarter of an hour"
"""What is told of a remainder that older prices leave open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One market at an instant: its fold, its quote, its row, and by which rule it is marked."""

    market: MarketBook
    mark: Mark | None
    row: PositionRow
    rule: Literal["bid", "mid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What the open positions came to at an instant.

    `unrealised` is what counted, None where it could not be known; `holdings` works out the markets.
    `estimated` tells that it is the first mark after the instant that it stands for, `thinned` that prices
    of that time are not all kept.
    """

    at: datetime | None
    unrealised: Nano | None
    holdings: Callable[[], Sequence[Holding]]
    estimated: bool = False
    thinned: bool = False


def holding(market: MarketBook, mark: Mark | None, about: Market | None, rule: Literal["bid", "mid"]) -> Holding:
    """Return a market with the row that follows from its quote."""
    known = {about.ticker: about} if about else {}
    return Holding(market=market, mark=mark, row=row(market, mark, known, rule), rule=rule)


def unrealised(one: Holding, calendar: Calendar, key: str = "") -> Node:
    """Return value less exposure of one market."""
    children = [value(one, calendar), exposure(one, calendar)]
    return difference(key or one.row.ticker, one.row.title, children)


def value(one: Holding, calendar: Calendar, key: str = "value") -> Node:
    """Return contracts at the mark; of opposite legs in two subaccounts the sum."""
    return _by_leg(one, calendar, key, "Value", lambda side: _price(one, side))


def expected(one: Holding, calendar: Calendar, key: str = "payout") -> Node:
    """Return contracts at the middle of bid and ask, read as the probability that they win."""
    return _by_leg(one, calendar, key, "Expected payout", lambda side: _middle(one, side))


def exposure(one: Holding, calendar: Calendar, key: str = "exposure", title: str = "Exposure") -> Node:
    """Return what the held contracts cost, by what each fill did to it."""
    return of_market(
        one.market,
        calendar,
        title,
        lambda position: position.cost,
        key=key,
        note="at average cost: a fill that opens adds its price, one that closes takes its share away",
    )


def payout(one: Holding, calendar: Calendar, *, wins: bool) -> Node:
    """Return what is paid if the larger leg wins, or loses: a dollar a contract."""
    sides = sorted(held_legs(one.market).items(), key=lambda leg: -leg[1])
    paid = sides[:1] if wins else sides[1:]
    count = sum(size for _, size in paid)
    dollar = constant("payout", "a contract that wins pays", DOLLAR)
    none = constant("contracts", "no contracts", 0, "contracts")
    what = "Payout if the held side wins" if wins else "Payout if the held side loses"
    return Node(
        key="payout",
        title=what,
        amount=count * (DOLLAR // 100),
        rule="product",
        parts=(held(one.market, paid[0][0], count, calendar) if paid else none, dollar),
    )


def held(market: MarketBook, side: Side, count: Centi, calendar: Calendar) -> Node:
    """Return the contracts that are held of a side, by what each fill of the subaccounts that hold them did to them."""
    sign = 1 if side == "yes" else -1
    own = {number for number, position in market.held.items() if position.contracts * sign > 0}

    def parts() -> list[Node]:
        return leaves(
            market,
            calendar,
            lambda position: position.contracts * sign,
            wanted=lambda step: isinstance(step.fact, Fill) and step.fact.subaccount in own,
            unit="contracts",
        )

    title = f"{count_text(count)} {side.upper()}"
    return Node(key="contracts", title=title, amount=count, rule="sum", parts=parts, unit="contracts")


def together(key: str, title: str, valuation: Valuation, calendar: Calendar, *, note: str = "") -> Node:
    """Return the unrealised result of all open markets, as it counted."""
    told = note or ("the first mark after the day's opening" if valuation.estimated else "")

    def parts() -> Sequence[Node]:
        markets = by_size(unrealised(one, calendar) for one in valuation.holdings())
        if valuation.unrealised is None:
            return markets if any(node.amount is None for node in markets) else []
        return checked(valuation.unrealised, markets, THINNED if valuation.thinned else CAME_LATER)

    return Node(key=key, title=title, amount=valuation.unrealised, rule="sum", parts=parts, note=told)


def over_markets(title: str, nodes: Sequence[Node], *, strict: bool = True) -> Node:
    """Return the sum over markets; None where one is not known, if `strict`."""
    unknown = strict and any(node.amount is None for node in nodes)
    return Node(
        key="", title=title, amount=None if unknown else made("sum", nodes) or 0, rule="sum", parts=by_size(nodes)
    )


def _by_leg(one: Holding, calendar: Calendar, key: str, title: str, priced: Callable[[Side], Node]) -> Node:
    legs = held_legs(one.market)
    parts = []
    for side, count in legs.items():
        factors = (held(one.market, side, count, calendar), priced(side))
        parts.append(
            Node(
                key=key if len(legs) == 1 else side,
                title=title if len(legs) == 1 else f"{title} of {side.upper()}",
                amount=made("product", factors),
                rule="product",
                parts=factors,
            )
        )
    if len(parts) == 1:
        return parts[0]
    unknown = any(node.amount is None for node in parts)
    amount = None if unknown else made("sum", parts)
    return Node(key=key, title=title, amount=amount, rule="sum", parts=parts)


def _price(one: Holding, side: Side) -> Node:
    if one.mark is None:
        return _mark(one, side, None, None, f"{one.row.ticker} {NO_QUOTE}")
    price, source = exit_price(one.mark, side, one.rule)
    if price is None:
        quote = Quote(ticker=one.row.ticker, at=one.mark.at, side=side, price=None, source="none")
        return _mark(one, side, 0, quote, "no bid: worth nothing until somebody bids")
    quote = Quote(ticker=one.row.ticker, at=one.mark.at, side=side, price=price, source=source)
    return _mark(one, side, price, quote, _SOURCES[source])


def _middle(one: Holding, side: Side) -> Node:
    price = middle(one.mark, side) if one.mark else None
    if one.mark is None or price is None:
        return _mark(one, side, None, None, "no bid and ask to take the middle of")
    quote = Quote(ticker=one.row.ticker, at=one.mark.at, side=side, price=price, source="mid")
    return _mark(one, side, price, quote, "the middle of bid and ask")


def _mark(one: Holding, side: Side, price: Nano | None, quote: Quote | None, told: str) -> Node:
    fallback = Quote(ticker=one.row.ticker, at=None, side=side, price=None, source="none")
    return Node(key="mark", title=f"{side.upper()}: {told}", amount=price, rule="mark", mark=quote or fallback)


_SOURCES: Mapping[str, str] = {
    "bid": "the bid of the side that is held",
    "mid": "the middle of bid and ask",
    "settlement": "what a contract settles at",
}
