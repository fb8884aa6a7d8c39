"""Garbage sent to Dash's own endpoints, answered as the caller's mistake and not as a failure of ours."""

import json
from collections.abc import Mapping
from typing import Any

from dash.exceptions import DependencyException
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from pnl.web.problems import failed, problem

_ENDPOINT = "/_dash-update-component"
_KNOWN = "pnl.callbacks"


def guard_callbacks(app: Flask) -> None:
    """Check the body of every callback before Dash sees it, and answer 404 for what Dash does not know."""
    app.before_request(_check)
    app.register_error_handler(DependencyException, _unknown_resource)
    app.register_error_handler(KeyError, _unknown_callback)


def know_callbacks(app: Flask, callbacks: Mapping[str, Any]) -> None:
    """Tell which callbacks there are: Dash's `callback_map`, which may still grow."""
    app.extensions[_KNOWN] = callbacks


def _check() -> None:
    if request.path != _ENDPOINT or request.method != "POST":
        return
    if not request.is_json:
        raise UnsupportedMediaType("A callback is sent as application/json.")
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None
    if not _is_callback(body):
        raise BadRequest("The body is not that of a callback.")
    known: Mapping[str, Any] | None = current_app.extensions.get(_KNOWN)
    if known is None:
        return
    callback = known.get(body["output"])
    if callback is None:
        # Dash takes some callbacks in with its first request only, after this: it knows better.
        return
    for name in ("inputs", "state"):
        takes = len(callback.get(name) or [])
        if len(body.get(name) or []) != takes:
            raise BadRequest(f"The callback takes {takes} {name}.")


def _is_callback(body: object) -> bool:
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    if not isinstance(body.get("inputs", []), list) or not isinstance(body.get("state", []), list | None):
        return False
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(name, str) for name in changed):
        return False
    if not isinstance(body.get("outputs"), list | dict | None):
        return False
    return all(_is_value(part) for part in (*body.get("inputs", []), *(body.get("state") or [])))


def _is_value(part: object) -> bool:
    """Tell whether `part` is a property of a component, or a list of them for a pattern."""
    if isinstance(part, list):
        return all(isinstance(one, dict) and _is_value(one) for one in part)
    if not isinstance(part, dict):
        return False
    return isinstance(part.get("id"), str | dict) and isinstance(part.get("property"), str)


def _unknown_callback(error: KeyError) -> Response:
    if request.path == _ENDPOINT and str(error).strip("\"'").startswith("Callback function not found"):
        return problem(404, "There is no such callback; reload the page, it may be of an older version.")
    return failed(error)


def _unknown_resource(_: DependencyException) -> Response:
    return problem(404, "There is no such file.")
