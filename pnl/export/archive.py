"""An export's rows as parts of CSV, whatever they are read from, oldest first and in flat memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TypeAlias
from zoneinfo import ZoneInfo

from pnl.domain.snapshot import LINES
from pnl.errors import ExportError, StoreUnavailable
from pnl.export import days, facts
from pnl.export.asked import RAW, Asked
from pnl.export.cells import Value, header, local, writer
from pnl.export.days import Day
from pnl.export.journal import journal
from pnl.export.tables import DAYS, PLAIN
from pnl.ports import QUALITY, Extracts, Spelling, Store

Part: TypeAlias = tuple[int, bytes]
"""How many rows, and their text."""
PastDays: TypeAlias = Callable[[date | None, date | None, datetime], Iterable[Day]]
"""Gives the company days of [since, until) as they were known at an instant, as `/api/pnl/days` tells them."""
ROWS = 250
_FIGURES = (*LINES, "net", "net_realised", "cumulative_net", "equity")
_STRETCHES = 500
_LOOKS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _INSTANT = timedelta(days=1), timedelta(microseconds=1)
_MARK = "\ufeff"


class Archive:
    """Reads every table from a store, and days from what knows them."""

    def __init__(self, store: Store, past_days: PastDays) -> None:
        self._store = store
        self._days = past_days

    def fixed(self, asked: Asked) -> Asked:
        """Return the same question with its `last` snapshot named, so that it has one answer for ever.

        Raises:
            ExportError: There is no such snapshot.
        """
        if asked.last is None:
            return replace(asked, last=self._store.head())
        if asked.last and self._extracts.known(asked.last) is None:
            raise ExportError("last", f"last {asked.last} is no snapshot: the newest is {self._store.head()}")
        return asked

    def name(self, asked: Asked, now: datetime) -> str:
        """Return what the file of a fixed question is called."""
        known = self._extracts.known(asked.last or 0)
        return asked.file_name(known[0] if known else now)

    def csv(self, asked: Asked, *, guarded: bool = True, plain: bool = False) -> Iterator[Part]:
        """Give the CSV of a fixed question, its header first.

        Args:
            asked: The question.
            guarded: Whether text that a spreadsheet would take for a formula has `'` before it.
            plain: Whether a table of `tables.PLAIN` comes in whole numbers, see `pnl.ports.Spelling`.
        """
        if asked.headed:
            yield 0, ((_MARK if asked.excel else "") + header(asked.columns)).encode()
        spelling = Spelling(
            short=asked.excel, guarded=guarded, plain=plain and asked.shape.schema in PLAIN and not asked.zone
        )
        known = self._extracts.known(asked.last or 0)
        if known is None:
            return
        if asked.table == "snapshots" and asked.step == RAW:
            yield from self._snapshots(asked, spelling, known[0])
        else:
            yield from self._rows(asked, spelling, *known)

    def journal(self, asked: Asked) -> Iterator[tuple[int, bytes]]:
        """Give the days of a fixed question as a journal, in parts, each with how many days it has."""
        known = self._extracts.known(asked.last or 0)
        return journal(self._known_days(asked, known[0]), known[0]) if known else journal((), _EPOCH)

    def count(self, asked: Asked) -> int:
        """Return how many rows a fixed question has."""
        known = self._extracts.known(asked.last or 0)
        if known is None:
            return 0
        if asked.table == "snapshots" and asked.step == RAW:
            return self._extracts.count(*self._span(asked))
        if asked.table in facts.KINDS:
            kind, source = facts.KINDS[asked.table]
            with _after(asked):
                return self._extracts.count_records(kind, asked.since, asked.until, _number(asked), known[1], source)
        return sum(
            1 for _ in (self._known_days(asked, known[0]) if asked.table == DAYS.name else self._steps(asked, known[0]))
        )

    @property
    def _extracts(self) -> Extracts:
        return self._store.extracts

    def _span(self, asked: Asked) -> tuple[int, int]:
        return self._extracts.span(asked.since, asked.until, _number(asked), asked.last or 0)

    def _snapshots(self, asked: Asked, spelling: Spelling, until: datetime) -> Iterator[Part]:
        columns = [column.figure for column in asked.shape.columns]
        after, end = self._span(asked)
        if not asked.zone:
            yield from _encoded(self._extracts.lines(columns, after, end, spelling))
            return
        for change, offset in changes(ZoneInfo(asked.zone), asked.since or _EPOCH, until):
            _, middle = self._extracts.span(None, change, after, end)
            there = replace(spelling, offset_seconds=int(offset.total_seconds()))
            yield from _encoded(self._extracts.lines([*columns, "as_of_local"], after, middle, there))
            after = max(after, middle)

    def _rows(self, asked: Asked, spelling: Spelling, at: datetime, record: int) -> Iterator[Part]:
        write = writer(asked.shape.columns, spelling)
        zone, place = (ZoneInfo(asked.zone), asked.shape.names.index(asked.shape.time)) if asked.zone else (None, 0)
        rows = self._values(asked, at, record)
        while part := list(islice(rows, ROWS)):
            lines = [write(row) for row in part]
            if zone:
                theirs = [_there(row[place], zone, spelling) for row in part]
                lines = [f"{line[:-2]},{time}\r\n" for line, time in zip(lines, theirs, strict=True)]
            yield len(part), "".join(lines).encode()

    def _values(self, asked: Asked, at: datetime, record: int) -> Iterator[Sequence[Value]]:
        if asked.table in facts.KINDS:
            kind, source = facts.KINDS[asked.table]
            with _after(asked):
                found = self._extracts.records(kind, asked.since, asked.until, _number(asked), record, source)
            return (facts.row(number, one) for number, one in found)
        if asked.table == DAYS.name:
            return (days.row(day) for day in self._known_days(asked, at))
        return self._steps(asked, at)

    def _known_days(self, asked: Asked, at: datetime) -> Iterator[Day]:
        """Give the days that begin in the range; where they begin is for them to tell."""
        since = asked.since.date() - _DAY if asked.since else None
        if isinstance(asked.after, date):
            since = max(asked.after + _DAY, since or date.min)
        until = asked.until.date() + 2 * _DAY if asked.until else None
        for day in self._settled(since, until, at):
            begins = days.at(day["start"]) or _EPOCH
            if (asked.since is None or begins >= asked.since) and (asked.until is None or begins < asked.until):
                yield day

    def _settled(self, since: date | None, until: date | None, at: datetime) -> list[Day]:
        """Return days as they were known at an instant, and not a snapshot later.

        When a snapshot is the newest, it may no longer be so while its days are put together.
        """
        for _ in range(_LOOKS):
            found = list(self._days(since, until, at))
            if all((days.at((day["as_seen"] or {}).get("as_of")) or at) <= at for day in found):
                return found
        raise StoreUnavailable("snapshots came too quickly for the days to be told")

    def _steps(self, asked: Asked, at: datetime) -> Iterator[Sequence[Value]]:
        since = asked.since
        if isinstance(asked.after, datetime):
            since = max(asked.after + _INSTANT, since or _EPOCH)
        while True:
            found = self._store.series(_FIGURES, since, asked.until, asked.step, _STRETCHES, at)
            for start, count, bits, *ends in found.rows:
                since = _EPOCH + timedelta(microseconds=start or 0)
                quality = "+".join(word for place, word in enumerate(QUALITY) if (bits or 0) >> place & 1) or "ok"
                closes, net = ends[3::4], 4 * len(LINES)
                yield (since, count, *closes[: len(LINES)], *ends[net : net + 3], *closes[len(LINES) :], quality)
            if len(found.rows) < _STRETCHES:
                return
            since = (since or _EPOCH) + _INSTANT


def changes(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """Give the offsets of a zone in turn, each with where the next one begins; the last reaches beyond `until`."""
    at, offset = since, _offset(zone, since)
    while at <= until:
        after = at + _DAY
        if _offset(zone, after) != offset:
            before = at
            while after - before > timedelta(seconds=1):
                middle = before + ((after - before) // 2)
                before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
            change = after.replace(microsecond=0)
            yield change, offset
            offset = _offset(zone, change)
        at = after
    yield at + _DAY, offset


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _there(at: Value, zone: ZoneInfo, spelling: Spelling) -> str:
    return local(at, _offset(zone, at), short=spelling.short) if isinstance(at, datetime) else ""


@contextmanager
def _after(asked: Asked) -> Iterator[None]:
    """Refuse an `after` that is no key of the table."""
    try:
        yield
    except ValueError as error:
        cure = f"give the {asked.shape.key} of the last row that you have of {asked.table}"
        raise ExportError("after", f"after {asked.after}: {error}; {cure}") from error


def _number(asked: Asked) -> int:
    return asked.after if isinstance(asked.after, int) else 0


def _encoded(found: Iterable[tuple[int, str]]) -> Iterator[Part]:
    return ((rows, text.encode()) for rows, text in found)
