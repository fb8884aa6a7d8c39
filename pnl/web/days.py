"""The statement of each company day as it is known, beside how it was shown, with what changed it since."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import Blueprint, Response

from pnl.domain.money import Nano
from pnl.domain.restatements import Restatement
from pnl.domain.snapshot import LINES, Json, instant, money
from pnl.ports import QUALITY, Cache, History, SeenDay, StatedDay
from pnl.web.answers import dumps
from pnl.web.cached import HEADERS
from pnl.web.cached import answer as cached
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.newest import Newest
from pnl.web.problems import BadParameter
from pnl.web.query import Days, given, whole
from pnl.web.schemas import (
    COUNT,
    DAY,
    DAY_OR_NULL,
    FINALITIES,
    FLAG,
    INSTANT,
    MONEY,
    MONEY_OR_NULL,
    TEXT,
    line_finality,
    listed,
    one_of,
    or_null,
    thing,
)
from pnl.web.series import microseconds

_LIMIT, _MOST = 400, 4_000
_DAY = timedelta(days=1)
_REMEMBERED = 5_000
_AMOUNTS = thing(dict.fromkeys(LINES, MONEY_OR_NULL))
_CHANGES = thing(dict.fromkeys(LINES, MONEY), optional=LINES)

SCHEMAS: dict[str, Json] = {
    "Restatement": thing(
        {
            "recorded_at": INSTANT,
            "line": one_of(*LINES),
            "amount": MONEY,
            "reason": TEXT,
            "record": or_null(
                thing({"source": TEXT, "kind": TEXT, "id": TEXT, "version": {"type": ["integer", "null"]}})
            ),
        }
    ),
    "StatedDay": thing(
        {
            "day": DAY,
            "start": INSTANT,
            "end": INSTANT,
            "lines": _AMOUNTS,
            "net": MONEY_OR_NULL,
            "net_realised": MONEY_OR_NULL,
            "complete": FLAG,
            "missing": listed(one_of(*LINES)),
            "finality": one_of(*FINALITIES),
            "line_finality": line_finality(),
            "flags": listed(TEXT),
            "fills": COUNT,
            "settlements": COUNT,
            "as_seen": or_null(
                thing(
                    {
                        "seq": COUNT,
                        "as_of": INSTANT,
                        "lines": _AMOUNTS,
                        "net": MONEY_OR_NULL,
                        "net_realised": MONEY_OR_NULL,
                        "complete": FLAG,
                        "quality": listed(one_of(*QUALITY)),
                        "high": MONEY_OR_NULL,
                        "low": MONEY_OR_NULL,
                        "partial": FLAG,
                    }
                )
            ),
            "restated_by": or_null(thing({"net": MONEY, "lines": _CHANGES})),
            "restatements": listed(reference("Restatement")),
        }
    ),
    "StatedDays": thing(
        {
            "days": listed(reference("StatedDay")),
            "total": thing({"days": COUNT, "lines": _AMOUNTS, "net": MONEY_OR_NULL, "net_realised": MONEY_OR_NULL}),
            "next": DAY_OR_NULL,
        }
    ),
}

PATHS: dict[str, Json] = {
    "/api/pnl/days": {
        "get": operation(
            "days",
            "The statement of each company day",
            {
                200: content("Days, oldest first, and what they add up to.", reference("StatedDays"))
                | {"headers": HEADERS},
                304: {"description": "The caller has this answer."},
            },
            problems=(400, 503),
            description=(
                "`lines` are as known now, or at `as_of`: records that came late count on the day that they belong "
                "to. `as_seen` is the day's last snapshot, which never changes, and null for a day without one. "
                "`restated_by` is what the first differs from the second by, null where they agree; what was not known "
                "counts as nothing. `restatements` say when it came and of which record, and add up to `restated_by` "
                "line by line; where no single record can be named, `record` is null and `reason` says why. Each "
                "reading that changed the API cost is one of them, in answers of at most two days; else it is one "
                "for all of them. A day "
                "belongs to the range when it begins in it; today is the last one. Days before the first snapshot are "
                "there where a trade or an entry stands on them. `total` is of the whole range, also where the "
                "answer is cut at `limit`; `next` is then the `from` of the rest."
            ),
            parameters=[
                parameter("from", "RFC 3339 or a company day; the first day there is where it is left out.", TEXT),
                parameter("to", "The first instant or day that is out again; today is in where it is left out.", TEXT),
                parameter("as_of", "As known at this instant: RFC 3339 or a company day.", TEXT),
                parameter("limit", "Days an answer.", {**COUNT, "minimum": 1, "maximum": _MOST, "default": _LIMIT}),
            ],
        )
    }
}


class Telling:
    """Tells days as JSON; a day that is as it was is not written anew."""

    def __init__(self) -> None:
        self._texts: dict[date, tuple[StatedDay, str]] = {}

    def text(self, day: StatedDay) -> str:
        """Return a day as JSON text."""
        kept = self._texts.get(day.day)
        if kept and kept[0] == day:
            return kept[1]
        if len(self._texts) >= _REMEMBERED:
            self._texts.clear()
        text = dumps(told(day))
        self._texts[day.day] = (day, text)
        return text


def days(history: History, dates: Days, cache: Cache, newest: Newest) -> Blueprint:
    """Return the route."""
    routes = Blueprint("days", __name__)
    telling = Telling()

    @routes.get("/api/pnl/days")
    def rows() -> Response:
        found = given(("from", "to", "as_of", "limit"))
        since, until = dates.span(found)
        known = dates.known(found)
        limit = whole(found, "limit", _LIMIT, 1, _MOST)
        if known and since and since > known:
            raise BadParameter("from", "from is after as_of")
        first, last = dates.first(since), dates.first(until)
        head = newest.head()

        def make() -> bytes:
            stated = history.days(first, last, known)
            shown = ",".join(telling.text(day) for day in stated[:limit])
            rest = stated[limit].day.isoformat() if len(stated) > limit else None
            return f'{{"days":[{shown}],"total":{dumps(total(stated))},"next":{dumps(rest)}}}'.encode()

        version = "closed" if known and microseconds(known) < head.as_of else str(head.seq)
        return cached(cache, ("days", str(first), str(last), str(known), str(limit), version), make)

    return routes


def told(day: StatedDay) -> dict[str, Json]:
    """Return a day as the API tells it."""
    known = day.known
    found = known.statement
    return {
        "day": known.day.isoformat(),
        "start": instant(known.start),
        "end": instant(known.end),
        "lines": _amounts(found.lines),
        "net": money(found.net),
        "net_realised": money(found.net_realised),
        "complete": found.complete,
        "missing": list(found.missing),
        "finality": known.finality,
        "line_finality": {**known.standing},
        "flags": list(known.flags),
        "fills": known.fills,
        "settlements": known.settlements,
        "as_seen": _seen(day.seen) if day.seen else None,
        "restated_by": _restated(day),
        "restatements": [_restatement(one) for one in day.restatements],
    }


def total(stated: Sequence[StatedDay]) -> dict[str, Json]:
    """Return what days add up to; a line that is known of none of them is null."""
    lines: dict[str, Nano | None] = dict.fromkeys(LINES)
    for day in stated:
        for line, amount in day.lines.items():
            if amount is not None:
                lines[line] = (lines[line] or 0) + amount
    nets = [day.known.statement.net for day in stated]
    realised = [day.known.statement.net_realised for day in stated]
    return {"days": len(stated), "lines": _amounts(lines), "net": _sum(nets), "net_realised": _sum(realised)}


def _sum(amounts: Sequence[Nano | None]) -> str | None:
    known = [amount for amount in amounts if amount is not None]
    return money(sum(known)) if known else None


def _amounts(lines: Mapping[str, Nano | None]) -> dict[str, Json]:
    return {line: money(lines[line]) for line in LINES}


def _seen(seen: SeenDay) -> dict[str, Json]:
    last = seen.last
    return {
        "seq": last.seq,
        "as_of": instant(last.as_of),
        "lines": _amounts(last.lines),
        "net": money(last.net),
        "net_realised": money(last.net_realised),
        "complete": last.complete,
        "quality": [word for word in seen.quality.split("+") if word != "ok"],
        "high": money(seen.high),
        "low": money(seen.low),
        "partial": seen.partial,
    }


def _restated(day: StatedDay) -> dict[str, Json] | None:
    """Return what a day as known differs from it as seen by."""
    if day.seen is None:
        return None
    then = day.seen.last.lines
    changes = {line: (amount or 0) - (then[line] or 0) for line, amount in day.lines.items()}
    if not any(changes.values()) and not day.restatements:
        return None
    return {
        "net": money(sum(changes.values())),
        "lines": {line: money(amount) for line, amount in changes.items() if amount},
    }


def _restatement(one: Restatement) -> dict[str, Json]:
    record: dict[str, Json] | None = None
    if one.record:
        source, kind, name, version = one.record
        record = {"source": source, "kind": kind, "id": name, "version": version}
    return {
        "recorded_at": instant(one.recorded_at),
        "line": one.line,
        "amount": money(one.amount),
        "reason": one.reason,
        "record": record,
    }
