"""Anthropic's Admin API: who may ask, what the organisation is, and the reports of usage and cost.

`https://platform.claude.com/docs/en/api/admin`, read in November 2026.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any, TypeAlias

from pnl.sandbox.anthropic_analytics import Analytics
from pnl.sandbox.anthropic_legacy import LegacyReports
from pnl.sandbox.anthropic_pages import Rejected, betas, listed
from pnl.sandbox.anthropic_rows import DEFAULT_WORKSPACE, stamp
from pnl.sandbox.chance import token
from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.serve import Answer, Request

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
_BETA = "analytics-usage-cost-2026-08-24"

Handler: TypeAlias = Callable[[Request, datetime], dict[str, Any]]


class AnthropicServer:
    """Answers one request at a time from the engine, holding its lock."""

    def __init__(self, engine: Engine, faults: Faults, admin_key: str) -> None:
        self._engine, self._faults, self._key = engine, faults, admin_key
        self._numbers = count(1)
        legacy, analytics = LegacyReports(engine), Analytics(engine, faults)
        root = "/v1/organizations"
        self._handlers: dict[str, Handler] = {
            f"{root}/me": self._me,
            f"{root}/workspaces": self._workspaces,
            f"{root}/api_keys": self._api_keys,
            f"{root}/usage_report/messages": legacy.usage,
            f"{root}/cost_report": legacy.cost,
            f"{root}/analytics/usage": analytics.usage,
            f"{root}/analytics/cost": analytics.cost,
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
            if _BETA not in betas(request):
                raise Rejected(400, f"anthropic-beta: {_BETA} is required for this endpoint")
            if self._faults.analytics_refused:
                raise Rejected(
                    403, "This organization is not enrolled in the beta.", "organization_not_enrolled_in_beta"
                )

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
        return listed(request, rows)

    def _api_keys(self, request: Request, _: datetime) -> dict[str, Any]:
        rows = [
            {"id": name, "type": "api_key", "name": title, "status": "active", "workspace_id": workspace}
            for name, title, workspace in (
                ("apikey_01Agent", "Agent", None),
                ("apikey_02Research", "Research", "wrkspc_01Research"),
            )
        ]
        return listed(request, rows)
