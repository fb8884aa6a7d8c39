"""What a store in memory tells of the past: it knows all of its records at any time."""

# ruff: noqa: ARG002 - as the port has them

import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.records import Fill, Kind, Mark, Market, Record, Settlement
from pnl.domain.snapshot import Account, Snapshot, SourceState
from pnl.history import KnownHistory
from pnl.ports import CheckChange, Course, ShownSnapshot, SnapshotRow, Store, Trade

OFF = SourceState(status="off", as_of=None, complete_through=None, next_attempt=None, error=None)


class FakePast:
    """Tells of rows and records."""

    snapshots: Sequence[SnapshotRow]
    records: list[Record]

    def shown(self, seq: int) -> ShownSnapshot | None:
        found = next((row for row in self.snapshots if row.seq == seq), None)
        if found is None:
            return None
        head = Snapshot(
            seq=seq,
            as_of=found.as_of,
            day=found.day,
            demo=False,
            finality="estimated",
            lines=found.lines,
            net=found.net,
            net_realised=found.net_realised,
            complete=found.complete,
            missing=tuple(line for line, amount in found.lines.items() if amount is None),
            flags=(),
            account=Account(cash=None, positions_value=None, exposure=None, equity=None),
            sources=dict.fromkeys(("kalshi", "anthropic", "revenue"), OFF),
            checks_ok=0,
            checks_failed=0,
            checks_waiting=0,
            positions=(),
            unrealised_total=found.unrealised_total,
        )
        return ShownSnapshot(head=head, known=found.known)

    def checks_at(self, seq: int) -> list[tuple[str, str, CheckChange]]:
        return []

    def net_between(self, first: int, last: int) -> tuple[int | None, int | None, tuple[str, ...]]:
        inside = [row for row in self.snapshots if first <= row.seq <= last]
        nets = [row.net for row in inside if row.net is not None]
        return max(nets, default=None), min(nets, default=None), tuple({row.quality for row in inside})

    def net_first(self, first: int, last: int, net: int) -> int | None:
        return next((row.seq for row in self.snapshots if first <= row.seq <= last and row.net == net), None)

    def opens(self, first: int, last: int) -> int | None:
        raise AssertionError("no test asks a store in memory where a range begins")

    def course(self, first: int, last: int) -> Course | None:
        raise AssertionError("no test asks a store in memory for a course")

    def facts_at(self, at: datetime, *kinds: Kind, tickers: Collection[str] | None = None) -> Iterator[Record]:
        return iter([one for one in self.records if one.kind in kinds])

    def marks_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Mark, ...]:
        return ()

    def marks_thinned(self, at: datetime) -> bool:
        return False

    def marks_along(self, ticker: str, seqs: Collection[int]) -> dict[int, Mark | None]:
        return dict.fromkeys(seqs)

    def markets_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Market, ...]:
        return ()

    def versions(
        self,
        kinds: Sequence[Kind],
        *,
        upto: int,
        after: int = 0,
        tickers: Collection[str] | None = None,
    ) -> list[tuple[int, Record]]:
        numbered = enumerate(self.records, 1)
        return [(number, one) for number, one in numbered if after < number <= upto and one.kind in kinds]

    def replaced_since(self, known: int, kind: Kind) -> list[tuple[int, Record]]:
        return []  # every version is kept here

    def read_since(self, since: datetime, until: datetime, after: int, upto: int) -> tuple[int, Record] | None:
        found = [
            (number, one)
            for number, one in enumerate(self.records[:upto], 1)
            if number > after and one.kind in ("usage", "cost") and since <= one.effective_at < until
        ]
        return found[-1] if found else None

    def readings(self, since: datetime, until: datetime, *, after: int | None, upto: int) -> list[tuple[int, Record]]:
        return [
            (number, one)
            for number, one in enumerate(self.records[:upto], 1)
            if number > (after or 0) and one.kind in ("usage", "cost", "anchor") and since <= one.effective_at < until
        ]

    def trades(self, after: int) -> list[Trade]:
        numbered = enumerate(self.records, 1)
        return [
            Trade(number=number, ticker=one.fact.ticker, at=one.fact.at, settles=isinstance(one.fact, Settlement))
            for number, one in numbered
            if number > after and isinstance(one.fact, Fill | Settlement)
        ]


def history_of(store: Store, zone: str = "America/New_York") -> KnownHistory:
    """Return the past of a store whose ledger knows nothing."""

    def empty() -> Ledger:
        return Ledger(Calendar(ZoneInfo(zone)))

    return KnownHistory(empty(), threading.Lock(), store, empty, demo=False, interval_seconds=10)
