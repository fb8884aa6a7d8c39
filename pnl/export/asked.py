"""What is asked for: a table, a range, a format, up to which snapshot; the same question gives the same bytes."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias
from urllib.parse import urlencode

from pnl.domain.snapshot import instant
from pnl.errors import ExportError
from pnl.export.tables import DAYS, STEPS, TABLES, Table

Format: TypeAlias = Literal["csv", "csv.gz", "parquet", "xlsx", "beancount"]
After: TypeAlias = int | date | datetime | None
"""What was received last: the first column's value, see `Table.key`."""
FORMATS: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "csv.gz": "application/gzip",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "beancount": "text/plain; charset=utf-8",
}
"""The formats and their content types."""
RAW = "raw"
STEP_NAMES = (RAW, "1m", "5m", "15m", "1h", "4h", "1d", "1w")
SHEETS = ("days", "fills")
"""The tables that fit a spreadsheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One export.

    Attributes:
        table: By the name that it is asked for.
        format: What it comes as.
        step: `raw` for every snapshot, or a stretch of time.
        since: The first instant.
        until: The first instant that is out again.
        after: What was received last; the rest follows.
        last: The sequence of the snapshot that knew all of it; None for the newest.
        excel: CSV with a byte order mark and times that a spreadsheet knows.
        zone: A time zone whose local time is added as a last column.
        headed: Whether CSV begins with the names of its columns.
    """

    table: str = "snapshots"
    format: Format = "csv"
    step: str = RAW
    since: datetime | None = None
    until: datetime | None = None
    after: After = None
    last: int | None = None
    excel: bool = False
    zone: str | None = None
    headed: bool = True

    def __post_init__(self) -> None:
        """Refuse what does not fit together.

        Raises:
            ExportError: It does not.
        """
        if self.step != RAW and self.table != "snapshots":
            raise ExportError("step", f"step {self.step!r} is for snapshots: leave it out for {self.table}")
        if self.format == "xlsx" and self.table not in SHEETS:
            raise ExportError("format", f"xlsx is for {' and '.join(SHEETS)}: take csv or parquet for {self.table}")
        if self.format == "beancount" and self.table != DAYS.name:
            raise ExportError("table", "a beancount journal is made of days: leave table out, or write table=days")
        if self.format not in ("csv", "csv.gz"):
            for name, given in (("dialect", self.excel), ("tz", self.zone), ("header", not self.headed)):
                if given:
                    raise ExportError(name, f"{name} is for CSV: leave it out for {self.format}")

    @property
    def shape(self) -> Table:
        """The table whose columns it has."""
        return TABLES[self.table] if self.step == RAW else STEPS

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        names = self.shape.names
        return (*names, local_name(self.shape)) if self.zone else names

    def query(self) -> str:
        """Return the query string that asks for the same."""
        after = instant(self.after) if isinstance(self.after, datetime) else self.after
        given = {
            "table": self.table,
            "step": self.step if self.step != RAW else None,
            "from": _rfc3339(self.since),
            "to": _rfc3339(self.until),
            "after": after,
            "last": self.last,
            "dialect": "excel" if self.excel else None,
            "tz": self.zone,
            "header": None if self.headed else "absent",
        }
        return urlencode({name: value for name, value in given.items() if value is not None})

    def key(self) -> tuple[str, ...]:
        """Return what tells this export from every other."""
        return self.format, self.query(), self.shape.schema

    def file_name(self, end: datetime) -> str:
        """Return a name for the file, which says what is in it; without `until`, all before `end` is."""
        since = _stamp(self.since) if self.since else "start"
        step = f"_{self.step}" if self.table == "snapshots" else ""
        return f"northstar_{self.table}_{since}_{_stamp(self.until or end)}{step}.{self.format}"


def local_name(table: Table) -> str:
    """Return what the column of local time is called."""
    return f"{table.time.removesuffix('_utc')}_local"


def read_after(text: str, table: Table) -> After:
    """Return what was received last, as the table's key column spells it.

    Raises:
        ExportError: It is no value of that column.
    """
    try:
        if table is STEPS:
            return datetime.fromisoformat(text.replace(" ", "+")).astimezone()
        if table is DAYS:
            return date.fromisoformat(text)
    except ValueError:
        raise ExportError(
            "after", f"after {text[:60]!r} is no {table.key} of the last row, {EXAMPLES[table.key]}"
        ) from None
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise ExportError("after", f"after {text[:60]!r} is not a whole number from 0, the {table.key} of the last row")
    return int(text)


EXAMPLES = {"start_utc": "such as 2026-11-20T19:32:00Z", "day": "such as 2026-11-20"}


def _rfc3339(at: datetime | None) -> str | None:
    if at is None:
        return None
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z" if at.microsecond % 1000 else instant(at)


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"
