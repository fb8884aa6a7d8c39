"""What happened in a Kalshi account: its balance, fills, settlements, orders and transfers."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pnl.domain.money import CENT, text
from pnl.sandbox.chance import identity
from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.kalshi_cutoff import OVERLAP, Cutoff
from pnl.sandbox.kalshi_pages import Limits, Refused, choice, invalid, page, whole, words
from pnl.sandbox.kalshi_rows import (
    fill_row,
    move_row,
    order_row,
    settlement_row,
    subaccount_row,
    transfer_row,
    unix,
)
from pnl.sandbox.serve import Request
from pnl.sandbox.trading import Execution, Order, Transfer


class Activity:
    """Tells what the account did."""

    def __init__(self, engine: Engine, faults: Faults, cutoff: Cutoff) -> None:
        self._engine, self._faults, self._cutoff = engine, faults, cutoff
        self._user = identity(engine.seed, "user")

    def balance(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return a subaccount's cash, and what its positions are worth."""
        subaccount = whole(request, "subaccount", "GetBalance") or 0
        index = whole(request, "exchange_index", "GetBalance")
        account = self._engine.account
        cash = account.cash.get(subaccount, 0) if index in {None, 0} else 0
        worth = account.value(subaccount, lambda holding: self._engine.worth(holding, now)) if index in {None, 0} else 0
        return {
            "balance": cash // CENT,
            "balance_dollars": text(cash, 4),
            "portfolio_value": worth // CENT,
            "updated_ts": unix(account.updated or self._engine.epoch),
            "balance_breakdown": [{"exchange_index": index or 0, "balance": text(cash, 4)}],
        }

    def fills(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the live fills."""
        cut = self._cutoff.at(now)
        return self._fill_page(request, "GetFills", lambda fill: fill.at >= cut or self._still_open(fill))

    def old_fills(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the historical fills."""
        cut = self._cutoff.at(now) + OVERLAP
        return self._fill_page(request, "GetHistoricalFills", lambda fill: fill.at < cut and not self._still_open(fill))

    def _still_open(self, fill: Execution) -> bool:
        return self._engine.account.holdings[(fill.subaccount, fill.ticker)].settled_at is None

    def _fill_page(self, request: Request, operation: str, kept: Callable[[Execution], bool]) -> dict[str, Any]:
        window = _window(request, operation)
        subaccount = whole(request, "subaccount", operation)
        index = whole(request, "exchange_index", operation)
        tickers, order = words(request, "ticker"), request.one("order_id")
        rows = [
            fill
            for fill in reversed(self._engine.account.between(*window))
            if kept(fill)
            and (tickers is None or fill.ticker in tickers)
            and (not order or fill.order_id == order)
            and subaccount in {None, fill.subaccount}
            and index in {None, fill.exchange_index}
            and not self._faults.hides(fill.id, fill.ticker)
        ]
        found, cursor = page(request, rows, lambda fill: [fill.id], Limits(operation=operation))
        return {"fills": [fill_row(fill) for fill in found], "cursor": cursor}

    def settlements(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the live settlements."""
        cut = self._cutoff.at(now)
        window = _window(request, "GetSettlements")
        subaccount = whole(request, "subaccount", "GetSettlements")
        ticker, event = request.one("ticker"), request.one("event_ticker")
        rows = [
            payout
            for payout in reversed(self._engine.account.payouts)
            if payout.at >= cut
            and _within(payout.at, window)
            and (not ticker or payout.ticker == ticker)
            and (not event or payout.event_ticker == event)
            and subaccount in {None, payout.subaccount}
        ]
        limits = Limits(operation="GetSettlements")
        found, cursor = page(request, rows, lambda payout: [payout.ticker, payout.subaccount], limits)
        return {"settlements": [settlement_row(payout) for payout in found], "cursor": cursor}

    def orders(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the live orders."""
        cut = self._cutoff.at(now)
        return self._order_page(request, "GetOrders", lambda order: order.status == "resting" or order.updated >= cut)

    def old_orders(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the historical orders."""
        cut = self._cutoff.at(now) + OVERLAP
        return self._order_page(
            request, "GetHistoricalOrders", lambda order: order.status != "resting" and order.updated < cut
        )

    def _order_page(self, request: Request, operation: str, kept: Callable[[Order], bool]) -> dict[str, Any]:
        window = _window(request, operation)
        status = choice(request, "status", {"resting", "canceled", "executed"}, operation)
        subaccount = whole(request, "subaccount", operation)
        ticker, events = request.one("ticker"), words(request, "event_ticker")
        markets = self._engine.markets
        rows = [
            order
            for order in self._engine.account.orders.values()
            if kept(order)
            and _within(order.placed, window)
            and status in {None, order.status}
            and (not ticker or order.ticker == ticker)
            and (events is None or markets[order.ticker].event.ticker in events)
            and subaccount in {None, order.subaccount}
        ]
        rows.sort(key=lambda order: (order.placed, order.id), reverse=True)
        found, cursor = page(request, rows, lambda order: [order.id], Limits(operation=operation))
        return {"orders": [order_row(order, self._user) for order in found], "cursor": cursor}

    def deposits(self, request: Request, _: datetime) -> dict[str, Any]:
        """Return the deposits."""
        found, cursor = self._transfers(request, "deposit", "GetDeposits")
        return {"deposits": [transfer_row(transfer) for transfer in found], "cursor": cursor}

    def withdrawals(self, request: Request, _: datetime) -> dict[str, Any]:
        """Return the withdrawals."""
        found, cursor = self._transfers(request, "withdrawal", "GetWithdrawals")
        return {"withdrawals": [transfer_row(transfer) for transfer in found], "cursor": cursor}

    def _transfers(self, request: Request, way: str, operation: str) -> tuple[list[Transfer], str]:
        rows = [transfer for transfer in self._engine.account.transfers.values() if transfer.way == way]
        rows.sort(key=lambda transfer: (transfer.created, transfer.id), reverse=True)
        return page(request, rows, lambda transfer: [transfer.id], Limits(operation=operation, most=500))

    def subaccounts(self, _: Request, _now: datetime) -> dict[str, Any]:
        """Return the cash of each subaccount."""
        account = self._engine.account
        updated = unix(account.updated or self._engine.epoch)
        return {"subaccount_balances": [subaccount_row(n, cash, updated) for n, cash in sorted(account.cash.items())]}

    def moves(self, request: Request, _: datetime) -> dict[str, Any]:
        """Return the transfers between subaccounts."""
        rows = self._engine.account.moves[::-1]
        limits = Limits(operation="GetSubaccountTransfers")
        found, cursor = page(request, rows, lambda move: [move.id], limits)
        return {"transfers": [move_row(move) for move in found], "cursor": cursor}


def _window(request: Request, operation: str) -> tuple[datetime | None, datetime | None]:
    """Return [since, until) of the whole seconds `min_ts` to `max_ts`, both included."""
    since, until = whole(request, "min_ts", operation), whole(request, "max_ts", operation)
    if since is not None and until is not None and since > until:
        raise Refused(invalid(operation, "MaxTs", "gtefield"))
    try:
        return (
            None if since is None else datetime.fromtimestamp(since, UTC),
            None if until is None else datetime.fromtimestamp(until + 1, UTC),
        )
    except (OverflowError, ValueError, OSError):
        raise Refused(invalid(operation, "MinTs", "lte")) from None


def _within(at: datetime, window: tuple[datetime | None, datetime | None]) -> bool:
    since, until = window
    return (since is None or at >= since) and (until is None or at < until)
