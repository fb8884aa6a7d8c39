"""Kalshi's ways with questions: limits, opaque cursors, filters, and errors in four shapes."""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from pnl.sandbox.serve import Answer, Request

Row = TypeVar("Row")
Handler: TypeAlias = Callable[[Request, datetime], dict[str, Any]]
"""Returns what a question is answered with at an instant."""


class Refused(Exception):
    """The request is answered with an error instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def nested(status: int, code: str, message: str, details: str | None = None) -> Answer:
    """Return the error body of most 4xx."""
    error = {"code": code, "message": message} | ({"details": details} if details else {})
    return Answer(status=status, body={"error": error})


def flat(status: int, code: str, message: str, details: str = "") -> Answer:
    """Return the error body that the OpenAPI document shows."""
    return Answer(status=status, body={"code": code, "message": message, "details": details})


def too_many() -> Answer:
    """Return the 429, whose `error` is a string and which has no `Retry-After`."""
    return Answer(status=429, body={"error": "too many requests"})


def refusal(status: int) -> Answer:
    """Return Kalshi's body for a status that a fault asks for."""
    match status:
        case 401:
            return nested(401, "authentication_error", "authentication_error", "INCORRECT_API_KEY_SIGNATURE")
        case 403:
            return nested(403, "permission_denied", "permission denied")
        case 404:
            return Answer(
                status=404, body={"error": {"code": "not_found", "message": "not found", "service": "exchange"}}
            )
        case 429:
            return too_many()
        case 400:
            return flat(400, "bad_request", "bad request")
        case _:
            return nested(status, "service_unavailable" if status == 503 else "internal_error", "internal error")


def invalid(operation: str, name: str, tag: str) -> Answer:
    """Return the 400 of query validation."""
    text = f"Key: '{operation}Params.{name}' Error:Field validation for '{name}' failed on the '{tag}' tag"
    return Answer(status=400, body={"msg": f"Parameter validation failed for {operation}: {text}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many rows a page may have."""

    operation: str
    least: int = 1
    most: int = 1000
    default: int = 100

    def of(self, request: Request) -> int:
        """Return the asked limit.

        Raises:
            Refused: It is out of bounds; it is never clamped.
        """
        size = whole(request, "limit", self.operation)
        if size is None:
            return self.default
        if size > self.most:
            raise Refused(invalid(self.operation, "Limit", "lte"))
        if size < self.least:
            raise Refused(invalid(self.operation, "Limit", "gte"))
        return size or self.default


def whole(request: Request, name: str, operation: str) -> int | None:
    """Return an integer parameter; None where absent or empty.

    Raises:
        Refused: It is no integer.
    """
    text = request.one(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise Refused(
            Answer(
                status=400,
                body={"msg": f"Invalid format for parameter {name} of {operation}: error parsing '{text[:40]}' as int"},
            )
        ) from None


def choice(request: Request, name: str, allowed: Iterable[str], operation: str) -> str | None:
    """Return a parameter that must be one of some words; None where absent.

    Raises:
        Refused: It is another word.
    """
    word = request.one(name)
    if not word:
        return None
    if word not in allowed:
        raise Refused(invalid(operation, name.title().replace("_", ""), "oneof"))
    return word


def words(request: Request, name: str) -> set[str] | None:
    """Return a comma-separated parameter as a set; None where absent."""
    text = request.one(name)
    return {word for word in text.split(",") if word} if text else None


def page(
    request: Request, rows: Sequence[Row], key: Callable[[Row], list[Any]], limits: Limits, bound: str = ""
) -> tuple[list[Row], str]:
    """Return one page of rows, and the cursor of the next; `""` on the last.

    The cursor holds the last row's key, so that rows that arrive in between move nothing. It is
    bound to the list that it came from (`bound`); any other cursor silently means the first page.
    """
    size = limits.of(request)
    name = f"{limits.operation}{bound}"
    after = _key(request.one("cursor"), name)
    left = iter(rows)
    if after is not None:
        for row in left:
            if key(row) == after:
                break
        else:
            left = iter(rows)
    taken = list(islice(left, size + 1))
    if len(taken) <= size:
        return taken, ""
    return taken[:size], _cursor(name, key(taken[size - 1]))


def _cursor(name: str, key: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, key]).encode()).decode().rstrip("=")


def _key(cursor: str | None, name: str) -> list[Any] | None:
    if not cursor:
        return None
    try:
        made_for, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        return None
    return key if made_for == name and isinstance(key, list) else None
