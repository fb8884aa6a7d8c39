"""The ports: what the aggregator and the pages ask of sources, of the store and of the live figures."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

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
    """All that one tick keeps, in one transaction. `checks` is JSON text, for processes that only show them."""

    snapshot: Snapshot
    records: tuple[Record, ...] = ()
    marks: tuple[Mark, ...] = ()
    markets: tuple[Market, ...] = ()
    sources: tuple[SourceMemory, ...] = ()
    gap: Gap | None = None
    checks: str | None = None


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
    """The archive: append-only records, snapshots, manual entries. One process ticks, any number read and enter.

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

    def lead(self) -> int:
        """Become the one that ticks, and return the epoch that begins: from now on nobody else's tick is kept."""
        ...

    def follow(self) -> None:
        """Tick no longer."""
        ...

    def keep(self, tick: Tick) -> None:
        """Keep a tick whole, or not at all. `recorded_at` of its records is set to the snapshot's `as_of`.

        Marks are kept where they changed, markets where they changed, sources as they are.

        Raises:
            Deposed: Another process leads, or `lead` was not called.
        """
        ...

    def stream(self) -> str:
        """Return the name of this store's series of sequence numbers: a few letters, made with the database."""
        ...

    def head(self) -> int:
        """Return the newest sequence; 0 before the first."""
        ...

    def last_record(self) -> int:
        """Return the number of the record that was kept last; 0 before the first."""
        ...

    def records_after(self, number: int, source: str | None = None) -> tuple[tuple[Record, ...], int]:
        """Return the newest versions of records kept after a number, of one source or all, and the last number."""
        ...

    def checks(self) -> str | None:
        """Return the checks of the newest tick that kept them, as JSON text."""
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


class Claim(Protocol):
    """The right to tick, of which there is one. It does not outlive its process, and a frozen one loses it."""

    def take(self) -> bool:
        """Try to become the holder, without waiting; True if this process is.

        Raises:
            StoreError: It cannot be told.
        """
        ...

    def beat(self) -> None:
        """Show that the holder is alive; called about once a second.

        Raises:
            LeadershipLost: Another process is the holder.
        """
        ...

    def holder(self) -> str:
        """Return who holds it, in words."""
        ...

    def release(self) -> None:
        """Give it up, if it is held."""
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


Form: TypeAlias = Literal["frame", "deflated", "event"]
"""What a live client takes: WebSocket frames, the same compressed, or Server-Sent Events."""


class Hub(Protocol):
    """The open live connections of this process. Any thread may ask."""

    @property
    def open(self) -> bool:
        """False while clients are being sent away: new ones should come back later."""
        ...

    @property
    def counts(self) -> Mapping[str, int]:
        """How many clients are there, and what became of others."""
        ...

    def reserve(self, address: str | None) -> str:
        """Take a place for a client from an address, and return its name.

        Raises:
            TooManyClients: There is none.
        """
        ...

    def release(self, seat: str) -> None:
        """Give a place back that no connection was adopted for."""
        ...

    def adopt(self, connection: socket.socket, form: Form, seat: str, *, after: int | None, stream: str | None) -> None:
        """Keep a connection, send it what it missed after the sequence `after` of `stream`, then all that comes."""
        ...

    def missed(self, after: int | None, stream: str | None) -> list[str]:
        """Return the messages, as JSON texts, that bring a reader who holds `after` to the newest."""
        ...
