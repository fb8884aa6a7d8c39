"""How long requests take, and how they end."""

import time
from typing import Final

from flask import Flask, Response, g, request

from pnl.metrics.instruments import REQUEST, REQUESTS

_NO_ROUTE: Final = "none"
_LASTING: Final = ("/api/pnl/ws", "/api/pnl/stream", "/embed/ws", "/embed/stream")
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
"""Anybody may invent a method: those that we know have a label of their own."""


def measure(app: Flask) -> None:
    """Measure every request of `app` but those for a connection that lasts; the route is its label, not its address."""

    def began() -> None:
        g.pnl_began = time.perf_counter()

    def ended(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else _NO_ROUTE
        method = request.method if request.method in _METHODS else "other"
        if rule not in _LASTING and "pnl_began" in g:
            REQUEST.labels(rule, method).observe(time.perf_counter() - g.pnl_began)
        REQUESTS.labels(rule, method, str(response.status_code)).inc()
        return response

    app.before_request(began)
    app.after_request(ended)
