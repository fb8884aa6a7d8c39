"""What Prometheus scrapes."""

from flask import Blueprint, Response

from pnl.domain.snapshot import Json
from pnl.metrics.exposition import CONTENT_TYPE, Exposition
from pnl.web.describe import content, operation
from pnl.web.query import given
from pnl.web.schemas import TEXT

PATHS: dict[str, Json] = {
    "/metrics": {
        "get": operation(
            "metrics",
            "What the process measures of itself, for Prometheus",
            {200: content("The text format of Prometheus, version 0.0.4.", TEXT, "text/plain")},
            description="A program shows a token with the scope `metrics`. Figures of the company are not among them.",
        )
    }
}


def metrics(exposition: Exposition) -> Blueprint:
    """Return the route."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def scraped() -> Response:
        given(())
        made = Response(exposition.text(), content_type=CONTENT_TYPE)
        made.headers["Cache-Control"] = "no-store"
        return made

    return routes
