"""Kalshi's Trade API v2, read side, as its documents of October 2026 and recordings of it show.

`https://docs.kalshi.com/api-reference`, read in November 2026. Live rows move to `/historical` once
they are older than the cut-off; fills and positions overlap for two days, settlements just vanish.
"""

from datetime import datetime, timedelta
from typing import Any

from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.kalshi_account import Activity
from pnl.sandbox.kalshi_cutoff import Cutoff
from pnl.sandbox.kalshi_keys import Gate
from pnl.sandbox.kalshi_markets import Exchange
from pnl.sandbox.kalshi_pages import Handler, Refused, refusal
from pnl.sandbox.kalshi_positions import Positions
from pnl.sandbox.serve import Answer, Request

PREFIX = "/trade-api/v2"


class KalshiServer:
    """Answers one request at a time from the engine, holding its lock. `live_days` sets the cut-off."""

    def __init__(self, engine: Engine, faults: Faults, gate: Gate, *, live_days: int = 60) -> None:
        self._engine, self._faults, self._gate = engine, faults, gate
        cutoff = Cutoff(timedelta(days=live_days))
        self._exchange = exchange = Exchange(engine, faults, cutoff)
        positions, account = Positions(engine, faults, cutoff), Activity(engine, faults, cutoff)
        self._public: dict[str, Handler] = {
            "/exchange/status": exchange.status,
            "/exchange/user_data_timestamp": exchange.timestamp,
            "/markets": exchange.markets,
            "/events": exchange.events,
            "/series/fee_changes": lambda _request, _now: {"series_fee_change_arr": []},
            "/historical/cutoff": exchange.cutoff,
            "/historical/markets": exchange.old_markets,
        }
        self._private: dict[str, Handler] = {
            "/portfolio/balance": account.balance,
            "/portfolio/positions": positions.live,
            "/portfolio/fills": account.fills,
            "/portfolio/settlements": account.settlements,
            "/portfolio/orders": account.orders,
            "/portfolio/deposits": account.deposits,
            "/portfolio/withdrawals": account.withdrawals,
            "/portfolio/subaccounts/balances": account.subaccounts,
            "/portfolio/subaccounts/transfers": account.moves,
            "/historical/fills": account.old_fills,
            "/historical/positions": positions.old,
            "/historical/orders": account.old_orders,
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
                handler = self._public.get(path) or self._exchange.single(path)
                if handler is None:
                    self._gate.check(request, self._engine.clock.now())
                    handler = self._private.get(path)
                return refusal(404) if handler is None else Answer(body=handler(request, now))
        except Refused as refused:
            return refused.answer

    def _limits(self, _: Request, _now: datetime) -> dict[str, Any]:
        refill, capacity = self._faults.read_bucket or (200, 600)
        return {
            "usage_tier": "basic",
            "read": {"refill_rate": refill, "bucket_capacity": capacity},
            "write": {"refill_rate": 100, "bucket_capacity": 300},
            "grants": [],
        }
