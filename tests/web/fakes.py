"""A store and figures in memory, at the ports, that the web is tested against."""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from pnl.domain.money import text
from pnl.domain.records import Kind, Mark, Market, Record, RevenueEntry
from pnl.domain.revenue import posts
from pnl.domain.snapshot import LINES, Account, Json, PositionRow, Snapshot, SourceState
from pnl.errors import EntryConflict, StoreDamaged, StoreUnavailable, TooManyClients
from pnl.ports import (
    CheckChange,
    Form,
    Full,
    Gap,
    Page,
    Seat,
    SeenDay,
    Series,
    SnapshotRow,
    Sorted,
    SourceChange,
    SourceMemory,
    StoreFacts,
    Thinned,
    Tick,
)
from pnl.store.facts import microseconds
from pnl.store.rollups import bits, start
from tests.web.fake_alerts import FakeAlerts
from tests.web.fake_extracts import FakeExtracts
from tests.web.fake_past import FakePast

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""Noon of 20 November in New York."""


class FakeClock:
    """A clock that stands still; what measures by it how old something is finds a second gone at every look."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at
        self.looks = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        self.looks += 1
        return self.looks


def row(seq: int, at: datetime | None = None, net: int | None = 0, quality: str = "ok", **lines: int) -> SnapshotRow:
    """A row `seq` ticks of ten seconds after noon."""
    return SnapshotRow(
        seq=seq,
        as_of=at or NOON + timedelta(seconds=10 * seq),
        day=date(2026, 11, 20),
        lines={**dict.fromkeys(LINES), **lines},
        net=net,
        net_realised=net,
        complete=quality == "ok",
        quality=quality,
        unrealised_total=0,
    )


@dataclass
class FakeStore(FakePast):
    """Keeps what it is given in lists. `away` or `torn`, every call fails; `breaks_after` cuts a reading of rows."""

    snapshots: Sequence[SnapshotRow] = ()
    records: list[Record] = field(default_factory=list)
    holes: list[Gap] = field(default_factory=list)
    manual: dict[str, list[RevenueEntry]] = field(default_factory=dict)
    trail: dict[str, list[dict[str, Json]]] = field(default_factory=dict)
    seen: list[SeenDay] = field(default_factory=list)
    changes: dict[tuple[str, str], list[CheckChange]] = field(default_factory=dict)
    memories: tuple[SourceMemory, ...] = ()
    wished: dict[str, int] = field(default_factory=dict)
    notes: dict[str, list[SourceChange]] = field(default_factory=dict)
    away: bool = False
    torn: bool = False
    breaks_after: int | None = None
    breaks_with: Exception = field(default_factory=lambda: StoreUnavailable("disk I/O error"))
    page_calls: int = 0
    alerting: FakeAlerts = field(init=False)

    def __post_init__(self) -> None:
        self.alerting = FakeAlerts(self._answer)

    def alerts(self) -> FakeAlerts:
        return self.alerting

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable("database is locked")
        if self.torn:
            raise StoreDamaged("the database is damaged (page 7): stop, and put a backup in its place")

    def sort(self, records: Sequence[Record]) -> Sorted:
        return Sorted(new=tuple(records), conflicts=())

    def lead(self) -> int:
        return 1

    def follow(self) -> None:
        self._answer()

    def stream(self) -> str:
        return "k3f9x2"

    def head(self) -> int:
        return self.snapshots[-1].seq if self.snapshots else 0

    def recent(self, after: int) -> list[tuple[int, str]]:
        del after
        return []

    def last_record(self) -> int:
        return len(self.records)

    def about(self) -> StoreFacts:
        self._answer()
        return StoreFacts(database="SQLite 3.99", bytes=4096)

    def records_after(self, number: int, source: str | None = None) -> tuple[tuple[Record, ...], int]:
        found = [record for record in self.records[number:] if source in (None, record.source)]
        return tuple(found), len(self.records)

    def checks(self) -> str | None:
        return None

    def keep(self, tick: Tick) -> None:
        self.records.extend(tick.records)

    def facts(self, *kinds: Kind) -> Iterator[Record]:
        return (record for record in self.records if record.kind in kinds)

    def marks(self) -> tuple[Mark, ...]:
        return ()

    def markets(self) -> tuple[Market, ...]:
        return ()

    def sources(self) -> tuple[SourceMemory, ...]:
        self._answer()
        return self.memories

    def wish(self, name: str) -> int:
        self._answer()
        self.wished[name] = self.wished.get(name, 0) + 1
        return self.wished[name]

    def wishes(self) -> Mapping[str, int]:
        return self.wished

    def source_history(self, name: str, since: datetime | None, until: datetime | None) -> list[SourceChange]:
        return [one for one in self.notes.get(name, []) if since is None or until is None or since <= one.at < until]

    def current(self) -> dict[str, Json] | None:
        return None

    def last_row(self) -> SnapshotRow | None:
        self._answer()
        return self.snapshots[-1] if self.snapshots else None

    def row_before(self, at: datetime) -> SnapshotRow | None:
        return next((row for row in reversed(self.snapshots) if row.as_of <= at), None)

    def row_after(self, at: datetime) -> SnapshotRow | None:
        return next((row for row in self.snapshots if row.as_of > at), None)

    def rows(self, since: datetime | None, until: datetime | None, after: int = 0) -> Iterator[SnapshotRow]:
        self._answer()
        given = 0
        for found in self.snapshots:
            if (since and found.as_of < since) or (until and found.as_of >= until) or found.seq <= after:
                continue
            if given == self.breaks_after:
                raise self.breaks_with
            given += 1
            yield found

    def series(  # noqa: PLR0917 - as the port has them
        self,
        figures: Sequence[str],
        since: datetime | None,
        until: datetime | None,
        step: str,
        limit: int,
        known: datetime | None = None,
    ) -> Series:
        self._answer()
        found: dict[int, list[SnapshotRow]] = {}
        for kept in self.snapshots:
            if known is None or kept.as_of <= known:
                at = microseconds(kept.as_of)
                found.setdefault(at if step == "raw" else start(at, step), []).append(kept)
        wanted = (microseconds(since) if since else 0, microseconds(until) if until else 2**63)
        rows = [_stretch(at, rows, figures) for at, rows in sorted(found.items()) if wanted[0] <= at < wanted[1]]
        return Series(figures=tuple(figures), rows=rows[:limit])

    def company_days(self, since: date | None, until: date | None) -> list[SeenDay]:
        return [one for one in self.seen if (since or date.min) <= one.day < (until or date.max)]

    def check_history(self, name: str, scope: str, since: datetime | None, until: datetime | None) -> list[CheckChange]:
        found = self.changes.get((name, scope), [])
        return [one for one in found if (not since or one.at >= since) and (not until or one.at < until)]

    def checks_changed(self, after: int, limit: int) -> list[tuple[str, str, CheckChange]]:
        found = [(*key, one) for key, changes in self.changes.items() for one in changes if one.seq > after]
        return sorted(found, key=lambda one: (one[0], one[1], one[2].seq))[-limit:]

    def thin(self, before: datetime) -> Thinned | None:
        return Thinned(removed=0, day=before.date()) if self.snapshots else None

    def paces(self) -> list[tuple[datetime, int]]:
        return []

    def row(self, seq: int) -> SnapshotRow | None:
        return next((row for row in self.snapshots if row.seq == seq), None)

    def row_at(self, at: datetime) -> SnapshotRow | None:
        return next((row for row in reversed(self.snapshots) if row.as_of <= at), None)

    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        return [gap for gap in self.holes if gap.since < until and gap.until > since]

    def page(  # noqa: PLR0917 - as the port has them
        self,
        kinds: Sequence[Kind],
        since: datetime | None,
        until: datetime | None,
        cursor: str | None,
        limit: int,
        at: datetime | None = None,
    ) -> Page:
        self._answer()
        self.page_calls += 1
        start = int(cursor) if cursor else 0
        found = sorted(
            (
                record
                for record in self.records
                if record.kind in kinds
                and (since is None or record.effective_at >= since)
                and (until is None or record.effective_at < until)
                and (at is None or record.recorded_at is None or record.recorded_at <= at)
            ),
            key=lambda record: record.effective_at,
            reverse=True,
        )
        more = len(found) > start + limit
        return Page(records=tuple(found[start : start + limit]), next=str(start + limit) if more else None)

    def named(
        self, keys: Sequence[tuple[str, str, str]], at: datetime | None = None
    ) -> dict[tuple[str, str, str], Record]:
        self._answer()
        known = [one for one in self.records if at is None or one.recorded_at is None or one.recorded_at <= at]
        return {key: one for one in known if (key := (one.source, one.kind, one.id)) in keys}

    def entries(self, at: datetime | None = None) -> tuple[RevenueEntry, ...]:
        self._answer()
        known = [
            [one for one in kept if at is None or (one.updated_at and one.updated_at <= at)]
            for kept in self.manual.values()
        ]
        return tuple(sorted((kept[-1] for kept in known if kept), key=lambda entry: entry.date, reverse=True))

    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str, at: datetime) -> RevenueEntry:
        self._answer()
        kept = self.manual.setdefault(entry.id, [])
        if kept and replaces is None:
            if replace(kept[-1], version=0, updated_at=None) == replace(entry, version=0, updated_at=None):
                return kept[-1]
            raise EntryConflict("id", f"the id {entry.id} is taken by another entry")
        if replaces is not None and kept[-1].version != replaces:
            raise EntryConflict("version", f"version {kept[-1].version} is newer than {replaces}")
        made = replace(entry, version=len(kept) + 1, updated_at=at)
        kept.append(made)
        self.trail.setdefault(entry.id, []).append({"actor": actor, "version": made.version})
        return made

    def audit(self, entry_id: str) -> tuple[Mapping[str, Json], ...]:
        return tuple(self.trail.get(entry_id, ()))

    @property
    def extracts(self) -> "FakeExtracts":
        self._answer()
        return FakeExtracts(self)

    def close(self) -> None:
        self.away = True


@dataclass
class FakeFigures:
    """What is shown now; nothing before `tick`."""

    store: FakeStore
    snapshot: Snapshot | None = None
    status: Literal["ok", "failing"] = "ok"
    demo: bool = False
    time_zone: str = "America/New_York"

    def current(self) -> tuple[int, bytes] | None:
        if self.snapshot is None:
            return None
        return self.snapshot.seq, json.dumps(self.snapshot.to_json()).encode()

    def positions(self, every: bool) -> dict[str, Json]:
        if self.snapshot is None:
            raise AssertionError("asked for positions before the first tick")
        rows = [found for found in self.snapshot.positions if every or not found.settled]
        return {"seq": self.snapshot.seq, "positions": [found.to_json() for found in rows]}

    def checks(self) -> dict[str, Json]:
        check: dict[str, Json] = {
            "name": "cash",
            "scope": "kalshi",
            "expected": "10.00",
            "actual": "10.00",
            "difference": "0",
            "tolerance": "0",
            "state": "ok",
            "since": None,
        }
        return {"seq": self.snapshot.seq if self.snapshot else 0, "checks": [check]}

    def posts(self, record: Record) -> list[dict[str, Json]]:
        if isinstance(record.fact, RevenueEntry):
            return [{"line": line, "amount": text(amount)} for line, amount in posts(record.fact)]
        return []

    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str) -> RevenueEntry:
        return self.store.enter(entry, replaces=replaces, actor=actor, at=NOON)

    def health(self) -> tuple[Literal["ok", "failing"], dict[str, Json]]:
        return self.status, {} if self.status == "ok" else {"late_seconds": 42}


class FakeHub:
    """A hub that nobody comes to."""

    open = True
    counts: Mapping[str, int] = MappingProxyType({"clients": 0})

    def reserve(self, address: str | None, opened_by: str = "") -> Seat:
        raise TooManyClients(f"no place for {address} {opened_by}")

    def full(self, address: str | None) -> Full | None:
        del address
        return "all"

    def release(self, seat: Seat) -> None:
        raise AssertionError(f"no seat {seat!r} was given")

    def adopt(
        self,
        connection: socket.socket,
        form: Form,
        seat: Seat,
        *,
        after: int | None,
        stream: str | None,
        ticket: str | None = None,
    ) -> None:
        raise AssertionError(f"nobody reserved a place for {connection}: {form}, {seat}, {after}, {stream}, {ticket}")

    def missed(self, after: int | None, stream: str | None) -> list[str]:
        raise AssertionError(f"nobody asks for what came after {after} of {stream}")


def snapshot(seq: int = 7, titles: Sequence[str] = ("Rain in Ohio?",)) -> Snapshot:
    """A snapshot with one position a title, and one settled market."""
    rows = [_position(f"KXA-{number}", title, settled=False) for number, title in enumerate(titles)]
    state = SourceState(status="live", as_of=NOON, complete_through=None, next_attempt=NOON, error=None)
    return Snapshot(
        seq=seq,
        as_of=NOON,
        day=date(2026, 11, 20),
        demo=False,
        finality="estimated",
        lines={**dict.fromkeys(LINES, 0), "api_cost": None},
        net=-1_500_000_000,
        net_realised=-1_500_000_000,
        complete=False,
        missing=("api_cost",),
        flags=(),
        account=Account(cash=1, positions_value=0, exposure=0, equity=1),
        sources={"kalshi": state},
        checks_ok=1,
        checks_failed=0,
        checks_waiting=0,
        positions=(*rows, _position("KXB", "Settled", settled=True)),
        unrealised_total=0,
    )


def _position(ticker: str, title: str, *, settled: bool) -> PositionRow:
    return PositionRow(
        ticker=ticker,
        title=title,
        position=0 if settled else 85_000,
        side=None if settled else "yes",
        average_price=None,
        mark=680_000_000,
        mark_source="bid",
        last_price=None,
        value=None,
        exposure=518_500_000_000,
        unrealised=None,
        realised=-1,
        fees=0,
        total_traded=0,
        close_time=NOON,
        best_case=None,
        worst_case=None,
        expected=None,
        settled=settled,
    )


def _stretch(at: int, rows: Sequence[SnapshotRow], figures: Sequence[str]) -> tuple[int | None, ...]:
    ends: list[int | None] = []
    for figure in figures:
        values = [
            {"net": row.net, "net_realised": row.net_realised, "cumulative_net": row.net, **row.lines}.get(figure)
            for row in rows
        ]
        known = [value for value in values if value is not None]
        ends += [values[0], max(known, default=None), min(known, default=None), values[-1]]
    quality = 0
    for row in rows:
        quality |= bits(row.quality)
    return (at, len(rows), quality, *ends)
