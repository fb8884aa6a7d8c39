"""What exports read, from a store in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from pnl.domain.records import Kind, Record
from pnl.export.cells import Value, local, writer
from pnl.export.tables import SNAPSHOTS
from pnl.ports import SnapshotRow, Spelling

if TYPE_CHECKING:
    from tests.web.fakes import FakeStore

CHUNK = 50
_COLUMNS = {column.figure: column for column in SNAPSHOTS.columns}


class FakeExtracts:
    """Lays rows out by Python, where the real one does so by SQL. A record's number is its place in the list."""

    def __init__(self, store: "FakeStore") -> None:
        self._store = store

    def span(self, since: datetime | None, until: datetime | None, after: int, last: int) -> tuple[int, int]:
        last_before = self._store.row_at(since - timedelta(microseconds=1)) if since else None
        end = self._store.row_at(until - timedelta(microseconds=1)) if until else self._store.last_row()
        return max(after, last_before.seq if last_before else 0), min(end.seq if end else 0, last)

    def lines(self, columns: Sequence[str], after: int, end: int, spelling: Spelling) -> Iterator[tuple[int, str]]:
        names = [name for name in columns if name != "as_of_local"]
        write = writer([_COLUMNS[name] for name in names], spelling)
        rows = (row for row in self._store.rows(None, None, after) if row.seq <= end)
        while chunk := list(islice(rows, CHUNK)):
            lines = [write(_value(row, name) for name in names) for row in chunk]
            if len(names) < len(columns):
                offset = timedelta(seconds=spelling.offset_seconds)
                times = [local(row.as_of, offset, short=spelling.short) for row in chunk]
                lines = [f"{line[:-2]},{time}\r\n" for line, time in zip(lines, times, strict=True)]
            yield len(chunk), "".join(lines)

    def count(self, after: int, end: int) -> int:
        return sum(1 for row in self._store.rows(None, None, after) if row.seq <= end)

    def known(self, seq: int) -> tuple[datetime, int] | None:
        row = self._store.row(seq)
        return (row.as_of, len(self._store.records)) if row else None

    def records(  # noqa: PLR0917 - as the port has them
        self, kind: Kind, since: datetime | None, until: datetime | None, after: int, up_to: int, source: str | None
    ) -> Iterator[tuple[int, Record]]:
        self._store.page((kind,), since, until, None, 1)
        numbered = list(enumerate(self._store.records, 1))
        if after and after > len(numbered):
            raise ValueError(f"there is no record {after} in it")
        places = {number: (record.effective_at, number) for number, record in numbered}
        found = [
            (number, record)
            for number, record in numbered
            if record.kind == kind
            and number <= up_to
            and source in (None, record.source)
            and (since is None or record.effective_at >= since)
            and (until is None or record.effective_at < until)
            and (not after or places[number] > places[after])
        ]
        return iter(sorted(found, key=lambda one: places[one[0]]))

    def count_records(  # noqa: PLR0917 - as `records`
        self, kind: Kind, since: datetime | None, until: datetime | None, after: int, up_to: int, source: str | None
    ) -> int:
        return sum(1 for _ in self.records(kind, since, until, after, up_to, source))


def _value(row: SnapshotRow, name: str) -> Value:
    if name in row.lines:
        return row.lines[name]
    found: Value = getattr(row, name, None)
    return "" if name == "flags" else found
