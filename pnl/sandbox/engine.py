"""The one world behind all four servers: a calendar of happenings, played up to the clock's time.

What happens is a function of (seed, epoch, now): however often and however late the clock is
looked at, the same past is found, with the same ids.

A world can also be written by hand, alone (`lively=False`) or on top of the lively one::

    engine.deposit("500")
    engine.quote("KXTEST-1", "0.41", "0.43")
    engine.trade("KXTEST-1", "yes", "100", "0.42")
    engine.settle("KXTEST-1", "yes")
    engine.spend("claude-opus-5-5", output=1_000_000)
    engine.sell("inv-1", "1250.00")

Amounts, prices and counts are decimal strings in dollars and contracts; `at` is an aware time, by
default the clock's. Anything in the future waits until its time has come.
"""

import heapq
from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import RLock
from typing import Literal
from zoneinfo import ZoneInfo

from pnl.clock import Clock
from pnl.domain.money import DOLLAR, Nano, centi, cost_of, nano
from pnl.domain.records import Side
from pnl.errors import BookError
from pnl.sandbox.chance import identity
from pnl.sandbox.listing import Event, Listed, Result, Series
from pnl.sandbox.quotes import Quote
from pnl.sandbox.selling import Charge, Entry, EntryKind, EntryStatus, Sales
from pnl.sandbox.spending import Burn, Spending
from pnl.sandbox.trading import Account, Execution, Holding, Move, Order, Transfer, TransferStatus, fee

COMPANY_ZONE = ZoneInfo("America/New_York")
_HANDMADE = Series(ticker="KXTEST", title="Handmade", category="Test")


class Engine:
    """The world: markets, our account, what we spend and what we sell. Safe to use from any thread.

    Attributes:
        lock: Held while the world is read or changed.
        account: Fills, holdings, settlements, cash.
        markets: Every market ever listed, by ticker.
        spending: Tokens and their cost.
        sales: Revenue entries and card charges.
    """

    def __init__(self, *, seed: int, clock: Clock, epoch: datetime, netting: bool = True) -> None:
        self.seed = seed
        self.clock = clock
        self.epoch = epoch
        self.lock = RLock()
        self.account = Account(netting=netting)
        self.events: dict[str, Event] = {}
        self.markets: dict[str, Listed] = {}
        self.markets_of: dict[str, list[Listed]] = {}
        self.spending = Spending()
        self.sales = Sales()
        self.played = epoch
        self._calendar: list[tuple[datetime, str, Callable[[], None]]] = []
        self._handmade = 0

    def plan(self, at: datetime, name: str, happening: Callable[[], None]) -> None:
        """Put a happening into the calendar. `name` orders happenings of one instant, and must be unique."""
        heapq.heappush(self._calendar, (at, name, happening))

    def advance(self) -> datetime:
        """Let everything happen that is due, and return the time that the world has reached."""
        with self.lock:
            now = self.clock.now()
            while self._calendar and self._calendar[0][0] <= now:
                _, _, happening = heapq.heappop(self._calendar)
                happening()
            self.played = max(self.played, now)
            return self.played

    # The exchange, by hand

    def market(
        self,
        ticker: str,
        *,
        event: str | None = None,
        title: str | None = None,
        closes: datetime | None = None,
        mutually_exclusive: bool = False,
        series: Series = _HANDMADE,
        exchange_index: int = 0,
    ) -> Listed:
        """List a market, open from now; the others list their market themselves if it is missing."""
        with self.lock:
            now = self.advance()
            name = event or ticker.rpartition("-")[0] or ticker
            if name not in self.events:
                self.events[name] = Event(
                    ticker=name,
                    series=series,
                    title=title or f"Will {name} come true?",
                    sub_title="",
                    mutually_exclusive=mutually_exclusive,
                    exchange_index=exchange_index,
                    created=now,
                )
            return self.add_market(
                Listed(
                    ticker=ticker,
                    event=self.events[name],
                    yes_sub_title=title or ticker,
                    created=self.epoch,
                    opens=self.epoch,
                    closes=closes or now + timedelta(days=365),
                )
            )

    def add_market(self, market: Listed) -> Listed:
        """Add a market that is already made, with its event."""
        known = self.markets.get(market.ticker)
        if known is not None:
            return known
        self.events.setdefault(market.event.ticker, market.event)
        self.markets_of.setdefault(market.event.ticker, []).append(market)
        self.markets[market.ticker] = market
        return market

    def quote(self, ticker: str, yes_bid: str | None, yes_ask: str | None, at: datetime | None = None) -> None:
        """Set a market's book; None where nobody quotes. It stands until the next one."""
        with self.lock:
            market = self._market(ticker)
            bid = None if yes_bid is None else nano(yes_bid)
            ask = None if yes_ask is None else nano(yes_ask)
            last = bid if bid is not None else ask if ask is not None else 0
            market.handmade.set(
                at or self.advance(),
                Quote(
                    yes_bid=bid, yes_ask=ask, last=last, bid_size=10_000 if bid else 0, ask_size=10_000 if ask else 0
                ),
            )

    def trade(  # noqa: PLR0917 — the order of words of a spoken trade
        self,
        ticker: str,
        side: Side,
        count: str,
        price: str,
        fee: str | None = None,
        at: datetime | None = None,
        *,
        maker: bool = False,
        order: str | None = None,
        subaccount: int = 0,
    ) -> Execution:
        """Execute `count` contracts of `side` at that side's `price`, and return the fill.

        Args:
            fee: In dollars; by default what Kalshi's formula says.
            order: An id that several fills share; by default each fill is an order of its own.
        """
        with self.lock:
            now = self.advance()
            market = self._market(ticker)
            when, number = at or now, self._next()
            contracts, paid = centi(count), nano(price)
            taken = not maker
            charged = nano(fee) if fee is not None else fee_of(market, contracts, paid, is_taker=taken)
            order_id = order or identity(self.seed, "handmade order", number)
            fill = Execution(
                id=identity(self.seed, "handmade fill", number),
                order_id=order_id,
                ticker=ticker,
                subaccount=subaccount,
                at=when,
                side=side,
                count=contracts,
                price=paid,
                fee=charged,
                is_taker=taken,
                exchange_index=market.event.exchange_index,
            )
            self._when(when, lambda: self.execute(fill))
            return fill

    def rest(self, ticker: str, side: Side, count: str, price: str, *, subaccount: int = 0) -> Order:
        """Put a resting order into the book, and return it."""
        with self.lock:
            now = self.advance()
            market = self._market(ticker)
            order = Order(
                id=identity(self.seed, "resting order", self._next()),
                ticker=ticker,
                subaccount=subaccount,
                placed=now,
                updated=now,
                side=side,
                count=centi(count),
                price=nano(price),
                exchange_index=market.event.exchange_index,
            )
            return self.place(order)

    def settle(
        self, ticker: str, result: Result | str, at: datetime | None = None, *, determined_at: datetime | None = None
    ) -> None:
        """Settle a market: `yes`, `no`, or what one YES contract pays as a decimal string (`"0.45"`).

        The outcome is public from `determined_at` (by default the moment of settlement).
        """
        with self.lock:
            now = self.advance()
            market = self._market(ticker)
            when = at or now
            if result in {"yes", "no"}:
                market.result = "yes" if result == "yes" else "no"
                market.value = DOLLAR if result == "yes" else 0
            else:
                market.result, market.value = "scalar", nano(result)
            market.determined_at, market.settles_at = determined_at or when, when
            market.closes = min(market.closes, market.determined_at)
            self._when(when, lambda: self.account.settle(market, when))

    def deposit(self, amount: str, at: datetime | None = None, *, status: TransferStatus = "applied") -> Transfer:
        """Bring cash in. It is no profit."""
        return self._transfer("deposit", amount, at, status)

    def withdraw(self, amount: str, at: datetime | None = None, *, status: TransferStatus = "applied") -> Transfer:
        """Take cash out. It is no loss."""
        return self._transfer("withdrawal", amount, at, status)

    def restate_transfer(self, transfer: Transfer, status: TransferStatus) -> None:
        """Give a deposit or withdrawal another status, such as `returned`."""
        with self.lock:
            now = self.advance()
            self.account.transfer(
                Transfer(
                    id=transfer.id,
                    way=transfer.way,
                    amount=transfer.amount,
                    fee=transfer.fee,
                    type=transfer.type,
                    status=status,
                    created=transfer.created,
                    finalised=None if status == "pending" else now,
                ),
                now,
            )

    def credit(self, amount: str, at: datetime | None = None) -> None:
        """Let the balance change without any row that says why."""
        with self.lock:
            when = at or self.advance()
            value = nano(amount)
            self._when(when, lambda: self.account.credit(value, when))

    def move(self, amount: str, origin: int, target: int, at: datetime | None = None) -> Move:
        """Carry cash from one subaccount to another."""
        with self.lock:
            when = at or self.advance()
            name = identity(self.seed, "move", self._next())
            move = Move(id=name, origin=origin, target=target, amount=nano(amount), at=when)
            self._when(when, lambda: self.account.move(move))
            return move

    # What the account does, for the lively world and the methods above

    def place(self, order: Order) -> Order:
        """Put an order into the account."""
        self.account.orders[order.id] = order
        return order

    def execute(self, fill: Execution) -> None:
        """Book a fill, under an order that is made if it is missing."""
        order = self.account.orders.get(fill.order_id)
        if order is None:
            self.place(
                Order(
                    id=fill.order_id,
                    ticker=fill.ticker,
                    subaccount=fill.subaccount,
                    placed=fill.at,
                    updated=fill.at,
                    side=fill.side,
                    count=fill.count,
                    price=fill.price,
                    exchange_index=fill.exchange_index,
                )
            )
        elif order.filled + fill.count > order.count:
            order.count = order.filled + fill.count
        self.account.fill(fill)

    def worth(self, holding: Holding, now: datetime) -> Nano:
        """Return what a holding is worth at the exit bid, or at its settlement value once that is known."""
        market = self.markets[holding.ticker]
        quote = market.quote(now)
        yes, no = quote.yes_bid or 0, quote.no_bid or 0
        if market.decided(now) and market.value is not None:
            yes, no = market.value, DOLLAR - market.value
        if holding.netting:
            return cost_of(holding.contracts, yes) if holding.contracts > 0 else cost_of(-holding.contracts, no)
        return cost_of(holding.yes_count, yes) + cost_of(holding.no_count, no)

    # What we spend and sell, by hand

    def spend(
        self,
        model: str | None = None,
        *,
        at: datetime | None = None,
        input: int = 0,  # noqa: A002 — the word of the price list
        output: int = 0,
        cache_read: int = 0,
        cache_write_5m: int = 0,
        cache_write_1h: int = 0,
        searches: int = 0,
        cents: str | None = None,
        cost_type: str | None = None,
        workspace: str | None = None,
        tier: str = "standard",
        context: str = "0-200k",
        geo: str = "global",
        billed: bool = True,
        seen_at: datetime | None = None,
    ) -> Burn:
        """Use a model in the minute of `at`; usage and cost show five minutes later, or from `seen_at`.

        Args:
            workspace: A `wrkspc_…` id; None for the default workspace.
            cents: A cost in cents for what no token explains (`cost_type`, such as `code_execution`).
            billed: False for refused requests, whose tokens are counted and not charged.
            seen_at: Raises a past day when it is later than that day's end.
        """
        with self.lock:
            return self.spending.add(
                Burn(
                    at=(at or self.advance()).replace(second=0, microsecond=0),
                    model=model,
                    tokens=(input, output, cache_read, cache_write_5m, cache_write_1h),
                    searches=searches,
                    cents=cents,
                    cost_type=cost_type,
                    workspace=workspace,
                    tier=tier,
                    context=context,
                    geo=geo,
                    billed=billed,
                    seen_at=seen_at,
                )
            )

    def restate(self, day: date, cents: str, at: datetime | None = None) -> None:
        """Change the reported cost of a past UTC day by `cents`, from now on (or from `at`)."""
        start = datetime(day.year, day.month, day.day, 12, tzinfo=self.epoch.tzinfo)
        self.spend(at=start, cents=cents, cost_type="session_usage", seen_at=at or self.advance())

    def sell(
        self,
        id: str,  # noqa: A002 — the field's name in the feed
        amount: str,
        *,
        day: date | None = None,
        kind: EntryKind = "sale",
        status: EntryStatus = "settled",
        version: int = 1,
        currency: str = "USD",
        description: str = "",
        parent_id: str | None = None,
        at: datetime | None = None,
    ) -> Entry:
        """Report a revenue entry in the feed at `at`, for a business day (by default the company's today).

        The same id with a higher version corrects it; with the same version and another content
        it is the conflict that a reader must refuse. A day in the past is a late entry.
        """
        with self.lock:
            now = self.advance()
            when = at or now
            entry = Entry(
                id=id,
                version=version,
                date=day or when.astimezone(COMPANY_ZONE).date(),
                amount=amount,
                currency=currency,
                kind=kind,
                status=status,
                updated=when,
                description=description,
                parent_id=parent_id,
            )
            self._when(when, lambda: self.sales.report(entry))
            return entry

    def charge(
        self,
        amount: int,
        *,
        fee: int = 0,
        currency: str = "usd",
        category: str = "charge",
        type: str | None = None,  # noqa: A002 — the field's name at Stripe
        at: datetime | None = None,
        available_after: timedelta = timedelta(days=2),
        description: str | None = None,
    ) -> Charge:
        """Add a balance transaction in minor units: a charge, or by `category` a refund, dispute, payout…"""
        with self.lock:
            now = self.advance()
            when = (at or now).replace(microsecond=0)
            charge = Charge.make(
                self.seed,
                f"handmade {self._next()}",
                created=when,
                amount=amount,
                fee=fee,
                currency=currency,
                category=category,
                type=type,
                available=when + available_after,
                description=description,
            )
            self._when(when, lambda: self.sales.take(charge))
            return charge

    def _transfer(
        self, way: Literal["deposit", "withdrawal"], amount: str, at: datetime | None, status: TransferStatus
    ) -> Transfer:
        with self.lock:
            when = at or self.advance()
            transfer = Transfer(
                id=identity(self.seed, way, self._next()),
                way=way,
                amount=nano(amount),
                fee=0,
                type="ach",
                status=status,
                created=when,
                finalised=None if status == "pending" else when,
            )
            if transfer.amount <= 0:
                raise BookError(f"a {way} of {amount} must be above zero")
            self._when(when, lambda: self.account.transfer(transfer, when))
            return transfer

    def _market(self, ticker: str) -> Listed:
        return self.markets.get(ticker) or self.market(ticker)

    def _next(self) -> int:
        self._handmade += 1
        return self._handmade

    def _when(self, at: datetime, happening: Callable[[], None]) -> None:
        if at <= self.played:
            happening()
        else:
            self.plan(at, f"handmade {self._next():08d}", happening)


def fee_of(market: Listed, count: int, price: Nano, *, is_taker: bool) -> Nano:
    """Return the fee of a fill in a market, by its series' schedule."""
    return fee(market.event.series, count, price, is_taker=is_taker)
