"""How the reconciliation checks came out over time: of one check, or of all that changed of late."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response

from pnl.clock import Clock
from pnl.domain.snapshot import Json, instant
from pnl.ports import Cache, CheckChange, Store
from pnl.web.answers import dumps
from pnl.web.cached import HEADERS
from pnl.web.cached import answer as cached
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.newest import Newest
from pnl.web.problems import BadParameter
from pnl.web.query import Days, given
from pnl.web.schemas import COUNT, FLAG, INSTANT, TEXT, TEXT_OR_NULL, listed, one_of, thing

LOOK_BACK = timedelta(days=1)
"""How far back it is looked where the caller does not say."""
MOST = 5_000
"""Changes that one answer tells."""

_STATE = one_of("ok", "failed", "waiting", "gone")

SCHEMAS: dict[str, Json] = {
    "CheckChange": thing(
        {
            "seq": COUNT,
            "at": INSTANT,
            "state": _STATE,
            "expected": TEXT_OR_NULL,
            "actual": TEXT_OR_NULL,
            "difference": TEXT_OR_NULL,
            "tolerance": TEXT_OR_NULL,
            "reason": TEXT_OR_NULL,
        }
    ),
    "CheckHistory": thing(
        {"name": TEXT, "scope": TEXT, "changes": listed(reference("CheckChange"))},
    ),
    "CheckHistories": thing(
        {
            "from": INSTANT,
            "to": INSTANT,
            "whole": FLAG,
            "checks": listed(
                thing(
                    {
                        "name": TEXT,
                        "scope": TEXT,
                        "changes": listed(thing({"seq": COUNT, "at": INSTANT, "state": _STATE})),
                    }
                )
            ),
        }
    ),
}

PATHS: dict[str, Json] = {
    "/api/pnl/checks/history": {
        "get": operation(
            "checks_history",
            "How checks came out over time",
            {
                200: content(
                    "The changes of the check that is named, or of all that changed.",
                    {"anyOf": list[Json]([reference("CheckHistory"), reference("CheckHistories")])},
                )
                | {"headers": HEADERS},
                304: {"description": "The caller has this answer."},
            },
            problems=(400, 503),
            description=(
                "Only changes are told, of state, difference or reason, oldest first; the first is how it was at "
                "`from`. `gone` is a check that is made no more, such as that of a market that has settled. Without "
                "`name`, all checks that changed since `from`, by their states alone: a check that is not among them "
                f"is as it was throughout. Of more than {MOST:,} changes the newest are told, and `whole` is false."
            ),
            parameters=[
                parameter("name", "A check, as `/api/pnl/checks` names it; `scope` goes with it.", TEXT),
                parameter("scope", "What it is of, such as a market's ticker.", TEXT),
                parameter("from", "RFC 3339 or a company day; a day back where it is left out.", TEXT),
                parameter("to", "The first instant that is out again; with `name` only.", TEXT),
            ],
        )
    }
}


def checks(store: Store, clock: Clock, days: Days, cache: Cache, newest: Newest) -> Blueprint:
    """Return the route."""
    routes = Blueprint("checks", __name__)

    @routes.get("/api/pnl/checks/history")
    def history() -> Response:
        found = given(("name", "scope", "from", "to"))
        if ("name" in found) != ("scope" in found):
            lacks = "scope" if "name" in found else "name"
            raise BadParameter(lacks, f"{lacks} is missing: a check is told by name and scope together")
        if "to" in found and "name" not in found:
            raise BadParameter("to", "to goes with name and scope: without them it is told up to now")
        since, until = days.span(found)
        head = newest.head()
        if "name" in found:
            name, scope = found["name"], found["scope"]
            of_one = ("checks.history", name, scope, str(since), str(until), str(head.seq))
            return cached(cache, of_one, lambda: _one(store, name, scope, since, until))
        known = datetime.fromtimestamp(head.as_of / 1_000_000, UTC) if head.seq else clock.now()
        begin = since or known - LOOK_BACK
        of_all = ("checks.history", str(begin), str(head.seq))
        return cached(cache, of_all, lambda: _all(store, begin, known))

    return routes


def _one(store: Store, name: str, scope: str, since: datetime | None, until: datetime | None) -> bytes:
    changes = store.check_history(name, scope, since, until)
    return dumps({"name": name, "scope": scope, "changes": list[Json](_change(one) for one in changes)}).encode()


def _all(store: Store, since: datetime, until: datetime) -> bytes:
    before = store.row_at(since)
    found = store.checks_changed(before.seq if before else 0, MOST)
    told: dict[tuple[str, str], list[Json]] = {}
    for name, scope, change in found:
        short: Json = {"seq": change.seq, "at": instant(change.at), "state": change.state}
        told.setdefault((name, scope), []).append(short)
    rows: list[Json] = [{"name": name, "scope": scope, "changes": changes} for (name, scope), changes in told.items()]
    body: dict[str, Json] = {
        "from": instant(since),
        "to": instant(until),
        "whole": len(found) < MOST,
        "checks": rows,
    }
    return dumps(body).encode()


def _change(change: CheckChange) -> dict[str, Json]:
    return {
        "seq": change.seq,
        "at": instant(change.at),
        "state": change.state,
        "expected": change.expected,
        "actual": change.actual,
        "difference": change.difference,
        "tolerance": change.tolerance,
        "reason": change.reason,
    }
