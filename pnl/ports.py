"""The ports: what the aggregator and the pages ask of sources, of the store and of the live figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from pnl.domain.money import Nano
from pnl.domain.records import Kind, Mark, Market, Record, Report, RevenueEntry
from pnl.domain.snapshot import Json, Snapshot
from pnl.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one successful reading of a source gave.

    Attributes:
        as_of: The instant that the answer describes.
        cursor: JSON text that the next reading, also after a restart, starts from.
        records: Facts, in any order, repeats allowed: the store knows what it has.
        complete_through: The last company day that the source calls finished; None if it never says.
        caught_up: False while history is still being read in; the next reading follows at once.
        facts: What an operator may want to know: mode, clock skew, calls, rows refused.
    """

    as_of: datetime
    cursor: str
    records: tuple[Record, ...] = ()
    marks: tuple[Mark, ...] = ()
    markets: tuple[Market, ...] = ()
    report: Report | None = None
    complete_through: date | None = None
    caught_up: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a source's examination looked at: its name, whether it is well, what was found in words."""

    name: str
    ok: bool
    text: str


class Source(Protocol):
    """An upstream that is read again and again. It keeps nothing that a restart would miss."""

    @property
    def name(self) -> str:
        """`kalshi`, `anthropic`, or for revenue `revenue.feed`, `revenue.csv`, `revenue.stripe`."""
        ...

    @property
    def every_seconds(self) -> float:
        """Seconds from the start of one good reading to the next; 0 for every tick."""
        ...

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return the seconds to wait after the `failures`th failure in a row; 0 for the next tick."""
        ...

    async def read(self, cursor: str | None) -> Reading:
        """Read what is new since `cursor` (None: everything).

        Raises:
            SourceError: It could not be read; nothing of the attempt counts.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMemory:
    """What is kept of a source between ticks and over a restart."""

    name: str
    cursor: str | None
    as_of: datetime | None
    complete_through: date | None
    last_attempt: datetime | None
    next_attempt: datetime | None
    failures: int
    error: str | None
    caught_up: bool
    facts: Mapping[str, str] = field(default_factory=dict)


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
    """All that one tick keeps, in one transaction."""

    snapshot: Snapshot
    records: tuple[Record, ...] = ()
    marks: tuple[Mark, ...] = ()
    markets: tuple[Market, ...] = ()
    sources: tuple[SourceMemory, ...] = ()
    gap: Gap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """A kept snapshot without its positions.

    `lines` are by name, None where not known. `quality` is `ok`, or what was wrong, joined by `+`:
    `incomplete`, `stale`, `failed_checks`, `after_gap`.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Snapshots of one stretch of time: open, high, low, close of a figure, and how many there were."""

    start: datetime
    open: Nano | None
    high: Nano | None
    low: Nano | None
    close: Nano | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records newest first, and the cursor of the next page; None at the end."""

    records: tuple[Record, ...]
    next: str | None


class Store(Protocol):
    """The archive: append-only records, snapshots, manual entries. One writer, any number of readers.

    Every method may be called from any thread, and raises `StoreUnavailable` when the database
    cannot answer for now.
    """

    def sort(self, records: Sequence[Record]) -> Sorted:
        """Tell what is new. A record is known by source, kind and id, and by what its fact says.

        A fact equal to the newest version of its id is dropped. A changed one without a version of
        its own becomes the next version. One with a version is new when the version is higher,
        dropped when lower, and a conflict when the version is the same and the fact is not.
        Repeats within `records` count once.
        """
        ...

    def keep(self, tick: Tick) -> None:
        """Keep a tick whole, or not at all. `recorded_at` of its records is set to the snapshot's `as_of`.

        Marks are kept where they changed, markets where they changed, sources as they are.
        """
        ...

    def facts(self, *kinds: Kind) -> Iterator[Record]:
        """Give the newest version of every record of these kinds, by effective time, then id."""
        ...

    def marks(self) -> tuple[Mark, ...]:
        """Return the newest mark of every market."""
        ...

    def markets(self) -> tuple[Market, ...]:
        """Return every market that was ever seen."""
        ...

    def sources(self) -> tuple[SourceMemory, ...]:
        """Return what was kept of every source."""
        ...

    def current(self) -> dict[str, Json] | None:
        """Return the newest snapshot whole, as it was sent; None before the first."""
        ...

    def last_row(self) -> SnapshotRow | None:
        """Return the newest snapshot's row; None before the first."""
        ...

    def row_before(self, at: datetime) -> SnapshotRow | None:
        """Return the newest row at or before `at` whose `unrealised_total` is known."""
        ...

    def row_after(self, at: datetime) -> SnapshotRow | None:
        """Return the oldest row after `at` whose `unrealised_total` is known."""
        ...

    def rows(self, since: datetime | None, until: datetime | None, after: int = 0) -> Iterator[SnapshotRow]:
        """Give rows of [since, until) with a sequence above `after`, oldest first, in flat memory."""
        ...

    def buckets(self, figure: str, since: datetime, until: datetime, step_seconds: int) -> list[Bucket]:
        """Return a figure (a line, `net` or `net_realised`) of [since, until) by buckets of UTC time.

        Buckets without a snapshot are left out.
        """
        ...

    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Return the gaps that overlap [since, until), oldest first."""
        ...

    def page(
        self, kinds: Sequence[Kind], since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page:
        """Return the newest versions of records with an effective time in [since, until), newest first.

        Raises:
            ValueError: `cursor` was not given by this store.
        """
        ...

    def entries(self) -> tuple[RevenueEntry, ...]:
        """Return the newest version of every manual entry, newest date first."""
        ...

    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str, at: datetime) -> RevenueEntry:
        """Keep a manual entry with its audit line, and return it with its version.

        `replaces` is None for a new entry, else the version that this one replaces. The same id and
        content twice is one entry.

        Raises:
            EntryConflict: The id is taken by another content, or `replaces` is not the newest version.
        """
        ...

    def audit(self, entry_id: str) -> tuple[Mapping[str, Json], ...]:
        """Return who did what to a manual entry and when, oldest first."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Figures(Protocol):
    """What the web side shows now: the aggregator's newest statement, in memory."""

    @property
    def demo(self) -> bool:
        """True when the sandbox feeds it."""
        ...

    @property
    def time_zone(self) -> str:
        """The company's zone, an IANA name."""
        ...

    def current(self) -> tuple[int, bytes] | None:
        """Return the newest sequence and the snapshot as JSON bytes; None before the first tick."""
        ...

    def positions(self, every: bool) -> dict[str, Json]:
        """Return `{"seq", "positions"}`: open markets, or with `every` all that were ever traded."""
        ...

    def checks(self) -> dict[str, Json]:
        """Return `{"seq", "checks"}`."""
        ...

    def posts(self, record: Record) -> list[dict[str, Json]]:
        """Return what a record posts to the statement: `[{"line", "amount"}]`."""
        ...

    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str) -> RevenueEntry:
        """Keep a manual entry and let the next tick count it; see `Store.enter`."""
        ...

    def health(self) -> tuple[Literal["ok", "failing"], dict[str, Json]]:
        """Return whether ticks are made in time, and why not."""
        ...
