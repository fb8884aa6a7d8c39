"""What the archive is given and gives: facts of a tick, rows of snapshots, days, changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pnl.domain.alerts.board import Look
from pnl.domain.checks import IDENTITY, Check
from pnl.domain.money import Nano
from pnl.domain.records import Mark, Market, Record
from pnl.domain.snapshot import Json, Snapshot, instant, money
from pnl.ports.sources import SourceMemory

RESTORED_GAP = "the archive was restored from a backup that ends here"
"""Why there is a gap after a restored archive's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Ticks that should have been and were not: from the last snapshot before to the first after."""

    since: datetime
    until: datetime
    missed: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Records held against what the store has.

    `new` carry their version; `conflicts` are (record, reason): the same version with another content.
    """

    new: tuple[Record, ...]
    conflicts: tuple[tuple[Record, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """All that one tick keeps, in one transaction.

    `checks` is JSON text, for processes that only show them; with it the snapshot is kept for them, too.
    `checked` are the same checks by group, of which what changed is logged. A group that did not change is
    the very object of the tick before.
    `answered` tells whether what is checked against has answered since the start: until then a check of
    before that is not among them stands as it was. `interval_seconds` is the time from one tick to the next.
    `known` is the number of the last record that was looked for when manual entries were taken in.
    `alerts` is what a look at the rules led to; None where there is none.
    """

    snapshot: Snapshot
    records: tuple[Record, ...] = ()
    marks: tuple[Mark, ...] = ()
    markets: tuple[Market, ...] = ()
    sources: tuple[SourceMemory, ...] = ()
    gap: Gap | None = None
    checks: str | None = None
    checked: Mapping[str, tuple[Check, ...]] | None = None
    answered: bool = True
    interval_seconds: int | None = None
    known: int | None = None
    alerts: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """A kept snapshot without its positions.

    `lines` are by name, None where not known. `quality` is `ok`, or what was wrong, joined by `+`:
    `incomplete`, `stale`, `failed_checks`, `after_gap`. `known` is the number of the last record that
    the snapshot knows.
    """

    seq: int
    as_of: datetime
    day: date
    lines: Mapping[str, Nano | None]
    net: Nano | None
    net_realised: Nano | None
    complete: bool
    quality: str
    unrealised_total: Nano | None
    known: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """Snapshots of one stretch of time: open, high, low, close of each figure, None where not known.

    `quality` holds the words of `SnapshotRow.quality` that any of them had; none of them is well.
    """

    start: datetime
    count: int
    quality: tuple[str, ...]
    values: Mapping[str, tuple[Nano | None, Nano | None, Nano | None, Nano | None]]


QUALITY = ("incomplete", "stale", "failed_checks", "after_gap")
"""The words of a quality, each a bit of a series' row, the first one the lowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Figures by stretches of time, oldest first; a stretch without a snapshot has no row.

    `rows` are plain, since there may be thousands: the start in microseconds since 1970, the count,
    the quality in bits, then open, high, low and close of each of `figures`. Iterating gives them named.
    """

    figures: tuple[str, ...]
    rows: Sequence[Sequence[int | None]]

    def __len__(self) -> int:
        return len(self.rows)

    def cut(self, limit: int) -> "tuple[Series, int | None]":
        """Return the first rows, and where the next one begins, in microseconds; None where all are given."""
        if len(self.rows) <= limit:
            return self, None
        return Series(figures=self.figures, rows=self.rows[:limit]), self.rows[limit][0]

    def __iter__(self) -> Iterator[SeriesRow]:
        for start, count, bits, *ends in self.rows:
            parts = (ends[place : place + 4] for place in range(0, len(ends), 4))
            values = {name: (o, h, low, c) for name, (o, h, low, c) in zip(self.figures, parts, strict=True)}
            words = tuple(word for place, word in enumerate(QUALITY) if (bits or 0) >> place & 1)
            at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=start or 0)
            yield SeriesRow(start=at, count=count or 0, quality=words, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDay:
    """A company day as it was shown while it went on.

    `first` is the sequence of its first snapshot, `last` its last row, `high` and `low` those of the
    net, None where it was never known; those of complete snapshots, or, where `partial`, of incomplete
    ones, since there is no other. `quality` is as that of a row, of all its snapshots.
    """

    day: date
    first: int
    last: SnapshotRow
    count: int
    high: Nano | None
    low: Nano | None
    quality: str
    partial: bool = False


class Course(NamedTuple):
    """How far the net of all days so far went over some snapshots: each by its sequence, the first that showed it.

    `fall` is the peak and the trough of the largest fall, one after the other; None where it never fell.
    """

    opens: int
    high: int
    low: int
    fall: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinned:
    """What a step of thinning did: how many marks went, and the UTC day that is done with it, None while it is not."""

    removed: int
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckChange:
    """How a check came out anew, in the words of `/api/pnl/checks`; state `gone` when it is made no more."""

    seq: int
    at: datetime
    state: str
    expected: str | None
    actual: str | None
    difference: str | None
    tolerance: str | None
    reason: str | None

    def in_snapshot(self, name: str, net: Nano | None) -> "CheckChange":
        """Return how a check stood in a snapshot, by its last change; `net` is the snapshot's, in nano-dollars.

        Of the identity, when it holds, both sides are the net of the snapshot itself.
        """
        if name != IDENTITY or self.state != "ok" or net is None:
            return self
        return replace(self, expected=money(net), actual=money(net))

    def stood(self, name: str, scope: str, net: Nano | None) -> dict[str, Json]:
        """Return how a check stood in a snapshot as the API sends it; see `in_snapshot`."""
        change = self.in_snapshot(name, net)
        return {
            "name": name,
            "scope": scope,
            "expected": change.expected,
            "actual": change.actual,
            "difference": change.difference,
            "tolerance": change.tolerance,
            "state": change.state,
            "since": instant(change.at),
            "reason": change.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """What database the store is in: its name and version, and the bytes that it takes, with its log.

    `backups` is what was noted last of each place of backups; empty where there is none. `restored` is what was
    noted when the archive was put back from a backup; None where it never was.
    """

    database: str
    bytes: int
    backups: Sequence[Json] = ()
    restored: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """What a source said anew from a snapshot on: the last day that it calls finished, and what was wrong with it."""

    seq: int
    at: datetime
    complete_through: date | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records newest first, and the cursor of the next page; None at the end."""

    records: tuple[Record, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSnapshot:
    """A kept snapshot as it was shown, without its positions; `known` is the number of the last record that it knows.

    Of its sources the next attempts are not kept, and whether it was a demonstration is not told.
    """

    head: Snapshot
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """When a fill or a settlement, of which a record with this number is a version, was made in a market."""

    number: int
    ticker: str
    at: datetime
    settles: bool
