"""Anthropic's ways with questions: groups, filters, times, limits, and cursors that belong to one question."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pnl.sandbox.anthropic_rows import DEFAULT_WORKSPACE
from pnl.sandbox.chance import token
from pnl.sandbox.serve import Request
from pnl.sandbox.spending import Burn

WIDTHS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}


class Rejected(Exception):
    """The request is answered with an error: a status, a message, and sometimes a code."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


def betas(request: Request) -> list[str]:
    """Return the beta versions that a request names."""
    return [word.strip() for word in request.headers.get("anthropic-beta", "").split(",")]


def groups(request: Request, allowed: tuple[str, ...]) -> list[str]:
    """Return the dimensions to group by, each once.

    Raises:
        Rejected: One of them is not allowed.
    """
    names = list(dict.fromkeys(request.many("group_by")))
    for name in names:
        if name not in allowed:
            raise Rejected(400, f"group_by: Input should be one of {', '.join(allowed)}, not {name[:40]}")
    return names


def filter_of(request: Request, filters: dict[str, str], *, named: bool) -> Callable[[Burn], bool]:
    """Return which burns the filters of a request let through; `named` is how the default workspace is asked for."""
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


def instant(request: Request, name: str, *, required: bool = False) -> datetime | None:
    """Return an instant in UTC; None where it is absent.

    Raises:
        Rejected: It is required and absent, or is no instant with a zone.
    """
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


def whole(request: Request, name: str, default: int, most: int) -> int:
    """Return an integer from 1 to `most`; `default` where it is absent.

    Raises:
        Rejected: It is none.
    """
    text = request.one(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise Rejected(400, f"{name}: Input should be between 1 and {most}")
    return int(text)


def floor(at: datetime, width: timedelta) -> datetime:
    """Return the beginning of the bucket that an instant is in."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return start + (at - start) // width * width


def cursor(request: Request, *parts: str) -> str:
    """Return a cursor to a further page of what a request asks for; it is good for no other question."""
    packed = json.dumps([_question(request), *parts]).encode()
    return "page_" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def opened(request: Request, count: int) -> list[str] | None:
    """Return the `count` parts of a request's cursor; None where it has none.

    Raises:
        Rejected: It is no cursor, or belongs to another question.
    """
    text = request.one("page")
    if text is None:
        return None
    text = text.removeprefix("page_")
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != count + 1:
        raise Rejected(400, "page: Input should be a cursor from a previous answer")
    made_for, *parts = (str(part) for part in found)
    if made_for != _question(request):
        raise Rejected(400, "page: the cursor belongs to another query")
    return parts


def listed(request: Request, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one page of rows that are listed by their id."""
    limit = whole(request, "limit", 20, 1000)
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


def _question(request: Request) -> str:
    return token("", request.path, sorted(pair for pair in request.query if pair[0] != "page"))
