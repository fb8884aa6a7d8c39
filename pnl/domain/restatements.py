"""What became known of a company day after it had ended: record by record, what each changed of its lines.

Changes are found by taking records in the order in which they were kept, and looking at a day before
and after each one. So what the records of a line change adds up to what the line changed by.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pnl.domain.book import Book, DaySums, MarketBook
from pnl.domain.company_day import Calendar
from pnl.domain.days import Boundary, Rule, held_until, worth
from pnl.domain.money import Nano
from pnl.domain.records import Credit, Fill, Mark, Record, RevenueEntry, Settlement
from pnl.domain.revenue import LINES, RevenueBook

Numbered = tuple[int, Record]
Late = Callable[[date, int], bool]
"""Tells whether a day had ended, as shown, before the record with a number was known."""
UNREALISED = "trading_unrealised"
LATE = "It became known after the day had ended."
CORRECTED = "A later version took the place of one that was known."
HELD_OVER = "What became known of the trading before midnight changes what was held at midnight."
UNKNOWN = "It was not known when the day ended."
UNREAD = "A part of the day was never read, and later ones were: what it cost in all is not known."
USAGE_UNREAD = "The usage of a part of the day was not read yet: how much of its cost is of this day is not known."
REPLACED = "Later readings took the place of those that were known then."
REPORTED = "The cost of the day was reported, or changed, after the day had ended."
READ_ON = "Usage of the day was read, or changed, after the day had ended."
TOGETHER = (
    "Readings after the day had ended changed it, the newest of which is named. "
    "Each of them is told where at most two days are asked for."
)
CLOSED_LATE = "No snapshot was made near midnight, so that the day ends with the first one after it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """One change of a line of a day after it had ended.

    Attributes:
        number: That of the record that changed it; 0 where it is no single one's doing.
        recorded_at: When it became known.
        line: Which line.
        amount: By how much, signed, in nano-dollars.
        reason: Why, in a sentence.
        record: The record's source, kind, id and version.
    """

    number: int
    recorded_at: datetime
    line: str
    amount: Nano
    reason: str
    record: tuple[str, str, str, int | None] | None = None


def restatement(number: int, record: Record, line: str, amount: Nano, reason: str | None = None) -> Restatement:
    """Return the change that a record made to a line."""
    return Restatement(
        number=number,
        recorded_at=record.recorded_at or record.effective_at,
        line=line,
        amount=amount,
        reason=reason or (CORRECTED if (record.version or 1) > 1 else LATE),
        record=(record.source, record.kind, record.id, record.version),
    )


class Entries:
    """What revenue entries, manual costs and credits changed, as they came in."""

    def __init__(self, calendar: Calendar, primary: str | None) -> None:
        self._calendar = calendar
        self._book = RevenueBook(primary)
        self._entries: dict[tuple[str, str], RevenueEntry] = {}
        self._credits: dict[tuple[str, str], Credit] = {}

    def take(self, numbered: Iterable[Numbered], last: date, late: Late) -> Iterator[tuple[date, Restatement]]:
        """Take records in, by number, and give what they changed of days up to `last` that had ended."""
        for number, record in numbered:
            match record.fact:
                case RevenueEntry() as entry:
                    yield from self._entry(number, record, entry, last, late)
                case Credit() as credit:
                    yield from self._credit(number, record, credit, late)

    def _entry(
        self, number: int, record: Record, entry: RevenueEntry, last: date, late: Late
    ) -> Iterator[tuple[date, Restatement]]:
        key = (record.source, entry.id)
        touched = [one for one in (self._entries.get(key), entry) if one]
        days = [day for day in _touched(touched, last) if late(day, number)]
        before = [self._book.totals(day) for day in days]
        self._book.add(record)
        self._entries[key] = entry
        for day, then in zip(days, before, strict=True):
            now = self._book.totals(day)
            for line in LINES:
                if now[line] != then[line]:
                    yield day, restatement(number, record, line, now[line] - then[line])

    def _credit(self, number: int, record: Record, credit: Credit, late: Late) -> Iterator[tuple[date, Restatement]]:
        key = (record.source, credit.id)
        changes: dict[date, Nano] = {}
        for one, sign in ((self._credits.get(key), -1), (credit, 1)):
            if one:
                day = self._calendar.day(one.at)
                changes[day] = changes.get(day, 0) + sign * one.amount
        self._credits[key] = credit
        for day, amount in changes.items():
            if amount and late(day, number):
                yield day, restatement(number, record, "other_income", amount)


def _touched(entries: Sequence[RevenueEntry], last: date) -> list[date]:
    """Return the days up to `last` that entries may post to."""
    found = {entry.date for entry in entries}
    begin = min((entry.date for entry in entries if entry.recurs), default=None)
    if begin:
        found |= {begin + timedelta(days=place) for place in range((last - begin).days + 1)}
    return sorted(day for day in found if day <= last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Where a day begins and the day before ends."""

    day: date
    boundary: Boundary


@dataclass(frozen=True, slots=True)
class MarketChanges:
    """What became known late of one market.

    `days` are changes of what days realised and of their fees; `edges` are by the day that begins there,
    changes of what was held.
    """

    days: tuple[tuple[date, Restatement], ...]
    edges: tuple[tuple[date, Restatement], ...]


def of_market(  # noqa: PLR0917 - as one would say it
    calendar: Calendar,
    versions: Iterable[Numbered],
    late: Late,
    edges: Sequence[Edge],
    mark_at: Callable[[Edge], Mark | None],
    rule: Rule,
) -> MarketChanges:
    """Return what the records of one market changed after days had ended.

    Args:
        calendar: The company's days.
        versions: Every version of its fills and settlements, by number.
        late: See `Late`.
        edges: Where days begin, oldest first.
        mark_at: Gives the market's mark at an edge.
        rule: By what a position is valued.
    """
    book = Book(calendar)
    days: list[tuple[date, Restatement]] = []
    held: list[tuple[date, Restatement]] = []
    times: dict[str, datetime] = {}
    worths = _Worths(calendar, book, mark_at, rule)
    for number, record in versions:
        fact = record.fact
        if not isinstance(fact, Fill | Settlement):
            continue
        ticker, earliest = fact.ticker, min(fact.at, times.get(record.id, fact.at))
        times[record.id] = fact.at
        if book.markets.get(ticker) and (settled := book.markets[ticker].settlement):
            earliest = min(earliest, settled.at)  # what is traded after a settlement posts where that does
        due = [edge for edge in edges if edge.boundary.known < number and edge.boundary.until > earliest]
        before, worth_before = _sums(book.markets.get(ticker)), worths.at(ticker, due)
        worths.forget(earliest)
        book.add([fact] if isinstance(fact, Fill) else [], [fact] if isinstance(fact, Settlement) else [])
        after = _sums(book.markets.get(ticker))
        for day in sorted(before.keys() | after.keys()):
            if late(day, number):
                then, now = before.get(day, DaySums()), after.get(day, DaySums())
                if now.realised != then.realised:
                    days.append((day, restatement(number, record, "trading_realised", now.realised - then.realised)))
                if now.fees != then.fees:
                    days.append((day, restatement(number, record, "trading_fees", then.fees - now.fees)))
        for edge, was, is_ in zip(due, worth_before, worths.at(ticker, due), strict=True):
            if is_ != was:
                held.append((edge.day, restatement(number, record, UNREALISED, is_ - was, HELD_OVER)))
    return MarketChanges(tuple(days), tuple(held))


def _sums(market: MarketBook | None) -> dict[date, DaySums]:
    return {day: DaySums(sums.realised, sums.fees) for day, sums in market.days.items()} if market else {}


class _Worths:
    """What a market was worth at edges, as the records that were taken in so far leave it."""

    def __init__(self, calendar: Calendar, book: Book, mark_at: Callable[[Edge], Mark | None], rule: Rule) -> None:
        self._calendar, self._book, self._mark_at, self._rule = calendar, book, mark_at, rule
        self._found: dict[int, tuple[datetime, Nano]] = {}
        self._whole: dict[Mark | None, Nano] = {}

    def at(self, ticker: str, edges: Iterable[Edge]) -> list[Nano]:
        """Return the worth at each edge, in nano-dollars."""
        market = self._book.markets.get(ticker)
        if market is None:
            return [0 for _ in edges]
        return [self._at(market, edge) for edge in edges]

    def forget(self, since: datetime) -> None:
        """Have the worth at edges after an instant found anew: a record of then is about to be taken in."""
        self._found = {seq: (until, worth) for seq, (until, worth) in self._found.items() if until <= since}
        self._whole = {}

    def _at(self, market: MarketBook, edge: Edge) -> Nano:
        seq, until = edge.boundary.seq, edge.boundary.until
        if seq not in self._found:
            self._found[seq] = until, self._find(market, held_until(self._calendar, market, until), edge)
        return self._found[seq][1]

    def _find(self, market: MarketBook, held: MarketBook | None, edge: Edge) -> Nano:
        if held is None or held.settlement is not None:
            return 0  # no mark has to be looked up
        mark = self._mark_at(edge)
        if held is not market:
            return worth(held, mark, self._rule)
        if mark not in self._whole:  # all that was ever held, at a price that is the same for days
            self._whole[mark] = worth(held, mark, self._rule)
        return self._whole[mark]


def left_over(
    known: Mapping[str, Nano | None],
    seen: Mapping[str, Nano | None],
    found: Sequence[Restatement],
    why: Callable[[str], Restatement],
) -> list[Restatement]:
    """Return what no single record tells of the difference between a day as known and as seen, by line.

    Args:
        known: The lines as known.
        seen: The lines as they were shown.
        found: What records changed.
        why: Gives what a line's rest is put down to; its amount is filled in.
    """
    rest = []
    for line, amount in known.items():
        told = sum(one.amount for one in found if one.line == line)
        left = (amount or 0) - (seen.get(line) or 0) - told
        if left:
            about = why(line)
            rest.append(
                Restatement(
                    number=about.number,
                    recorded_at=about.recorded_at,
                    line=line,
                    amount=left,
                    reason=about.reason,
                    record=about.record,
                )
            )
    return rest
