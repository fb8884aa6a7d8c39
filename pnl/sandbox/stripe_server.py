"""Stripe's balance transactions, `https://docs.stripe.com/api/balance_transactions`, read in November 2026."""

from datetime import datetime
from itertools import count
from typing import Any

from pnl.sandbox.chance import token
from pnl.sandbox.engine import Engine
from pnl.sandbox.selling import Charge
from pnl.sandbox.serve import Answer, Request

PATH = "/v1/balance_transactions"
_BOUNDS = {"created[gt]", "created[gte]", "created[lt]", "created[lte]"}
_KNOWN = _BOUNDS | {"limit", "starting_after", "ending_before", "currency", "payout", "source", "type", "created"}
_TYPES = {429: "rate_limit_error", 500: "api_error", 502: "api_error", 503: "api_error"}


class StripeServer:
    """Answers one request at a time from the engine, holding its lock."""

    def __init__(self, engine: Engine, key: str) -> None:
        self._engine, self._key = engine, key
        self._numbers = count(1)

    def __call__(self, request: Request) -> Answer:
        """Return the answer to a request."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not key:
            return self._error(401, "You did not provide an API key.")
        if key != self._key:
            return self._error(401, f"Invalid API Key provided: {key[:8]}****")
        if not request.path.startswith(PATH):
            name = request.path.rsplit("/", 1)[-1]
            return self._error(
                403,
                f"The provided key does not have the required permissions for this endpoint. "
                f"Having the 'rak_{name}_read' permission would allow this request to continue.",
            )
        with self._engine.lock:
            now = self._engine.advance()
            if request.path == PATH:
                return self._list(request, now)
            name = request.path.removeprefix(f"{PATH}/")
            found = next((charge for charge in self._engine.sales.charges if charge.id == name), None)
            if found is None:
                return self._missing("id", name)
            return Answer(body=_row(found, now), headers=self._headers())

    def refusal(self, status: int) -> Answer:
        """Return Stripe's body for a status that a fault asks for."""
        return self._error(status, "This is a fault of the sandbox.", code="rate_limit" if status == 429 else None)

    def _list(self, request: Request, now: datetime) -> Answer:
        unknown = next((name for name, _ in request.query if name not in _KNOWN and "expand" not in name), None)
        if unknown is not None:
            return self._error(400, f"Received unknown parameter: {unknown}", param=unknown)
        limit = request.one("limit") or "10"
        if not limit.isascii() or not limit.isdigit():
            return self._error(400, f"Invalid integer: {limit[:40]}", param="limit")
        if not 1 <= int(limit) <= 100:
            return self._error(400, "Invalid limit: must be between 1 and 100", param="limit")
        for name in (*_BOUNDS, "created"):
            text = request.one(name)
            if text is not None and not text.isdigit():
                return self._error(400, f"Invalid integer: {text[:40]}", param="created")
        rows = [charge for charge in reversed(self._engine.sales.charges) if _wanted(charge, request)]
        size, more = int(limit), False
        after, before = request.one("starting_after"), request.one("ending_before")
        names = [charge.id for charge in rows]
        for param, cursor in (("starting_after", after), ("ending_before", before)):
            if cursor and not any(charge.id == cursor for charge in self._engine.sales.charges):
                return self._missing(param, cursor)
        if before and before in names:
            rows = rows[: names.index(before)]
            rows, more = rows[-size:], len(rows) > size
        else:
            rows = rows[names.index(after) + 1 :] if after in names else rows
            rows, more = rows[:size], len(rows) > size
        body = {"object": "list", "url": PATH, "has_more": more, "data": [_row(charge, now) for charge in rows]}
        return Answer(body=body, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Request-Id": token("req_", self._engine.seed, "stripe", next(self._numbers))}

    def _missing(self, param: str, name: str) -> Answer:
        text = f"No such balance transaction: '{name[:60]}'"
        return self._error(400 if param != "id" else 404, text, param=param, code="resource_missing")

    def _error(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> Answer:
        error: dict[str, Any] = {"type": _TYPES.get(status, "invalid_request_error"), "message": message}
        if param is not None:
            error["param"] = param
        if code is not None:
            error["code"] = code
        return Answer(status=status, body={"error": error}, headers=self._headers())


def _wanted(charge: Charge, request: Request) -> bool:
    at = int(charge.created.timestamp())
    bounds = {
        "created[gt]": lambda bound: at > bound,
        "created[gte]": lambda bound: at >= bound,
        "created[lt]": lambda bound: at < bound,
        "created[lte]": lambda bound: at <= bound,
        "created": lambda bound: at == bound,
    }
    fields = {"currency": charge.currency, "type": charge.type, "source": charge.source}
    return all(
        bounds[name](int(value)) if name in bounds else fields.get(name, value) == value
        for name, value in request.query
    )


def _row(charge: Charge, now: datetime) -> dict[str, Any]:
    details = [
        {
            "amount": charge.fee,
            "application": None,
            "currency": charge.currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": charge.id,
        "object": "balance_transaction",
        "amount": charge.amount,
        "available_on": int(charge.available.timestamp()),
        "balance_type": "payments",
        "created": int(charge.created.timestamp()),
        "currency": charge.currency,
        "description": charge.description,
        "exchange_rate": None,
        "fee": charge.fee,
        "fee_details": details if charge.fee else [],
        "net": charge.amount - charge.fee,
        "reporting_category": charge.category,
        "source": charge.source,
        "status": "available" if now >= charge.available else "pending",
        "type": charge.type,
    }
