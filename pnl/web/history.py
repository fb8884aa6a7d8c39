"""The past of a figure: open, high, low and close by stretches of time, and the gaps between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from flask import Blueprint, Response

from pnl.clock import Clock
from pnl.domain.money import Nano
from pnl.domain.snapshot import LINES, Json, instant, money
from pnl.ports import Bucket, SnapshotRow, Store
from pnl.web.answers import answer
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.problems import BadParameter
from pnl.web.query import Days, choice, choices, given, whole
from pnl.web.schemas import COUNT, INSTANT, INSTANT_OR_NULL, MONEY_OR_NULL, TEXT, listed, one_of, thing

STEPS: dict[str, int] = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "1h": 3600,
    "4h": 14_400,
    "1d": 86_400,
    "1w": 604_800,
}
"""The steps and their seconds."""

FIGURES = (*LINES, "net", "net_realised")
_AIM, _MOST = 1500, 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JUST_AFTER = timedelta(microseconds=1)
_OHLC = thing(dict.fromkeys(("open", "high", "low", "close"), MONEY_OR_NULL))

SCHEMAS: dict[str, Json] = {
    "HistoryRow": thing({"at": INSTANT, "count": COUNT, **dict.fromkeys(FIGURES, _OHLC)}, optional=FIGURES),
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
            {200: content("Rows, oldest first, and the gaps between them.", reference("History"))},
            problems=(400, 503),
            description=(
                "Each row has open, high, low and close of each figure, and how many snapshots it stands for; a "
                "stretch without a snapshot has no row. `gaps` are the ticks that should have been and were not. A "
                "longer answer than `limit` is cut; `next` is the `from` of the rest."
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
                parameter("limit", "Rows an answer.", {**COUNT, "minimum": 1, "maximum": _MOST, "default": _MOST}),
            ],
        )
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What is asked: [since, until), by which step, of which figures, and at most how many rows."""

    since: datetime
    until: datetime
    step: str
    fields: tuple[str, ...]
    limit: int


def history(store: Store, clock: Clock, days: Days, interval_seconds: int) -> Blueprint:
    """Return the route."""
    routes = Blueprint("history", __name__)

    @routes.get("/api/pnl/history")
    def rows() -> Response:
        found = given(("from", "to", "step", "fields", "limit"))
        since, until = days.span(found)
        now = clock.now()
        until = until or now
        since = since or days.today(min(now, until) - _JUST_AFTER)
        if until < since:
            raise BadParameter("from", "from is in the future")
        step = choice(found.get("step", "auto"), "step", ("auto", "raw", *STEPS))
        asked = Range(
            since=since,
            until=until,
            step=finest(until - since, interval_seconds) if step == "auto" else step,
            fields=choices(found, "fields", FIGURES, ("net",)),
            limit=whole(found, "limit", _MOST, 1, _MOST),
        )
        made = list(islice(_raw(store, asked) if asked.step == "raw" else _steps(store, asked), asked.limit + 1))
        rest = made[asked.limit][0] if len(made) > asked.limit else None
        body: dict[str, Json] = {
            "step": asked.step,
            "rows": [row for _, row in made[: asked.limit]],
            "gaps": [
                {"since": instant(gap.since), "until": instant(gap.until), "missed": gap.missed, "reason": gap.reason}
                for gap in store.gaps(since, rest or until)
            ],
            "next": instant(rest),
        }
        return answer(body)

    return routes


def finest(length: timedelta, interval_seconds: int) -> str:
    """Return the finest step that cuts `length` into at most 1,500 points; the coarsest if none does."""
    seconds = -(-length // timedelta(seconds=1))
    steps = {"raw": interval_seconds, **STEPS}
    return next((name for name, size in steps.items() if size * _AIM >= seconds), "1w")


def _raw(store: Store, asked: Range) -> Iterator[tuple[datetime, dict[str, Json]]]:
    for row in store.rows(asked.since, asked.until):
        told: dict[str, Json] = {"at": instant(row.as_of)}
        for name in asked.fields:
            value = _figure(row, name)
            told[name] = _ohlc(value, value, value, value)
        told["count"] = 1
        yield row.as_of, told


def _figure(row: SnapshotRow, name: str) -> Nano | None:
    if name == "net":
        return row.net
    return row.net_realised if name == "net_realised" else row.lines[name]


def _steps(store: Store, asked: Range) -> Iterator[tuple[datetime, dict[str, Json]]]:
    size = STEPS[asked.step]
    for since, until in _windows(store, asked, size):
        series = {name: {b.start: b for b in store.buckets(name, since, until, size)} for name in asked.fields}
        for start in sorted(set().union(*series.values())):
            buckets = [(name, series[name].get(start)) for name in asked.fields]
            told: dict[str, Json] = {"at": instant(start)}
            told.update({name: _ohlc(b.open, b.high, b.low, b.close) if b else _ohlc() for name, b in buckets})
            told["count"] = _count([b for _, b in buckets if b])
            yield start, told


def _windows(store: Store, asked: Range, size: int) -> Iterator[tuple[datetime, datetime]]:
    """Cut the range into parts of as many steps as are asked for, from the first snapshot to the last.

    Days and weeks are never so many that they need cutting.
    """
    first, last = next(store.rows(asked.since, asked.until), None), store.last_row()
    if first is None or last is None:
        return
    until = min(asked.until, last.as_of + _JUST_AFTER)
    if size >= STEPS["1d"]:
        yield asked.since, until
        return
    start = max(asked.since, _floor(first.as_of, size))
    while start < until:
        end = min(until, _floor(start, size) + timedelta(seconds=size * (asked.limit + 1)))
        yield start, end
        start = end


def _floor(at: datetime, size: int) -> datetime:
    seconds = (at - _EPOCH) // timedelta(seconds=size) * size
    return _EPOCH + timedelta(seconds=seconds)


def _ohlc(
    first: Nano | None = None, high: Nano | None = None, low: Nano | None = None, last: Nano | None = None
) -> dict[str, Json]:
    return {"open": money(first), "high": money(high), "low": money(low), "close": money(last)}


def _count(buckets: Sequence[Bucket]) -> int:
    return max((bucket.count for bucket in buckets), default=0)
