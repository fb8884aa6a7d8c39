"""The trading book: every market's fold, kept up to date fill by fill, and summed by company day.

Order and repetition of what is added change nothing: a fill that comes late folds its market anew.
"""

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from pnl.domain.company_day import Calendar
from pnl.domain.money import Nano
from pnl.domain.positions import FLAT, Position, apply, close_out, dollars, life_result, nets, order, payout
from pnl.domain.records import Fill, Settlement


@dataclass(slots=True)
class DaySums:
    """What one company day realised before fees, and the fees."""

    realised: Nano = 0
    fees: Nano = 0


@dataclass(frozen=True, slots=True)
class Post:
    """What one fill or settlement posts: `realised` before fees, and `fees`, above zero when charged."""

    at: datetime
    realised: Nano
    fees: Nano


@dataclass(slots=True)
class MarketBook:
    """One market: its fills in order, its settlement, and where they lead.

    `before` is what the fills alone lead to, `position` also what the settlement did. `opening` and
    `opening_fills` are the same two at the first balance that we saw. `from_settlement` tells that
    fills are missing and the settlement row filled in for them.
    """

    ticker: str
    fills: list[Fill] = field(default_factory=list)
    ids: set[tuple[str, int]] = field(default_factory=set)
    settlement: Settlement | None = None
    held: dict[int, Position] = field(default_factory=dict)
    position: Position = FLAT
    before: Position = FLAT
    days: dict[date, DaySums] = field(default_factory=dict)
    opening: Position = FLAT
    opening_fills: Position = FLAT
    opening_revenue: Nano = 0
    from_settlement: bool = False
    changes: int = 0

    def fork(self) -> "MarketBook":
        """Return a copy that goes its own way."""
        return replace(
            self,
            fills=self.fills.copy(),
            ids=self.ids.copy(),
            held=self.held.copy(),
            days={day: DaySums(sums.realised, sums.fees) for day, sums in self.days.items()},
        )

    @property
    def revenue(self) -> Nano:
        """What the settlement paid into the account."""
        return self.settlement.revenue if self.settlement else 0


class Book:
    """All markets that were ever traded."""

    def __init__(self, calendar: Calendar) -> None:
        self.markets: dict[str, MarketBook] = {}
        self.opened_at: datetime | None = None
        self._calendar = calendar
        self._days: dict[date, DaySums] = {}
        self._traded: dict[date, set[str]] = defaultdict(set)
        self._fills: Counter[date] = Counter()
        self._settlements: Counter[date] = Counter()

    def fork(self, calendar: Calendar) -> "Book":
        """Return a copy that goes its own way, with a calendar of its own."""
        found = Book(calendar)
        found.markets = {ticker: market.fork() for ticker, market in self.markets.items()}
        found.opened_at = self.opened_at
        found._days = {day: DaySums(sums.realised, sums.fees) for day, sums in self._days.items()}
        found._traded.update((day, tickers.copy()) for day, tickers in self._traded.items())
        found._fills, found._settlements = self._fills.copy(), self._settlements.copy()
        return found

    def add(self, fills: Iterable[Fill], settlements: Iterable[Settlement] = ()) -> set[str]:
        """Take fills and settlements in, in any order; return the tickers that changed."""
        changed: set[str] = set()
        anew: set[str] = set()
        for fill in fills:
            market = self._market(fill.ticker)
            key = _key(fill)
            day = self._calendar.day(fill.at)
            if key in market.ids:
                before = [self._calendar.day(old.at) for old in market.fills if _key(old) == key]
                market.fills = [kept for kept in market.fills if _key(kept) != key]
                self._fills.subtract(before)
                self._untrade(market, before)
                anew.add(fill.ticker)
            self._traded[day].add(fill.ticker)
            self._fills[day] += 1
            market.ids.add(key)
            changed.add(fill.ticker)
            if fill.ticker in anew or market.settlement or (market.fills and order(fill) < order(market.fills[-1])):
                insort(market.fills, fill, key=order)
                anew.add(fill.ticker)
            else:
                market.fills.append(fill)
                self._step(market, fill)
        for settlement in settlements:
            market = self._market(settlement.ticker)
            day = self._calendar.day(settlement.at)
            if market.settlement:
                old, market.settlement = self._calendar.day(market.settlement.at), None
                self._settlements[old] -= 1
                self._untrade(market, [old])
            market.settlement = settlement
            self._traded[day].add(settlement.ticker)
            self._settlements[day] += 1
            changed.add(settlement.ticker)
            anew.add(settlement.ticker)
        for ticker in anew:
            self._fold(self.markets[ticker])
        for ticker in changed:
            self.markets[ticker].changes += 1
        return changed

    def open_at(self, at: datetime) -> None:
        """Set the instant of the first balance: what came before it is part of that balance."""
        self.opened_at = at
        for market in self.markets.values():
            times = [fill.at for fill in market.fills[-1:]] + ([market.settlement.at] if market.settlement else [])
            if all(time <= at for time in times):
                market.opening, market.opening_fills = market.position, market.before
                market.opening_revenue = market.revenue
            else:
                self._fold(market)

    def day(self, day: date) -> DaySums:
        """Return what a company day realised, and its fees."""
        return self._days.get(day, DaySums())

    def days(self) -> Iterable[date]:
        """Return the company days that have a fill or a settlement, in no order."""
        return self._traded.keys()

    def traded(self, day: date) -> list[str]:
        """Return the tickers with a fill or a settlement on a company day, by name."""
        return sorted(self._traded.get(day, ()))

    def counted(self, day: date) -> tuple[int, int]:
        """Return how many fills and settlements a company day has."""
        return self._fills[day], self._settlements[day]

    def posts(self, ticker: str) -> dict[str, Post]:
        """Return what each fill (by id, `#subaccount` appended) and the settlement (by `settlement`) posts."""
        market = self.markets[ticker]
        held: dict[int, Position] = {}
        posts: dict[str, Post] = {}
        for fill in market.fills:
            old = held.get(fill.subaccount, FLAT)
            new = held[fill.subaccount] = apply(old, fill)
            name = f"{fill.id}#{fill.subaccount}" if fill.subaccount else fill.id
            posts[name] = Post(fill.at, new.realised - old.realised, fill.fee)
        if market.settlement:
            gained = market.position.realised - market.before.realised
            posts["settlement"] = Post(market.settlement.at, gained, market.position.fees - market.before.fees)
        return posts

    def _market(self, ticker: str) -> MarketBook:
        market = self.markets.get(ticker)
        if market is None:
            market = self.markets[ticker] = MarketBook(ticker)
        return market

    def _untrade(self, market: MarketBook, days: Iterable[date]) -> None:
        """Forget that a market was traded on days on which nothing of it is left."""
        left = [fill.at for fill in market.fills] + ([market.settlement.at] if market.settlement else [])
        for day in set(days) - {self._calendar.day(at) for at in left}:
            self._traded[day].discard(market.ticker)
            if not self._traded[day]:
                del self._traded[day]

    def _step(self, market: MarketBook, fill: Fill) -> None:
        old = market.held.get(fill.subaccount, FLAT)
        new = market.held[fill.subaccount] = apply(old, fill)
        if len(market.held) == 1:
            market.position = new
        else:
            market.position = _total(market.held)
        market.before = market.position
        self._post(market, fill.at, new.realised - old.realised, fill.fee)
        if self.opened_at is None or fill.at <= self.opened_at:
            market.opening = market.opening_fills = market.position

    def _fold(self, market: MarketBook) -> None:
        for day, sums in market.days.items():
            total = self._days[day]
            total.realised -= sums.realised
            total.fees -= sums.fees
        market.days = {}
        market.held = {}
        market.position = market.before = market.opening = market.opening_fills = FLAT
        market.opening_revenue = 0
        market.from_settlement = False
        for fill in market.fills:
            self._step(market, fill)
        if market.settlement:
            self._settle(market, market.settlement)

    def _settle(self, market: MarketBook, row: Settlement) -> None:
        before = market.position
        market.from_settlement = before.yes_count < row.yes_count or before.no_count < row.no_count
        if market.from_settlement:
            after = Position(0, 0, life_result(row), row.fee, row.yes_count, row.yes_cost, row.no_count, row.no_cost)
        elif row.result in ("yes", "no"):
            market.held = {n: close_out(held, payout(held.contracts, row)) for n, held in market.held.items()}
            after = _total(market.held)
        else:
            paid_back = 0 if nets(row) else dollars(sum(held.pairs for held in market.held.values()))
            after = close_out(before, row.revenue - paid_back)
        market.position = after
        self._post(market, row.at, after.realised - before.realised, after.fees - before.fees)
        if self.opened_at is None or row.at <= self.opened_at:
            market.opening = after
            market.opening_revenue = row.revenue

    def _post(self, market: MarketBook, at: datetime, realised: Nano, fees: Nano) -> None:
        if not realised and not fees:
            return
        day = self._calendar.day(at)
        for sums in (market.days.setdefault(day, DaySums()), self._days.setdefault(day, DaySums())):
            sums.realised += realised
            sums.fees += fees


def _key(fill: Fill) -> tuple[str, int]:
    return fill.id, fill.subaccount


def _total(held: dict[int, Position]) -> Position:
    total = FLAT
    for position in held.values():
        total = total.plus(position)
    return total
