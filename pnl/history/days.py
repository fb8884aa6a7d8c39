"""Company days as they are known, each beside how it was shown, with what changed it since."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from pnl.domain.company_day import Calendar
from pnl.domain.cost_changes import unread
from pnl.domain.days import Boundary, Knowledge, KnownDay, known_day, last_shown
from pnl.domain.ledger import Ledger
from pnl.domain.restatements import CLOSED_LATE, REPLACED, UNKNOWN, UNREALISED, Restatement, left_over
from pnl.domain.snapshot import LINES, Snapshot
from pnl.domain.statement import of_lines
from pnl.history.edges import Beginnings, corrected
from pnl.history.restated import Restated
from pnl.history.spent import Spent
from pnl.ports import QUALITY, Ledgers, SeenDay, SnapshotRow, StatedDay, Store

_DAY = timedelta(days=1)
_TRIES = 3
EACH_READING = 2
"""Of so many days an answer tells each reading that changed the API cost: there may be a thousand a day, which takes
seconds to work out where nobody asked for it before. A day's page asks for two, itself and the one before."""


class KnownDays:
    """Gives the days of a range, as known now or at an instant.

    Args:
        store: The archive.
        ledgers: What is known, and was known.
        calendar: The company's days.
        beginnings: Where days begin.
        restated: What changed of them.
        spent: What changed of their API cost, reading by reading.
    """

    def __init__(  # noqa: PLR0917 - as one would say it
        self,
        store: Store,
        ledgers: Ledgers,
        calendar: Calendar,
        beginnings: Beginnings,
        restated: Restated,
        spent: Spent,
    ) -> None:
        self._store = store
        self._ledgers = ledgers
        self._calendar = calendar
        self._beginnings = beginnings
        self._restated = restated
        self._spent = spent
        self._seen: tuple[SeenDay, ...] = ()
        self._stated: dict[date, tuple[tuple[object, ...], StatedDay]] = {}

    def days(self, since: date | None, until: date | None, at: datetime | None = None) -> list[StatedDay]:
        """Return the days of [since, until), oldest first; see `pnl.ports.History`."""
        newest = self._store.last_row()
        row = self._store.row_at(at) if at and newest else newest
        if row is None or newest is None:
            return []
        if row.seq != newest.seq:
            return self._told(self._ledgers.at(row.as_of), row, since, until, now=False)
        for last in (*[False] * (_TRIES - 1), True):
            every = self._every()
            if not every:
                return []
            self._restated.take(every)
            with self._ledgers.now() as ledger:
                if last or self._store.head() == every[-1].last.seq:
                    return self._told(ledger, every[-1].last, since, until, now=True, every=every)
        return []

    def began(self, start: datetime, at: datetime | None = None) -> Boundary | None:
        """Return the open positions where a company day begins; see `pnl.ports.History`."""
        day = start.astimezone(self._calendar.zone).date()
        row = self._store.row_at(at) if at else self._store.last_row()
        if row is None or day > row.day or self._calendar.bounds(day)[0] != start:
            return None
        self._restated.take(self._every())
        return self._begins(day, row.known)

    def _told(
        self,
        ledger: Ledger,
        row: SnapshotRow,
        since: date | None,
        until: date | None,
        *,
        now: bool,
        every: Sequence[SeenDay] | None = None,
    ) -> list[StatedDay]:
        if every is None:
            every = self._every()
            self._restated.take(every)
        shown = self._store.shown(row.seq)
        if shown is None:
            return []
        seen = {one.day: one for one in every if one.day <= row.day}
        if not now:
            seen[row.day] = self._part(seen[row.day], row)
        knowledge = Knowledge(
            trading=row.lines["trading_realised"] is not None,
            revenue=row.lines["revenue"] is not None,
            sources=shown.head.sources,
        )
        first = every[0].day
        days = ledger.days(first) if since is None or since < first else set()
        days |= {first + timedelta(days=place) for place in range((row.day - first).days + 1)}
        wanted = sorted(day for day in days if (since is None or day >= since) and (until is None or day < until))
        each = len(wanted) <= EACH_READING
        return [self._day(ledger, day, seen.get(day), row, shown.head, knowledge, now=now, each=each) for day in wanted]

    def _day(  # noqa: PLR0917 - as one would say it
        self,
        ledger: Ledger,
        day: date,
        seen: SeenDay | None,
        row: SnapshotRow,
        head: Snapshot,
        knowledge: Knowledge,
        *,
        now: bool,
        each: bool,
    ) -> StatedDay:
        if seen is None:
            return StatedDay(known=known_day(ledger, day, None, None, knowledge), seen=None, restatements=())
        opening = self._begins(day, row.known)
        if day == row.day:
            known = _today(known_day(ledger, day, opening, last_shown(row), knowledge), row, head, opening)
        else:
            known = known_day(ledger, day, opening, self._begins(day + _DAY, row.known), knowledge)
        spent = tuple(self._spent.changes(day, seen.last.known, row.known)) if each else None
        told = (known, seen, spent, *self._restated.told(day))
        kept = self._stated.get(day) if now else None
        if kept and kept[0] == told:
            return kept[1]
        changes = tuple(self._changes(ledger, known, seen, row.known, spent))
        stated = StatedDay(known=known, seen=seen, restatements=changes)
        if now:
            self._stated[day] = (told, stated)
        return stated

    def _every(self) -> tuple[SeenDay, ...]:
        """Return every day as it was seen, oldest first; of those that ended nothing changes any more."""
        known = self._seen[:-1]
        self._seen = found = (*known, *self._store.company_days(known[-1].day + _DAY if known else None, None))
        return found

    def _begins(self, day: date, known: int) -> Boundary | None:
        return corrected(self._beginnings.of(day), self._restated.held(day, known))

    def _changes(
        self, ledger: Ledger, known: KnownDay, seen: SeenDay, number: int, spent: Sequence[Restatement] | None
    ) -> list[Restatement]:
        found = [*self._restated.changes(known.day, number), *(spent or ())]

        def why(line: str) -> Restatement:
            report = self._restated.report(known.day, number) if line == "api_cost" and spent is None else None
            if report:
                return report
            at, reason = known.end, REPLACED
            if seen.last.lines[line] is None:
                reason = UNKNOWN
            elif line == "api_cost" and known.statement.lines[line] is None:
                reason = unread(ledger.costs, known.start, known.end)
            elif line == UNREALISED and known.closing and known.closing.estimated:
                at, reason = known.closing.as_of, CLOSED_LATE
            return Restatement(number=0, recorded_at=at, line=line, amount=0, reason=reason)

        rest = left_over(known.statement.lines, seen.last.lines, found, why)
        return sorted((*found, *rest), key=lambda one: (one.recorded_at, one.number, LINES.index(one.line)))

    def _part(self, whole: SeenDay, last: SnapshotRow) -> SeenDay:
        """Return a day as it was seen up to a snapshot of it."""
        if whole.last.seq == last.seq:
            return whole
        high, low, qualities = self._store.net_between(whole.first, last.seq)
        words = {word for quality in qualities for word in quality.split("+")} - {"ok"}
        return replace(
            whole,
            last=last,
            count=last.seq - whole.first + 1,
            high=high,
            low=low,
            partial=all("incomplete" in quality for quality in qualities),
            quality="+".join(word for word in QUALITY if word in words) or "ok",
        )


def _today(known: KnownDay, row: SnapshotRow, head: Snapshot, opening: Boundary | None) -> KnownDay:
    """Return today as its newest snapshot shows it, but for what became known since of how it began."""
    lines = dict(row.lines)
    change = lines[UNREALISED]
    if change is not None and opening:
        lines[UNREALISED] = change - opening.corrected
    return replace(known, statement=of_lines(lines), finality=head.finality, standing=head.standing(), flags=head.flags)
