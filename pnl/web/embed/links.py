"""Links to panels, over HTTP: make one, look at one before it is made, list them, revoke one or all."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from pnl.access.asked import LISTED, whole_range, wrong
from pnl.access.embeds import LONGEST_DAYS, Embeds
from pnl.access.grants import PANELS, EmbedLink
from pnl.access.origins import origin_of
from pnl.clock import Clock
from pnl.domain.snapshot import Json, instant
from pnl.web.access import caller
from pnl.web.answers import answer
from pnl.web.body import body
from pnl.web.describe import content, operation, path_parameter, reference
from pnl.web.embed.panels import KNOWN
from pnl.web.problems import BadParameter
from pnl.web.query import given
from pnl.web.schemas import COUNT, FLAG, INSTANT, INSTANT_OR_NULL, TEXT, listed, one_of, thing

_FIELDS: Final = ("panels", "range", "from", "to", "compare", "theme", "parents", "days", "preview")
_SETTLED: Final = ("range", "from", "to", "compare")
_PANELS: dict[str, Json] = {**listed(one_of(*PANELS)), "minItems": 1}
_LINK: dict[str, Json] = {
    "number": TEXT,
    "panels": listed(one_of(*PANELS)),
    "locked": {"type": "object"},
    "parents": listed(TEXT),
    "made_by": TEXT,
    "made": INSTANT,
    "until": INSTANT,
    "ended": INSTANT_OR_NULL,
    "state": one_of("open", "over", "revoked"),
}

SCHEMAS: dict[str, Json] = {
    "EmbedLink": thing(_LINK),
    "EmbedLinks": thing(
        {
            "on": FLAG,
            "parents": listed(TEXT),
            "panels": listed(
                thing({"name": one_of(*PANELS), "title": TEXT, "ranges": listed(one_of(*LISTED["range"]))})
            ),
            "links": listed(reference("EmbedLink")),
        }
    ),
    "NewEmbedLink": thing(
        {
            "panels": _PANELS,
            "range": {
                **one_of(*LISTED["range"]),
                "description": "Settles the range, so that no address changes it. Each of the panels has to have it.",
            },
            "from": {
                **TEXT,
                "description": "Settles the first company day in the place of a range: 2026-11-01, now or now-30d.",
            },
            "to": {**TEXT, "description": "Settles the last company day, which is shown whole; today if left out."},
            "compare": {
                **one_of(*LISTED["compare"]),
                "description": "`prev` lets the panel look as far back again, to compare.",
            },
            "theme": {**one_of(*LISTED["theme"]), "default": "auto"},
            "parents": {
                **listed(TEXT),
                "description": "Sites that may frame it; all of PNL_EMBED_PARENTS if left out.",
            },
            "days": {**COUNT, "minimum": 1, "maximum": LONGEST_DAYS, "default": 30},
            "preview": {
                **FLAG,
                "default": False,
                "description": "For ten minutes, in our own pages only, and not kept.",
            },
        },
        optional=_FIELDS[1:],
    ),
    "MadeEmbedLink": thing(
        {"link": {"anyOf": [reference("EmbedLink"), {"type": "null"}]}, "token": TEXT, "path": TEXT},
    ),
    "EndedEmbedLinks": thing({"ended": COUNT}),
}

_NUMBER = path_parameter("number", "The link's number.", TEXT)

PATHS: dict[str, Json] = {
    "/api/pnl/embeds": {
        "get": operation(
            "embeds",
            "Every link to a panel, newest first",
            {
                200: content(
                    "Links, the panels that there are, and the sites that may frame them.", reference("EmbedLinks")
                )
            },
            problems=(400, 503),
            description="For editors only: a link lets strangers in. Its token is not told again.",
        ),
        "post": operation(
            "make_embed",
            "Make a link to panels for another site's page",
            {
                201: content("It is kept. The token is told once.", reference("MadeEmbedLink")),
                200: content("A preview, which is not kept.", reference("MadeEmbedLink")),
            },
            problems=(400, 409, 413, 415, 503),
            body=reference("NewEmbedLink"),
        ),
        "delete": operation(
            "end_embeds",
            "Revoke every link",
            {200: content("How many were revoked.", reference("EndedEmbedLinks"))},
            problems=(400, 503),
            description="Panels that show figures by them go blank within seconds.",
        ),
    },
    "/api/pnl/embeds/{number}": {
        "delete": operation(
            "end_embed",
            "Revoke a link",
            {200: content("How many were revoked.", reference("EndedEmbedLinks"))},
            problems=(400, 404, 503),
            parameters=[_NUMBER],
        )
    },
}


def links(embeds: Embeds | None, clock: Clock) -> Blueprint:
    """Return the routes; without `embeds` they tell that embedding is off."""
    routes = Blueprint("embeds", __name__)

    @routes.get("/api/pnl/embeds")
    def every() -> Response:
        given(())
        found = embeds.links() if embeds else ()
        panels: list[Json] = [
            {"name": name, "title": panel.title, "ranges": list[Json](panel.ranges)} for name, panel in KNOWN.items()
        ]
        parents = list[Json](embeds.parents) if embeds else []
        told = list[Json](_told(link, clock) for link in found)
        return answer({"on": bool(parents), "parents": parents, "panels": panels, "links": told})

    @routes.post("/api/pnl/embeds")
    def make() -> Response:
        given(())
        asked = body(_FIELDS)
        panels, locked = _panels(asked), _locked(asked)
        _lasting(panels, locked)
        _ranging(panels, locked.get("range"))
        origins, days = _origins(asked, embeds), _days(asked)
        theme, preview = _chosen(asked, "theme") or "auto", _preview(asked)
        if embeds is None or not embeds.on:
            raise BadParameter("parents", "embedding is off: set PNL_EMBED_PARENTS to the sites that may frame a panel")
        if preview:
            token, link = embeds.preview(panels[0], locked), None
        else:
            link, token = embeds.make(panels, locked, origins, days, _actor())
        query = {"token": token, "theme": theme} | ({"range": locked["range"]} if "range" in locked else {})
        told = _told(link, clock) if link else None
        path = f"/embed/{panels[0]}?{urlencode(query)}"
        return answer({"link": told, "token": token, "path": path}, 201 if link else 200)

    @routes.delete("/api/pnl/embeds")
    def end_all() -> Response:
        given(())
        return answer({"ended": embeds.end_all() if embeds else 0})

    @routes.delete("/api/pnl/embeds/<number>")
    def end(number: str) -> Response:
        given(())
        if embeds is None or not embeds.end(number):
            raise NotFound(f"There is no link {number[:40]!r} that is not revoked.")
        return answer({"ended": 1})

    return routes


def _told(link: EmbedLink, clock: Clock) -> dict[str, Json]:
    return {
        "number": link.number,
        "panels": list[Json](link.panels),
        "locked": dict[str, Json](link.locked),
        "parents": list[Json](link.origins),
        "made_by": link.made_by,
        "made": instant(link.made),
        "until": instant(link.until),
        "ended": instant(link.ended),
        "state": "revoked" if link.ended else "over" if link.until <= clock.now() else "open",
    }


def _panels(asked: Mapping[str, Any]) -> list[str]:
    found = asked.get("panels")
    if not isinstance(found, list) or not found or not all(isinstance(one, str) and one in PANELS for one in found):
        raise BadParameter("panels", f"panels is not a list of some of {', '.join(PANELS)}")
    return found


def _locked(asked: Mapping[str, Any]) -> dict[str, str]:
    found = {name: chosen for name in _SETTLED if (chosen := _chosen(asked, name))}
    try:
        whole_range(found)
    except ValueError as error:
        raise BadParameter("to" if "to" in found else "from", str(error)) from None
    return found


def _lasting(panels: Sequence[str], locked: Mapping[str, str]) -> None:
    """See that a link of certain days opens no panel that shows what is now."""
    now = next((panel for panel in panels if not KNOWN[panel].lasts), None)
    if "from" in locked and now:
        raise BadParameter("from", f"the panel {now} shows what is now: make a link of its own for it, without from")


def _ranging(panels: Sequence[str], settled: str | None) -> None:
    """See that each panel of a link has the range that it settles."""
    lacks = next((panel for panel in panels if settled and settled not in KNOWN[panel].ranges), None)
    if lacks:
        raise BadParameter(
            "range", f"the panel {lacks} has no range {settled}: it has {', '.join(KNOWN[lacks].ranges)}"
        )


def _chosen(asked: Mapping[str, Any], name: str) -> str | None:
    found = asked.get(name)
    why = None if found is None else wrong(name, found if isinstance(found, str) else repr(found))
    if why:
        raise BadParameter(name, why)
    return found


def _days(asked: Mapping[str, Any]) -> int:
    found = asked.get("days", 30)
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= LONGEST_DAYS:
        raise BadParameter("days", f"days {str(found)[:40]!r} is not a whole number from 1 to {LONGEST_DAYS}")
    return found


def _preview(asked: Mapping[str, Any]) -> bool:
    found = asked.get("preview", False)
    if not isinstance(found, bool):
        raise BadParameter("preview", f"preview {str(found)[:40]!r} is neither true nor false")
    return found


def _origins(asked: Mapping[str, Any], embeds: Embeds | None) -> list[str]:
    known = list(embeds.parents) if embeds else []
    found = asked.get("parents", known)
    if not isinstance(found, list) or (not found and known):
        raise BadParameter("parents", "parents is not a list of sites such as https://wiki.example.com")
    origins: list[str] = []
    for one in found:
        origin = origin_of(one) if isinstance(one, str) else None
        if origin is None:
            raise BadParameter(
                "parents", f"{str(one)[:80]!r} is no site: give an origin such as https://wiki.example.com"
            )
        if origin not in known:
            raise BadParameter("parents", f"{origin} may not frame anything: add it to PNL_EMBED_PARENTS, and restart")
        origins.append(origin)
    return list(dict.fromkeys(origins))


def _actor() -> str:
    found = caller()
    return found.name if found else "unknown"
