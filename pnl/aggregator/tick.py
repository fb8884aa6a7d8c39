"""One tick, top to bottom: read what is due, sort, fold, check, make the snapshot, keep it, publish it."""

import asyncio
import gc
import json
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from pnl.aggregator.farewell import Farewell
from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.alerts.watch import Watch
from pnl.clock import Clock
from pnl.domain.alerts.board import shown
from pnl.domain.explain.sides import made_of
from pnl.domain.ledger import OPENING_BALANCE, Ledger, Opening
from pnl.domain.records import Balance, Fact, Kind, Mark, Market, Record, Report
from pnl.domain.snapshot import SourceState, money
from pnl.errors import Deposed, Overtaken, SourceGarbled, StoreDamaged, StoreError
from pnl.metrics.instruments import (
    AGGREGATION,
    COMMIT,
    COMMITTED,
    COMPUTE,
    GAPS,
    PUBLISH,
    SNAPSHOTS,
    TICK,
    TICKS,
)
from pnl.ports import RESTORED_GAP, CheckChange, Gap, Reading, Store, Tick

log = structlog.get_logger(__name__)

MANY = 1_000
SETTLED_AGAIN_SECONDS = 600.0
"""A settled market whose fills are missing is looked at again so often."""
GAP_REASONS = {
    "no tick was made in time": "late",
    "no snapshot could be kept": "refused",
    "no snapshot could be kept, and then the product was not running": "refused",
    "ticks had stopped; the process ended itself": "stopped",
    "the product was not running": "away",
    RESTORED_GAP: "restored",
}
"""Why a gap is, in words that the archive keeps, and as the metrics name it."""
WORST_FIRST = ("down", "stale", "cached", "live", "off")


class Aggregator:
    """Makes ticks. One at a time, in one event loop; nobody else writes ticks to the store.

    What a tick could not keep is kept by the next one: nothing that was read is dropped, and a
    snapshot is published only once it is kept.
    """

    def __init__(
        self,
        readers: Sequence[Reader],
        ledger: Ledger,
        store: Store,
        figures: LiveFigures,
        *,
        clock: Clock,
        interval_seconds: int,
        wait_seconds: float = 3.0,
        look_again: Callable[[Collection[str]], None] | None = None,
        share_checks: bool = False,
        marks_days: int = 400,
        watch: Watch | None = None,
        farewell: Farewell | None = None,
        restored: int | None = None,
        waiting: Callable[[], str | None] = lambda: None,
        damaged: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._readers = readers
        self._ledger = ledger
        self._store = store
        self._figures = figures
        self._clock = clock
        self._interval = interval_seconds
        self._wait = wait_seconds
        self._look_again = look_again
        self._share_checks = share_checks
        self._farewell = farewell
        self._restored = restored
        self._waiting = waiting
        self._damaged = damaged
        self._refused = False
        self._marks_kept = timedelta(days=marks_days)
        self._watch = watch
        self._thinned = 0
        self._record = store.last_record()
        self.deposed = False
        self._told: dict[str, float] = {}
        last = store.last_row()
        self._seq = last.seq if last else 0
        self._last_at = last.as_of if last else None
        if last:
            COMMITTED.set(last.as_of.timestamp())
        if last:  # since when a check is as it is does not change by a start
            then = store.checks_at(last.seq)
            ledger.reconciliation.stood((name, scope, one.state, one.at) for name, scope, one in then)
            self._hold_before(then)
        self._began = clock.now()
        self._last_began: datetime | None = None
        self._opening: Opening | None = None
        self._reported = not self._of("kalshi")
        self._unsorted: list[tuple[Reader, Reading]] = []
        self._records: dict[tuple[str, str, str], Record] = {}
        self._marks: dict[str, Mark] = {}
        self._markets: dict[str, Market] = {}

    def _hold_before(self, then: Iterable[tuple[str, str, CheckChange]]) -> None:
        """Take over the checks of sources of revenue that are still read, until each is read whole again."""
        read = {reader.source.name for reader in self._readers}
        for name, scope, one in then:
            check = made_of(name, scope, one.expected, one.actual, one.reason)
            if name == "revenue_read" and scope in read and one.state != "gone" and check:
                self._ledger.held_before(replace(check, reason=one.reason))

    async def tick(self) -> None:
        """Make one tick; an error in it is told and leaves what was shown before in place."""
        began = self._clock.monotonic()
        self._began = self._clock.now()
        result = "failed"
        self._unsorted += await self._read()
        pulse = self._figures.pulse
        made = time.perf_counter()
        try:
            with self._figures.lock:
                try:
                    self._keep()
                except Overtaken:  # the entry is in the next look
                    self._keep()
        except Deposed as error:
            self.deposed = True
            pulse.trouble = str(error)
        except StoreError as error:
            pulse.trouble = f"the newest figures could not be kept: {error}"
            pulse.damaged = str(error) if isinstance(error, StoreDamaged) else pulse.damaged
            if not self._refused and self._farewell:
                self._farewell.refused(self._seq)
            self._refused = True
            log.error("tick not kept", error=str(error), waiting_records=len(self._records))
        else:
            pulse.trouble = None
            AGGREGATION.observe(time.perf_counter() - made)
            result = "ok" if all(reader.memory.error is None for reader in self._readers) else "partial"
            self._refused = False
            pulse.waiting, pulse.damaged = self._waiting(), self._damaged()
            if pulse.waiting is None:
                self._thin()
        finally:
            pulse.last = self._clock.monotonic()
            TICK.observe(pulse.last - began)
            TICKS.labels(result).inc()
        log.debug("tick", seq=self._seq, took_ms=round((self._clock.monotonic() - began) * 1000))

    def give_up(self) -> None:
        """Leave word that ticks have stopped, right before the process ends itself."""
        if self._farewell:
            self._farewell.write(self._seq)

    async def close(self) -> None:
        """Stop what is being read."""
        await asyncio.gather(*(reader.close() for reader in self._readers))

    async def _read(self) -> list[tuple[Reader, Reading]]:
        """Read what is due, and history as far as the wait allows; a late answer serves the next tick."""
        found: list[tuple[Reader, Reading]] = []
        due = list(self._readers)
        self._hear_wishes()
        until = asyncio.get_running_loop().time() + self._wait
        while tasks := [task for reader in due if (task := reader.start_if_due(self._clock.now()))]:
            left = until - asyncio.get_running_loop().time()
            await asyncio.wait(tasks, timeout=max(left, 0))
            come = self._collect()
            found += come
            due = [reader for reader, reading in come if not reading.caught_up and left > 0]
        return found

    def _hear_wishes(self) -> None:
        """Make the sources due that somebody wants read at once."""
        try:
            wishes = self._store.wishes()
        except StoreError:
            return  # a database that does not answer is told of when the tick is to be kept
        for reader in self._readers:
            reader.wish(wishes.get(reader.source.name, 0), self._clock.now())

    def _collect(self) -> list[tuple[Reader, Reading]]:
        now = self._clock.now()
        return [(reader, reading) for reader in self._readers if (reading := reader.collect(now))]

    def _keep(self) -> None:
        began = time.perf_counter()
        as_of = self._instant()
        while self._unsorted:
            self._take(*self._unsorted[0], as_of)
            del self._unsorted[0]
        entered, self._record = self._store.records_after(self._record, source="manual")
        self._ledger.take(entered)
        gap = self._gap(as_of)
        snapshot = self._ledger.snapshot(
            seq=self._seq + 1,
            as_of=as_of,
            demo=self._figures.demo,
            opening=self._day_opening(as_of),
            sources=self._sources(as_of),
            trading=self._known("kalshi"),
            revenue=self._known("revenue") or bool(self._ledger.revenue.sources and not self._of("revenue")),
        )
        alerts = self._watch.look(snapshot, self._ledger) if self._watch else None
        if alerts:
            snapshot = replace(snapshot, alerts=shown(alerts))
        computed = time.perf_counter()
        self._store.keep(
            Tick(
                snapshot=snapshot,
                records=tuple(self._records.values()),
                marks=tuple(self._marks.values()),
                markets=tuple(self._markets.values()),
                sources=tuple(reader.kept(as_of) for reader in self._readers),
                gap=gap,
                checks=self._checks(),
                checked=self._ledger.reconciliation.groups(),
                answered=self._reported,
                interval_seconds=self._interval,
                known=self._record,
                alerts=alerts,
            )
        )
        committed = time.perf_counter()
        self._count(snapshot.as_of, gap)
        if self._watch and alerts:
            self._watch.keep(alerts, snapshot)
        self._records, self._marks, self._markets = {}, {}, {}
        self._seq, self._last_at, self._last_began = snapshot.seq, as_of, self._began
        self._ledger.seq = snapshot.seq
        self._figures.publish(snapshot.seq, snapshot.text())
        COMPUTE.observe(computed - began)
        COMMIT.observe(committed - computed)
        PUBLISH.observe(time.perf_counter() - committed)

    def _count(self, at: datetime, gap: Gap | None) -> None:
        """Count a snapshot that is kept, and what is missing before it."""
        SNAPSHOTS.inc()
        COMMITTED.set(at.timestamp())
        if gap:
            reason = GAP_REASONS.get(gap.reason, "other")  # words of an earlier version: no tick fails for them
            GAPS.labels(reason).inc()
            if reason == "late":
                TICKS.labels("late").inc(gap.missed)

    def _thin(self) -> None:
        """Let go of some old marks; a step that fails is made by a later tick."""
        try:
            done = self._store.thin(self._clock.now() - self._marks_kept)
        except StoreError as error:
            if isinstance(error, StoreDamaged):  # what is written lies in memory still, and other pages are torn
                self._figures.pulse.damaged = str(error)
            log.warning("old marks not thinned", error=str(error))
            return
        if done:
            self._thinned += done.removed
            if done.day and self._thinned:
                log.info("old marks thinned", day=done.day.isoformat(), removed=self._thinned)
                self._thinned = 0

    def _checks(self) -> str | None:
        """Return the checks as other processes show them."""
        return json.dumps(self._ledger.reconciliation.to_json()) if self._share_checks else None

    def _take(self, reader: Reader, reading: Reading, now: datetime) -> None:
        found = self._store.sort(reading.records)
        self._ledger.conflicts(reader.source.name, found.conflicts)
        for _, reason in found.conflicts[:1]:
            reader.spoil(SourceGarbled(reader.source.name, reason), now)
        self._add(*found.new)
        if len(found.new) > MANY:
            gc.freeze()  # what stays for good need not be looked through at every collection
        if reading.whole_from:
            self._ledger.read_whole(reader.source.name, reading.records, reading.whole_from, now)
        self._marks.update({mark.ticker: mark for mark in reading.marks})
        self._markets.update({market.ticker: market for market in reading.markets})
        self._ledger.quote(reading.marks, reading.markets)
        if reading.report:
            self._reported = True  # until then, the checks against it stand as they were before the start
            self._reconcile(reading.report)

    def _reconcile(self, report: Report) -> None:
        if self._ledger.cash.opening is None and report.backfilled and not report.in_motion:
            opening = Balance(at=report.at, cash=report.cash, portfolio_value=report.portfolio_value)
            self._add(_observed("balance", OPENING_BALANCE, report.at, opening))
        credit = self._ledger.report(report)
        if credit:
            log.warning("unattributed credit", amount=money(credit.amount), since=credit.at.isoformat())
            self._add(_observed("credit", credit.id, credit.at, credit))
        for settlement in self._ledger.archived(report):
            log.info("settlement is archived: taken from the market's outcome", ticker=settlement.ticker)
            self._add(_observed("settlement", settlement.id, settlement.at, settlement))
        if self._look_again:
            doubted = self._doubted()
            if doubted:
                self._look_again(doubted)

    def _doubted(self) -> list[str]:
        """Return the markets to be looked at again: where fills seem to be missing, settled ones now and then."""
        now = self._clock.monotonic()
        settled = self._ledger.reconciliation.incomplete()
        self._told = {one: at for one, at in self._told.items() if one in settled and now - at < SETTLED_AGAIN_SECONDS}
        due = settled - self._told.keys()
        self._told.update(dict.fromkeys(due, now))
        return sorted(due | self._ledger.reconciliation.doubtful())

    def _add(self, *records: Record) -> None:
        self._records.update({(record.source, record.kind, record.id): record for record in records})
        self._ledger.take(records)

    def _instant(self) -> datetime:
        now = self._clock.now()
        if self._last_at is not None and now <= self._last_at:
            log.warning("the clock went back", now=now.isoformat(), last=self._last_at.isoformat())
            return self._last_at + timedelta(milliseconds=1)
        return now

    def _gap(self, as_of: datetime) -> Gap | None:
        if self._last_at is None:
            return None
        before = self._last_began or self._last_at
        missed = round((self._began - before).total_seconds() / self._interval) - 1
        if missed < 1:
            return None
        if self._refused:
            reason = "no snapshot could be kept"
        elif self._last_began:
            reason = "no tick was made in time"
        elif self._restored == self._seq:
            reason = RESTORED_GAP
        elif self._farewell and self._farewell.was_after(self._seq):
            reason = "ticks had stopped; the process ended itself"
        elif self._farewell and self._farewell.refused_after(self._seq):
            reason = "no snapshot could be kept, and then the product was not running"
        else:
            reason = "the product was not running"
        return Gap(since=self._last_at, until=as_of, missed=missed, reason=reason)

    def _day_opening(self, as_of: datetime) -> Opening:
        day = self._ledger.calendar.day(as_of)
        if self._opening and self._opening.day == day and self._opening.unrealised is not None:
            return self._opening
        start, _ = self._ledger.calendar.bounds(day)
        before = self._store.row_before(start)
        if before and (start - before.as_of).total_seconds() <= max(60, 3 * self._interval):
            self._opening = Opening(day, before.unrealised_total, False)
            return self._opening
        after = self._store.row_after(start)
        if after and after.day == day:
            known = after.unrealised_total
        else:
            known = self._ledger.unrealised() if self._known("kalshi") else None
        self._opening = Opening(day, known, True)
        return self._opening

    def _of(self, name: str) -> list[Reader]:
        return [reader for reader in self._readers if reader.source.name.partition(".")[0] == name]

    def _known(self, name: str) -> bool:
        readers = self._of(name)
        return bool(readers) and all(reader.memory.as_of and reader.memory.caught_up for reader in readers)

    def _sources(self, now: datetime) -> dict[str, SourceState]:
        found = {
            name: _together([reader.state(now) for reader in self._of(name)])
            for name in ("kalshi", "anthropic", "revenue")
        }
        if found["revenue"].status == "off" and self._ledger.revenue.sources:
            found["revenue"] = replace(found["revenue"], status="live", as_of=now)
        return found


def _together(states: list[SourceState]) -> SourceState:
    """Return how several sources do as one: as bad as the worst, as old as the oldest."""
    if not states:
        return SourceState(status="off", as_of=None, complete_through=None, next_attempt=None, error=None)
    worst = min(states, key=lambda state: WORST_FIRST.index(state.status))
    ages = [state.as_of for state in states]
    days = [state.complete_through for state in states if state.complete_through]
    attempts = [state.next_attempt for state in states if state.next_attempt]
    return SourceState(
        status=worst.status,
        as_of=None if None in ages else min(at for at in ages if at),
        complete_through=min(days) if days else None,
        next_attempt=min(attempts) if attempts else None,
        error="; ".join(state.error for state in states if state.error) or None,
    )


def _observed(kind: Kind, name: str, at: datetime, fact: Fact) -> Record:
    return Record(source="kalshi", kind=kind, id=name, version=1, effective_at=at, fact=fact, raw="{}")
