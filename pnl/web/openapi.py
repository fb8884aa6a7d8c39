"""The description of the API, served where the API is."""

from flask import Blueprint, Response, current_app

from pnl.domain.snapshot import Json
from pnl.web.answers import answer
from pnl.web.describe import content, document, operation
from pnl.web.query import given

PATHS: dict[str, Json] = {
    "/api/openapi.json": {
        "get": operation(
            "openapi",
            "This description",
            {200: content("OpenAPI 3.1.", {"type": "object"})},
            problems=(400,),
        )
    }
}


def openapi() -> Blueprint:
    """Return the route."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/api/openapi.json")
    def description() -> Response:
        given(())
        return answer(document(current_app), headers={"Cache-Control": "no-cache"})

    return routes
