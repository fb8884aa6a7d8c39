"""Anthropic's Admin API, the reports of usage and cost: the legacy pair and the analytics pair.

`https://platform.claude.com/docs/en/api/admin`, read in November 2026.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

from pnl.sandbox.anthropic_rows import (
    DEFAULT_WORKSPACE,
    Tally,
    amount,
    stamp,
    tally_cost,
    tally_usage,
    usage_fields,
)
from pnl.sandbox.chance import token
from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.serve import Answer, Request
from pnl.sandbox.spending import Burn

_WIDTHS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
_PAGES = {"1m": (60, 1440), "1h": (24, 168), "1d": (7, 31)}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    410: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_USAGE_GROUPS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
)
_COST_GROUPS = ("workspace_id", "description")
_DESCRIBED = ("description", "model", "token_type", "cost_type", "service_tier", "context_window", "inference_geo")
_USAGE_FILTERS = {
    "api_key_ids": "api_key_id",
    "context_window": "context_window",
    "inference_geos": "inference_geo",
    "models": "model",
    "service_tiers": "service_tier",
    "speeds": "speed",
    "workspace_ids": "workspace_id",
}
_ANALYTICS_FREE = ("cost_type", "token_type")
_ANALYTICS_GROUPS = (
    "actor",
    "actor_type",
    "agent_id",
    "api_key_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "context_window",
    "deployment_id",
    "environment_id",
    "inference_geo",
    "model",
    "organization_id",
    "product",
    "rbac_group_id",
    "service_tier",
    "session_id",
    "slack_channel_id",
    "speed",
    "user_profile_id",
    "workspace_id",
)
_ANALYTICS_FILTERS = {
    "models": "model",
    "workspace_ids": "workspace_id",
    "api_key_ids": "api_key_id",
    "service_tiers": "service_tier",
    "products": "product",
    "context_windows": "context_window",
    "inference_geos": "inference_geo",
    "speeds": "speed",
}
_EXTRA = "billing_note"
"""A field that no document names: readers must let it be."""
_BETA = "analytics-usage-cost-2026-08-24"

Handler: TypeAlias = Callable[[Request, datetime], dict[str, Any]]


class Rejected(Exception):
    """The request is answered with an error: a status, a message, and sometimes a code."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


class AnthropicServer:
    """Answers one request at a time from the engine, holding its lock."""

    def __init__(self, engine: Engine, faults: Faults, admin_key: str) -> None:
        self._engine, self._faults, self._key = engine, faults, admin_key
        self._numbers = count(1)
        root = "/v1/organizations"
        self._handlers: dict[str, Handler] = {
            f"{root}/me": self._me,
            f"{root}/workspaces": self._workspaces,
            f"{root}/api_keys": self._api_keys,
            f"{root}/usage_report/messages": self._usage,
            f"{root}/cost_report": self._cost,
            f"{root}/analytics/usage": lambda request, now: self._analytics(request, now, cost=False),
            f"{root}/analytics/cost": lambda request, now: self._analytics(request, now, cost=True),
        }

    def __call__(self, request: Request) -> Answer:
        """Return the answer to a request."""
        try:
            self._admit(request)
            handler = self._handlers.get(request.path)
            if handler is None:
                raise Rejected(404, f"Not found: {request.path}")
            with self._engine.lock:
                now = self._engine.advance()
                return Answer(body=handler(request, now), headers=self._headers())
        except Rejected as rejected:
            return self._error(rejected.status, rejected.message, rejected.code)

    def refusal(self, status: int) -> Answer:
        """Return Anthropic's body for a status that a fault asks for."""
        return self._error(status, "Overloaded" if status == 529 else _TYPES.get(status, "api_error"))

    def _headers(self) -> dict[str, str]:
        return {"request-id": token("req_", self._engine.seed, "request", next(self._numbers))}

    def _error(self, status: int, message: str, code: str | None = None) -> Answer:
        headers = self._headers()
        error: dict[str, Any] = {"type": _TYPES.get(status, "api_error"), "message": message}
        if code is not None:
            error["details"] = {"error_code": code}
        body = {"type": "error", "error": error, "request_id": headers["request-id"]}
        if status == 400:
            headers["x-should-retry"] = "false"
        return Answer(status=status, body=body, headers=headers)

    def _admit(self, request: Request) -> None:
        bearer = request.headers.get("authorization", "")
        key = request.headers.get("x-api-key") or (bearer[7:] if bearer.lower().startswith("bearer ") else "")
        if not key:
            raise Rejected(401, "x-api-key header is required")
        if key.startswith("sk-ant-api"):
            raise Rejected(403, "This endpoint requires an Admin API key")
        if key != self._key:
            raise Rejected(401, "invalid x-api-key")
        if not request.headers.get("anthropic-version"):
            raise Rejected(400, "anthropic-version: header is required")
        if "/analytics/" in request.path:
            if _BETA not in _betas(request):
                raise Rejected(400, f"anthropic-beta: {_BETA} is required for this endpoint")
            if self._faults.analytics_refused:
                raise Rejected(
                    403, "This organization is not enrolled in the beta.", "organization_not_enrolled_in_beta"
                )

    # The organisation

    def _me(self, _: Request, _now: datetime) -> dict[str, Any]:
        return {"id": "org_northstar", "type": "organization", "name": "NorthStar (sandbox)"}

    def _workspaces(self, request: Request, _: datetime) -> dict[str, Any]:
        rows: list[dict[str, Any]] = [
            {
                "id": name,
                "type": "workspace",
                "name": title,
                "created_at": stamp(self._engine.epoch),
                "archived_at": None,
                "display_color": "#6C5BB9",
                "data_residency": None,
                "tags": {},
            }
            for name, title in (("wrkspc_01Research", "Research"), (DEFAULT_WORKSPACE, "Default"))
        ]
        return _listed(request, rows)

    def _api_keys(self, request: Request, _: datetime) -> dict[str, Any]:
        rows = [
            {"id": name, "type": "api_key", "name": title, "status": "active", "workspace_id": workspace}
            for name, title, workspace in (
                ("apikey_01Agent", "Agent", None),
                ("apikey_02Research", "Research", "wrkspc_01Research"),
            )
        ]
        return _listed(request, rows)

    # The legacy reports

    def _usage(self, request: Request, now: datetime) -> dict[str, Any]:
        names = _groups(request, _USAGE_GROUPS)
        if ("speed" in names or request.many("speeds")) and "fast-mode-2026-02-01" not in _betas(request):
            raise Rejected(400, "speed requires the anthropic-beta header fast-mode-2026-02-01")

        def rows(burns: list[Burn]) -> list[dict[str, Any]]:
            found = []
            for key, tally in tally_usage(burns, names, named_workspace=False).items():
                row = dict.fromkeys((*_USAGE_GROUPS, _EXTRA)) | usage_fields(tally) | dict(zip(names, key, strict=True))
                if "speed" not in names:
                    del row["speed"]
                found.append(row)
            return found

        return self._buckets(request, now, ("1m", "1h", "1d"), _kept(request, _USAGE_FILTERS, named=False), rows)

    def _cost(self, request: Request, now: datetime) -> dict[str, Any]:
        asked = _groups(request, _COST_GROUPS)
        names = [name for name in asked if name != "description"] + (list(_DESCRIBED) if "description" in asked else [])
        nothing = dict.fromkeys(("workspace_id", *_DESCRIBED, _EXTRA))

        def rows(burns: list[Burn]) -> list[dict[str, Any]]:
            found = []
            for key, tally in tally_cost(self._engine.spending, burns, names, named_workspace=False).items():
                found.append(
                    nothing | {"amount": amount(tally.cents), "currency": "USD"} | dict(zip(names, key, strict=True))
                )
            return found

        return self._buckets(request, now, ("1d",), lambda _: True, rows)

    def _buckets(
        self,
        request: Request,
        now: datetime,
        widths: tuple[str, ...],
        kept: Callable[[Burn], bool],
        rows: Callable[[list[Burn]], list[dict[str, Any]]],
    ) -> dict[str, Any]:
        word = request.one("bucket_width") or "1d"
        if word not in widths:
            raise Rejected(400, f"bucket_width: Input should be {' or '.join(widths)}")
        width = _WIDTHS[word]
        start = _floor(_time(request, "starting_at", required=True) or now, width)
        end = _floor(_time(request, "ending_at") or now, width)
        if end <= start:
            raise Rejected(400, "Invalid date range: ending date must be after starting date")
        default, most = _PAGES[word]
        limit = _whole(request, "limit", default, most)
        cursor = request.one("page")
        first = start if cursor is None else _opened(cursor, _question(request), width)
        last = min(end, first + limit * width)
        sorted_burns: dict[datetime, list[Burn]] = defaultdict(list)
        by_minute = word == "1m"
        for burn in self._engine.spending.between(first, last, now, by_minute=by_minute):
            if kept(burn):
                sorted_burns[_floor(burn.at, width)].append(burn)
        data, at = [], first
        while at < last:
            results = rows(sorted_burns.get(at, []))
            data.append({"starting_at": stamp(at), "ending_at": stamp(at + width), "results": results})
            at += width
        more = last < end
        return {"data": data, "has_more": more, "next_page": _closed(last, _question(request)) if more else None}

    # Analytics

    def _analytics(self, request: Request, now: datetime, *, cost: bool) -> dict[str, Any]:
        names = _groups(request, (*_ANALYTICS_GROUPS, *_ANALYTICS_FREE) if cost else _ANALYTICS_GROUPS)
        plain = [name for name in names if name not in _ANALYTICS_FREE]
        if len(plain) > 5:
            raise Rejected(400, "group_by: at most 5 dimensions")
        lag = timedelta(seconds=self._faults.analytics_lag_seconds)
        word = request.one("time_bucket_width")
        start, end, width = self._range(request, now, word)
        kept = _kept(request, _ANALYTICS_FILTERS, named=True)
        buckets: dict[datetime, list[Burn]] = defaultdict(list)
        for burn in self._engine.spending.between(start, end, now, by_minute=word == "1m", lag=lag):
            if kept(burn):
                buckets[_floor(burn.at, width) if word else start].append(burn)
        units: list[tuple[datetime, tuple[str | None, ...], list[dict[str, Any]], Tally]] = []
        for at, burns in buckets.items():
            until = at + width if word else end
            units += self._units(burns, names, plain, at, until, cost=cost)
        self._sort(request, units, cost=cost)
        limit = _whole(request, "limit", 20, 1000)
        refreshed = stamp((now - lag).replace(second=0, microsecond=0))
        offset = self._offset(request, refreshed[:13])
        shown = units[offset : offset + limit]
        more = offset + limit < len(units)
        cursor = _closed_offset(offset + limit, _question(request), refreshed[:13]) if more else None
        return {
            "data": [row for _, _, rows, _ in shown for row in rows],
            "has_more": more,
            "next_page": cursor,
            "data_refreshed_at": refreshed,
        }

    def _range(self, request: Request, now: datetime, word: str | None) -> tuple[datetime, datetime, timedelta]:
        start = _time(request, "starting_at", required=True) or now
        end = _time(request, "ending_at")
        if word is not None and word not in _WIDTHS:
            raise Rejected(400, "time_bucket_width: Input should be 1m, 1h or 1d")
        if word and end is None:
            raise Rejected(400, "ending_at: is required with time_bucket_width")
        if start < max(datetime(2026, 1, 1, tzinfo=UTC), now - timedelta(days=366)):
            raise Rejected(400, "starting_at: must be within the last 365 days and not before 2026-01-01")
        width = _WIDTHS[word or "1h"]
        start, end = _floor(start, width), _floor(end or min(now, start + timedelta(days=31)), width)
        if end <= start:
            raise Rejected(400, "Invalid date range: ending date must be after starting date")
        if end - start > (timedelta(hours=24) if word == "1m" else timedelta(days=31)):
            raise Rejected(400, "the range is too long")
        return start, end, width

    def _units(
        self,
        burns: list[Burn],
        names: list[str],
        plain: list[str],
        at: datetime,
        until: datetime,
        *,
        cost: bool,
    ) -> list[tuple[datetime, tuple[str | None, ...], list[dict[str, Any]], Tally]]:
        """Return one unit a group: its rows (several where cost fans out) and its sums."""
        bounds = {"starting_at": stamp(at), "ending_at": stamp(until)}
        every = (*_ANALYTICS_GROUPS, *_ANALYTICS_FREE) if cost else _ANALYTICS_GROUPS
        if not cost:
            return [
                (
                    at,
                    key,
                    [
                        bounds
                        | {
                            "group": dict.fromkeys(every) | dict(zip(plain, key, strict=True)),
                            "usage": usage_fields(tally)
                            | {"total_tokens": sum(tally.tokens), "requests": tally.requests},
                        }
                    ],
                    tally,
                )
                for key, tally in tally_usage(burns, plain, named_workspace=True).items()
            ]
        spending = self._engine.spending
        fanned: dict[tuple[str | None, ...], list[dict[str, Any]]] = defaultdict(list)
        for key, tally in tally_cost(spending, burns, names, named_workspace=True).items():
            named = dict(zip(names, key, strict=True))
            row = bounds | {
                "group": dict.fromkeys(every) | named,
                "cost": {
                    "amount": amount(tally.cents),
                    "list_amount": amount(tally.list_cents),
                    "currency": "USD",
                    "requests": tally.requests if len(names) == len(plain) else None,
                },
            }
            fanned[tuple(named[name] for name in plain)].append(row)
        sums = tally_cost(spending, burns, plain, named_workspace=True)
        return [(at, key, rows, sums[key]) for key, rows in fanned.items()]

    def _sort(
        self,
        request: Request,
        units: list[tuple[datetime, tuple[str | None, ...], list[dict[str, Any]], Tally]],
        *,
        cost: bool,
    ) -> None:
        by = request.one("order_by") or ("amount" if cost else "total_tokens")
        order = request.one("order") or "desc"
        if order not in {"asc", "desc"}:
            raise Rejected(400, "order: Input should be asc or desc")
        units.sort(key=lambda unit: (unit[0], tuple(value or "" for value in unit[1])))
        if by == "time":
            units.sort(key=lambda unit: unit[0], reverse=order == "desc")
        elif by in {"amount", "list_amount"} and cost:
            units.sort(
                key=lambda unit: unit[3].cents if by == "amount" else unit[3].list_cents, reverse=order == "desc"
            )
        elif not cost and by in {"total_tokens", "output_tokens", "requests"}:
            units.sort(key=lambda unit: sum(unit[3].tokens), reverse=order == "desc")
        else:
            raise Rejected(400, "order_by: is not an order of this report")

    def _offset(self, request: Request, refreshed: str) -> int:
        cursor = request.one("page")
        if cursor is None:
            return 0
        offset, question, made_after = _unpack(cursor, 3)
        if question != _question(request):
            raise Rejected(400, "page: the cursor belongs to another query")
        if made_after != refreshed:
            raise Rejected(410, "page: the cursor has expired; start again at the first page")
        return int(offset)


def _betas(request: Request) -> list[str]:
    return [word.strip() for word in request.headers.get("anthropic-beta", "").split(",")]


def _groups(request: Request, allowed: tuple[str, ...]) -> list[str]:
    names = list(dict.fromkeys(request.many("group_by")))
    for name in names:
        if name not in allowed:
            raise Rejected(400, f"group_by: Input should be one of {', '.join(allowed)}, not {name[:40]}")
    return names


def _kept(request: Request, filters: dict[str, str], *, named: bool) -> Callable[[Burn], bool]:
    wanted = {name: set(request.many(parameter)) for parameter, name in filters.items() if request.many(parameter)}
    fields: dict[str, Callable[[Burn], str | None]] = {
        "model": lambda burn: burn.model,
        "workspace_id": lambda burn: burn.workspace or (DEFAULT_WORKSPACE if named else None),
        "api_key_id": lambda burn: burn.api_key,
        "service_tier": lambda burn: burn.tier,
        "context_window": lambda burn: burn.context,
        "inference_geo": lambda burn: burn.geo,
        "speed": lambda burn: burn.speed,
        "product": lambda burn: burn.product,
    }
    return lambda burn: all(fields[name](burn) in values for name, values in wanted.items())


def _time(request: Request, name: str, *, required: bool = False) -> datetime | None:
    text = request.one(name)
    if not text:
        if required:
            raise Rejected(400, f"{name}: Field required")
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Rejected(400, f"{name}: Input should be a valid datetime, not {text[:40]}") from None
    if at.tzinfo is None:
        raise Rejected(400, f"{name}: Input should have timezone info")
    return at.astimezone(UTC)


def _whole(request: Request, name: str, default: int, most: int) -> int:
    text = request.one(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise Rejected(400, f"{name}: Input should be between 1 and {most}")
    return int(text)


def _floor(at: datetime, width: timedelta) -> datetime:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return start + (at - start) // width * width


def _question(request: Request) -> str:
    return token("", request.path, sorted(pair for pair in request.query if pair[0] != "page"))


def _closed(at: datetime, question: str) -> str:
    return _pack([at.isoformat(), question])


def _opened(cursor: str, question: str, width: timedelta) -> datetime:
    at, made_for = _unpack(cursor, 2)
    if made_for != question:
        raise Rejected(400, "page: the cursor belongs to another query")
    return _floor(datetime.fromisoformat(at), width)


def _closed_offset(offset: int, question: str, refreshed: str) -> str:
    return _pack([str(offset), question, refreshed])


def _pack(parts: list[str]) -> str:
    return "page_" + base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _unpack(cursor: str, parts: int) -> list[str]:
    text = cursor.removeprefix("page_")
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != parts:
        raise Rejected(400, "page: Input should be a cursor from a previous answer")
    return [str(part) for part in found]


def _listed(request: Request, rows: list[dict[str, Any]]) -> dict[str, Any]:
    limit = _whole(request, "limit", 20, 1000)
    after = request.one("after_id")
    names = [row["id"] for row in rows]
    first = names.index(after) + 1 if after in names else 0
    shown = rows[first : first + limit]
    return {
        "data": shown,
        "has_more": first + limit < len(rows),
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
    }
