"""The lines of trading on a company day: by market, then the records of that day."""

from collections.abc import Callable
from datetime import date

from pnl.domain.book import DaySums
from pnl.domain.company_day import Calendar
from pnl.domain.explain.holdings import Valuation, together
from pnl.domain.explain.nodes import Leaf, Node, by_size, by_time, difference, of_record
from pnl.domain.explain.steps import KALSHI, leaves, summed
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.positions import Position


def realised(ledger: Ledger, day: date) -> list[Node]:
    """Return what each market realised on a day, before fees."""
    return _by_market(ledger, day, lambda sums: sums.realised, lambda position: position.realised)


def fees(ledger: Ledger, day: date) -> list[Node]:
    """Return the fees of each market on a day, below zero."""
    return _by_market(ledger, day, lambda sums: -sums.fees, lambda position: -position.fees)


def unrealised(calendar: Calendar, opening: Valuation, closing: Valuation) -> Node:
    """Return the unrealised result at the end of a day less that at its opening."""
    parts = (
        together("now", "Unrealised at the end", closing, calendar),
        together("opening", "Unrealised at the day's opening", opening, calendar),
    )
    return difference("trading_unrealised", "Unrealised", parts)


def income(ledger: Ledger, day: date) -> list[Node]:
    """Return the confirmed credits of a day."""
    credits_ = [credit for credit in ledger.cash.credits.values() if ledger.calendar.day(credit.at) == day]
    found = [
        of_record(Leaf(source=KALSHI, kind="credit", id=one.id, at=one.at, fact=one), one.amount, one.label)
        for one in credits_
    ]
    return list(by_time(found, ledger.calendar))


def _by_market(
    ledger: Ledger, day: date, summed_up: Callable[[DaySums], Nano], of: Callable[[Position], int]
) -> list[Node]:
    found = []
    for ticker in ledger.book.traded(day):
        market = ledger.book.markets[ticker]
        amount = summed_up(market.days.get(day, DaySums()))
        if amount:
            found.append(_of_market(ledger, day, ticker, amount, of))
    return by_size(found)


def _of_market(ledger: Ledger, day: date, ticker: str, amount: Nano, of: Callable[[Position], int]) -> Node:
    market = ledger.book.markets[ticker]
    about = ledger.quoted(ticker)[1]
    start, end = ledger.calendar.bounds(day)
    return summed(
        ticker,
        about.title if about else ticker,
        amount,
        lambda: leaves(market, ledger.calendar, of, wanted=lambda step: start <= step.fact.at < end),
    )
