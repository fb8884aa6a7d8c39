"""The open positions of an earlier instant, from the records that are at hand: those of a day's opening or end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pnl.domain.book import Book, MarketBook
from pnl.domain.explain.holdings import Holding, holding
from pnl.domain.ledger import Ledger
from pnl.domain.records import Fill, Mark, Record, Settlement

LATE = timedelta(days=7)
"""A settlement may be told so much later than it was; the store is asked about its market, too."""


def alive(ledger: Ledger, at: datetime) -> list[str]:
    """Return the markets that may have been held at an instant: traded before it, and not settled long before."""
    found = []
    for ticker, market in ledger.book.markets.items():
        settled = market.settlement
        if market.fills and market.fills[0].at <= at and (settled is None or settled.at > at - LATE):
            found.append(ticker)
    return found


def by_effect(ledger: Ledger, tickers: Iterable[str], at: datetime) -> list[MarketBook]:
    """Return the markets as their fills up to an instant left them, from all that the ledger knows.

    They stay as they are while the ledger goes on.
    """
    found = []
    book = Book(ledger.calendar)
    for ticker in tickers:
        market = ledger.book.markets[ticker]
        if market.settlement is None and market.fills[-1].at <= at:
            found.append(market.fork())
        elif market.settlement is None or market.settlement.at > at:
            book.add(fill for fill in market.fills if fill.at <= at)
    return [*found, *book.markets.values()]


def by_records(ledger: Ledger, records: Iterable[Record]) -> list[MarketBook]:
    """Return the markets that some fills and settlements make."""
    fills, settlements = [], []
    for record in records:
        match record.fact:
            case Fill() as fill:
                fills.append(fill)
            case Settlement() as settlement:
                settlements.append(settlement)
            case _:
                continue
    book = Book(ledger.calendar)
    book.add(fills, settlements)
    return list(book.markets.values())


def valued(ledger: Ledger, markets: Iterable[MarketBook], marks: Iterable[Mark]) -> list[Holding]:
    """Return those of the markets in which something is held, at these quotes, by ticker."""
    quotes = {mark.ticker: mark for mark in marks}
    return [
        holding(market, quotes.get(market.ticker), ledger.quoted(market.ticker)[1], ledger.mark_rule)
        for market in sorted(markets, key=lambda market: market.ticker)
        if market.settlement is None and (market.position.contracts or market.position.cost)
    ]
