"""Panels in other sites' pages: plain pages without Dash, opened by a token, fed by narrowed live figures."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import structlog
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from pnl.access.embeds import TICKET_SECONDS, Embeds
from pnl.access.grants import Grant
from pnl.domain.snapshot import Json
from pnl.ports import Hub, Views
from pnl.web.access import caller
from pnl.web.answers import answer
from pnl.web.embed.bundle import Bundle
from pnl.web.embed.check import check
from pnl.web.embed.data import PanelData
from pnl.web.embed.look import look
from pnl.web.embed.page import BUNDLES, Company, page, refusal
from pnl.web.embed.panels import KNOWN, narrow
from pnl.web.live import PARAMETERS, Door, doors
from pnl.web.problems import problem, spoken_by_machines

log = structlog.get_logger(__name__)

NARROW: Final[Mapping[str, Callable[[dict[str, Json]], dict[str, Json]]]] = {
    name: partial(narrow, panel) for name, panel in KNOWN.items()
}
"""The views of the live figures: one for each panel."""

_HELPER: Final = Bundle("helper", ("embed/helper.js",))


def embed(embeds: Embeds | None, views: Views, data: PanelData, company: Company) -> list[Blueprint]:
    """Return the routes.

    Args:
        embeds: What opens panels; None where nothing does.
        views: The live figures, narrowed to each panel.
        data: What panels ask for beside them.
        company: What every panel's page knows.
    """
    routes = Blueprint("embed", __name__)
    live = doors(
        Door(
            lambda: _hub(views, data),
            "embed_live",
            (*PARAMETERS, "ticket"),
            b"Access-Control-Allow-Origin: *\r\n",
        ),
        "/embed",
        "/embed/<panel>/data",
    )
    for one in (routes, live):
        one.after_request(_open_to_frames)
        one.register_error_handler(HTTPException, partial(_refused, embeds))

    @routes.get("/embed/<panel>")
    def panel(panel: str) -> Response:
        if panel not in KNOWN or embeds is None:
            raise NotFound
        grant = _grant()
        parents = embeds.framing(grant)
        if "from" in grant.locked and not KNOWN[panel].lasts:
            raise Forbidden("This link is of certain days, and this panel shows what is now.")
        shown = look(KNOWN[panel], request.args, grant.locked, data.today())
        log.info("panel opened", panel=panel, by=grant.name, site=request.headers.get("Referer", "")[:100])
        return page(panel, shown, company, locked=grant.locked, parents=parents)

    @routes.post("/embed/ticket")
    def ticket() -> Response:
        panel = request.args.get("panel", "")
        if panel not in KNOWN or embeds is None:
            raise NotFound(f"There is no panel {panel[:40]!r}.")
        data.see_live(_grant())
        return answer({"ticket": embeds.ticket(_grant(), panel, data.ends(_grant())), "seconds": TICKET_SECONDS})

    @routes.get("/embed/<panel>/history")
    def history(panel: str) -> Response:
        return data.history(panel, _grant())

    @routes.get("/embed/<panel>/days")
    def days(panel: str) -> Response:
        return data.days(panel, _grant())

    @routes.get("/embed/<panel>/activity")
    def activity(panel: str) -> Response:
        return data.activity(panel, _grant())

    @routes.get("/embed/check")
    def diagnose() -> Response:
        return check(request, embeds.parents if embeds else (), signing=bool(embeds and embeds.hosts_sign))

    @routes.get("/embed/bundle/<name>")
    def bundle(name: str) -> Response:
        if name not in BUNDLES:
            raise NotFound(f"There is no bundle {name[:40]!r}.")
        return BUNDLES[name].answer()

    @routes.get("/embed.js")
    def helper() -> Response:
        made = _HELPER.answer()
        made.headers["Cache-Control"] = "public, max-age=3600"
        made.headers["Access-Control-Allow-Origin"] = "*"
        made.make_conditional(request)
        return made

    return [routes, live]


def _grant() -> Grant:
    found = caller()
    if found is None or found.grant is None:
        raise NotFound
    return found.grant


def _hub(views: Views, data: PanelData) -> Hub:
    """Return the hub of the one panel that this request may watch."""
    data.see_live(_grant())
    named = (request.view_args or {}).get("panel")
    name = str(named) if named else next(iter(_grant().panels))
    if name not in KNOWN:
        raise NotFound
    return views.hub(name)


def _open_to_frames(response: Response) -> Response:
    """Let a sandboxed frame, which has no origin, read the answer: its token is all that counts."""
    if spoken_by_machines(request.path):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Date, Retry-After, ETag"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Max-Age"] = "600"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        response.headers.setdefault("Cache-Control", "no-store")
        if response.headers["Cache-Control"] == "no-cache":
            response.headers["Cache-Control"] = "no-store"
    return response


def _refused(embeds: Embeds | None, error: HTTPException) -> Response:
    """Return a panel that says why there is none; for data, a problem."""
    status = error.code or 500
    reason = error.description or "There is nothing here."
    refused = g.get("embed_refused")
    expired = bool(refused and refused.expired)
    if spoken_by_machines(request.path):
        made = problem(status, reason, getattr(error, "parameter", None), expired=expired)
    else:
        parents = embeds.parents if embeds else ()
        made = refusal(status, reason, parents, expired=expired)
    for name, value in error.get_headers(request.environ):
        if name.lower() != "content-type":
            made.headers[name] = value
    return made
