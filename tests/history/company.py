"""A company whose ticks are kept by a real store, and everything that it was ever shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask

from pnl.aggregator.figures import LiveFigures
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger, Opening
from pnl.domain.money import nano
from pnl.domain.records import KINDS, Fact, Mark, Market, Record, Report
from pnl.domain.snapshot import Json, PositionRow, Snapshot
from pnl.history import KnownHistory
from pnl.ports import Ledgers, Tick
from pnl.store import SqlStore, open_store
from pnl.web.server import create_server
from tests.domain.strategies import record
from tests.domain.world import sources
from tests.web.fakes import FakeClock, FakeHub

ZONE = ZoneInfo("America/New_York")
NEAR_SECONDS = 60


def plain(checks: Iterable[Json]) -> list[dict[str, Json]]:
    """Return checks as the API sends them, by name and scope, without since when they stand so."""
    told = [{name: one[name] for name in one if name != "since"} for one in checks if isinstance(one, dict)]
    return sorted(told, key=lambda one: (str(one["name"]), str(one["scope"])))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tick showed: the snapshot, every market, and the checks with all but since when they stand so."""

    snapshot: Snapshot
    every: Sequence[PositionRow]
    checks: list[dict[str, Json]]


@dataclass
class Company:
    """Makes ticks of what it is told, and remembers what each showed; `demo` says on the pages that all is invented."""

    url: str
    pace: float = 10
    demo: bool = False
    shown: list[Shown] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.calendar = Calendar(ZONE)
        self.seq = 0
        self._begin()

    def _begin(self) -> None:
        self.store: SqlStore = open_store(self.url, demo=False)
        self.store.lead()
        self.ledger = Ledger(self.calendar)
        self.ledger.take(self.store.facts(*KINDS))
        self.ledger.quote(self.store.marks(), self.store.markets())
        self.clock = FakeClock()
        self.figures = LiveFigures(
            self.ledger,
            self.store,
            clock=self.clock,
            demo=self.demo,
            time_zone=ZONE.key,
            interval_seconds=int(self.pace),
        )
        self.history = KnownHistory(
            self.ledger,
            self.figures.lock,
            self.store,
            lambda: Ledger(Calendar(ZONE)),
            demo=False,
            interval_seconds=self.pace,
        )
        if self.shown:
            self.figures.publish(self.seq, self.shown[-1].snapshot.text())

    def server(self, ledgers: Ledgers | None = None, budget: str | None = None) -> Flask:
        """Return a server of all routes; by ledgers of its own and with a budget, where they are given."""
        return create_server(
            self.figures,
            self.store,
            FakeHub(),
            host="127.0.0.1",
            port=8050,
            clock=self.clock,
            time_zone=ZONE.key,
            interval_seconds=int(self.pace),
            past=self.history,
            ledgers=ledgers or self.history.ledgers,
            alerting=self.store.alerts(),
            budget=nano(budget) if budget else None,
        )

    def restart(self) -> None:
        """End the process, and start it anew."""
        self.store.close()
        self._begin()

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def tick(
        self,
        at: datetime,
        *facts: Fact | Record,
        marks: Sequence[Mark] = (),
        markets: Sequence[Market] = (),
        report: Report | None = None,
        through: date | None = None,
        trading: bool = True,
    ) -> Snapshot:
        """Make a tick of what became known; the sources are complete up to `through`, or the day of the tick.

        Without `trading` Kalshi has not answered yet: the snapshot is incomplete.
        """
        told = [fact if isinstance(fact, Record) else record(fact) for fact in facts]
        with self.figures.lock:
            new = [replace(one, recorded_at=at) for one in self.store.sort(told).new]
            self.ledger.take(new)
            self.ledger.quote(marks, markets)
            credit = self.ledger.report(report) if report else None
            if credit:
                made = record(credit, version=1)
                new.append(made)
                self.ledger.take([made])
            self.seq += 1
            snapshot = self.ledger.snapshot(
                seq=self.seq,
                as_of=at,
                demo=False,
                opening=self._opening(at),
                sources=sources(through=through or self.calendar.day(at)),
                trading=trading,
                revenue=True,
            )
            groups = self.ledger.reconciliation.groups()
            self.store.keep(
                Tick(
                    snapshot=snapshot,
                    records=tuple(new),
                    marks=tuple(marks),
                    markets=tuple(markets),
                    checked=groups,
                    interval_seconds=int(self.pace),
                )
            )
            checks = plain(self.ledger.reconciliation.to_json())
            self.ledger.seq = self.seq
            self.figures.publish(self.seq, snapshot.text())
            self.clock.at = at
            self.shown.append(Shown(snapshot, list(self.ledger.rows(every=True)), checks))
        return snapshot

    def _opening(self, at: datetime) -> Opening:
        day = self.calendar.day(at)
        start = self.calendar.bounds(day)[0]
        before = self.store.row_before(start)
        if before and (start - before.as_of).total_seconds() <= max(NEAR_SECONDS, 3 * self.pace):
            return Opening(day, before.unrealised_total, False)
        after = self.store.row_after(start)
        if after and after.day == day:
            return Opening(day, after.unrealised_total, True)
        return Opening(day, self.ledger.unrealised(), True)
