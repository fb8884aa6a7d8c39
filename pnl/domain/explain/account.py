"""The account: where Kalshi's cash comes from, and what it makes together with the open positions."""

from collections.abc import Mapping
from dataclasses import replace

from pnl.domain.book import MarketBook
from pnl.domain.explain.nodes import WIDE, Leaf, Node, by_size, by_time, made, of_record
from pnl.domain.explain.steps import KALSHI, Step, cash_of, checked, steps, summed
from pnl.domain.ledger import OPENING_BALANCE, Ledger
from pnl.domain.money import Nano
from pnl.domain.positions import nets
from pnl.domain.records import Balance, Fill

UNEXPLAINED = "no record explains it; once three readings agree, it is posted as other income"
TOLD_BY_ROW = "pairs that paid back, as the settlement's row tells"


def cash(ledger: Ledger) -> Node:
    """Return the balance: the first one that we saw, every kind of movement since, and what nothing explains."""
    balance, opening = ledger.balance, ledger.cash.opening
    if balance is None:
        return Node(key="cash", title="Cash", amount=None, rule="sum")
    if opening is None:
        return replace(_balance(balance, "balance", "Balance, as read"), key="cash")
    parts = movements(ledger)
    return Node(
        key="cash",
        title="Cash",
        amount=balance.cash,
        rule="sum",
        parts=checked(balance.cash, parts, UNEXPLAINED),
    )


def movements(ledger: Ledger, *, trading: bool = True) -> list[Node]:
    """Return the first balance and every kind of movement since; without `trading` those from and to elsewhere."""
    opening = ledger.cash.opening
    if opening is None:
        return []
    kinds = [node for node in _kinds(ledger) if trading or node.key in ("transfers", "credits")]
    return [_balance(opening, OPENING_BALANCE, "Balance when it was first read"), *kinds]


def equity(cash_node: Node, value: Node) -> Node:
    """Return cash and value together; None where one is not known."""
    parts = (cash_node, value)
    unknown = any(part.amount is None for part in parts)
    return Node(key="equity", title="Equity", amount=None if unknown else made("sum", parts), rule="sum", parts=parts)


def _balance(balance: Balance, name: str, title: str) -> Node:
    leaf = Leaf(source=KALSHI, kind="balance", id=name, at=balance.at, fact=balance)
    return of_record(leaf, balance.cash, title, key="opening")


def _kinds(ledger: Ledger) -> list[Node]:
    flows = {ticker: flow for ticker, flow in ledger.cash.flows().items() if flow.cash}
    markets = ledger.book.markets
    paid = {ticker: markets[ticker].revenue - markets[ticker].opening_revenue for ticker in flows}
    transfers = [
        of_record(Leaf(source=KALSHI, kind="transfer", id=one.id, at=one.at, fact=one), one.amount, one.type)
        for one in ledger.cash.transfers()
    ]
    credits_ = [
        of_record(Leaf(source=KALSHI, kind="credit", id=one.id, at=one.at, fact=one), one.amount, one.label)
        for one in ledger.cash.credits.values()
    ]
    found = [
        summed(
            "fills",
            "Fills since then, with their fees",
            sum(flow.cash - paid[ticker] for ticker, flow in flows.items()),
            lambda: _by_series(ledger, {ticker: flow.cash - paid[ticker] for ticker, flow in flows.items()}),
        ),
        summed(
            "settlements",
            "Settlements since then",
            sum(paid.values()),
            lambda: list(by_time([_paid(markets[ticker]) for ticker in flows if paid[ticker]], ledger.calendar)),
        ),
        summed(
            "transfers",
            "Deposits and withdrawals since then",
            sum(one.amount or 0 for one in transfers),
            lambda: list(by_time(transfers, ledger.calendar)),
        ),
        summed(
            "credits",
            "Credits that were confirmed",
            sum(one.amount or 0 for one in credits_),
            lambda: list(by_time(credits_, ledger.calendar)),
        ),
    ]
    return [node for node in found if node.amount or node.children()]


def _by_series(ledger: Ledger, amounts: Mapping[str, Nano]) -> list[Node]:
    """Return what markets brought; where they are many, by the part of their tickers before the first dash."""
    if len(amounts) <= WIDE:
        return by_size(_fills(ledger, ticker, amount) for ticker, amount in amounts.items())
    series: dict[str, dict[str, Nano]] = {}
    for ticker, amount in amounts.items():
        series.setdefault(ticker.partition("-")[0], {})[ticker] = amount
    return by_size(_series(ledger, name, inside) for name, inside in series.items())


def _series(ledger: Ledger, name: str, inside: Mapping[str, Nano]) -> Node:
    return Node(
        key=name,
        title=f"{name}, {len(inside):,} markets",
        amount=sum(inside.values()),
        rule="sum",
        parts=lambda: by_size(_fills(ledger, ticker, amount) for ticker, amount in inside.items()),
        group=True,
    )


def _fills(ledger: Ledger, ticker: str, amount: Nano) -> Node:
    about = ledger.quoted(ticker)[1]
    return summed(ticker, about.title if about else ticker, amount, lambda: _since(ledger, ticker, amount))


def _since(ledger: Ledger, ticker: str, amount: Nano) -> list[Node]:
    market = ledger.book.markets[ticker]
    opened, row = ledger.book.opened_at, market.settlement
    at_once = row is None or nets(row)
    found = [
        of_record(step.leaf(), cash_of(step, nets=at_once), step.title())
        for step in steps(market)
        if isinstance(step.fact, Fill) and (opened is None or step.fact.at > opened)
    ]
    leaves = list(by_time(found, ledger.calendar))
    lacks = amount - (made("sum", found) or 0)
    if lacks and row:
        leaf = Step(row, market.before, market.position).leaf()
        return [*leaves, of_record(leaf, lacks, TOLD_BY_ROW, key=f"settlement-{row.id}")]
    return checked(amount, leaves, TOLD_BY_ROW)


def _paid(market: MarketBook) -> Node:
    if market.settlement is None:
        raise ValueError(f"{market.ticker} has not settled")
    step = Step(market.settlement, market.before, market.position)
    return of_record(step.leaf(), market.revenue - market.opening_revenue, f"{market.ticker} {step.title()}")
