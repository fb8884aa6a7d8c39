"""What is shown now: the newest snapshot, the positions and the checks."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from flask import Blueprint, Response, request

from pnl.domain.outcome import outcomes, stakes, to_json
from pnl.domain.snapshot import MARKS_THINNED, Json, Snapshot
from pnl.ports import Cache, Figures, History, SnapshotRow, Store
from pnl.web.answers import answer, dumps
from pnl.web.cached import answer as cached
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.problems import BadParameter, not_now
from pnl.web.query import Days, choice, given
from pnl.web.schemas import TEXT

F = TypeVar("F")

TRADING = "trading_realised"
"""The line that is missing while it is not known what is held."""

_AS_OF = parameter("as_of", "As shown at this instant: RFC 3339 or a company day.", TEXT)
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
            description=(
                "Send the `ETag` back as `If-None-Match` to be answered 304 while nothing is new. With `as_of`, it is "
                "what was shown at that instant; when a source was to be asked next is not kept, and null. The flag "
                "`marks_thinned` says that prices of that time were thinned to one each quarter of an hour: "
                "`positions` may then differ from what was shown; all else is as shown."
            ),
            parameters=[_AS_OF],
        )
    },
    "/api/pnl/positions": {
        "get": operation(
            "positions",
            "The open markets, or all that were ever traded",
            {200: content("One row a market, over its life.", reference("Positions"))},
            problems=(400, 503),
            description=(
                "`outcome` is what the open ones bring once they settle, gross of fees: the best, the worst and the "
                "expected result, together and by event. Of an `exclusive` event at most one market resolves YES, so "
                "its best and worst are taken over these outcomes, none of ours among them; `best_market` and "
                "`worst_market` name the winner, null where it is none of ours. A market without a known event is "
                "one of its own. The three are null while the trading history has not been read. With `as_of`, `flags` "
                "has `marks_thinned` where prices of that time were thinned to one each quarter of an hour: rows and "
                "`outcome` may then differ from what was shown."
            ),
            parameters=[
                parameter(
                    "all", "`1` adds the markets that are flat or settled.", {"enum": ["0", "1"], "default": "0"}
                ),
                _AS_OF,
            ],
        )
    },
    "/api/pnl/checks": {
        "get": operation(
            "checks",
            "Every reconciliation check",
            {200: content("What was expected and what was found.", reference("Checks"))},
            problems=(400, 503),
            description=(
                "With `as_of`, how they stood in what was shown at that instant; `expected` and `actual` are then "
                "those of when state, difference or reason changed last."
            ),
            parameters=[_AS_OF],
        )
    },
}


def current(  # noqa: PLR0917 - as one would say it
    figures: Figures, store: Store, history: History, days: Days, cache: Cache, interval_seconds: int
) -> Blueprint:
    """Return the routes; before the first tick they answer 503."""
    routes = Blueprint("current", __name__)

    def newest() -> tuple[int, bytes]:
        found = figures.current()
        if found is None:
            raise not_now(_SOON, interval_seconds)
        return found

    def earlier(asked: Mapping[str, str]) -> SnapshotRow | None:
        """Return the snapshot that was shown at `as_of`; None for the newest, which is in memory."""
        known = days.known(asked)
        seq, _ = newest()
        if known is None:
            return None
        row = store.row_at(known)
        if row is None:
            raise BadParameter("as_of", "there was no snapshot yet")
        return row if row.seq < seq else None

    def then(route: str, row: SnapshotRow, make: Callable[[datetime], Json]) -> Response:
        kept = "thinned" if store.marks_thinned(row.as_of) else "closed"
        return cached(cache, (route, str(row.seq), kept), lambda: dumps(make(row.as_of)).encode())

    @routes.get("/api/pnl/current")
    def snapshot() -> Response:
        past = earlier(given(("as_of",)))
        if past:
            return then("current", past, _screen)
        seq, body = newest()
        held = request.if_none_match.contains_weak(str(seq))
        made = Response(status=304) if held else Response(body, content_type="application/json")
        made.set_etag(str(seq))
        made.headers["Cache-Control"] = "no-cache"
        return made

    @routes.get("/api/pnl/positions")
    def positions() -> Response:
        found = given(("all", "as_of"))
        every = choice(found.get("all", "0"), "all", ("0", "1")) == "1"
        past = earlier(found)
        if past:
            return then("positions.all" if every else "positions", past, _every if every else _open)
        _, body = newest()
        return answer(_with_outcome(figures.positions(every), known=TRADING not in json.loads(body)["missing"]))

    @routes.get("/api/pnl/checks")
    def checks() -> Response:
        past = earlier(given(("as_of",)))
        if past:
            return then("checks", past, _checks_then)
        return answer(figures.checks())

    def _screen(at: datetime) -> Json:
        return _there(history.screen(at)).to_json()

    def _open(at: datetime) -> Json:
        shown = _there(history.screen(at))
        rows: list[Json] = [row.to_json() for row in shown.positions]
        told: dict[str, Json] = {"seq": shown.seq, "positions": rows, **_thinned(shown)}
        return _with_outcome(told, known=TRADING not in shown.missing)

    def _every(at: datetime) -> Json:
        seq, rows = _there(history.positions(at))
        shown = _there(history.screen(at))
        told: dict[str, Json] = {"seq": seq, "positions": [row.to_json() for row in rows], **_thinned(shown)}
        return _with_outcome(told, known=TRADING not in shown.missing)

    def _checks_then(at: datetime) -> Json:
        seq, rows = _there(history.checks(at))
        net = _there(history.screen(at)).net
        return {"seq": seq, "checks": [change.stood(name, scope, net) for name, scope, change in rows]}

    return routes


def _with_outcome(told: dict[str, Json], *, known: bool) -> dict[str, Json]:
    rows = told["positions"]
    held = stakes(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else []
    return {**told, "outcome": to_json(outcomes(held), known=known)}


def _thinned(shown: Snapshot) -> dict[str, Json]:
    """Return the flag of positions that may differ from what was shown, if they may."""
    return {"flags": [MARKS_THINNED]} if MARKS_THINNED in shown.flags else {}


def _there(found: F | None) -> F:
    if found is None:
        raise BadParameter("as_of", "there was no snapshot yet")
    return found
