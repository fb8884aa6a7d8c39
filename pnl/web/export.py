"""Tables as files, streamed: any length in flat memory, exact, and never short without the client noticing."""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from itertools import chain, islice
from threading import BoundedSemaphore
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from flask import Blueprint, Response, request

from pnl.clock import Clock
from pnl.domain.snapshot import Json
from pnl.errors import ExportError
from pnl.export.archive import Archive, PastDays
from pnl.export.asked import FORMATS, STEP_NAMES, Asked, Format, read_after
from pnl.export.files import Tally, dumped, manifest, parts
from pnl.export.tables import STEPS, TABLES
from pnl.ports import Cache, Store
from pnl.web.cached import HEADERS, answer
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.problems import BadParameter, not_now
from pnl.web.query import Days, choice, given, whole
from pnl.web.schemas import COUNT, TEXT, TEXT_OR_NULL, listed, one_of, thing

log = structlog.get_logger(__name__)
Found = TypeVar("Found")

_AT_ONCE, _RETRY_SECONDS = 4, 15
_PRIMED = 2
"""The parts that are made before the answer begins: what cannot be read is then a problem, not a broken file."""
_CSV_NAMES = ("table", "step", "from", "to", "after", "last", "dialect", "tz", "header")
_NAMES: dict[Format, tuple[str, ...]] = {
    "csv": _CSV_NAMES,
    "csv.gz": _CSV_NAMES,
    "parquet": _CSV_NAMES[:6],
    "xlsx": _CSV_NAMES[:6],
    "beancount": ("table", "from", "to", "after", "last"),
}
"""What each format's route takes."""

SCHEMAS: dict[str, Json] = {
    "Manifest": thing(
        {
            "table": one_of(*TABLES),
            "format": one_of(*FORMATS),
            "step": one_of(*STEP_NAMES),
            "rows": COUNT,
            "bytes": COUNT,
            "sha256": TEXT,
            "schema": TEXT,
            "last": COUNT,
            "key": TEXT,
            "first": TEXT_OR_NULL,
            "after": TEXT_OR_NULL,
            "columns": listed(thing({"name": TEXT, "type": TEXT})),
            "url": TEXT,
            "file_name": TEXT,
        }
    )
}

_PARAMETERS: dict[str, dict[str, Json]] = {
    "table": parameter("table", "Which table.", {**one_of(*TABLES), "default": "snapshots"}),
    "step": parameter(
        "step",
        "Of snapshots: `raw` is every one; else a row a stretch of time, with other columns.",
        {**one_of(*STEP_NAMES), "default": "raw"},
    ),
    "from": parameter("from", "RFC 3339 or a company day.", TEXT),
    "to": parameter("to", "The first instant that is out again.", TEXT),
    "after": parameter(
        "after",
        "The first column of the last row that you have (`key` of the manifest); what follows it is sent.",
        TEXT,
    ),
    "last": parameter(
        "last",
        "The sequence of a snapshot: only what it knew is sent, and the same request gives the same bytes again. "
        "The newest where it is left out; `X-NorthStar-Last` tells which.",
        COUNT,
    ),
    "dialect": parameter(
        "dialect", "`excel` puts a byte order mark first, and writes times as YYYY-MM-DD HH:MM:SS.", one_of("excel")
    ),
    "tz": parameter("tz", "A time zone, such as Europe/Berlin, whose local time is added as the last column.", TEXT),
    "header": parameter("header", "`absent` leaves the names of the columns out.", one_of("absent")),
}
_TEXTS: dict[Format, str] = {
    "csv": "RFC 4180 in UTF-8 with CRLF, headed by the names of the columns. Money is an exact decimal string, empty "
    "where it is not known. Text that a spreadsheet would take for a formula, or that begins with `'`, has a `'` "
    "before it. "
    "A connection that breaks before the end of the chunked body means that the file is not whole: go on with `after`.",
    "csv.gz": "The same as a gzip file. Files of several requests with `after` may be joined as they are.",
    "parquet": "Decimals as decimals, instants as microseconds in UTC; an empty text is null.",
    "xlsx": "A sheet of days or fills, without formulas and links. Numbers of more than 15 digits are text.",
    "beancount": "Days as a journal of transactions, each of which balances exactly.",
}


def _paths() -> dict[str, Json]:
    made: dict[str, Json] = {}
    for kind, content_type in FORMATS.items():
        media, binary = content_type.partition(";")[0], kind in ("csv.gz", "parquet", "xlsx")
        body: dict[str, Json] = {"type": "string", "format": "binary"} if binary else TEXT
        made[f"/api/pnl/export.{kind}"] = {
            "get": operation(
                f"export_{kind.replace('.', '_')}",
                f"A table as {kind}, streamed",
                {200: content(_TEXTS[kind], body, media)},
                problems=(400, 503),
                description="Without `from` and `to`, everything. Four exports run at once; one more is answered 503. "
                "HEAD tells how many rows there are, in `X-NorthStar-Rows`.",
                parameters=[_PARAMETERS[name] for name in _NAMES[kind]],
            )
        }
    made["/api/pnl/export.manifest"] = {
        "get": operation(
            "export_manifest",
            "What is true of an export's file",
            {
                200: {
                    **content("The bytes of `url` are the file.", reference("Manifest")),
                    "headers": HEADERS,
                },
                304: {"description": "The answer named by `If-None-Match` is still right."},
            },
            problems=(400, 503),
            description="Takes as long as the export itself, unless that was made not long ago. `first` and `after` "
            "are the first column of the first and of the last row.",
            parameters=[
                parameter("format", "Of the file.", {**one_of(*FORMATS), "default": "csv"}),
                *(_PARAMETERS[name] for name in _CSV_NAMES),
            ],
        )
    }
    return made


PATHS = _paths()


def export(store: Store, clock: Clock, days: Days, cache: Cache, past_days: PastDays) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("export", __name__)
    slots = BoundedSemaphore(_AT_ONCE)
    archive = Archive(store, past_days)

    def question(kind: Format, names: tuple[str, ...]) -> Asked:
        try:
            return archive.fixed(_asked(kind, given(names), days))
        except ExportError as error:
            raise BadParameter(error.parameter, str(error)) from error

    def take() -> None:
        if not slots.acquire(blocking=False):
            raise not_now(f"{_AT_ONCE} exports are running, which is all that run at once.", _RETRY_SECONDS)

    def told(asked: Asked, tally: Tally) -> bytes:
        return dumped(manifest(asked, tally, archive.name(asked, clock.now())))

    def file(kind: Format) -> Response:
        asked = question(kind, _NAMES[kind])
        headers = {
            "Content-Disposition": f'attachment; filename="{archive.name(asked, clock.now())}"',
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-NorthStar-Schema": asked.shape.schema,
            "X-NorthStar-Last": str(asked.last),
        }
        content_type = FORMATS[kind] if asked.headed else FORMATS[kind].replace("header=present", "header=absent")
        if request.method == "HEAD":
            headers["X-NorthStar-Rows"] = str(_refusing(lambda: archive.count(asked)))
            return Response(headers=headers, content_type=content_type)
        take()
        tally = Tally()
        found = parts(archive, asked, tally, paced=True)
        try:
            first = _refusing(lambda: list(islice(found, _PRIMED)))
        except BaseException:
            slots.release()
            raise

        def whole() -> None:
            cache.get(_key(asked), lambda: told(asked, tally))

        made = Response(_to_the_end(chain(first, found), whole), headers=headers, content_type=content_type)
        made.call_on_close(partial(_end, found, slots))
        return made

    for kind in FORMATS:
        routes.add_url_rule(f"/api/pnl/export.{kind}", f"file_{kind.replace('.', '_')}", partial(file, kind))

    @routes.get("/api/pnl/export.manifest")
    def about() -> Response:
        kind = choice(given(("format", *_CSV_NAMES)).get("format", "csv"), "format", FORMATS)
        asked = question(kind, ("format", *_NAMES[kind]))  # type: ignore[arg-type,index]  # one of them

        def read() -> bytes:
            take()
            tally = Tally()
            found = parts(archive, asked, tally, paced=True)
            try:
                _refusing(lambda: sum(rows for rows, _ in found))
            finally:
                _end(found, slots)
            return told(asked, tally)

        return answer(cache, _key(asked), read)

    return routes


def _key(asked: Asked) -> tuple[str, ...]:
    return ("export.manifest", *asked.key())


def _asked(kind: Format, found: dict[str, str], days: Days) -> Asked:
    table = choice(found.get("table", "days" if kind == "beancount" else "snapshots"), "table", TABLES)
    step = choice(found.get("step", "raw"), "step", STEP_NAMES)
    since, until = days.span(found)
    shape = TABLES[table] if step == "raw" else STEPS
    return Asked(
        table=table,
        format=kind,
        step=step,
        since=since,
        until=until,
        after=read_after(found["after"], shape) if "after" in found else None,
        last=whole(found, "last", 0, 0, 10**18 - 1) if "last" in found else None,
        excel="dialect" in found and choice(found["dialect"], "dialect", ("excel",)) == "excel",
        zone=_zone(found["tz"]) if "tz" in found else None,
        headed="header" not in found or choice(found["header"], "header", ("absent",)) != "absent",
    )


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadParameter("tz", f"tz {name[:60]!r} is no time zone, such as Europe/Berlin") from None


def _refusing(read: Callable[[], Found]) -> Found:
    """Read, and tell the caller of what was asked wrongly."""
    try:
        return read()
    except ExportError as error:
        raise BadParameter(error.parameter, str(error)) from error


def _to_the_end(found: Iterator[tuple[int, bytes]], whole: Callable[[], object]) -> Iterator[bytes]:
    """Give the bytes of parts, then tell that they were all of them.

    Raises:
        ConnectionAbortedError: The rows could not be read to their end. A server that is told so by
            this class drops the connection, so that the client sees an error; with any other it
            might end the body politely, and the file would be short in silence.
    """
    try:
        for _, text in found:
            if text:
                yield text
    except Exception as error:
        log.error("export broke off", exc_info=error)
        raise ConnectionAbortedError("the export could not be read to its end") from error
    whole()


def _end(found: Iterator[tuple[int, bytes]], slots: BoundedSemaphore) -> None:
    """Let go of the reading, which a client that went away left half done, and of the place."""
    try:
        if isinstance(found, Generator):
            found.close()
    finally:
        slots.release()
