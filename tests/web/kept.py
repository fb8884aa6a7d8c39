"""A store with a past: days of ticks with fills, settlements, revenue and API cost, and what is known of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pnl.aggregator.figures import LiveFigures
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger, Opening
from pnl.domain.money import Nano
from pnl.domain.records import KINDS, Fact, Mark, Record, Report
from pnl.ports import SeenDay, SnapshotRow, Tick
from pnl.store import open_store
from tests.domain.strategies import record
from tests.domain.world import sources
from tests.empty_books import empty_file
from tests.web.fakes import FakeClock

ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Stated:
    """A day as it is known."""

    day: date
    lines: Mapping[str, Nano | None]
    seen: SeenDay | None


class Kept:
    """A company that is told of records tick by tick; implements `pnl.ports.Ledgers`."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(empty_file(folder / "pnl.db"), demo=False)
        self.store.lead()
        self.calendar = Calendar(ZONE)
        self.ledger = Ledger(self.calendar)
        self.clock = FakeClock()
        self.figures = LiveFigures(
            self.ledger, self.store, clock=self.clock, demo=False, time_zone=ZONE.key, interval_seconds=10
        )
        self.seq = 0
        self.known: list[tuple[datetime, list[Record]]] = []
        self._then: dict[datetime, Ledger] = {}

    def tick(
        self,
        at: datetime,
        *facts: Fact | Record,
        marks: Sequence[Mark] = (),
        report: Report | None = None,
        trading: bool = True,
        revenue: bool = True,
    ) -> SnapshotRow:
        """Make a tick of what became known; without `revenue`, or `trading`, that is not known yet."""
        told = [fact if isinstance(fact, Record) else record(fact) for fact in facts]
        new = [replace(one, recorded_at=at) for one in self.store.sort(told).new]
        with self.figures.lock:
            self.ledger.take(new)
            self.ledger.quote(marks)
            credit = self.ledger.report(report) if report else None
            if credit:
                made = record(credit, version=1)
                new.append(made)
                self.ledger.take([made])
            day = self.calendar.day(at)
            self.seq += 1
            snapshot = self.ledger.snapshot(
                seq=self.seq,
                as_of=at,
                demo=False,
                opening=self._opening(day),
                sources=sources(),
                trading=trading,
                revenue=revenue,
            )
            checked = self.ledger.reconciliation.groups()
            self.store.keep(Tick(snapshot=snapshot, records=tuple(new), marks=tuple(marks), checked=checked))
            self.figures.publish(self.seq, snapshot.text())
        row = self.store.row(self.seq)
        assert row is not None
        return row

    def _opening(self, day: date) -> Opening:
        before = self.store.row_before(self.calendar.bounds(day)[0])
        if before:
            return Opening(day, before.unrealised_total, False)
        after = self.store.row_after(self.calendar.bounds(day)[0])
        return Opening(day, after.unrealised_total if after else self.ledger.unrealised(), True)

    @contextmanager
    def now(self) -> Iterator[Ledger]:
        """Give the ledger, locked."""
        with self.figures.lock:
            yield self.ledger

    def hold(self, ledger: Ledger) -> None:
        """Keep nothing: each is made anew."""

    def at(self, instant: datetime) -> Ledger:
        """Return a ledger of what was known then."""
        if instant not in self._then:
            made = Ledger(self.calendar)
            made.take(self.store.facts_at(instant, *KINDS))
            made.quote(self.store.marks_at(instant))
            self._then[instant] = made
        return self._then[instant]

    def stated(self, since: date | None, until: date | None, known: datetime | None) -> list[Stated]:
        """Return days as they are known."""
        if known:
            return self._stated(self.at(known), since, until, known)
        with self.now() as ledger:
            return self._stated(ledger, since, until, None)

    def _stated(self, ledger: Ledger, since: date | None, until: date | None, known: datetime | None) -> list[Stated]:
        found = []
        for seen in self.store.company_days(since, until):
            if known and self.calendar.bounds(seen.day)[0] > known:
                continue
            end = self.calendar.bounds(seen.day)[1]
            last = self.store.row_before(min(end, known) if known else end)
            opening = self._opening(seen.day)
            lines = dict(ledger.statement(opening, trading=True, revenue=True).lines)
            if last and last.unrealised_total is not None and opening.unrealised is not None:
                lines["trading_unrealised"] = last.unrealised_total - opening.unrealised
            found.append(Stated(seen.day, lines, self._upto(seen, known) if known else seen))
        return found

    def _upto(self, seen: SeenDay, known: datetime) -> SeenDay:
        last = self.store.row_at(known)
        if last is None or last.seq >= seen.last.seq:
            return seen
        high, low, _ = self.store.net_between(seen.first, last.seq)
        return replace(seen, last=last, count=last.seq - seen.first + 1, high=high, low=low)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


Make = Callable[[Path], Kept]
NEXT = timedelta(days=1)
