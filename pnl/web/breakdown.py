"""The net of some company days by source, market, series, model, workspace or customer."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import Blueprint, Response

from pnl.domain.breakdown import Breakdowns, Period, Row
from pnl.domain.company_day import Calendar
from pnl.domain.explain import DIMENSIONS, Dimension, Holding
from pnl.domain.snapshot import LINES, Json, instant, money
from pnl.ports import Cache
from pnl.web import spans
from pnl.web.answers import dumps
from pnl.web.cached import HEADERS
from pnl.web.cached import answer as cached
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.edges import Edges
from pnl.web.explained import Explained
from pnl.web.problems import BadParameter
from pnl.web.query import Days, choice, given
from pnl.web.schemas import (
    COUNT,
    DAY,
    INSTANT_OR_NULL,
    MONEY,
    MONEY_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    listed,
    one_of,
    or_null,
    thing,
)
from pnl.web.told import Stated

_MOST_DAYS = 36_525
_TRIES = 3

SCHEMAS: dict[str, Json] = {
    "BreakdownRow": thing(
        {
            "key": TEXT_OR_NULL,
            "title": TEXT,
            "amount": MONEY,
            "lines": thing(dict.fromkeys(LINES, MONEY), optional=LINES),
            "count": or_null(COUNT),
        }
    ),
    "Breakdown": thing(
        {
            "by": one_of(*DIMENSIONS),
            "from": DAY,
            "to": DAY,
            "as_of": INSTANT_OR_NULL,
            "net": MONEY_OR_NULL,
            "rows": listed(reference("BreakdownRow")),
        }
    ),
}

PATHS: dict[str, Json] = {
    "/api/pnl/breakdown": {
        "get": operation(
            "breakdown",
            "The net of company days, broken down",
            {200: content("Rows, the largest first.", reference("Breakdown")) | {"headers": HEADERS}},
            problems=(400, 503),
            description=(
                "The rows add up to `net` exactly, and `net` is the sum of the days of `/api/pnl/days`. A row is what "
                "one market, model, customer … brings to each line. What a line has beyond those, such as sales "
                "without a customer, and lines to which `by` does not apply, are rows whose `key` is null, one a line. "
                "`series` is the part of a ticker before its first dash. `count` is how many different records a row "
                "is made of: fills and settlements, rows of reported cost, entries of revenue and of costs; one that "
                "recurs is one. It is null where `key` is."
            ),
            parameters=[
                parameter("from", "The first company day; without both it is today, or the day of as_of.", DAY),
                parameter("to", "The first company day that is out again.", DAY),
                parameter("by", "What to break it down by.", {**one_of(*DIMENSIONS), "default": "source"}),
                parameter("as_of", "As known at this instant: RFC 3339 or a company day.", TEXT),
            ],
        )
    }
}


class Breaking:
    """Breaks days down as they are known.

    Args:
        edges: The open positions at the edges of days, and the ledgers.
        calendar: The company's days.
        stated: Gives days as they are known.
    """

    def __init__(self, edges: Edges, calendar: Calendar, stated: Stated) -> None:
        self._edges = edges
        self._calendar = calendar
        self._stated = stated
        self._breakdowns = Breakdowns()

    def told(self, by: Dimension, since: date, until: date, known: datetime | None) -> dict[str, Json]:
        """Return the answer of a range of days."""
        stated = self._stated(since, until, known)
        days = [(one.day, one.lines) for one in stated]
        opening: Sequence[Holding] = ()
        closing: Sequence[Holding] = ()
        if by in ("market", "series") and days:  # worked out before the ledger is locked: each locks it by itself
            end = self._calendar.bounds(days[-1][0])[1]
            opening = self._edges.at(self._calendar.bounds(days[0][0])[0], None, known, None).holdings()
            closing = self._edges.at(min(end, known) if known else end, None, known, None).holdings()
        with self._edges.ledger(known) as ledger:
            rows = self._breakdowns.rows(by, ledger, Period(days=days, opening=opening, closing=closing))
        amounts = [amount for _, lines in days for amount in lines.values() if amount is not None]
        return {
            "by": by,
            "from": since.isoformat(),
            "to": until.isoformat(),
            "as_of": instant(known),
            "net": money(sum(amounts)) if amounts else None,
            "rows": [_row(row) for row in rows],
        }


def breakdown(breaking: Breaking, explained: Explained, days: Days, cache: Cache) -> Blueprint:
    """Return the route."""
    routes = Blueprint("breakdown", __name__)

    @routes.get("/api/pnl/breakdown")
    def rows() -> Response:
        found = given(("from", "to", "by", "as_of"))
        by: Dimension = next(one for one in DIMENSIONS if one == choice(found.get("by", "source"), "by", DIMENSIONS))
        known = days.known(found)
        head = explained.newest()
        today = explained.today(known)
        since, until = spans.days(found) or (today, today + timedelta(days=1))
        if (until - since).days > _MOST_DAYS:
            raise BadParameter("to", f"a breakdown covers at most {_MOST_DAYS} days")
        key = ("breakdown", by, str(since), str(until), str(known), str(head))

        def make() -> bytes:
            for last in (*[False] * (_TRIES - 1), True):
                before = explained.newest()
                told = breaking.told(by, since, until, known)
                if last or before == explained.newest():  # no tick came between the days and the records
                    break
            return dumps(told).encode()

        return cached(cache, key, make)

    return routes


def _row(row: Row) -> dict[str, Json]:
    return {
        "key": row.key,
        "title": row.title,
        "amount": money(row.amount),
        "lines": {line: money(amount) for line, amount in row.lines.items()},
        "count": row.count,
    }
