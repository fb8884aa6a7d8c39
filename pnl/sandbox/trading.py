"""The account at the exchange: fills turn into positions, cash and settlements, as Kalshi nets them.

A fill first offsets contracts held on the other side, each pair paying back a dollar at once; what
is left opens contracts of its own side. Positions are kept at average cost, gross of fees, and
what a partial close releases is rounded to a millionth of a dollar. Money is nano-dollars, counts
are hundredths of a contract.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from pnl.domain.money import CENT, CONTRACT, DOLLAR, MICRO, Centi, Nano, cost_of, share
from pnl.domain.records import Side
from pnl.sandbox.listing import Listed, Result, Series

_TEN_THOUSANDTH: Nano = DOLLAR // 10_000

TransferStatus: TypeAlias = Literal["pending", "applied", "failed", "returned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill. `side` is the side it positions us for, `price` that side's price."""

    id: str
    order_id: str
    ticker: str
    subaccount: int
    at: datetime
    side: Side
    count: Centi
    price: Nano
    fee: Nano
    is_taker: bool
    exchange_index: int = 0


@dataclass(slots=True, kw_only=True)
class Order:
    """An order, resting until `filled` reaches `count` or `canceled_at` comes."""

    id: str
    ticker: str
    subaccount: int
    placed: datetime
    side: Side
    count: Centi
    price: Nano
    updated: datetime
    canceled: bool = False
    filled: Centi = 0
    taker_cost: Nano = 0
    maker_cost: Nano = 0
    taker_fees: Nano = 0
    maker_fees: Nano = 0
    exchange_index: int = 0

    @property
    def status(self) -> Literal["resting", "canceled", "executed"]:
        if self.filled >= self.count:
            return "executed"
        return "canceled" if self.canceled else "resting"


@dataclass(slots=True, kw_only=True)
class Holding:
    """One market of one subaccount, from its fills alone.

    `cash` is what the market did to the balance so far. `netting` False keeps both sides to the end.
    """

    ticker: str
    subaccount: int
    netting: bool = True
    contracts: Centi = 0
    cost: Nano = 0
    realised: Nano = 0
    fees: Nano = 0
    yes_count: Centi = 0
    yes_cost: Nano = 0
    no_count: Centi = 0
    no_cost: Nano = 0
    cash: Nano = 0
    updated: datetime | None = None
    settled_at: datetime | None = None

    def apply(self, fill: Execution) -> None:
        """Take a fill in."""
        paid = cost_of(fill.count, fill.price)
        held, signed = self.contracts, fill.count if fill.side == "yes" else -fill.count
        closing = min(fill.count, abs(held)) if self.netting and held * signed < 0 else 0
        closing_paid = cost_of(closing, fill.price)
        released = self.cost if closing == abs(held) else share(self.cost, closing, abs(held), MICRO)
        if closing:
            self.realised += closing * (DOLLAR // CONTRACT) - closing_paid - released
            self.cost -= released
        self.cost += paid - closing_paid
        self.contracts += signed
        self.fees += fill.fee
        self.cash += closing * (DOLLAR // CONTRACT) - paid - fill.fee
        if fill.side == "yes":
            self.yes_count, self.yes_cost = self.yes_count + fill.count, self.yes_cost + paid
        else:
            self.no_count, self.no_cost = self.no_count + fill.count, self.no_cost + paid
        self.updated = fill.at

    def payout(self, value: Nano) -> Nano:
        """Return what settlement pays, whole cents, when one YES contract pays `value`."""
        if self.netting:
            held = self.contracts
            gross = cost_of(held, value) if held > 0 else cost_of(-held, DOLLAR - value)
        else:
            gross = cost_of(self.yes_count, value) + cost_of(self.no_count, DOLLAR - value)
        return gross // CENT * CENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A settlement row: what was bought over the market's whole life, and what the net of it paid."""

    ticker: str
    event_ticker: str
    subaccount: int
    exchange_index: int
    at: datetime
    result: Result
    yes_count: Centi
    yes_cost: Nano
    no_count: Centi
    no_cost: Nano
    revenue: Nano
    fee: Nano
    value: Nano


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Cash in (a deposit) or out (a withdrawal); `amount` is above zero either way."""

    id: str
    way: Literal["deposit", "withdrawal"]
    amount: Nano
    fee: Nano
    type: str
    status: TransferStatus
    created: datetime
    finalised: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Cash that went from one subaccount to another; 0 is the primary one."""

    id: str
    origin: int
    target: int
    amount: Nano
    at: datetime
    exchange_index: int = 0


def fee(series: Series, count: Centi, price: Nano, *, is_taker: bool) -> Nano:
    """Return the fee of a fill: M·0.07·C·P(1−P) for a taker, a quarter of it for a maker where makers pay.

    It is rounded up to $0.0001, then so that the balance changes by a multiple of $0.0001.
    """
    if not is_taker and series.fee_type == "quadratic":
        return 0
    rate = 700 if is_taker else 175
    numerator = series.fee_percent * rate * count * price * (DOLLAR - price)
    raw = _up(numerator, 100 * 10_000 * CONTRACT * DOLLAR * _TEN_THOUSANDTH) * _TEN_THOUSANDTH
    paid = cost_of(count, price)
    return _up(paid + raw, _TEN_THOUSANDTH) * _TEN_THOUSANDTH - paid


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


@dataclass(slots=True)
class Account:
    """All that the exchange knows of us.

    Attributes:
        holdings: By subaccount and market.
        holders: The subaccounts that hold or held something in a market.
        payouts: Oldest first.
    """

    netting: bool = True
    fills: list[Execution] = field(default_factory=list)
    holdings: dict[tuple[int, str], Holding] = field(default_factory=dict)
    holders: dict[str, list[int]] = field(default_factory=dict)
    payouts: list[Payout] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    cash: dict[int, Nano] = field(default_factory=lambda: {0: 0})
    updated: datetime | None = None

    def fill(self, fill: Execution) -> None:
        """Book a fill; one older than the market's newest is folded in at its place."""
        insort(self.fills, fill, key=_by_time)
        key = (fill.subaccount, fill.ticker)
        holding = self.holdings.get(key)
        if holding is None:
            holding = self.holdings[key] = Holding(ticker=fill.ticker, subaccount=fill.subaccount, netting=self.netting)
            self.holders.setdefault(fill.ticker, []).append(fill.subaccount)
        before = holding.cash
        if holding.updated is not None and fill.at < holding.updated:
            holding = self.holdings[key] = self.held_at(holding, None)
        else:
            holding.apply(fill)
        self._move(fill.subaccount, holding.cash - before, fill.at)
        order = self.orders.get(fill.order_id)
        if order is not None:
            order.filled += fill.count
            order.updated = max(order.updated, fill.at)
            paid = cost_of(fill.count, fill.price)
            if fill.is_taker:
                order.taker_cost, order.taker_fees = order.taker_cost + paid, order.taker_fees + fill.fee
            else:
                order.maker_cost, order.maker_fees = order.maker_cost + paid, order.maker_fees + fill.fee

    def held_at(self, holding: Holding, at: datetime | None) -> Holding:
        """Return a market's holding from its fills up to `at` (None: all of them)."""
        fresh = Holding(ticker=holding.ticker, subaccount=holding.subaccount, netting=holding.netting)
        for fill in self.fills_of(holding):
            if at is None or fill.at <= at:
                fresh.apply(fill)
        return fresh

    def between(self, since: datetime | None, until: datetime | None) -> list[Execution]:
        """Return the fills of [since, until), oldest first."""
        first = 0 if since is None else bisect_left(self.fills, since, key=_time)
        last = len(self.fills) if until is None else bisect_left(self.fills, until, key=_time)
        return self.fills[first:last]

    def fills_of(self, holding: Holding) -> Iterable[Execution]:
        """Give the fills of one market and subaccount, oldest first."""
        return (f for f in self.fills if f.ticker == holding.ticker and f.subaccount == holding.subaccount)

    def settle(self, market: Listed, at: datetime) -> None:
        """Pay out every subaccount's holding in a market whose outcome is known."""
        if market.value is None or market.result is None:
            return
        for subaccount in self.holders.get(market.ticker, ()):
            holding = self.holdings[subaccount, market.ticker]
            if holding.settled_at is not None:
                continue
            revenue = holding.payout(market.value)
            insort(
                self.payouts,
                Payout(
                    ticker=holding.ticker,
                    event_ticker=market.event.ticker,
                    subaccount=holding.subaccount,
                    exchange_index=market.event.exchange_index,
                    at=at,
                    result=market.result,
                    yes_count=holding.yes_count,
                    yes_cost=holding.yes_cost,
                    no_count=holding.no_count,
                    no_cost=holding.no_cost,
                    revenue=revenue,
                    fee=holding.fees,
                    value=market.value,
                ),
                key=_by_payout,
            )
            holding.contracts, holding.cost, holding.settled_at = 0, 0, at
            holding.updated = at
            holding.cash += revenue
            self._move(holding.subaccount, revenue, at)

    def transfer(self, transfer: Transfer, at: datetime) -> None:
        """Book a deposit or a withdrawal, new or with a new status; only `applied` moves cash."""
        old = self.transfers.get(transfer.id)
        self.transfers[transfer.id] = transfer
        self._move(0, _moved(transfer) - (_moved(old) if old else 0), at)

    def move(self, move: Move) -> None:
        """Carry cash between subaccounts."""
        insort(self.moves, move, key=lambda one: (one.at, one.id))
        self._move(move.origin, -move.amount, move.at)
        self._move(move.target, move.amount, move.at)

    def credit(self, amount: Nano, at: datetime, subaccount: int = 0) -> None:
        """Let the balance grow with no row that says why: interest, an incentive."""
        self._move(subaccount, amount, at)

    def value(self, subaccount: int | None, mark: Callable[[Holding], Nano]) -> Nano:
        """Return the market value of what is held, each holding marked by `mark`."""
        held = (h for h in self.holdings.values() if h.settled_at is None and subaccount in {None, h.subaccount})
        return sum(mark(holding) for holding in held)

    def _move(self, subaccount: int, amount: Nano, at: datetime) -> None:
        if amount:
            self.cash[subaccount] = self.cash.get(subaccount, 0) + amount
            self.updated = at if self.updated is None else max(self.updated, at)


def _moved(transfer: Transfer) -> Nano:
    if transfer.status != "applied":
        return 0
    return transfer.amount - transfer.fee if transfer.way == "deposit" else -transfer.amount - transfer.fee


def _by_time(fill: Execution) -> tuple[datetime, str]:
    return (fill.at, fill.id)


def _by_payout(payout: Payout) -> tuple[datetime, str]:
    return (payout.at, payout.ticker)


def _time(fill: Execution) -> datetime:
    return fill.at
