"""What the source writes down between readings: where it is in its round, and what it has told."""

import json
import zlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias

Mode: TypeAlias = Literal["auto", "analytics", "legacy"]
_WHOLE_DAY = 24
"""The bit of a bucket that is a whole day; bits 0 to 23 are its hours."""


@dataclass(slots=True)
class Book:
    """Which groups had a row in which bucket, so that a row that vanishes can be told as nothing.

    `days` maps a UTC day to group numbers, and those to a bit for each hour.
    """

    days: dict[str, dict[str, int]] = field(default_factory=dict)

    def replace(
        self, groups: list[str], start: datetime, end: datetime, told: list[tuple[datetime, datetime, str]]
    ) -> list[tuple[datetime, datetime, str]]:
        """Write down the buckets of [start, end) and return those that were there and are no more."""
        fresh: dict[str, dict[str, int]] = {}
        for begins, ends, group in told:
            if group not in groups:
                groups.append(group)
            row = fresh.setdefault(begins.date().isoformat(), {})
            number = str(groups.index(group))
            row[number] = row.get(number, 0) | 1 << _bit(begins, ends)
        gone = []
        for day, masks in self.days.items():
            midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
            for number, mask in masks.items():
                for bit in range(_WHOLE_DAY + 1):
                    begins, ends = _bucket(midnight, bit)
                    if not mask >> bit & 1 or not start <= begins < end:
                        continue
                    if not fresh.get(day, {}).get(number, 0) >> bit & 1:
                        gone.append((begins, ends, groups[int(number)]))
        for day in fresh.keys() | self.days.keys():
            midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
            inside = sum(1 << bit for bit in range(_WHOLE_DAY + 1) if start <= _bucket(midnight, bit)[0] < end)
            merged = {number: mask & ~inside for number, mask in self.days.get(day, {}).items()}
            for number, mask in fresh.get(day, {}).items():
                merged[number] = merged.get(number, 0) | mask
            self.days[day] = {number: mask for number, mask in sorted(merged.items()) if mask}
        return gone

    def forget(self, before: date) -> None:
        """Forget the days before `before`: they are not read again."""
        self.days = {day: masks for day, masks in self.days.items() if day >= before.isoformat()}


@dataclass(slots=True, kw_only=True)
class Notes:
    """The cursor. Times are ISO texts in UTC, days `YYYY-MM-DD`, so that it is JSON as it stands.

    `slot` is the place in the round of five. `usage_from` is the first day whose usage the last live
    reading held; `older_from` the first day whose hourly usage was read at all. `listed` holds
    the usage of the days from `usage_from` on at list. `anchors` holds, by day, what was last told:
    phase, dollars reported, a checksum. `waiting` are reported dollars by day that wait for the usage
    of the next reading. `filling` is true while the burst of the first reading goes on. `asked` is the instant of
    the last request, `as_of` of the last answer with figures.
    """

    version: int = 1
    mode: str = ""
    slot: int = 0
    asked: str | None = None
    as_of: str | None = None
    swept: str | None = None
    sweeping: str | None = None
    probed: str | None = None
    usage_from: str | None = None
    older_from: str | None = None
    filling: bool = False
    watermark: str | None = None
    watermark_read: str | None = None
    unpriced: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    costs: Book = field(default_factory=Book)
    usage: Book = field(default_factory=Book)
    listed: dict[str, dict[str, str | None]] = field(default_factory=dict)
    anchors: dict[str, list[str]] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str | None) -> "Notes":
        """Return what a cursor says; one that cannot be read, or of another version, says nothing."""
        if cursor is None:
            return cls()
        try:
            known: dict[str, Any] = json.loads(cursor)
            if known.get("version") != cls().version:
                return cls()
            costs, usage = (Book(known.pop(name)["days"]) for name in ("costs", "usage"))
            return cls(**known, costs=costs, usage=usage)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def text(self) -> str:
        """Return the cursor."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def forget(self, before: date) -> None:
        """Forget what is told of days that are not read again, and the names that only they used."""
        self.costs.forget(before)
        self.usage.forget(before)
        first = before.isoformat()
        self.anchors = {day: told for day, told in self.anchors.items() if day >= first}
        used = {int(number) for book in (self.costs, self.usage) for masks in book.days.values() for number in masks}
        if len(used) < len(self.groups):
            renamed = {str(old): str(new) for new, old in enumerate(sorted(used))}
            self.groups = [self.groups[number] for number in sorted(used)]
            for book in (self.costs, self.usage):
                book.days = {
                    day: {renamed[number]: mask for number, mask in masks.items()} for day, masks in book.days.items()
                }


def checksum(reported: Decimal, known: bool, listed: dict[str, str | None]) -> str:
    """Return a few letters that differ when what an anchor says differs."""
    return f"{zlib.crc32(json.dumps([str(reported), known, sorted(listed.items())]).encode()):08x}"


def _bit(begins: datetime, ends: datetime) -> int:
    return begins.hour if ends - begins <= timedelta(hours=1) else _WHOLE_DAY


def _bucket(midnight: datetime, bit: int) -> tuple[datetime, datetime]:
    if bit == _WHOLE_DAY:
        return midnight, midnight + timedelta(days=1)
    return midnight + timedelta(hours=bit), midnight + timedelta(hours=bit + 1)
