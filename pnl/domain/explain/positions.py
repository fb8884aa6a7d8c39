"""The fields of a position's row, and of the row of totals."""

from collections.abc import Sequence
from dataclasses import replace

from pnl.domain.explain import holdings
from pnl.domain.explain.figures import FIELDS
from pnl.domain.explain.holdings import Holding
from pnl.domain.explain.nodes import Node, Quote, difference, made
from pnl.domain.explain.steps import of_market
from pnl.domain.ledger import Ledger
from pnl.domain.money import count_text
from pnl.domain.valuation import held_legs


def held(ledger: Ledger, ticker: str) -> Holding | None:
    """Return a market of the ledger at its newest quote; None where it was never traded."""
    row = ledger.row(ticker)
    if row is None:
        return None
    mark = ledger.quoted(ticker)[0]
    return Holding(market=ledger.book.markets[ticker], mark=mark, row=row, rule=ledger.mark_rule)


def open_holdings(ledger: Ledger) -> list[Holding]:
    """Return the open markets of the ledger at their newest quotes, by ticker."""
    rows = ledger.rows()
    return [
        Holding(
            market=ledger.book.markets[row.ticker],
            mark=ledger.quoted(row.ticker)[0],
            row=row,
            rule=ledger.mark_rule,
        )
        for row in rows
    ]


def field(ledger: Ledger, one: Holding, name: str) -> Node:
    """Return a field of a market's row."""
    calendar, market, title = ledger.calendar, one.market, FIELDS[name][0]
    match name:
        case "position":
            node = of_market(market, calendar, title, lambda position: position.contracts, unit="contracts")
        case "realised":
            node = of_market(market, calendar, title, lambda position: position.realised)
        case "fees":
            node = of_market(market, calendar, title, lambda position: position.fees)
        case "total_traded":
            node = of_market(market, calendar, title, lambda position: position.total_traded)
        case "exposure":
            node = holdings.exposure(one, calendar)
        case "value":
            node = holdings.value(one, calendar)
        case "unrealised":
            node = holdings.unrealised(one, calendar)
        case _:
            node = _of_held(ledger, one, name)
    return replace(node, key=name, title=title)


def totals(ledger: Ledger, name: str) -> Node:
    """Return a field of the row of totals: the sum over the open markets, None where one is not known."""
    return over(FIELDS[name][0], [_named(one, field(ledger, one, name)) for one in open_holdings(ledger)])


def over(title: str, nodes: Sequence[Node]) -> Node:
    """Return the sum over markets; None where one is not known."""
    return holdings.over_markets(title, nodes)


def _named(one: Holding, node: Node) -> Node:
    return replace(node, key=one.row.ticker, title=one.row.title)


def _of_held(ledger: Ledger, one: Holding, name: str) -> Node:
    """Return a field that only what is held has."""
    held_now = held_legs(one.market)
    if not held_now:
        return Node(key=name, title=name, amount=None, rule="sum", note="nothing is held")
    exposure = holdings.exposure(one, ledger.calendar)
    if name == "average_price":
        size = sum(held_now.values())
        legs = [holdings.held(one.market, side, count, ledger.calendar) for side, count in held_now.items()]
        named = [replace(leg, key=side) for leg, side in zip(legs, held_now, strict=True)]
        both = Node(key="contracts", title=f"{count_text(size)} contracts", amount=size, rule="sum", parts=named)
        parts = (exposure, legs[0] if len(legs) == 1 else replace(both, unit="contracts"))
        note = "rounded to a millionth of a dollar, half to even"
        return Node(key=name, title=name, amount=made("quotient", parts), rule="quotient", parts=parts, note=note)
    if name == "mark":
        return _price(one, one.row.mark)
    if name == "last_price":
        return _last(one)
    payout = {
        "best_case": lambda: holdings.payout(one, ledger.calendar, wins=True),
        "worst_case": lambda: holdings.payout(one, ledger.calendar, wins=False),
        "expected": lambda: holdings.expected(one, ledger.calendar),
    }[name]()
    return difference(name, name, (payout, exposure))


def _price(one: Holding, amount: int | None) -> Node:
    side, mark = one.row.side, one.mark
    if side is None or mark is None:
        return Node(key="mark", title="mark", amount=None, rule="mark", note="there is no quote")
    quote = Quote(ticker=one.row.ticker, at=mark.at, side=side, price=amount, source=one.row.mark_source)
    note = "" if amount is not None else "nobody bids"
    return Node(key="mark", title="mark", amount=amount, rule="mark", mark=quote, note=note)


def _last(one: Holding) -> Node:
    side, mark = one.row.side, one.mark
    if side is None or mark is None or one.row.last_price is None:
        return Node(key="last_price", title="last", amount=None, rule="mark", note="no trade is known")
    quote = Quote(ticker=one.row.ticker, at=mark.at, side=side, price=one.row.last_price, source="none")
    return Node(
        key="last_price",
        title="last",
        amount=one.row.last_price,
        rule="mark",
        mark=quote,
        note="the last trade; for information, no figure is made of it",
    )
