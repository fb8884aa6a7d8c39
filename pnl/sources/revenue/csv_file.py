"""A CSV file of revenue entries: the full set, taken whole or not at all.

UTF-8, with or without a byte order mark, lines ended either way; the header names the columns
`id,date,amount,currency` and any of `kind,status,version,description,parent_id,updated_at,customer`.
Write the file elsewhere and rename it into place.
"""

import asyncio
import base64
import csv
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from pnl.clock import Clock
from pnl.domain.money import text
from pnl.domain.records import Record, RevenueEntry
from pnl.errors import SourceError, SourceGarbled, SourceUnreachable
from pnl.ports import Finding, Reading
from pnl.sources.revenue.entries import WrongField, clash, entry, record

Stat: TypeAlias = list[int]
"""Time of change in nanoseconds, size, inode."""

_REQUIRED = ("id", "date", "amount", "currency")
_COLUMNS = (*_REQUIRED, "kind", "status", "version", "description", "parent_id", "updated_at", "customer")
_MOST_BYTES = 64 * 1024 * 1024
_NAMED = 3


@dataclass(slots=True, kw_only=True)
class _Notes:
    """The cursor. `told` maps an id to its highest version and its date, `void` those that vanished."""

    stat: Stat = field(default_factory=list)
    sha256: str = ""
    told: dict[str, tuple[int, str]] = field(default_factory=dict)
    void: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None) -> "_Notes":
        try:
            known = json.loads(zlib.decompress(base64.b64decode(json.loads(cursor)["z"]))) if cursor else {}
            made = cls(**known)
            made.told = {name: (version, on) for name, (version, on) in made.told.items()}
        except (ValueError, TypeError, KeyError, zlib.error):
            return cls()
        return made

    def cursor(self) -> str:
        packed = zlib.compress(json.dumps(asdict(self), separators=(",", ":")).encode())
        return json.dumps({"z": base64.b64encode(packed).decode()})


class RevenueCsv:
    """Reads a CSV file again when it has changed; implements `pnl.ports.Source`.

    Args:
        path: The file.
        time_zone: The company's zone.
        vanish: What an id that is no longer in the file means: `error`, which protects against a
            file that was cut off, or `void`.
    """

    name = "revenue.csv"
    every_seconds = 0.0

    def __init__(
        self, path: Path, *, clock: Clock, time_zone: ZoneInfo, vanish: Literal["error", "void"] = "error"
    ) -> None:
        self._path = path
        self._clock = clock
        self._zone = time_zone
        self._vanish = vanish
        self._held = False  # what is kept is held against the file once a start, also where it has not changed

    @property
    def traffic(self) -> None:
        """Nothing: a file is not called."""

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return 0: looking at a file costs nothing."""
        del error, failures
        return 0.0

    async def read(self, cursor: str | None) -> Reading:
        """Return the whole file if it has changed since `cursor`, else nothing new."""
        return await asyncio.to_thread(self._read, cursor)

    async def check(self) -> list[Finding]:
        """Read the file once, for an operator to see: three entries and the totals."""
        try:
            found = await self.read(None)
        except SourceError as error:
            return [Finding(name="csv", ok=False, text=f"{error}; mend PNL_REVENUE_CSV, or the file")]
        entries = [one.fact for one in found.records if isinstance(one.fact, RevenueEntry)]
        sums: dict[str, int] = {}
        for one in entries:
            if one.status == "settled":
                sums[one.currency] = sums.get(one.currency, 0) + one.amount
        totals = ", ".join(f"{text(amount)} {currency}" for currency, amount in sorted(sums.items())) or "nothing"
        return [Finding(name="csv", ok=True, text=f"{len(entries)} entries, settled {totals}")] + [
            Finding(
                name="entry",
                ok=True,
                text=f"{one.id} {one.date} {text(one.amount)} {one.currency} {one.kind} {one.status}",
            )
            for one in entries[:3]
        ]

    async def close(self) -> None:
        """Let go of nothing: the file is open only while it is read."""

    def _read(self, cursor: str | None) -> Reading:
        notes = _Notes.read(cursor)
        before = self._stat()
        if before == notes.stat and self._held:
            return self._reading(notes, (), before)
        body = self._bytes()
        if self._stat() != before:
            raise SourceUnreachable(self.name, f"{self._path}: it changed while we read it")
        digest = hashlib.sha256(body).hexdigest()
        if digest == notes.sha256 and self._held:
            return self._reading(replace(notes, stat=before), (), before)
        records = [record(self.name, made, raw, self._zone) for made, raw in self._entries(body)]
        void, gone = self._compare(notes, records)
        told = dict(notes.told)
        for one in (*records, *gone):
            made = one.fact
            if isinstance(made, RevenueEntry) and told.get(one.id, (0, ""))[0] <= made.version:
                told[one.id] = (made.version, made.date.isoformat())
        fresh = _Notes(stat=before, sha256=digest, told=told, void=void)
        self._held = True
        return self._reading(fresh, (*records, *gone), before, whole=True)

    def _reading(self, notes: _Notes, records: tuple[Record, ...], stat: Stat, *, whole: bool = False) -> Reading:
        changed = datetime.fromtimestamp(stat[0] / 1_000_000_000, UTC)
        return Reading(
            as_of=min(changed, self._clock.now()),
            cursor=notes.cursor(),
            records=records,
            whole_from=date.min if whole else None,
        )

    def _stat(self) -> Stat:
        try:
            found = self._path.stat()
        except OSError as error:
            raise SourceUnreachable(self.name, f"{self._path}: {error.strerror or 'it cannot be looked at'}") from error
        return [found.st_mtime_ns, found.st_size, found.st_ino]

    def _bytes(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                body = file.read(_MOST_BYTES + 1)
        except OSError as error:
            raise SourceUnreachable(self.name, f"{self._path}: {error.strerror or 'it cannot be read'}") from error
        if len(body) > _MOST_BYTES:
            raise self._wrong(f"it is longer than {_MOST_BYTES:,} bytes")
        return body

    def _entries(self, body: bytes) -> list[tuple[RevenueEntry, str]]:
        """Return every entry with its row as JSON; the first line that is wrong refuses the file."""
        found: list[tuple[RevenueEntry, str]] = []
        lines: dict[tuple[str, int], int] = {}
        for line, fields in self._rows(body):
            try:
                made = entry(fields | _numbered(fields))
            except WrongField as error:
                raise self._wrong(f"line {line}: {error}") from None
            twin = lines.setdefault((made.id, made.version), line)
            if twin != line:
                raise self._wrong(f'line {line}: id "{made.id}": line {twin} has it too, as version {made.version}')
            found.append((made, json.dumps(fields, ensure_ascii=False)))
        both = clash(made for made, _ in found)
        if both:
            raise self._wrong(f"{both} has a day_total and single entries: keep one or the other, or void one")
        return found

    def _rows(self, body: bytes) -> Iterator[tuple[int, dict[str, object]]]:
        """Give the fields that are not empty of each row, with the line that the row ends on."""
        try:
            content = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._wrong(f"it is not UTF-8 (byte {error.start}): save it as UTF-8") from None
        if "\x00" in content:
            raise self._wrong("it holds a NUL: save it as CSV in UTF-8")
        rows = csv.reader(io.StringIO(content, newline=""), strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
            self._check_header(header)
            for row in rows:
                if not any(cell.strip() for cell in row):
                    continue
                if len(row) != len(header):
                    why = f"{len(row)} fields where the header has {len(header)}: put quotes around a text with a comma"
                    raise self._wrong(f"line {rows.line_num}: {why}")
                cells = zip(header, row, strict=True)
                yield rows.line_num, {name: cell.strip() for name, cell in cells if cell.strip() and name in _COLUMNS}
        except csv.Error as error:
            raise self._wrong(f"line {rows.line_num}: {error}") from None

    def _check_header(self, header: list[str]) -> None:
        for name in _REQUIRED:
            if name not in header:
                raise self._wrong(f"line 1: the column {name} is missing: begin with {','.join(_REQUIRED)}")
        twice = [name for name in _COLUMNS if header.count(name) > 1]
        if twice:
            raise self._wrong(f"line 1: the column {twice[0]} comes twice")

    def _compare(self, notes: _Notes, records: list[Record]) -> tuple[dict[str, int], list[Record]]:
        """Return the ids that are void because they vanished, and the records that say so for new ones."""
        here: dict[str, int] = {}
        for one in records:
            here[one.id] = max(here.get(one.id, 0), one.version or 1)
        void = dict(notes.void)
        for name in here.keys() & void.keys():
            if here[name] <= void[name]:
                why = f"it had vanished and was made void: give it a version above {void[name]}"
                raise self._wrong(f'id "{name}": {why}')
            del void[name]
        gone = [name for name in notes.told if name not in here and name not in void]
        if gone and self._vanish == "error":
            named = ", ".join(gone[:_NAMED]) + (f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else "")
            raise self._wrong(f'{named} vanished: keep each line, and set its status to "void" to cancel it')
        told = []
        for name in gone:
            version, on = notes.told[name]
            void[name] = version + 1
            told.append(record(self.name, _void(name, version + 1, date.fromisoformat(on)), "{}", self._zone))
        return void, told

    def _wrong(self, why: str) -> SourceGarbled:
        return SourceGarbled(self.name, f"{self._path.name}: {why}")


def _numbered(fields: dict[str, object]) -> dict[str, object]:
    """Return the version as a number; a text that is none stays, to be refused by name."""
    version = fields.get("version")
    return {"version": int(version)} if isinstance(version, str) and version.isdecimal() else {}


def _void(name: str, version: int, on: date) -> RevenueEntry:
    return RevenueEntry(
        id=name,
        version=version,
        date=on,
        amount=0,
        fee=0,
        currency="USD",
        kind="sale",
        status="void",
        description="no longer in the file",
    )
