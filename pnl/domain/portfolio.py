"""What is held, at the newest quotes: the rows of markets, worked out again only where something changed."""

from collections.abc import Iterable
from typing import Literal

from pnl.domain.book import Book, MarketBook
from pnl.domain.money import Nano
from pnl.domain.records import Mark, Market
from pnl.domain.snapshot import PositionRow
from pnl.domain.valuation import row


class Portfolio:
    """The book's markets with their newest marks and descriptions."""

    def __init__(self, book: Book, mark_rule: Literal["bid", "mid"]) -> None:
        self.held: set[str] = set()
        self.marks: dict[str, Mark] = {}
        self.markets: dict[str, Market] = {}
        self._book = book
        self._rule = mark_rule
        self._rows: dict[str, tuple[int, Mark | None, Market | None, PositionRow]] = {}
        self._open: list[PositionRow] | None = None

    def fork(self, book: Book) -> "Portfolio":
        """Return the same markets held, of a copy of the book, at no quotes."""
        found = Portfolio(book, self._rule)
        found.held = self.held.copy()
        return found

    def update(self, tickers: Iterable[str]) -> None:
        """Take in what changed in the book."""
        self._open = None
        for ticker in tickers:
            market = self._book.markets[ticker]
            (self.held.add if _is_open(market) else self.held.discard)(ticker)

    def quote(self, marks: Iterable[Mark], markets: Iterable[Market] = ()) -> None:
        """Take newer quotes and descriptions in."""
        self._open = None
        for mark in marks:
            known = self.marks.get(mark.ticker)
            if known is None or mark.at >= known.at:
                self.marks[mark.ticker] = mark
        for market in markets:
            if self.markets.get(market.ticker) != market:
                self.markets[market.ticker] = market

    def at_quotes(self, marks: Iterable[Mark], markets: Iterable[Market]) -> "Portfolio":
        """Return the same book at these quotes alone; descriptions that are not given stay."""
        found = Portfolio(self._book, self._rule)
        found.held = set(self.held)
        found.markets = dict(self.markets)
        found.quote(marks, markets)
        return found

    def rows(self, *, every: bool = False) -> list[PositionRow]:
        """Return the rows of the markets that are open, or of every market that was ever traded, by ticker."""
        if every:
            return [self.row(ticker) for ticker in sorted(self._book.markets)]
        if self._open is None:
            self._open = [self.row(ticker) for ticker in sorted(self.held)]
        return self._open

    def unrealised(self) -> Nano | None:
        """Return the unrealised result of all open positions; None when one was never quoted."""
        return total(row.unrealised for row in self.rows())

    def row(self, ticker: str) -> PositionRow:
        """Return the row of a market that was traded."""
        market, mark, about = self._book.markets[ticker], self.marks.get(ticker), self.markets.get(ticker)
        known = self._rows.get(ticker)
        if known and known[0] == market.changes and known[1] is mark and known[2] is about:
            return known[3]
        found = row(market, mark, self.markets, self._rule)
        self._rows[ticker] = (market.changes, mark, about, found)
        return found


def total(amounts: Iterable[Nano | None]) -> Nano | None:
    """Return the sum; None when one of the amounts is not known."""
    known = list(amounts)
    return None if None in known else sum(amount for amount in known if amount is not None)


def _is_open(market: MarketBook) -> bool:
    return market.settlement is None and bool(market.position.contracts or market.position.cost)
