"""Kalshi's exchange as everybody sees it: its status, its markets, events and series."""

from datetime import datetime, timedelta
from typing import Any

from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.kalshi_cutoff import Cutoff
from pnl.sandbox.kalshi_pages import Handler, Limits, choice, page, words
from pnl.sandbox.kalshi_rows import event_body, market_row, series_body, when
from pnl.sandbox.listing import Listed
from pnl.sandbox.serve import Request

_STATUS_WORDS = {
    "unopened": {"initialized"},
    "open": {"active"},
    "paused": {"inactive"},
    "closed": {"closed", "determined"},
    "settled": {"finalized"},
}


class Exchange:
    """Answers what needs no key."""

    def __init__(self, engine: Engine, faults: Faults, cutoff: Cutoff) -> None:
        self._engine, self._faults, self._cutoff = engine, faults, cutoff

    def single(self, path: str) -> Handler | None:
        """Return what answers for one market, event or series; None where there is no such."""
        kind, _, name = path[1:].partition("/")
        if kind == "markets" and name in self._engine.markets:
            return lambda _request, now: {"market": market_row(self._engine.markets[name], now)}
        if kind == "events" and name in self._engine.events:
            return lambda _request, now: self._one_event(name, now)
        series = next((e.series for e in self._engine.events.values() if e.series.ticker == name), None)
        if kind == "series" and series is not None:
            return lambda _request, _now: {"series": series_body(series)}
        return None

    def status(self, _: Request, now: datetime) -> dict[str, Any]:
        """Return whether the exchange is open."""
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

    def timestamp(self, _: Request, now: datetime) -> dict[str, Any]:
        """Return as of when positions are told."""
        return {"as_of_time": when(now - timedelta(seconds=self._faults.position_lag_seconds))}

    def cutoff(self, _: Request, now: datetime) -> dict[str, Any]:
        """Return where what is historical begins."""
        cut = when(self._cutoff.at(now))
        names = ("market_settled_ts", "trades_created_ts", "orders_updated_ts", "market_positions_last_updated_ts")
        return dict.fromkeys(names, cut)

    def markets(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the live markets."""
        cut = self._cutoff.at(now)
        return self._market_page(
            request, now, "GetMarkets", [m for m in self._engine.markets.values() if not _archived(m, cut)]
        )

    def old_markets(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the historical markets."""
        cut = self._cutoff.at(now)
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

    def events(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the events."""
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


def _archived(market: Listed, cut: datetime) -> bool:
    return market.settles_at is not None and market.settles_at < cut
