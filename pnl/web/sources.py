"""Each source on its own: how it does, how often it is read, what went wrong and the cure; and to read it at once."""

from collections.abc import Collection
from datetime import timedelta

from flask import Blueprint, Response
from werkzeug.exceptions import Conflict, NotFound

from pnl.clock import Clock
from pnl.domain.snapshot import Json, instant
from pnl.ports import SourceMemory, Store
from pnl.web.answers import answer
from pnl.web.cures import CONNECTIONS, cure
from pnl.web.describe import content, operation, parameter, path_parameter, reference
from pnl.web.problems import BadParameter
from pnl.web.query import Days, choice, given
from pnl.web.schemas import (
    COUNT,
    DAY_OR_NULL,
    FLAG,
    INSTANT,
    INSTANT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    listed,
    one_of,
    or_null,
    thing,
)

GROUPS = ("kalshi", "anthropic", "revenue")
LOOK_BACK = timedelta(days=7)
_HIDDEN = "refused"
"""A fact that the reader of a source keeps for itself."""

_NUMBER_OR_NULL: dict[str, Json] = {"type": ["integer", "null"]}

SCHEMAS: dict[str, Json] = {
    "SourceTrouble": thing({"text": TEXT, "at": INSTANT_OR_NULL, "cure": TEXT}),
    "SourceTraffic": thing(
        {
            "since": INSTANT,
            "calls": COUNT,
            "failed": COUNT,
            "p50_ms": _NUMBER_OR_NULL,
            "p95_ms": _NUMBER_OR_NULL,
            "longest_ms": _NUMBER_OR_NULL,
            "skew_ms": _NUMBER_OR_NULL,
        }
    ),
    "SourceRow": thing(
        {
            "name": one_of(*CONNECTIONS),
            "status": one_of("live", "cached", "stale", "down", "off"),
            "as_of": INSTANT_OR_NULL,
            "complete_through": DAY_OR_NULL,
            "caught_up": FLAG,
            "every_seconds": COUNT,
            "stale_seconds": COUNT,
            "last_attempt": INSTANT_OR_NULL,
            "next_attempt": INSTANT_OR_NULL,
            "failures": COUNT,
            "error": TEXT_OR_NULL,
            "trouble": or_null(reference("SourceTrouble")),
            "facts": {"type": "object", "additionalProperties": TEXT},
            "traffic": or_null(reference("SourceTraffic")),
            "wishes": COUNT,
            "served": COUNT,
            "settings": listed(TEXT),
            "guide": TEXT,
        }
    ),
}

PATHS: dict[str, Json] = {
    "/api/pnl/sources": {
        "get": operation(
            "sources",
            "Each source: its state, its cadence, its last trouble with the cure, its calls",
            {200: content("Every source that there can be.", thing({"sources": listed(reference("SourceRow"))}))},
            problems=(503,),
            description=(
                "Told as of the newest tick. `off` is not configured: `settings` are what it needs. `every_seconds` is "
                "0 for every tick; `stale_seconds` is the age at which it is called stale, which takes that and the "
                "length of a tick into account. `next_attempt` is when the tick begins that makes it; an instant that "
                "is over means the next tick. `trouble` is the last that there was, also when all is well since; "
                "`error` is what is wrong now. `traffic` is of the process that reads it, since it started: calls, "
                "those that failed, how long the last 200 took, and `skew_ms`, by which our clock is ahead of the "
                "source's."
            ),
        )
    },
    "/api/pnl/sources/history": {
        "get": operation(
            "sources_history",
            "What went wrong with a source, and when it was well again",
            {
                200: content(
                    "The changes, oldest first; the first is how it was at `from`.",
                    thing(
                        {
                            "name": one_of(*GROUPS),
                            "from": INSTANT,
                            "changes": listed(
                                thing(
                                    {
                                        "seq": COUNT,
                                        "at": INSTANT,
                                        "complete_through": DAY_OR_NULL,
                                        "error": TEXT_OR_NULL,
                                    }
                                )
                            ),
                        }
                    ),
                )
            },
            problems=(400, 503),
            parameters=[
                parameter("name", "A source as snapshots name it.", one_of(*GROUPS)) | {"required": True},
                parameter("from", "RFC 3339 or a company day; a week back where it is left out.", TEXT),
                parameter("to", "The first instant that is out again.", TEXT),
            ],
        )
    },
    "/api/pnl/sources/{name}/retry": {
        "post": operation(
            "retry_source",
            "Read a source as soon as it allows",
            {
                202: content(
                    "It is read with the next tick, or as soon as the source may be asked again. Once `served` of the "
                    "source is `wish` or more, `error` and `last_attempt` say how that went.",
                    thing({"name": one_of(*CONNECTIONS), "wish": COUNT}),
                )
            },
            problems=(404, 409, 503),
            parameters=[path_parameter("name", "The source.", one_of(*CONNECTIONS))],
        )
    },
}


def sources(store: Store, clock: Clock, days: Days, configured: Collection[str]) -> Blueprint:
    """Return the routes.

    Args:
        store: Where the process that ticks leaves what it knows.
        clock: The time.
        days: Reads instants and company days.
        configured: The names of the sources that the settings name.
    """
    routes = Blueprint("sources", __name__)

    @routes.get("/api/pnl/sources")
    def every() -> Response:
        given(())
        memories = {memory.name: memory for memory in store.sources()}
        wishes = store.wishes()
        rows: list[Json] = [
            _row(name, memories.get(name) if name in configured else None, name in configured, wishes.get(name, 0))
            for name in CONNECTIONS
        ]
        return answer({"sources": rows})

    @routes.get("/api/pnl/sources/history")
    def history() -> Response:
        found = given(("name", "from", "to"))
        if "name" not in found:
            raise BadParameter("name", f"name is missing: give one of {', '.join(GROUPS)}")
        name = choice(found["name"], "name", GROUPS)
        since, until = days.span(found)
        since = since or (until or clock.now()) - LOOK_BACK
        changes: list[Json] = [
            {
                "seq": one.seq,
                "at": instant(one.at),
                "complete_through": one.complete_through.isoformat() if one.complete_through else None,
                "error": one.error,
            }
            for one in store.source_history(name, since, until)
        ]
        return answer({"name": name, "from": instant(since), "changes": changes})

    @routes.post("/api/pnl/sources/<name>/retry")
    def retry(name: str) -> Response:
        if name not in CONNECTIONS:
            raise NotFound(f"There is no source {name[:40]!r}: there are {', '.join(CONNECTIONS)}.")
        if name not in configured:
            keys = " and ".join(CONNECTIONS[name].settings)
            raise Conflict(f"{name} is not configured: set {keys} and start again.")
        return answer({"name": name, "wish": store.wish(name)}, 202)

    return routes


def _row(name: str, memory: SourceMemory | None, configured: bool, wishes: int) -> Json:
    known = memory or SourceMemory(
        name=name,
        cursor=None,
        as_of=None,
        complete_through=None,
        last_attempt=None,
        next_attempt=None,
        failures=0,
        error=None,
        caught_up=False,
    )
    traffic = known.traffic
    return {
        "name": name,
        "status": known.status if configured else "off",
        "as_of": instant(known.as_of),
        "complete_through": known.complete_through.isoformat() if known.complete_through else None,
        "caught_up": known.caught_up,
        "every_seconds": round(known.every_seconds),
        "stale_seconds": round(known.stale_seconds),
        "last_attempt": instant(known.last_attempt),
        "next_attempt": instant(known.next_attempt),
        "failures": known.failures,
        "error": known.error,
        "trouble": {
            "text": known.trouble,
            "at": instant(known.trouble_at),
            "cure": cure(name, known.trouble_kind, known.trouble),
        }
        if known.trouble
        else None,
        "facts": {fact: text for fact, text in known.facts.items() if fact != _HIDDEN},
        "traffic": {
            "since": instant(traffic.since),
            "calls": traffic.calls,
            "failed": traffic.failed,
            "p50_ms": traffic.p50_ms,
            "p95_ms": traffic.p95_ms,
            "longest_ms": traffic.longest_ms,
            "skew_ms": traffic.skew_ms,
        }
        if traffic
        else None,
        "wishes": wishes,
        "served": known.served,
        "settings": list(CONNECTIONS[name].settings),
        "guide": CONNECTIONS[name].guide,
    }
