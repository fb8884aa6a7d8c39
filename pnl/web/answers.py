"""JSON out: no float can get in, and a source's own body passes through letter by letter."""

import json
from collections.abc import Mapping

from flask import Response

from pnl.domain.snapshot import Json

NO_STORE = "no-store"


def dumps(body: Json) -> str:
    """Return compact JSON text.

    Raises:
        TypeError: It holds something that is no JSON of ours, such as a float or a `Decimal`.
    """
    _refuse_floats(body)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def answer(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer; nobody keeps it unless `headers` say otherwise."""
    return text_answer(dumps(body), status, headers)


def text_answer(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer of JSON text that is ready."""
    made = Response(text.encode(), status, content_type="application/json")
    made.headers["Cache-Control"] = NO_STORE
    made.headers.update(headers or {})
    return made


def verbatim(raw: str) -> str:
    """Return a source's body as JSON text: itself where it is JSON, else a JSON string of it.

    Its numbers are never read, so that every digit comes out as it went in.
    """
    try:
        json.loads(raw, parse_float=str, parse_int=str, parse_constant=_refuse_constant)
        raw.encode()
    except (ValueError, RecursionError):
        return json.dumps(raw)
    return raw


def _refuse_constant(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


def _refuse_floats(body: object) -> None:
    if isinstance(body, float):
        raise TypeError(f"{body!r} is a float")
    if isinstance(body, dict):
        for value in body.values():
            _refuse_floats(value)
    elif isinstance(body, list | tuple):
        for value in body:
            _refuse_floats(value)
