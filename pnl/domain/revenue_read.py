"""The entries that are kept of a source of revenue, held against all that it told when it was read whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pnl.domain.checks import Check
from pnl.domain.money import Nano, text
from pnl.domain.records import Record, RevenueEntry
from pnl.domain.revenue import RevenueBook, posts

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeReading:
    """What a source told of every day from `since` on, and what was kept of them right after; nano-dollars.

    Settled dollars alone, with their fees, by business date. `entries` is how many the source told.
    """

    source: str
    at: datetime
    since: date
    entries: int
    stated: Mapping[date, Nano]
    kept: Mapping[date, Nano]

    def check(self) -> Check:
        """Return the check: the sums of all days, and which of them differ."""
        off = [day for day in sorted(self.stated.keys() | self.kept.keys()) if self._off(day)]
        named = ", ".join(f"{day} by {text(self._off(day))}" for day in off[:_NAMED])
        more = f" and {len(off) - _NAMED} more" if len(off) > _NAMED else ""
        reason = f"entries were changed or taken out without a new version: {named}{more}" if off else None
        expected, actual = sum(self.kept.values()), sum(self.stated.values())
        return Check("revenue_read", self.source, expected, actual, reason=reason)

    def _off(self, day: date) -> Nano:
        return self.stated.get(day, 0) - self.kept.get(day, 0)


def read_whole(book: RevenueBook, source: str, records: Iterable[Record], since: date, at: datetime) -> WholeReading:
    """Return what a source told in whole beside what the book keeps of it from `since` on."""
    newest: dict[str, RevenueEntry] = {}
    for record in records:
        entry = record.fact
        if isinstance(entry, RevenueEntry) and (entry.id not in newest or newest[entry.id].version <= entry.version):
            newest[entry.id] = entry
    told = [entry for entry in newest.values() if entry.date >= since]
    kept = (entry for _, entry in book.of_source(source, since))
    return WholeReading(source=source, at=at, since=since, entries=len(told), stated=_by_day(told), kept=_by_day(kept))


def _by_day(entries: Iterable[RevenueEntry]) -> dict[date, Nano]:
    sums: dict[date, Nano] = defaultdict(int)
    for entry in entries:
        for _, amount in posts(entry):
            sums[entry.date] += amount
    return dict(sums)
