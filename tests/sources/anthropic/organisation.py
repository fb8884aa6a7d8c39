"""An organisation's Admin API in memory, as strict as the real one, with a clock that tests move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from pnl.sources.anthropic.paging import explain
from pnl.sources.anthropic.source import AnthropicSource
from pnl.sources.http import Http

ADMIN_KEY = "sk-ant-admin01-of-the-tests"
START = datetime(2026, 11, 20, 14, 7, 30, tzinfo=UTC)
OPUS = "claude-opus-5-5"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Override = Callable[[httpx.Request], httpx.Response | None]


class MovedClock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class Organisation:
    """Serves the two legacy reports from `used` and `cents`; the analytics API when `refreshed` is set.

    `used` maps an hour to its rows; `cents` maps an hour to rows of (group, cents).
    """

    def __init__(self, clock: MovedClock) -> None:
        self.clock = clock
        self.used: dict[datetime, list[dict[str, Any]]] = {}
        self.cents: dict[datetime, list[tuple[dict[str, Any], str]]] = {}
        self.refreshed: datetime | None = None
        self.analytics = False
        self.page_size: int | None = None
        self.seen: list[httpx.Request] = []
        self.override: Override = lambda _: None

    def source(self, mode: Any = "auto") -> AnthropicSource:  # noqa: ANN401 - a literal in the tests
        http = Http(
            "anthropic",
            "https://api.anthropic.test",
            clock=self.clock,
            explain=explain,
            transport=httpx.MockTransport(self.answer),
        )
        return AnthropicSource(http, ADMIN_KEY, mode=mode, clock=self.clock)

    def use(self, hour: datetime, output_tokens: int, *, cents: str | None = None, **group: Any) -> None:  # noqa: ANN401
        """Use tokens in an hour, and by default have them reported at the list price of Opus 5.5."""
        named = {
            "model": OPUS,
            "service_tier": "standard",
            "context_window": "0-200k",
            "inference_geo": "global",
        } | group
        self.used.setdefault(hour, []).append(usage_row(output_tokens=output_tokens, **named))
        amount = cents if cents is not None else str(Decimal(output_tokens) * 20 / 10_000)
        row = named | {"token_type": "output_tokens", "cost_type": "tokens", "workspace_id": None}
        self.cents.setdefault(hour, []).append((row, amount))

    def paths(self) -> list[str]:
        return [request.url.path.rpartition("/")[2] for request in self.seen]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        special = self.override(request)
        return self._served(request) if special is None else special

    def _served(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("x-api-key") != ADMIN_KEY:
            return failure(401, "authentication_error", "invalid x-api-key")
        if request.headers.get("anthropic-version") != "2023-06-01":
            return failure(400, "invalid_request_error", "anthropic-version: header is required")
        match request.url.path:
            case "/v1/organizations/me":
                found = httpx.Response(200, json={"id": "org", "type": "organization", "name": "NorthStar"})
            case "/v1/organizations/cost_report":
                found = self._buckets(request, DAY, self._cost_rows)
            case "/v1/organizations/usage_report/messages":
                found = self._buckets(request, HOUR, lambda hour: self.used.get(hour, []))
            case "/v1/organizations/analytics/cost" if self.analytics:
                found = self._analytics(request)
            case _:
                found = failure(404, "not_found_error", "Not found")
        return found

    def _cost_rows(self, day: datetime) -> list[dict[str, Any]]:
        sums: dict[tuple[tuple[str, Any], ...], Decimal] = {}
        for hour, rows in self.cents.items():
            if day <= hour < day + DAY:
                for row, cents in rows:
                    key = tuple(row.items())
                    sums[key] = sums.get(key, Decimal(0)) + Decimal(cents)
        return [dict(key) | {"amount": str(cents), "currency": "USD"} for key, cents in sums.items()]

    def _buckets(
        self, request: httpx.Request, width: timedelta, rows: Callable[[datetime], list[dict[str, Any]]]
    ) -> httpx.Response:
        query = request.url.params
        start, end = (snapped(query[name], width) for name in ("starting_at", "ending_at"))
        if end <= start:
            text = "Invalid date range: ending date must be after starting date"
            return failure(400, "invalid_request_error", text)
        limit = int(query["limit"])
        assert limit <= (31 if width == DAY else 168)
        first = datetime.fromisoformat(query["page"].removeprefix("page_")) if "page" in query else start
        limit = self.page_size or limit
        buckets: list[dict[str, Any]] = []
        at = first
        while at < end and len(buckets) < limit:
            buckets.append({"starting_at": zulu(at), "ending_at": zulu(at + width), "results": rows(at)})
            at += width
        more = at < end
        return httpx.Response(
            200, json={"data": buckets, "has_more": more, "next_page": f"page_{at.isoformat()}" if more else None}
        )

    def _analytics(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        if request.headers.get("anthropic-beta") != "analytics-usage-cost-2026-08-24":
            return failure(400, "invalid_request_error", "beta header required")
        start, end = (snapped(query[name], HOUR) for name in ("starting_at", "ending_at"))
        data = [
            {
                "starting_at": zulu(hour),
                "ending_at": zulu(hour + HOUR),
                "group": row,
                "cost": {"amount": cents, "list_amount": cents, "currency": "USD", "requests": None},
            }
            for hour, rows in sorted(self.cents.items())
            if start <= hour < end and self.refreshed and hour < self.refreshed
            for row, cents in rows
        ]
        refreshed = zulu(self.refreshed) if self.refreshed else None
        return httpx.Response(
            200, json={"data": data, "has_more": False, "next_page": None, "data_refreshed_at": refreshed}
        )


def usage_row(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of JSON
    return {
        "uncached_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "server_tool_use": {"web_search_requests": 0},
        "output_tokens": 0,
        "workspace_id": None,
        "a_field_of_tomorrow": {"x": 1.5},
    } | fields


def failure(status: int, kind: str, message: str, code: str | None = None, **headers: str) -> httpx.Response:
    error: dict[str, Any] = {"type": kind, "message": message}
    if code:
        error["details"] = {"error_code": code}
    body = {"type": "error", "error": error, "request_id": "req_1"}
    return httpx.Response(status, json=body, headers=headers)


def snapped(text: str, width: timedelta) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(minute=0, second=0, hour=0 if width == DAY else at.hour)


def zulu(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
