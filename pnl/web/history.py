"""The past of a figure: open, high, low and close by stretches of time, and the gaps between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response

from pnl.clock import Clock
from pnl.domain.snapshot import Json, instant
from pnl.ports import QUALITY, Cache, Store
from pnl.web import series
from pnl.web.answers import dumps
from pnl.web.cached import HEADERS, reply
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.newest import Head, Newest
from pnl.web.problems import BadParameter
from pnl.web.query import Days, choice, choices, given, whole
from pnl.web.schemas import COUNT, INSTANT, INSTANT_OR_NULL, MONEY_OR_NULL, TEXT, listed, one_of, thing
from pnl.web.tiles import FIGURES, STEPS, Tiles

PARAMETERS = ("from", "to", "step", "fields", "as_of", "limit")
_AIM, _SHARED, _MOST = 1500, 3000, 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONDAY = _EPOCH + timedelta(days=4)
_JUST_AFTER = timedelta(microseconds=1)
_OHLC = thing(dict.fromkeys(("open", "high", "low", "close"), MONEY_OR_NULL))

SCHEMAS: dict[str, Json] = {
    "HistoryRow": thing(
        {
            "at": INSTANT,
            "count": COUNT,
            "expected": COUNT,
            "quality": listed(one_of(*QUALITY)),
            **dict.fromkeys(FIGURES, _OHLC),
        },
        optional=FIGURES,
    ),
    "Gap": thing({"since": INSTANT, "until": INSTANT, "missed": COUNT, "reason": TEXT}),
    "History": thing(
        {
            "step": one_of("raw", *STEPS),
            "rows": listed({"$ref": "#/components/schemas/HistoryRow"}),
            "gaps": listed({"$ref": "#/components/schemas/Gap"}),
            "next": INSTANT_OR_NULL,
        }
    ),
}

PATHS: dict[str, Json] = {
    "/api/pnl/history": {
        "get": operation(
            "history",
            "The past of figures, by stretches of time",
            {
                200: {
                    **content("Rows, oldest first, and the gaps between them.", reference("History")),
                    "headers": HEADERS,
                },
                304: {"description": "The answer named by `If-None-Match` is still right."},
            },
            problems=(400, 503),
            description=(
                "Each row has open, high, low and close of each figure, how many snapshots it stands for, how many "
                "it would if none were missing (`expected`), and what was wrong with any of them (`quality`); a "
                "stretch without a snapshot has no row. A stretch belongs to the range when it begins in it, and "
                "`from` goes back to where its stretch begins; days and weeks are of UTC, weeks begin on Monday. "
                "`cumulative_net` is the net of all company days so far, each as it was shown last. `gaps` are the "
                "ticks that should have been and were not. A longer answer than `limit` is cut; `next` is the "
                "`from` of the rest."
            ),
            parameters=[
                parameter("from", "RFC 3339 or a company day; the start of today where it is left out.", TEXT),
                parameter("to", "The first instant that is out again; now where it is left out.", TEXT),
                parameter(
                    "step",
                    "`auto` takes the finest that gives at most 1,500 points; `raw` gives every snapshot.",
                    {**one_of("auto", "raw", *STEPS), "default": "auto"},
                ),
                parameter("fields", f"A comma-separated list of {', '.join(FIGURES)}.", {**TEXT, "default": "net"}),
                parameter("as_of", "Only what was kept up to this instant: RFC 3339 or a company day.", TEXT),
                parameter(
                    "limit",
                    "Rows an answer. Where it is left out, 3,000 shared among the fields, yet at least 1,500.",
                    {**COUNT, "minimum": 1, "maximum": _MOST},
                ),
            ],
        )
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What is asked: stretches that begin in [since, until), of which figures, how many, as known when."""

    since: datetime
    until: datetime
    step: str
    fields: tuple[str, ...]
    limit: int
    known: datetime | None


def history(  # noqa: PLR0917 - as one would say it
    store: Store, clock: Clock, days: Days, interval_seconds: int, cache: Cache, newest: Newest
) -> Blueprint:
    """Return the route."""
    routes = Blueprint("history", __name__)
    read = reading(store, clock, days, interval_seconds, cache, newest)
    routes.add_url_rule("/api/pnl/history", "rows", lambda: read(given(PARAMETERS)))
    return routes


def reading(  # noqa: PLR0917 - as one would say it
    store: Store, clock: Clock, days: Days, interval_seconds: int, cache: Cache, newest: Newest
) -> Callable[[Mapping[str, str]], Response]:
    """Return what answers the parameters of the route."""
    tiles = Tiles(store, cache, newest, interval_seconds)

    def rows(found: Mapping[str, str]) -> Response:
        since, until = days.span(found)
        head = newest.head()
        told_at = newest.now(head)
        now = told_at + _JUST_AFTER
        known = days.known(found)
        until = min(until or now, known + _JUST_AFTER) if known else until or now
        since = since or days.today(min(now, until) - _JUST_AFTER)
        if until < since and (known or "to" in found or since > clock.now()):
            raise BadParameter("from", "from is after as_of" if known else "from is in the future")
        step = choice(found.get("step", "auto"), "step", ("auto", "raw", *STEPS))
        step = finest(until - since, interval_seconds) if step == "auto" else step
        fields = choices(found, "fields", FIGURES, ("net",))
        asked = Range(
            since=floor(since, step),
            until=max(until, since),
            step=step,
            fields=fields,
            limit=whole(found, "limit", max(_AIM, _SHARED // len(fields)), 1, _MOST),
            known=known,
        )
        last = series.microseconds(known or asked.until)
        over = last <= (head.as_of if known else tiles.over(head, step))
        version = "closed" if over else f"{head.seq} {told_at}"
        key = ("history", step, ",".join(fields), *map(str, (asked.since, asked.until, asked.limit, known)), version)

        def whole_answer() -> bytes:
            return told(store, asked, told_at, interval_seconds).encode()

        return reply(cache, key, lambda: _joined(tiles, head, asked) or cache.get(key, whole_answer))

    return rows


def _joined(tiles: Tiles, head: Head, asked: Range) -> bytes | None:
    """Return the same from tiles; None for a range that is not put together from tiles."""
    if asked.known:
        return None
    span = series.microseconds(asked.since), series.microseconds(asked.until)
    cut = tiles.cut(head, asked.step, asked.fields, *span, asked.limit)
    if cut is None:
        return None
    rest = dumps(instant(_EPOCH + timedelta(microseconds=cut.rest) if cut.rest is not None else None))
    begin = f'{{"step":"{asked.step}","rows":['.encode()
    return b"".join((begin, b",".join(cut.rows), b'],"gaps":[', b",".join(cut.gaps), f'],"next":{rest}}}'.encode()))


def told(store: Store, asked: Range, now: datetime, interval_seconds: int) -> str:
    """Return the answer to a range as JSON text."""
    found = store.series(asked.fields, asked.since, asked.until, asked.step, asked.limit + 1, asked.known)
    shown, more = found.cut(asked.limit)
    rest = _EPOCH + timedelta(microseconds=more) if more is not None else None
    if asked.step == "raw":
        rows = series.rows(shown, None)
    else:
        rows = series.rows(shown, _expected(store, asked, now, interval_seconds))
    gaps: list[Json] = [
        {"since": instant(gap.since), "until": instant(gap.until), "missed": gap.missed, "reason": gap.reason}
        for gap in store.gaps(asked.since, rest or asked.until)
        if asked.known is None or gap.until <= asked.known
    ]
    tail = dumps({"gaps": gaps, "next": instant(rest)})
    return f'{{"step":"{asked.step}","rows":[{",".join(rows)}],{tail[1:]}'


def finest(length: timedelta, interval_seconds: int) -> str:
    """Return the finest step that cuts `length` into at most 1,500 points; the coarsest if none does."""
    seconds = -(-length // timedelta(seconds=1))
    steps = {"raw": interval_seconds, **STEPS}
    return next((name for name, size in steps.items() if size * _AIM >= seconds), "1w")


def floor(at: datetime, step: str) -> datetime:
    """Return where the stretch that an instant lies in begins."""
    if step == "raw":
        return at
    width, origin = timedelta(seconds=STEPS[step]), _MONDAY if step == "1w" else _EPOCH
    return max(origin + (at - origin) // width * width, _EPOCH)


def _expected(store: Store, asked: Range, now: datetime, interval_seconds: int) -> series.Expected:
    first = store.row(1)
    paces = [(series.microseconds(at), seconds) for at, seconds in store.paces()]
    return series.Expected(
        paces or [(0, interval_seconds)],
        series.microseconds(first.as_of) if first else 0,
        series.microseconds(asked.known or now),
        STEPS[asked.step] * series.SECOND_US,
    )
