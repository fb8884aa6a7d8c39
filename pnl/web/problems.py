"""Every error of the API as `application/problem+json`, told in plain words and without a stack trace."""

import re
from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest, ClientDisconnected, HTTPException, ServiceUnavailable
from werkzeug.routing import WebsocketMismatch

from pnl.access.decision import METRICS
from pnl.domain.snapshot import Json
from pnl.errors import EntryConflict, EntryError, RuleConflict, RuleError, StoreDamaged, StoreUnavailable
from pnl.web.answers import NO_STORE, dumps

log = structlog.get_logger(__name__)

_DETAILS = {
    404: "There is nothing at {path}; {listing}.",
    405: "{path} does not take {method}; the Allow header lists what it takes.",
    408: "The request began and did not go on; send it again.",
    413: "The body is larger than this route takes.",
    415: "Send the body as application/json.",
    500: "The server failed at this request; its log says why.",
}

_LISTED = "/api/openapi.json lists what there is"
_TICKS = "this process makes ticks, and has /healthz, /readyz and /metrics alone: ask one that serves pages"

DAMAGED = (
    "The database is damaged. Where there is a backup, it is put in its place without a hand within a minute; else "
    "docs/how-to/restore-at-night.md tells what to do."
)

_EMBEDDED = re.compile(r"/embed/(ticket$|ws$|stream$|[^/]+/)")


class BadParameter(BadRequest):
    """A parameter, or a field of a body, that cannot be taken.

    Attributes:
        parameter: Its name.
    """

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


def not_now(detail: str, seconds: int) -> ServiceUnavailable:
    """Return the error that says: come back in so many seconds."""
    return ServiceUnavailable(detail, retry_after=seconds)


def problem(status: int, detail: str, parameter: str | None = None, *, expired: bool = False) -> Response:
    """Return a problem of RFC 9457; outside the API, where people look, its text alone.

    Args:
        status: Of HTTP.
        detail: What is wrong, and the cure.
        parameter: Which parameter it is about.
        expired: Whether what was shown held, and is over.
    """
    title = HTTPStatus(status).phrase
    if not spoken_by_machines(request.path):
        made = Response(f"{status} {title}\n{detail}\n", status, content_type="text/plain; charset=utf-8")
    else:
        body: dict[str, Json] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        if parameter is not None:
            body["parameter"] = parameter
        if expired:
            body["expired"] = True
        made = Response(dumps(body).encode(), status, content_type="application/problem+json")
    made.headers["Cache-Control"] = NO_STORE
    return made


def spoken_by_machines(path: str) -> bool:
    """Tell whether a path is the API's, that of an embedded panel's data, or of the metrics."""
    return path in ("/api", METRICS) or path.startswith("/api/") or bool(_EMBEDDED.match(path))


def failed(error: Exception) -> Response:
    """Log a bug with its trace, and return the problem that tells the caller of it without."""
    log.error("request failed", path=request.path, method=request.method, exc_info=error)
    return problem(500, _DETAILS[500])


def fell_silent(error: ClientDisconnected) -> Response:
    """Give up a client that sends nothing more of its body, and take nothing else on its connection."""
    del error
    answer = problem(408, _DETAILS[408])
    answer.headers["Connection"] = "close"
    return answer


def speak_problems(app: Flask, retry_seconds: int) -> None:
    """Turn whatever a route raises into a problem.

    Args:
        app: The server.
        retry_seconds: What a caller is told to wait while the database does not answer.
    """

    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        made = problem(status, _detail(error, status), getattr(error, "parameter", None))
        for name, value in error.get_headers(request.environ):
            if name.lower() != "content-type":
                made.headers[name] = value
        return made

    def no_socket(_: WebsocketMismatch) -> Response:
        return problem(404, f"There is no WebSocket at {request.path}; the live feed's is /api/pnl/ws.")

    def wrong_entry(error: EntryError) -> Response:
        return problem(409 if isinstance(error, EntryConflict) else 400, str(error), error.field or None)

    def wrong_rule(error: RuleError) -> Response:
        return problem(409 if isinstance(error, RuleConflict) else 400, str(error), error.field or None)

    def torn_store(_: StoreDamaged) -> Response:
        made = problem(503, DAMAGED)
        made.headers["Retry-After"] = str(retry_seconds)
        return made

    def no_store(_: StoreUnavailable) -> Response:
        made = problem(503, "The database does not answer for now.")
        made.headers["Retry-After"] = str(retry_seconds)
        return made

    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(WebsocketMismatch, no_socket)
    app.register_error_handler(EntryError, wrong_entry)
    app.register_error_handler(RuleError, wrong_rule)
    app.register_error_handler(StoreUnavailable, no_store)
    app.register_error_handler(StoreDamaged, torn_store)
    app.register_error_handler(ClientDisconnected, fell_silent)
    app.register_error_handler(Exception, failed)


def _detail(error: HTTPException, status: int) -> str:
    ours = error.description and error.description != type(error).description
    if status in _DETAILS and not ours:
        listing = _LISTED if "openapi.description" in current_app.view_functions else _TICKS
        return _DETAILS[status].format(path=request.path, method=request.method, listing=listing)
    return error.description or HTTPStatus(status).phrase
