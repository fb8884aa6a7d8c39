"""An export as the bytes of its file, and what is true of them."""

import csv
import hashlib
import io
import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pnl.domain.snapshot import Json
from pnl.export.archive import Archive, Part
from pnl.export.asked import Asked
from pnl.export.making import made
from pnl.export.pace import gzipped, unhurried


def parts(archive: Archive, asked: Asked, tally: "Tally", *, paced: bool) -> Iterator[Part]:
    """Give the file of a fixed question in parts, each with how many rows it has.

    Args:
        archive: What it is read from.
        asked: The question.
        tally: Is told of what passes.
        paced: Whether the reading rests as long as it works.
    """
    rest = unhurried if paced else iter
    match asked.format:
        case "csv":
            return tally.over(rest(tally.ends.over(archive.csv(asked))))
        case "csv.gz":
            return tally.over(rest(gzipped(tally.ends.over(archive.csv(asked)))))
        case "beancount":
            return tally.over(rest(archive.journal(asked)))
        case kind:
            found = archive.csv(asked, guarded=False, plain=kind == "parquet")
            return tally.over(made(kind, asked.shape, rest(tally.ends.over(found))))


@dataclass(slots=True)
class Ends:
    """The first and the last row that pass."""

    _first: bytes = b""
    _last: bytes = b""

    def over(self, found: Iterable[Part]) -> Iterator[Part]:
        """Give the parts, of which the first and the last with rows are remembered."""
        for rows, text in found:
            if rows:
                self._first = self._first or text
                self._last = text
            yield rows, text

    @property
    def keys(self) -> tuple[str | None, str | None]:
        """The first cell of the first row, and that of the last one; None where there is no row."""
        first = next(csv.reader(io.StringIO(self._first.decode(), newline="")), None)
        last = deque(csv.reader(io.StringIO(self._last.decode(), newline="")), maxlen=1)
        return (first[0] if first else None), (last[0][0] if last else None)


@dataclass(slots=True)
class Tally:
    """Counts and digests what passes."""

    rows: int = 0
    size: int = 0
    ends: Ends = field(default_factory=Ends)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def over(self, found: Iterable[Part]) -> Iterator[Part]:
        """Give the parts, each counted."""
        for rows, text in found:
            self.add(rows, text)
            yield rows, text

    def add(self, rows: int, text: bytes) -> None:
        """Count a part."""
        self.rows += rows
        self.size += len(text)
        self._digest.update(text)

    @property
    def sha256(self) -> str:
        """The SHA-256 of everything that passed."""
        return self._digest.hexdigest()


def manifest(asked: Asked, tally: Tally, file_name: str) -> dict[str, Json]:
    """Return what is true of the file of a fixed question, and where the very same bytes are to be had again."""
    columns: list[Json] = [{"name": column.name, "type": column.type} for column in asked.shape.columns]
    if asked.zone:
        columns.append({"name": asked.columns[-1], "type": "local"})
    first, end = tally.ends.keys
    return {
        "table": asked.table,
        "format": asked.format,
        "step": asked.step,
        "rows": tally.rows,
        "bytes": tally.size,
        "sha256": tally.sha256,
        "schema": asked.shape.schema,
        "last": asked.last,
        "key": asked.shape.key,
        "first": first,
        "after": end,
        "columns": columns,
        "url": f"/api/pnl/export.{asked.format}?{asked.query()}",
        "file_name": file_name,
    }


def dumped(told: dict[str, Json]) -> bytes:
    """Return a manifest as JSON text."""
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
