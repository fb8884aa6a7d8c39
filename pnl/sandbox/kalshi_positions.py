"""Kalshi's positions, live and historical: each account's in each market, and their sums by event."""

from datetime import datetime, timedelta
from typing import Any

from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.kalshi_cutoff import OVERLAP, Cutoff
from pnl.sandbox.kalshi_pages import Limits, Refused, choice, invalid, page, whole, words
from pnl.sandbox.kalshi_rows import event_row, position_row
from pnl.sandbox.serve import Request
from pnl.sandbox.trading import Holding


class Positions:
    """Tells what the account holds and held."""

    def __init__(self, engine: Engine, faults: Faults, cutoff: Cutoff) -> None:
        self._engine, self._faults, self._cutoff = engine, faults, cutoff

    def live(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the live positions."""
        status = choice(request, "settlement_status", {"unsettled", "settled", "all"}, "GetPositions") or "unsettled"
        cut = self._cutoff.at(now)
        rows = [
            holding
            for holding in self._holdings(request, "GetPositions", now)
            if not _archived(holding, cut) and (status == "all" or (status == "settled") == self._settled(holding, now))
        ]
        return self._position_page(request, rows, "GetPositions", status)

    def old(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the historical positions."""
        cut = self._cutoff.at(now) + OVERLAP
        rows = [
            holding
            for holding in self._holdings(request, "GetHistoricalPositions", now)
            if _archived(holding, cut) and self._settled(holding, now)
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
        return all(market.status(now) == "finalized" for market in self._engine.markets_of.get(event, []))


def _archived(holding: Holding, cut: datetime) -> bool:
    return holding.settled_at is not None and holding.settled_at < cut
