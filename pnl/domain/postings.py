"""What each record posts to the lines; the lines of a day are the sums of these."""

from pnl.domain.book import Book, Post
from pnl.domain.money import Nano
from pnl.domain.records import Credit, Fill, Record, RevenueEntry, Settlement
from pnl.domain.revenue import RevenueBook, daily, posts

REMEMBERED = 200
"""The markets whose posts are kept at hand, since a page of records asks for the same ones again and again."""


class Postings:
    """Tells what a record posts, from the books that it was taken into."""

    def __init__(self, book: Book, revenue: RevenueBook) -> None:
        self._book = book
        self._revenue = revenue
        self._markets: dict[str, tuple[int, dict[str, Post]]] = {}

    def of(self, record: Record) -> list[tuple[str, Nano]]:
        """Return the (line, amount) that a record posts, amounts of zero left out.

        A row of API cost is spread over the hours of its day, so none is named here. Of a recurring
        cost it is the share of its first day.
        """
        match record.fact:
            case Fill() | Settlement() as traded:
                post = self._of_market(traded.ticker).get(_name(traded))
                found = [("trading_realised", post.realised), ("trading_fees", -post.fees)] if post else []
            case Credit() as credit:
                found = [("other_income", credit.amount)]
            case RevenueEntry() as entry if entry.recurs:
                found = [("operating_cost", daily(entry, entry.date))]
            case RevenueEntry() as entry:
                found = [] if self._revenue.gives_way(record.source, entry) else list(posts(entry))
            case _:
                found = []
        return [(line, amount) for line, amount in found if amount]

    def _of_market(self, ticker: str) -> dict[str, Post]:
        market = self._book.markets.get(ticker)
        if market is None:
            return {}
        known = self._markets.get(ticker)
        if known is None or known[0] != market.changes:
            if len(self._markets) >= REMEMBERED:
                self._markets.clear()
            known = self._markets[ticker] = (market.changes, self._book.posts(ticker))
        return known[1]


def _name(traded: Fill | Settlement) -> str:
    if isinstance(traded, Settlement):
        return "settlement"
    return f"{traded.id}#{traded.subaccount}" if traded.subaccount else traded.id
