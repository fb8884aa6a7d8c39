"""What is shown now: the newest snapshot, the positions and the checks."""

from flask import Blueprint, Response, request

from pnl.domain.snapshot import Json
from pnl.ports import Figures
from pnl.web.answers import answer
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.problems import not_now
from pnl.web.query import choice, given
from pnl.web.schemas import TEXT

_SOON = "The first statement is being made; ask again shortly."

PATHS: dict[str, Json] = {
    "/api/pnl/current": {
        "get": operation(
            "current",
            "The newest snapshot",
            {
                200: {
                    **content("The statement of the company day so far.", reference("Snapshot")),
                    "headers": {"ETag": {"description": "The sequence, in quotes.", "schema": TEXT}},
                },
                304: {"description": "The snapshot named by `If-None-Match` is still the newest."},
            },
            problems=(400, 503),
            description="Send the `ETag` back as `If-None-Match` to be answered 304 while nothing is new.",
        )
    },
    "/api/pnl/positions": {
        "get": operation(
            "positions",
            "The open markets, or all that were ever traded",
            {200: content("One row a market, over its life.", reference("Positions"))},
            problems=(400, 503),
            parameters=[
                parameter("all", "`1` adds the markets that are flat or settled.", {"enum": ["0", "1"], "default": "0"})
            ],
        )
    },
    "/api/pnl/checks": {
        "get": operation(
            "checks",
            "Every reconciliation check",
            {200: content("What was expected and what was found.", reference("Checks"))},
            problems=(400, 503),
        )
    },
}


def current(figures: Figures, interval_seconds: int) -> Blueprint:
    """Return the routes; before the first tick they answer 503."""
    routes = Blueprint("current", __name__)

    def newest() -> tuple[int, bytes]:
        found = figures.current()
        if found is None:
            raise not_now(_SOON, interval_seconds)
        return found

    @routes.get("/api/pnl/current")
    def snapshot() -> Response:
        given(())
        seq, body = newest()
        held = request.if_none_match.contains_weak(str(seq))
        made = Response(status=304) if held else Response(body, content_type="application/json")
        made.set_etag(str(seq))
        made.headers["Cache-Control"] = "no-cache"
        return made

    @routes.get("/api/pnl/positions")
    def positions() -> Response:
        every = choice(given(("all",)).get("all", "0"), "all", ("0", "1")) == "1"
        newest()
        return answer(figures.positions(every))

    @routes.get("/api/pnl/checks")
    def checks() -> Response:
        given(())
        newest()
        return answer(figures.checks())

    return routes
