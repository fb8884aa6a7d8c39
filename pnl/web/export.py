"""Snapshots as CSV, streamed: any length in flat memory, exact, and never short without the client noticing."""

import time
from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain, islice
from threading import BoundedSemaphore

import structlog
from flask import Blueprint, Response, request

from pnl.clock import Clock
from pnl.domain.money import Nano, text
from pnl.domain.snapshot import LINES, Json, instant
from pnl.ports import SnapshotRow, Store
from pnl.web.describe import content, operation, parameter
from pnl.web.problems import not_now
from pnl.web.query import Days, choice, given, whole
from pnl.web.schemas import COUNT, TEXT, one_of

log = structlog.get_logger(__name__)

COLUMNS = (
    "seq",
    "as_of_utc",
    *(f"{name}_usd" for name in LINES),
    "net_usd",
    "net_realised_usd",
    "complete",
    "quality",
)
"""The columns of `snapshots`, in an order that is promised; new ones are added at the end."""

_AT_ONCE, _RETRY_SECONDS, _ROWS_A_CHUNK = 4, 15, 500
_ROWS_A_TURN, _PAUSE = 50, 1.0
"""After so many rows, about a millisecond of work, an export rests for so many times as long as it worked."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BLANKS = " \u00a0\ufeff\u200b"

PATHS: dict[str, Json] = {
    "/api/pnl/export.csv": {
        "get": operation(
            "export_csv",
            "Snapshots as CSV, streamed",
            {
                200: content(
                    "RFC 4180 in UTF-8 with CRLF and always a header row. Money is an exact decimal string, empty "
                    f"where it is not known. The columns: {', '.join(COLUMNS)}. A connection that breaks before "
                    "the end of the chunked body means that the file is not whole: go on with `after`.",
                    TEXT,
                    "text/csv",
                )
            },
            problems=(400, 503),
            description="Without `from` and `to`, everything. Four exports run at once; one more is answered 503.",
            parameters=[
                parameter("table", "Which table.", {**one_of("snapshots"), "default": "snapshots"}),
                parameter("step", "`raw` is every snapshot.", {**one_of("raw"), "default": "raw"}),
                parameter("from", "RFC 3339 or a company day.", TEXT),
                parameter("to", "The first instant that is out again.", TEXT),
                parameter(
                    "after", "The last sequence that you have; what follows it is sent.", {**COUNT, "default": 0}
                ),
            ],
        )
    }
}


def export(store: Store, clock: Clock, days: Days) -> Blueprint:
    """Return the route."""
    routes = Blueprint("export", __name__)
    slots = BoundedSemaphore(_AT_ONCE)

    @routes.get("/api/pnl/export.csv")
    def table() -> Response:
        found = given(("table", "step", "from", "to", "after"))
        name = choice(found.get("table", "snapshots"), "table", ("snapshots",))
        step = choice(found.get("step", "raw"), "step", ("raw",))
        since, until = days.span(found)
        after = whole(found, "after", 0, 0, 10**18 - 1)
        file_name = f"northstar_{name}_{_span(since, until, clock.now())}_{step}.csv"
        headers = {
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-NorthStar-Schema": "snapshots/1",
        }
        content_type = "text/csv; charset=utf-8; header=present"
        if request.method == "HEAD":
            return Response(headers=headers, content_type=content_type)
        if not slots.acquire(blocking=False):
            raise not_now(f"{_AT_ONCE} exports are running, which is all that run at once.", _RETRY_SECONDS)
        try:
            rows = store.rows(since, until, after)
            # The first row is read here: a database that is away is then answered 503, not a broken file.
            first = list(islice(rows, 1))
        except BaseException:
            slots.release()
            raise
        made = Response(csv(chain(first, rows)), headers=headers, content_type=content_type)
        made.call_on_close(partial(_end, rows, slots))
        return made

    return routes


def csv(rows: Iterable[SnapshotRow]) -> Iterator[bytes]:
    """Give the CSV of `rows` in parts.

    Raises:
        ConnectionAbortedError: The rows could not be read to their end. A server that is told so by
            this class drops the connection, so that the client sees an error; with any other it
            might end the body politely, and the file would be short in silence.
    """
    rows = _unhurried(rows)
    yield (",".join(COLUMNS) + "\r\n").encode()
    try:
        while part := "".join(line(row) for row in islice(rows, _ROWS_A_CHUNK)):
            yield part.encode()
    except Exception as error:
        log.error("export broke off", exc_info=error)
        raise ConnectionAbortedError("the export could not be read to its end") from error


def line(row: SnapshotRow) -> str:
    """Return one row: numbers as they are, text guarded."""
    cells = [
        str(row.seq),
        instant(row.as_of) or "",
        *(_money(row.lines.get(name)) for name in LINES),
        _money(row.net),
        _money(row.net_realised),
        "true" if row.complete else "false",
        text_cell(row.quality),
    ]
    return ",".join(cells) + "\r\n"


def text_cell(value: str) -> str:
    """Return text as a cell: quoted where it must be, and no spreadsheet takes it for a formula."""
    if value.lstrip(_BLANKS).startswith(_FORMULA):
        value = f"'{value}"
    if any(letter in value for letter in ',"\r\n'):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return value


def _unhurried(rows: Iterable[SnapshotRow]) -> Iterator[SnapshotRow]:
    """Give rows with a pause now and then: pages and live connections come first, on the same processor."""
    since = time.thread_time()
    for number, row in enumerate(rows, 1):
        yield row
        if number % _ROWS_A_TURN == 0:
            time.sleep((time.thread_time() - since) * _PAUSE)
            since = time.thread_time()


def _end(rows: Iterator[SnapshotRow], slots: BoundedSemaphore) -> None:
    """Let go of the reading, which a client that went away left half done, and of the place."""
    try:
        if isinstance(rows, Generator):
            rows.close()
    finally:
        slots.release()


def _money(amount: Nano | None) -> str:
    return "" if amount is None else text(amount)


def _span(since: datetime | None, until: datetime | None, now: datetime) -> str:
    return f"{_stamp(since) if since else 'start'}_{_stamp(until or now)}"


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"
