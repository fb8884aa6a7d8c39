"""Revenue entries and manual costs: which line each posts to, and what a business day adds up to."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from pnl.domain.money import Nano, even_part
from pnl.domain.records import Record, RevenueEntry

LINES: tuple[str, ...] = ("revenue", "refunds", "processor_fees", "adjustments", "operating_cost")

_LINE_OF = {
    "sale": "revenue",
    "day_total": "revenue",
    "refund": "refunds",
    "chargeback": "refunds",
    "fee": "processor_fees",
    "adjustment": "adjustments",
    "unclassified": "adjustments",
    "operating_cost": "operating_cost",
}


def posts(entry: RevenueEntry) -> tuple[tuple[str, Nano], ...]:
    """Return the (line, amount) that an entry posts on its date, signed; nothing if it does not count.

    Void and pending entries, and those in another currency than the dollar, post nothing. A
    recurring cost posts day by day: see `daily`.
    """
    if entry.status != "settled" or entry.currency != "USD" or entry.recurs:
        return ()
    line = _LINE_OF.get(entry.kind)
    found = [(line, entry.amount)] if line and entry.amount else []
    if entry.fee:
        found.append(("processor_fees", entry.fee))
    return tuple(found)


def daily(entry: RevenueEntry, day: date) -> Nano:
    """Return the share of a recurring cost that falls on `day`.

    Its amount is spread evenly over the days of each period (a week, or from one day of the month
    or year to the same day of the next), by largest remainder, so that a period adds up to it.
    """
    if entry.status != "settled" or entry.currency != "USD" or not entry.recurs or day < entry.date:
        return 0
    start, end = _period(entry, day)
    return even_part(entry.amount, (end - start).days, (day - start).days)


def _period(entry: RevenueEntry, day: date) -> tuple[date, date]:
    if entry.recurs in ("daily", "weekly"):
        length = 1 if entry.recurs == "daily" else 7
        start = entry.date + timedelta(days=(day - entry.date).days // length * length)
        return start, start + timedelta(days=length)
    step = 12 if entry.recurs == "yearly" else 1
    months = (day.year - entry.date.year) * 12 + day.month - entry.date.month
    periods = months // step
    if _months_on(entry.date, periods * step) > day:
        periods -= 1
    return _months_on(entry.date, periods * step), _months_on(entry.date, (periods + 1) * step)


def _months_on(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Clash:
    """Two reports of what may be the same money; a person has to say."""

    scope: str
    reason: str
    sources: tuple[str, ...]


class RevenueBook:
    """The newest version of every entry, summed by business date.

    `primary` names the source whose `day_total` counts where several report the same day.
    """

    def __init__(self, primary: str | None = None) -> None:
        self._primary = primary
        self._entries: dict[tuple[str, str], RevenueEntry] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._by_date: dict[date, set[tuple[str, str]]] = defaultdict(set)
        self._recurring: set[tuple[str, str]] = set()
        self._sources_of: dict[str, set[str]] = defaultdict(set)
        self._totals: dict[date, Mapping[str, Nano]] = {}
        self._shares: dict[date, Mapping[tuple[str, str | None, str], tuple[Nano, int]]] = {}
        self._flags: dict[date, tuple[str, ...]] = {}
        self._clashes: tuple[Clash, ...] | None = None
        self.sources: set[str] = set()

    def fork(self) -> "RevenueBook":
        """Return a copy that goes its own way."""
        found = RevenueBook(self._primary)
        found._entries, found._versions = self._entries.copy(), self._versions.copy()
        found._by_date.update((day, keys.copy()) for day, keys in self._by_date.items())
        found._recurring, found.sources = self._recurring.copy(), self.sources.copy()
        found._sources_of.update((entry_id, sources.copy()) for entry_id, sources in self._sources_of.items())
        found._totals, found._shares, found._flags = self._totals.copy(), self._shares.copy(), self._flags.copy()
        return found

    def add(self, record: Record) -> None:
        """Take an entry in; a newer version replaces an older one, wherever it stood."""
        entry = record.fact
        if not isinstance(entry, RevenueEntry):
            return
        key = (record.source, entry.id)
        self._clashes = None
        version = record.version or entry.version
        if version < self._versions.get(key, 0):
            return
        self._versions[key] = version
        old = self._entries.get(key)
        if old:
            self._by_date[old.date].discard(key)
            self._recurring.discard(key)
            self._forget(old)
        self._entries[key] = entry
        self._by_date[entry.date].add(key)
        self._sources_of[entry.id].add(record.source)
        self.sources.add(record.source)
        if entry.recurs:
            self._recurring.add(key)
        self._forget(entry)

    def days(self, until: date) -> set[date]:
        """Return the days before `until` that an entry stands on, or a recurring one posts to; a void one has none."""
        found = {day for day in self._by_date if day < until and any(map(self._stands, self._by_date[day]))}
        begin = min((self._entries[key].date for key in self._recurring if self._stands(key)), default=until)
        return found | {begin + timedelta(days=place) for place in range((until - begin).days)}

    def _stands(self, key: tuple[str, str]) -> bool:
        return self._entries[key].status != "void"

    def totals(self, day: date) -> Mapping[str, Nano]:
        """Return what the entries of `day` add up to, by line; a line without entries is zero."""
        known = self._totals.get(day)
        if known is None:
            known = self._totals[day] = MappingProxyType(self._sum(day))
        return known

    def flags(self, day: date) -> tuple[str, ...]:
        """Return what a reader of `day` should know: `unclassified`, `unconverted`, `pending_revenue`."""
        known = self._flags.get(day)
        if known is None:
            running = (self._entries[key] for key in self._recurring)
            entries = [entry for _, entry in self._of(day)] + [entry for entry in running if entry.date < day]
            entries = [entry for entry in entries if entry.status != "void"]
            found = {
                "unclassified": any(entry.kind == "unclassified" for entry in entries),
                "unconverted": any(entry.currency != "USD" for entry in entries),
                "pending_revenue": any(entry.status == "pending" for entry in entries),
            }
            known = self._flags[day] = tuple(name for name, holds in found.items() if holds)
        return known

    def clashes(self) -> tuple[Clash, ...]:
        """Return every pair of reports that may be the same money."""
        if self._clashes is None:
            self._clashes = tuple(self._find_clashes())
        return self._clashes

    def _find_clashes(self) -> Iterator[Clash]:
        for entry_id, sources in self._sources_of.items():
            live = tuple(sorted(s for s in sources if self._entries[(s, entry_id)].status != "void"))
            if len(live) > 1 and all(self._entries[(s, entry_id)].kind != "day_total" for s in live):
                yield Clash(entry_id, "the same id from different sources", live)
        for day in list(self._by_date):
            reporters = {source for source, entry in self._of(day) if _counts_as_total(entry)}
            if len(reporters) > 1 and self._primary not in reporters:
                reason = "several sources report the total of one day"
                yield Clash(day.isoformat(), reason, tuple(sorted(reporters)))
            for source in sorted(reporters & {source for source, entry in self._of(day) if _is_single(entry)}):
                reason = "a total of the day and single entries of it count twice: void one or the other"
                yield Clash(day.isoformat(), reason, (source,))

    def gives_way(self, source: str, entry: RevenueEntry) -> bool:
        """Tell whether an entry is a total that the primary source's own total of the day stands for."""
        return source != self._primary and _counts_as_total(entry) and self._primary_counts(entry.date)

    def _primary_counts(self, day: date) -> bool:
        return any(source == self._primary and _counts_as_total(entry) for source, entry in self._of(day))

    def _of(self, day: date) -> Iterator[tuple[str, RevenueEntry]]:
        for key in self._by_date.get(day, ()):
            yield key[0], self._entries[key]

    def of_source(self, source: str, since: date) -> Iterator[tuple[date, RevenueEntry]]:
        """Give the entries of a source that are dated `since` or later, with their day; oldest day first."""
        for day in sorted(day for day in self._by_date if day >= since):
            yield from ((day, entry) for of, entry in self._of(day) if of == source)

    def posted(self, day: date) -> Iterator[tuple[str, RevenueEntry, str, Nano]]:
        """Give what each entry posts on `day`, a recurring one its share: (source, entry, line, amount)."""
        primary_counts = self._primary_counts(day)
        for source, entry in self._of(day):
            if primary_counts and source != self._primary and _counts_as_total(entry):
                continue
            for line, amount in posts(entry):
                yield source, entry, line, amount
        for source, entry, amount in self.recurring(day):
            yield source, entry, "operating_cost", amount

    def recurring(self, day: date) -> Iterator[tuple[str, RevenueEntry, Nano]]:
        """Give each recurring entry that posts on `day`, and its share: (source, entry, amount)."""
        for key in self._recurring:
            if amount := daily(self._entries[key], day):
                yield key[0], self._entries[key], amount

    def shares(self, day: date) -> Mapping[tuple[str, str | None, str], tuple[Nano, int]]:
        """Return what the entries of `day` add up to by (source, customer, line), and how many are dated to it.

        An entry that posts to several lines, such as a sale with its fee, is counted at the first of them alone; a
        recurring one, which is one entry of many days, at none (`recurring` gives them).
        """
        known = self._shares.get(day)
        if known is None:
            sums: dict[tuple[str, str | None, str], tuple[Nano, int]] = {}
            last = None
            for source, entry, line, amount in self.posted(day):
                before, number = sums.get((source, entry.customer, line), (0, 0))
                sums[source, entry.customer, line] = before + amount, number + (entry is not last and not entry.recurs)
                last = entry
            known = self._shares[day] = MappingProxyType(sums)
        return known

    def _sum(self, day: date) -> dict[str, Nano]:
        sums = dict.fromkeys(LINES, 0)
        for (_, _, line), (amount, _) in self.shares(day).items():
            sums[line] += amount
        return sums

    def _forget(self, entry: RevenueEntry) -> None:
        if entry.recurs:
            self._totals.clear()
            self._shares.clear()
            self._flags.clear()
        else:
            self._totals.pop(entry.date, None)
            self._shares.pop(entry.date, None)
            self._flags.pop(entry.date, None)


def _is_single(entry: RevenueEntry) -> bool:
    single = ("sale", "refund", "chargeback", "fee", "adjustment", "unclassified")
    return entry.kind in single and entry.status == "settled"


def _counts_as_total(entry: RevenueEntry) -> bool:
    return entry.kind == "day_total" and entry.status == "settled"
