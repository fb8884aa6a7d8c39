"""`pnl export TABLE`: write a table of the archive to a file, also while the product runs."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pnl.config import Settings
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.errors import ExportError, StoreUnavailable
from pnl.export.archive import Archive, PastDays
from pnl.export.asked import FORMATS, STEP_NAMES, Asked, Format, read_after
from pnl.export.days import Day
from pnl.export.making import MakingFailed
from pnl.export.tables import STEPS, TABLES
from pnl.history import KnownHistory, KnownLedgers
from pnl.ops.export import pour, write, write_manifest
from pnl.ports import Store
from pnl.store import SqlStore
from pnl.store.verification import opened
from pnl.web.days import told
from pnl.web.problems import BadParameter
from pnl.web.query import Days

STDOUT = "-"
_OF_TEXT = ("", ".txt")
"""How names end that say nothing of a format."""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("export", help="write a table of the archive to a file: CSV, Parquet, XLSX, beancount")
    parser.add_argument("table", metavar="TABLE", choices=TABLES, help=", ".join(TABLES))
    parser.add_argument("--from", dest="since", metavar="TIME", help="the first instant: RFC 3339 or a company day")
    parser.add_argument("--to", dest="until", metavar="TIME", help="the first instant that is out again")
    parser.add_argument(
        "--step", choices=STEP_NAMES, default="raw", help="of snapshots: every one, or one row a stretch"
    )
    parser.add_argument("--format", choices=FORMATS, help="csv, or what the name of the output ends with")
    parser.add_argument("--output", metavar="FILE", help="where to; - is the standard output")
    parser.add_argument("--after", metavar="KEY", help="the first column of the last row that you have")
    parser.add_argument("--last", metavar="SEQ", type=int, help="only what the snapshot with this sequence knew")
    parser.add_argument("--dialect", choices=("excel",), help="CSV as Excel likes it")
    parser.add_argument("--tz", metavar="ZONE", help="add the local time of a zone as the last column of CSV")
    parser.add_argument("--manifest", action="store_true", help="write FILE.manifest.json, too: rows, bytes, SHA-256")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Write the file; 0 when it is right, 1 when it could not be made to its end, 2 when it makes no sense."""
    settings = Settings.load(when_used=True)
    try:
        asked = _asked(given, Days(settings.time_zone))
        with opened(settings.database_url) as database:
            store = SqlStore(database, zone=settings.zone)
            archive = Archive(store, known_days(store, settings))
            return _written(archive, asked, given)
    except BadParameter as error:
        return _said(f"pnl: {error.description}", 2)
    except (StoreUnavailable, MakingFailed, OSError) as error:
        return _said(f"pnl: the export broke off: {error}; the same command goes on where it can", 1)


def known_days(store: Store, settings: Settings) -> PastDays:
    """Return what gives the company days of an archive as they were known at an instant."""

    def empty() -> Ledger:
        return Ledger(Calendar(settings.zone), settings.mark, settings.revenue_primary)

    def given(since: date | None, until: date | None, at: datetime) -> Iterator[Day]:
        ledger = KnownLedgers(empty(), nullcontext(), store, empty).at(at)
        history = KnownHistory(
            ledger, nullcontext(), store, empty, demo=settings.demo, interval_seconds=settings.interval_seconds
        )
        return map(told, history.days(since, until, at))

    return given


def _written(archive: Archive, asked: Asked, given: Namespace) -> int:
    if given.output == STDOUT:
        try:
            manifest = pour(archive, archive.fixed(asked), sys.stdout.buffer)
        except BrokenPipeError:  # who reads has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        return _said(manifest.decode(), 0) if given.manifest else 0
    fixed = archive.fixed(asked)
    target = Path(given.output) if given.output else Path(archive.name(fixed, datetime.now(UTC)))
    done = write(archive, asked, target, _tell)
    if not done.right:
        return _said(f"pnl: {target} was not what the archive gives: nothing of it was kept; run it again", 1)
    if given.manifest:
        write_manifest(target, done.manifest)
    elif done.outdated:
        _tell(f"{done.outdated} was of the file before, and is taken away: --manifest writes a new one")
    return _said(f"{target}: {done.rows} rows, read back and right", 0)


def _asked(given: Namespace, days: Days) -> Asked:
    spelt = {name: value for name, value in (("from", given.since), ("to", given.until)) if value}
    since, until = days.span(spelt)
    return Asked(
        table=given.table,
        format=given.format or _by_name(given.output),
        step=given.step,
        since=since,
        until=until,
        after=read_after(given.after, TABLES[given.table] if given.step == "raw" else STEPS) if given.after else None,
        last=given.last,
        excel=given.dialect == "excel",
        zone=_zone(given.tz) if given.tz else None,
    )


def _by_name(output: str | None) -> Format:
    """Return the format that the name of a file ends with; CSV where it says nothing of one.

    Raises:
        ExportError: It ends with something else.
    """
    if output is None or output == STDOUT:
        return "csv"
    name = Path(output).name
    for kind in sorted(FORMATS, key=len, reverse=True):
        if name.lower().endswith(f".{kind}"):
            return kind
    ending = Path(name).suffix
    if ending in _OF_TEXT:
        return "csv"
    raise ExportError(
        "output",
        f"--output ends with {ending[:60]!r}, which is none of {', '.join(FORMATS)}: give another name, "
        "or say what goes into it, such as --format csv",
    )


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExportError("tz", f"--tz {name[:60]!r} is no time zone, such as Europe/Berlin") from None


def _tell(line: str) -> None:
    _said(line, 0)


def _said(line: str, code: int) -> int:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the operator's terminal
    return code
