"""A small Kalshi in memory: it checks signatures, pages, and does wrong only what a test tells it to."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pnl.sources.http import Http
from pnl.sources.kalshi import KalshiSource, PrivateKey, explain

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
RSA_KEY = rsa.generate_private_key(65537, 2048)
PREFIX = "/trade-api/v2"

Row = dict[str, Any]
Twist = Callable[[httpx.Request], httpx.Response | None]


@dataclass(slots=True)
class HandClock:
    """A clock that a test sets."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def fill_row(number: int, at: datetime = START, **changes: Any) -> Row:  # noqa: ANN401 - rows are JSON
    """Return a fill as the wire has it: bought NO, which the deprecated fields call sell/no."""
    return {
        "fill_id": f"f{number}",
        "trade_id": f"f{number}",
        "exchange_index": 0,
        "order_id": "o1",
        "ticker": "KXT-1",
        "market_ticker": "KXT-1",
        "side": "no",
        "action": "sell",
        "outcome_side": "no",
        "book_side": "ask",
        "count_fp": "10.00",
        "yes_price_dollars": "0.7000",
        "no_price_dollars": "0.3000",
        "is_taker": True,
        "created_time": stamp(at),
        "fee_cost": "0.147000",
        "ts": int(at.timestamp()),
        "something_new": {"x": 1},
        **changes,
    }


def settlement_row(ticker: str = "KXS-1", at: datetime = START, **changes: Any) -> Row:  # noqa: ANN401 - rows are JSON
    return {
        "ticker": ticker,
        "exchange_index": 0,
        "event_ticker": "KXS",
        "market_result": "yes",
        "yes_count_fp": "2.00",
        "yes_total_cost_dollars": "1.7800",
        "no_count_fp": "0.00",
        "no_total_cost_dollars": "0.0000",
        "revenue": 200,
        "settled_time": stamp(at),
        "fee_cost": "0.0138",
        "value": 100,
        **changes,
    }


def position_row(ticker: str = "KXT-1", position: str = "-10.00", **changes: Any) -> Row:  # noqa: ANN401 - rows are JSON
    return {
        "ticker": ticker,
        "exchange_index": 0,
        "total_traded_dollars": "3.0000",
        "position_fp": position,
        "market_exposure_dollars": "3.0000",
        "realized_pnl_dollars": "0.0000",
        "fees_paid_dollars": "0.1470",
        "last_updated_ts": stamp(START),
        **changes,
    }


def market_row(ticker: str = "KXT-1", **changes: Any) -> Row:  # noqa: ANN401 - rows are JSON
    return {
        "ticker": ticker,
        "event_ticker": ticker.partition("-")[0],
        "status": "active",
        "title": "Old title",
        "yes_sub_title": "Above 4",
        "close_time": "2026-12-01T00:00:00Z",
        "yes_bid_dollars": "0.6600",
        "yes_ask_dollars": "0.6900",
        "no_bid_dollars": "0.3100",
        "no_ask_dollars": "0.3400",
        "last_price_dollars": "0.6800",
        "result": "",
        "settlement_value_dollars": None,
        **changes,
    }


def transfer_row(number: int, **changes: Any) -> Row:  # noqa: ANN401 - rows are JSON
    return {
        "id": f"t{number}",
        "status": "applied",
        "type": "ach",
        "amount_cents": 50000,
        "fee_cents": 0,
        "created_ts": 1_780_000_000,
        "finalized_ts": 1_780_000_100,
        **changes,
    }


@dataclass(slots=True)
class Exchange:
    """The account. `twists` get a request by its path before the exchange does; None lets it pass."""

    clock: HandClock = field(default_factory=HandClock)
    key: PrivateKey = field(default_factory=lambda: KEY)
    fills: list[Row] = field(default_factory=list)
    settlements: list[Row] = field(default_factory=list)
    historical: list[Row] | None = None
    deposits: list[Row] = field(default_factory=list)
    withdrawals: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)
    positions: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    cash: dict[int, str] = field(default_factory=lambda: {0: "100.0000"})
    markets: dict[str, Row] = field(default_factory=dict)
    old_markets: dict[str, Row] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)
    page_rows: int = 1000
    twists: dict[str, Twist] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    queries: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def source(self, *, subaccount: int | None = None, key: PrivateKey | None = None) -> KalshiSource:
        http = Http(
            "kalshi",
            f"https://kalshi.example{PREFIX}",
            clock=self.clock,
            explain=explain,
            transport=httpx.MockTransport(self.answer),
        )
        return KalshiSource(http, "key-1", key or self.key, subaccount=subaccount, clock=self.clock)

    def times_asked(self, path: str) -> int:
        return self.asked.count(path)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(PREFIX)
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        self.asked.append(path)
        self.queries.append((path, query))
        twisted = self.twists[path](request) if path in self.twists else None
        if twisted is not None:
            return twisted
        self._verify(request)
        body = self._body(path, query)
        if body is None:
            return httpx.Response(404, json={"error": {"code": "not_found", "message": "not found"}})
        date = self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        return httpx.Response(200, json=body, headers={"Date": date})

    def _body(self, path: str, query: dict[str, str]) -> Row | None:  # noqa: PLR0911, PLR0912 - a route a line
        number = int(query.get("subaccount", "0"))
        match path:
            case "/portfolio/fills":
                return self._page("fills", self.fills, query)
            case "/historical/fills" if self.historical is not None:
                return self._page("fills", self.historical, query)
            case "/historical/cutoff" if self.historical is not None:
                return {"trades_created_ts": stamp(START - timedelta(days=60))}
            case "/portfolio/settlements":
                rows = [row for row in self.settlements if query.get("ticker") in {None, row["ticker"]}]
                return self._page("settlements", rows, query)
            case "/portfolio/deposits":
                return self._page("deposits", self.deposits, query)
            case "/portfolio/withdrawals":
                return self._page("withdrawals", self.withdrawals, query)
            case "/portfolio/subaccounts/transfers":
                return self._page("transfers", self.moves, query)
            case "/portfolio/subaccounts/balances":
                return {"subaccount_balances": [{"subaccount_number": one} for one in self.cash]}
            case "/portfolio/positions":
                return {**self._page("market_positions", self.positions[number], query), "event_positions": []}
            case "/portfolio/balance":
                return {"balance": 1, "balance_dollars": self.cash[number], "portfolio_value": 310, "updated_ts": 1}
            case "/markets" | "/historical/markets":
                known = self.markets if path == "/markets" else self.old_markets
                return {"markets": [known[one] for one in query["tickers"].split(",") if one in known], "cursor": ""}
            case "/events":
                return {"events": self.events, "cursor": ""}
            case "/exchange/status":
                return {"exchange_active": True, "trading_active": True}
            case "/account/limits":
                return {"usage_tier": "basic", "read": {"refill_rate": 200, "bucket_capacity": 600}}
        return None

    def _page(self, name: str, rows: list[Row], query: dict[str, str]) -> Row:
        since = int(query.get("min_ts", "0"))
        kept = [row for row in rows if _seconds(row) >= since]
        first = int(query.get("cursor", "p0")[1:])
        last = first + min(self.page_rows, int(query["limit"]))
        return {name: kept[first:last], "cursor": f"p{last}" if last < len(kept) else ""}

    def _verify(self, request: httpx.Request) -> None:
        sent = request.headers
        assert sent["KALSHI-ACCESS-KEY"] == "key-1"
        check_signature(
            self.key, sent["KALSHI-ACCESS-SIGNATURE"], f"{sent['KALSHI-ACCESS-TIMESTAMP']}GET{request.url.path}"
        )


def check_signature(key: PrivateKey, signature: str, message: str) -> None:
    """Raise unless `signature` is one of `key` on `message`."""
    import base64

    raw = base64.b64decode(signature, validate=True)
    if isinstance(key, Ed25519PrivateKey):
        key.public_key().verify(raw, message.encode())
    else:
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        key.public_key().verify(raw, message.encode(), pss, hashes.SHA256())


def _seconds(row: Row) -> float:
    at = row.get("created_time") or row.get("settled_time")
    return datetime.fromisoformat(at).timestamp() if at else float(row.get("created_ts", 0))
