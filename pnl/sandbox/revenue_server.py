"""A `revenue-feed/1` server: entries by change, cursors, ETags, problem+json errors."""

import base64
import json
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from pnl.sandbox.engine import COMPANY_ZONE, Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.selling import Entry
from pnl.sandbox.serve import Answer, Request

PREFIX = "/revenue"
_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 410: "Gone"}
_CLOSING = time(6)
"""Yesterday is complete from here on, company time."""


class RevenueServer:
    """Answers one request at a time from the engine, holding its lock."""

    def __init__(self, engine: Engine, faults: Faults, token: str) -> None:
        self._engine, self._faults, self._token = engine, faults, token

    def __call__(self, request: Request) -> Answer:
        """Return the answer to a request."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return problem(401, "the bearer token is missing or wrong")
        if request.path != f"{PREFIX}/entries":
            return problem(404, f"there is no {request.path}")
        with self._engine.lock:
            return self._entries(request, self._engine.advance())

    def _entries(self, request: Request, now: datetime) -> Answer:
        limit_text = request.one("limit") or "200"
        if not limit_text.isascii() or not limit_text.isdigit() or not 1 <= int(limit_text) <= 1000:
            return problem(400, "limit must be between 1 and 1000")
        try:
            since = _instant(request.one("updated_since"))
            after = _open(request.one("cursor"))
        except ValueError as error:
            return problem(400, str(error))
        rows = sorted(self._engine.sales.entries.values(), key=_order)
        rows = [e for e in rows if (since is None or e.updated >= since) and (after is None or _order(e) > after)]
        limit = int(limit_text)
        shown = rows[:limit]
        more = len(rows) > limit
        body = {
            "schema": "revenue-feed/1",
            "complete_through": _complete_through(now).isoformat(),
            "time_zone": str(COMPANY_ZONE),
            "data": [self._row(entry) for entry in shown],
            "has_more": more,
            "next_cursor": _close(shown[-1]) if more else None,
        }
        tag = f'"{sha256(json.dumps(body).encode()).hexdigest()[:20]}"'
        if request.headers.get("if-none-match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        as_of = now - timedelta(seconds=self._faults.stale_as_of_seconds)
        return Answer(body=body | {"as_of": _stamp(as_of)}, headers={"ETag": tag})

    def _row(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "version": entry.version,
            "date": entry.date.isoformat(),
            "amount": float(entry.amount) if self._faults.float_amounts else entry.amount,
            "currency": entry.currency,
            "kind": entry.kind,
            "status": entry.status,
            "updated_at": _stamp(entry.updated),
            "description": entry.description,
            "parent_id": entry.parent_id,
            **({"customer": entry.customer} if entry.customer else {}),
        }


def problem(status: int, detail: str = "") -> Answer:
    """Return a problem+json error."""
    title = _TITLES.get(status, "Service Unavailable" if status == 503 else "Error")
    return Answer(
        status=status,
        body={"type": "about:blank", "title": title, "status": status, "detail": detail},
        headers={"Content-Type": "application/problem+json"},
    )


def _complete_through(now: datetime) -> date:
    here = now.astimezone(COMPANY_ZONE)
    return here.date() - timedelta(days=1 if here.time() >= _CLOSING else 2)


def _order(entry: Entry) -> tuple[datetime, str]:
    return (entry.updated, entry.id)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"updated_since {text[:40]!r} is no RFC 3339 time") from None
    if at.tzinfo is None:
        raise ValueError(f"updated_since {text[:40]!r} has no time zone")
    return at


def _close(entry: Entry) -> str:
    return base64.urlsafe_b64encode(json.dumps([entry.updated.isoformat(), entry.id]).encode()).decode()


def _open(cursor: str | None) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    try:
        at, name = json.loads(base64.urlsafe_b64decode(cursor))
        return datetime.fromisoformat(at), str(name)
    except (ValueError, TypeError):
        raise ValueError("cursor was not given by this feed") from None
