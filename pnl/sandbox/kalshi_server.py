"""Kalshi's Trade API v2, read side, as its documents of October 2026 and recordings of it show.

`https://docs.kalshi.com/api-reference`, read in November 2026. Live rows move to `/historical` once
they are older than the cut-off; fills and positions overlap for two days, settlements just vanish.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from pnl.domain.money import CENT, text
from pnl.sandbox.chance import identity
from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.kalshi_keys import Gate
from pnl.sandbox.kalshi_pages import Limits, Refused, choice, invalid, page, refusal, whole, words
from pnl.sandbox.kalshi_rows import (
    event_body,
    event_row,
    fill_row,
    market_row,
    move_row,
    order_row,
    position_row,
    series_body,
    settlement_row,
    subaccount_row,
    transfer_row,
    unix,
    when,
)
from pnl.sandbox.listing import Listed
from pnl.sandbox.serve import Answer, Request
from pnl.sandbox.trading import Execution, Holding, Order, Transfer

PREFIX = "/trade-api/v2"
_OVERLAP = timedelta(days=2)
_STATUS_WORDS = {
    "unopened": {"initialized"},
    "open": {"active"},
    "paused": {"inactive"},
    "closed": {"closed", "determined"},
    "settled": {"finalized"},
}

Handler: TypeAlias = Callable[[Request, datetime], dict[str, Any]]


class KalshiServer:
    """Answers one request at a time from the engine, holding its lock. `live_days` sets the cut-off."""

    def __init__(self, engine: Engine, faults: Faults, gate: Gate, *, live_days: int = 60) -> None:
        self._engine, self._faults, self._gate = engine, faults, gate
        self._live = timedelta(days=live_days)
        self._user = identity(engine.seed, "user")
        self._public: dict[str, Handler] = {
            "/exchange/status": self._status,
            "/exchange/user_data_timestamp": self._timestamp,
            "/markets": self._markets,
            "/events": self._events,
            "/series/fee_changes": lambda _request, _now: {"series_fee_change_arr": []},
            "/historical/cutoff": self._cutoff,
            "/historical/markets": self._old_markets,
        }
        self._private: dict[str, Handler] = {
            "/portfolio/balance": self._balance,
            "/portfolio/positions": self._positions,
            "/portfolio/fills": self._fills,
            "/portfolio/settlements": self._settlements,
            "/portfolio/orders": self._orders,
            "/portfolio/deposits": self._deposits,
            "/portfolio/withdrawals": self._withdrawals,
            "/portfolio/subaccounts/balances": self._subaccounts,
            "/portfolio/subaccounts/transfers": self._moves,
            "/historical/fills": self._old_fills,
            "/historical/positions": self._old_positions,
            "/historical/orders": self._old_orders,
            "/account/limits": self._limits,
        }

    def __call__(self, request: Request) -> Answer:
        """Return the answer to a request."""
        path = request.path.removeprefix(PREFIX)
        if path == request.path:
            return refusal(404)
        try:
            with self._engine.lock:
                now = self._engine.advance()
                handler = self._public.get(path) or self._single(path)
                if handler is None:
                    self._gate.check(request, self._engine.clock.now())
                    handler = self._private.get(path)
                return refusal(404) if handler is None else Answer(body=handler(request, now))
        except Refused as refused:
            return refused.answer

    def _single(self, path: str) -> Handler | None:
        kind, _, name = path[1:].partition("/")
        if kind == "markets" and name in self._engine.markets:
            return lambda _request, now: {"market": market_row(self._engine.markets[name], now)}
        if kind == "events" and name in self._engine.events:
            return lambda _request, now: self._one_event(name, now)
        series = next((e.series for e in self._engine.events.values() if e.series.ticker == name), None)
        if kind == "series" and series is not None:
            return lambda _request, _now: {"series": series_body(series)}
        return None

    # The exchange

    def _status(self, _: Request, now: datetime) -> dict[str, Any]:
        trading = not self._faults.trading_paused
        shard = {
            "exchange_index": 0,
            "description": "Default",
            "exchange_active": True,
            "trading_active": trading,
            "intra_exchange_transfers_active": True,
        }
        return {
            "exchange_active": True,
            "trading_active": trading,
            "intra_exchange_transfers_active": True,
            "exchange_estimated_resume_time": None if trading else when(now + timedelta(hours=2)),
            "exchange_index_statuses": [shard],
        }

    def _timestamp(self, _: Request, now: datetime) -> dict[str, Any]:
        return {"as_of_time": when(now - timedelta(seconds=self._faults.position_lag_seconds))}

    def _limits(self, _: Request, _now: datetime) -> dict[str, Any]:
        refill, capacity = self._faults.read_bucket or (200, 600)
        return {
            "usage_tier": "basic",
            "read": {"refill_rate": refill, "bucket_capacity": capacity},
            "write": {"refill_rate": 100, "bucket_capacity": 300},
            "grants": [],
        }

    def _cutoff(self, _: Request, now: datetime) -> dict[str, Any]:
        cut = when(self._cut(now))
        names = ("market_settled_ts", "trades_created_ts", "orders_updated_ts", "market_positions_last_updated_ts")
        return dict.fromkeys(names, cut)

    def _markets(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now)
        return self._market_page(
            request, now, "GetMarkets", [m for m in self._engine.markets.values() if not _archived(m, cut)]
        )

    def _old_markets(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now)
        return self._market_page(
            request, now, "GetHistoricalMarkets", [m for m in self._engine.markets.values() if _archived(m, cut)]
        )

    def _market_page(self, request: Request, now: datetime, operation: str, markets: list[Listed]) -> dict[str, Any]:
        tickers, event = words(request, "tickers"), request.one("event_ticker")
        series = request.one("series_ticker")
        asked = choice(request, "status", _STATUS_WORDS, operation)
        mve = choice(request, "mve_filter", {"only", "exclude"}, operation)
        rows = [
            market
            for market in markets
            if (tickers is None or market.ticker in tickers)
            and (not event or market.event.ticker == event)
            and (not series or market.event.series.ticker == series)
            and (asked is None or market.status(now) in _STATUS_WORDS[asked])
            and mve != "only"
        ]
        rows.sort(key=lambda market: (market.created, market.ticker), reverse=True)
        limits = Limits(operation=operation, least=0)
        found, cursor = page(request, rows, lambda market: [market.ticker], limits)
        return {"markets": [market_row(market, now) for market in found], "cursor": cursor}

    def _events(self, request: Request, now: datetime) -> dict[str, Any]:
        tickers, series = words(request, "tickers"), request.one("series_ticker")
        asked = choice(request, "status", _STATUS_WORDS, "GetEvents")
        rows = [
            event
            for event in self._engine.events.values()
            if (tickers is None or event.ticker in tickers)
            and (not series or event.series.ticker == series)
            and (asked is None or any(m.status(now) in _STATUS_WORDS[asked] for m in self._markets_of(event.ticker)))
        ]
        limits = Limits(operation="GetEvents", most=200, default=200)
        found, cursor = page(request, rows, lambda event: [event.ticker], limits)
        bodies = [event_body(event) for event in found]
        if request.one("with_nested_markets") == "true":
            for body in bodies:
                body["markets"] = [market_row(m, now) for m in self._markets_of(body["event_ticker"])]
        return {"events": bodies, "milestones": [], "cursor": cursor}

    def _one_event(self, ticker: str, now: datetime) -> dict[str, Any]:
        markets = [market_row(market, now) for market in self._markets_of(ticker)]
        return {"event": event_body(self._engine.events[ticker]), "markets": markets}

    def _markets_of(self, event: str) -> list[Listed]:
        return self._engine.markets_of.get(event, [])

    # The account

    def _balance(self, request: Request, now: datetime) -> dict[str, Any]:
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

    def _positions(self, request: Request, now: datetime) -> dict[str, Any]:
        status = choice(request, "settlement_status", {"unsettled", "settled", "all"}, "GetPositions") or "unsettled"
        cut = self._cut(now)
        rows = [
            holding
            for holding in self._holdings(request, "GetPositions", now)
            if not self._old(holding, cut) and (status == "all" or (status == "settled") == self._settled(holding, now))
        ]
        return self._position_page(request, rows, "GetPositions", status)

    def _old_positions(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now) + _OVERLAP
        rows = [
            holding
            for holding in self._holdings(request, "GetHistoricalPositions", now)
            if self._old(holding, cut) and self._settled(holding, now)
        ]
        return self._position_page(request, rows, "GetHistoricalPositions", "old")

    def _position_page(self, request: Request, rows: list[Holding], operation: str, bound: str) -> dict[str, Any]:
        markets = self._engine.markets
        rows.sort(key=lambda holding: (markets[holding.ticker].event.ticker, holding.ticker))
        limits = Limits(operation=operation)
        found, cursor = page(request, rows, lambda holding: [holding.ticker], limits, bound)
        events: dict[str, list[Holding]] = {}
        for holding in found:
            events.setdefault(markets[holding.ticker].event.ticker, []).append(holding)
        return {
            "market_positions": [
                position_row(h, markets[h.ticker].event.exchange_index, self._engine.epoch) for h in found
            ],
            "event_positions": [event_row(event, holdings) for event, holdings in events.items()],
            "cursor": cursor,
        }

    def _holdings(self, request: Request, operation: str, now: datetime) -> list[Holding]:
        subaccount = whole(request, "subaccount", operation) or 0
        index = whole(request, "exchange_index", operation)
        ticker, event = request.one("ticker"), request.one("event_ticker")
        if event and "," in event:
            raise Refused(invalid(operation, "EventTicker", "excludes"))
        wanted = words(request, "count_filter") or set()
        markets = self._engine.markets
        found = [
            self._seen(holding, now)
            for holding in self._engine.account.holdings.values()
            if holding.subaccount == subaccount
            and (not ticker or holding.ticker == ticker)
            and (not event or markets[holding.ticker].event.ticker == event)
            and (index is None or markets[holding.ticker].event.exchange_index == index)
        ]
        return [
            holding
            for holding in found
            if holding.updated is not None
            and ("position" not in wanted or holding.contracts)
            and ("total_traded" not in wanted or holding.yes_cost + holding.no_cost)
        ]

    def _seen(self, holding: Holding, now: datetime) -> Holding:
        """Return a holding as of the moment that positions are reported for."""
        lag = self._faults.position_lag_seconds
        if not lag or holding.updated is None or holding.updated <= now - timedelta(seconds=lag):
            return holding
        return self._engine.account.held_at(holding, now - timedelta(seconds=lag))

    def _settled(self, holding: Holding, now: datetime) -> bool:
        """Tell whether the whole event has settled: until then its rows stay listed, flat ones too."""
        event = self._engine.markets[holding.ticker].event.ticker
        return all(market.status(now) == "finalized" for market in self._markets_of(event))

    def _old(self, holding: Holding, cut: datetime) -> bool:
        return holding.settled_at is not None and holding.settled_at < cut

    def _fills(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now)
        return self._fill_page(request, "GetFills", lambda fill: fill.at >= cut or self._still_open(fill))

    def _old_fills(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now) + _OVERLAP
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

    def _settlements(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now)
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

    def _orders(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now)
        return self._order_page(request, "GetOrders", lambda order: order.status == "resting" or order.updated >= cut)

    def _old_orders(self, request: Request, now: datetime) -> dict[str, Any]:
        cut = self._cut(now) + _OVERLAP
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

    def _deposits(self, request: Request, _: datetime) -> dict[str, Any]:
        found, cursor = self._transfers(request, "deposit", "GetDeposits")
        return {"deposits": [transfer_row(transfer) for transfer in found], "cursor": cursor}

    def _withdrawals(self, request: Request, _: datetime) -> dict[str, Any]:
        found, cursor = self._transfers(request, "withdrawal", "GetWithdrawals")
        return {"withdrawals": [transfer_row(transfer) for transfer in found], "cursor": cursor}

    def _transfers(self, request: Request, way: str, operation: str) -> tuple[list[Transfer], str]:
        rows = [transfer for transfer in self._engine.account.transfers.values() if transfer.way == way]
        rows.sort(key=lambda transfer: (transfer.created, transfer.id), reverse=True)
        return page(request, rows, lambda transfer: [transfer.id], Limits(operation=operation, most=500))

    def _subaccounts(self, _: Request, _now: datetime) -> dict[str, Any]:
        account = self._engine.account
        updated = unix(account.updated or self._engine.epoch)
        return {"subaccount_balances": [subaccount_row(n, cash, updated) for n, cash in sorted(account.cash.items())]}

    def _moves(self, request: Request, _: datetime) -> dict[str, Any]:
        rows = self._engine.account.moves[::-1]
        limits = Limits(operation="GetSubaccountTransfers")
        found, cursor = page(request, rows, lambda move: [move.id], limits)
        return {"transfers": [move_row(move) for move in found], "cursor": cursor}

    def _cut(self, now: datetime) -> datetime:
        return (now - self._live).replace(hour=0, minute=0, second=0, microsecond=0)


def _archived(market: Listed, cut: datetime) -> bool:
    return market.settles_at is not None and market.settles_at < cut


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
