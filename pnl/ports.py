"""The ports: what the aggregator and the pages ask of sources, of the store and of the live figures."""

import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol, TypeAlias

from pnl.domain.alerts.board import Look
from pnl.domain.checks import Check
from pnl.domain.days import Boundary, KnownDay
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.records import Kind, Mark, Market, Record, Report, RevenueEntry
from pnl.domain.restatements import Restatement
from pnl.domain.snapshot import Json, PositionRow, Snapshot, Status
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What a process measured of the calls to one source.

    Attributes:
        since: Since when it counts.
        calls: The calls so far.
        failed: Those of them that got no whole answer, or a refusal.
        p50_ms: Milliseconds within which half of the last 200 calls ended; None before the first.
        p95_ms: The same of 95 in 100.
        longest_ms: The longest of them.
        skew_ms: Milliseconds that our clock is ahead of the source's; None when it does not tell its time.
    """

    since: datetime
    calls: int
    failed: int
    p50_ms: int | None
    p95_ms: int | None
    longest_ms: int | None
    skew_ms: int | None


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

    @property
    def traffic(self) -> Traffic | None:
        """What was measured of its calls; None where there are none, as of a file."""
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
    """What is kept of a source between ticks and over a restart.

    Attributes:
        error: What is wrong now; None when the last reading went well.
        trouble: What went wrong last, also when it went well since; None if nothing ever did.
        trouble_at: When that was.
        trouble_kind: The name of the class of that error, which tells the cure.
        status: How it was doing at the last tick, as the snapshot says it.
        every_seconds: Seconds from one good reading to the next; 0 for every tick.
        stale_seconds: The age at which it is called stale.
        traffic: What the process that reads it measured.
        served: The number of the last wish to read it sooner that an attempt followed; 0 before any.
    """

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
    trouble: str | None = None
    trouble_at: datetime | None = None
    trouble_kind: str | None = None
    status: Status = "down"
    every_seconds: float = 0
    stale_seconds: float = 0
    traffic: Traffic | None = None
    served: int = 0


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

    `checks` is JSON text, for processes that only show them. `checked` are the same checks by group,
    of which what changed is logged. A group that did not change is the very object of the tick before.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """What database the store is in: its name and version, and the bytes that it takes, with its log."""

    database: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """What a source said anew from a snapshot on: the last day that it calls finished, and what was wrong with it."""

    seq: int
    at: datetime
    complete_through: date | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How cells are spelled.

    Attributes:
        short: Instants as `YYYY-MM-DD HH:MM:SS`, which a spreadsheet takes for a time, instead of ISO 8601.
        guarded: Whether text that a spreadsheet would take for a formula has `'` before it.
        offset_seconds: What local time is ahead of UTC by.
    """

    short: bool = False
    guarded: bool = True
    offset_seconds: int = 0


class Extracts(Protocol):
    """What exports read: all of a range, in flat memory, as the snapshot with a certain sequence knew it.

    Every method may be called from any thread, and raises `StoreUnavailable` when the database cannot
    answer for now; so do the iterators.
    """

    def span(self, since: datetime | None, until: datetime | None, after: int, last: int) -> tuple[int, int]:
        """Return the sequences that snapshots of [since, until) lie between: above the first, up to the second.

        Above `after` and up to `last`, too.
        """
        ...

    def lines(self, columns: Sequence[str], after: int, end: int, spelling: Spelling) -> Iterator[tuple[int, str]]:
        """Give snapshots above the sequence `after`, up to `end`, oldest first: how many, and a line of CSV for each.

        Columns are `seq`, `as_of`, `as_of_local`, `day`, the lines of the statement, `net`,
        `net_realised`, `cumulative_net`, `cash`, `positions_value`, `exposure`, `equity`, `complete`,
        `quality`, `finality` and `flags`. Money is exact, in dollars, with at least two decimals, empty
        where it is not known. Lines end with CR LF.

        Raises:
            ValueError: There is no such column.
        """
        ...

    def count(self, after: int, end: int) -> int:
        """Return how many snapshots there are above the sequence `after`, up to `end`."""
        ...

    def known(self, seq: int) -> tuple[datetime, int] | None:
        """Return when a snapshot was, and the number of the last record that it knows; None where there is none."""
        ...

    def records(  # noqa: PLR0917 - as one would say it
        self, kind: Kind, since: datetime | None, until: datetime | None, after: int, up_to: int, source: str | None
    ) -> Iterator[tuple[int, Record]]:
        """Give records of [since, until) with their numbers, by effective time, then number, after that of `after`.

        Each in the version that was the newest when the record `up_to` was the last one, without its `raw`.

        Raises:
            ValueError: There is no record `after`.
        """
        ...

    def count_records(  # noqa: PLR0917 - as `records`
        self, kind: Kind, since: datetime | None, until: datetime | None, after: int, up_to: int, source: str | None
    ) -> int:
        """Return how many records there are; see `records`."""
        ...


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
            Overtaken: There is a manual entry above `tick.known`.
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

    def wish(self, name: str) -> int:
        """Have whoever ticks read a source as soon as it allows; return how many such wishes there were."""
        ...

    def wishes(self) -> Mapping[str, int]:
        """Return how many wishes there were, by source."""
        ...

    def current(self) -> dict[str, Json] | None:
        """Return the newest snapshot whole, as it was sent; None before the first."""
        ...

    def about(self) -> StoreFacts:
        """Return what database it is, and how large."""
        ...

    def last_row(self) -> SnapshotRow | None:
        """Return the newest snapshot's row; None before the first."""
        ...

    def row(self, seq: int) -> SnapshotRow | None:
        """Return the row with a sequence number; None where there is none."""
        ...

    def row_at(self, at: datetime) -> SnapshotRow | None:
        """Return the newest row at or before `at`."""
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

    def series(  # noqa: PLR0917 - as one would say it
        self,
        figures: Sequence[str],
        since: datetime | None,
        until: datetime | None,
        step: str,
        limit: int,
        known: datetime | None = None,
    ) -> Series:
        """Return at most `limit` stretches of time that begin in [since, until), of the figures that are asked for.

        Figures are the lines, `net`, `net_realised`, `cumulative_net` (the net of every company day so
        far, as seen) and `equity`. `step` is `raw`, for every snapshot, or one of 1m, 5m, 15m, 1h, 4h,
        1d and 1w, by UTC, weeks from Monday. A stretch is whole: it may reach beyond `until`. With
        `known`, nothing is in it that was kept after that instant.

        Raises:
            ValueError: There is no such figure or step.
        """
        ...

    def company_days(self, since: date | None, until: date | None) -> list[SeenDay]:
        """Return the company days of [since, until) that have a snapshot, oldest first."""
        ...

    def check_history(self, name: str, scope: str, since: datetime | None, until: datetime | None) -> list[CheckChange]:
        """Return how a check changed in [since, until), oldest first, led by how it was at `since`."""
        ...

    def source_history(self, name: str, since: datetime | None, until: datetime | None) -> list[SourceChange]:
        """Return how a source changed in [since, until), oldest first, led by how it was at `since`.

        Args:
            name: As snapshots name it: `kalshi`, `anthropic` or `revenue`.
            since: The first instant; None for the beginning.
            until: The first instant after; None for no end.
        """
        ...

    def checks_changed(self, after: int, limit: int) -> list[tuple[str, str, CheckChange]]:
        """Return how checks changed after a sequence, by name, scope and time, each led by how it was there.

        Of more than `limit` changes the newest.
        """
        ...

    def paces(self) -> list[tuple[datetime, int]]:
        """Return since when ticks are made how many seconds apart, oldest first."""
        ...

    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Return the gaps that overlap [since, until), oldest first."""
        ...

    def page(  # noqa: PLR0917 - as one would say it
        self,
        kinds: Sequence[Kind],
        since: datetime | None,
        until: datetime | None,
        cursor: str | None,
        limit: int,
        at: datetime | None = None,
    ) -> Page:
        """Return the newest versions of records with an effective time in [since, until), newest first.

        With `at`, those that the newest snapshot at or before it knew.

        Raises:
            ValueError: `cursor` was not given by this store.
        """
        ...

    def named(
        self, keys: Sequence[tuple[str, str, str]], at: datetime | None = None
    ) -> dict[tuple[str, str, str], Record]:
        """Return records by (source, kind, id), in the newest version that was kept at or before `at`, or of all.

        What was not kept by then is not in it.
        """
        ...

    def shown(self, seq: int) -> ShownSnapshot | None:
        """Return a snapshot as it was shown; None where there is none."""
        ...

    def checks_at(self, seq: int) -> list[tuple[str, str, CheckChange]]:
        """Return the checks of a snapshot by name and scope, each as it changed last; `at` is when its state began."""
        ...

    def net_between(self, first: int, last: int) -> tuple[Nano | None, Nano | None, tuple[str, ...]]:
        """Return the highest and the lowest net of snapshots from `first` to `last`, and the qualities they had."""
        ...

    def net_first(self, first: int, last: int, net: Nano) -> int | None:
        """Return the first snapshot, of those from `first` to `last`, that showed this net; None where none did."""
        ...

    def facts_at(self, at: datetime, *kinds: Kind, tickers: Collection[str] | None = None) -> Iterator[Record]:
        """Give the records of these kinds as the newest snapshot at or before `at` knew them, in no order.

        With `tickers`, fills and settlements of these markets alone.
        """
        ...

    def marks_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Mark, ...]:
        """Return the newest mark of every market, or of these, as the newest snapshot at or before `at` knew it."""
        ...

    def markets_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Market, ...]:
        """Return what every market, or these, was called in the newest snapshot at or before `at`."""
        ...

    def versions(
        self,
        kinds: Sequence[Kind],
        *,
        upto: int,
        after: int = 0,
        tickers: Collection[str] | None = None,
    ) -> list[tuple[int, Record]]:
        """Return every version of records with its number, by number, their `raw` left empty.

        Of usage and cost read in a UTC day that had not ended, only those that stood when `upto` was the last record.

        Args:
            kinds: Of which kinds.
            upto: Only numbers up to this one.
            after: Only numbers above this one.
            tickers: Only fills and settlements of these markets.
        """
        ...

    def replaced_since(self, known: int, kind: Kind) -> list[tuple[int, Record]]:
        """Return the readings that stood when the record `known` was the last one, with their numbers, by number.

        Only those that later readings took the place of: of a UTC day that had not ended, every minute does.
        """
        ...

    def read_since(self, since: datetime, until: datetime, after: int, upto: int) -> tuple[int, Record] | None:
        """Return the newest record of API usage or cost in [since, until), of those numbered above `after` to `upto`.

        It comes with its number; None where there is none.
        """
        ...

    def trades(self, after: int) -> list[Trade]:
        """Return the times of fills and settlements kept after a number, by number.

        A corrected one is there once for the earliest and once for the latest time that any version of it tells.
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

    def thin(self, before: datetime) -> Thinned | None:
        """Thin some of the marks before an instant to the last of each quarter of an hour; None where none are left.

        Only whole UTC days are thinned, oldest first, a step at a time. What a company day opened and
        closed with is kept.

        Raises:
            Deposed: Another process leads.
        """
        ...

    @property
    def extracts(self) -> Extracts:
        """What exports read."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Cache(Protocol):
    """What was answered once and is asked again. Every method may be called from any thread.

    A key names all that its value depends on: the question, and the sequence of the newest snapshot that the
    answer knows, or `closed` where no later snapshot can change it. So what is kept is never stale, only unused.
    """

    @property
    def name(self) -> str:
        """What answers depend on beside their keys: the store, the program, its settings."""
        ...

    def get(self, key: tuple[str, ...], make: Callable[[], bytes], *, keep_seconds: float = ...) -> bytes:
        """Return the value of a key: kept by this process, kept in Redis, or made by `make` and then kept in both.

        Many who ask for the same at once have it made once; no lock is held meanwhile. What `make` raises
        reaches each of them, and nothing is kept. An empty value is kept by this process alone.

        Args:
            key: See above.
            make: Gives the value; it does not ask for the same key.
            keep_seconds: For how long at most; half an hour is the most there is.
        """
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how often an answer came from `l1`, this process, `l2`, Redis, and `l3`, `make`; each counts once."""
        ...

    def state(self) -> Literal["ok", "down", "off"]:
        """Return whether Redis answers; `off` where none is configured."""
        ...

    def close(self) -> None:
        """Let go of Redis."""
        ...


class Ledgers(Protocol):
    """Everything that is known, folded: as it is now, and as it was known at an earlier instant."""

    def now(self) -> AbstractContextManager[Ledger]:
        """Return the tick's own ledger, which is locked meanwhile: no tick is made before it is let go."""
        ...

    def hold(self, ledger: Ledger) -> None:
        """Keep a copy of the tick's own ledger, which `now` gives and holds locked, now and then.

        `at` finds from it quickly what was known at the snapshots after it.
        """
        ...

    def at(self, instant: datetime) -> Ledger:
        """Return a ledger of what was known at an instant; it is made, and the last few are kept.

        Raises:
            StoreError: The store does not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDay:
    """A company day as it is known, beside how it was shown.

    `seen` is None for a day without a snapshot. `restatements` add up, line by line, to what `known`
    differs from `seen` by; what was not known counts as nothing.
    """

    known: KnownDay
    seen: SeenDay | None
    restatements: tuple[Restatement, ...]

    @property
    def day(self) -> date:
        """The day."""
        return self.known.day

    @property
    def lines(self) -> Mapping[str, Nano | None]:
        """The amounts of its lines, as known; None where not known."""
        return self.known.statement.lines


class History(Protocol):
    """What was known when: days with their restatements, and screens of the past."""

    def days(self, since: date | None, until: date | None, at: datetime | None = None) -> Sequence[StatedDay]:
        """Return the company days of [since, until), oldest first, as known now or at an instant.

        Today is one of them, and every day since the first snapshot; earlier ones where something posts to
        them.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def began(self, start: datetime, at: datetime | None = None) -> Boundary | None:
        """Return the open positions where a company day begins, as known now or at an instant.

        None for an instant at which no day begins, or of which that is not known yet.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def screen(self, at: datetime) -> Snapshot | None:
        """Return what was shown at an instant; None before the first snapshot.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def positions(self, at: datetime) -> tuple[int, Sequence[PositionRow]] | None:
        """Return the sequence shown at an instant, and every market that was ever traded by then; or None.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def checks(self, at: datetime) -> tuple[int, Sequence[tuple[str, str, CheckChange]]] | None:
        """Return the sequence shown at an instant, and its checks by name and scope, what failed first; or None.

        Raises:
            StoreError: The store does not answer.
        """
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


class Views(Protocol):
    """The live figures, narrowed to what single panels show."""

    def hub(self, name: str) -> "Hub":
        """Return the open live connections of a view."""
        ...


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

    def adopt(
        self,
        connection: socket.socket,
        form: Form,
        seat: str,
        *,
        after: int | None,
        stream: str | None,
        ticket: str | None = None,
    ) -> None:
        """Keep a connection, send it what it missed after the sequence `after` of `stream`, then all that comes.

        It lasts as long as the `ticket` by which it came in, which is asked about later; None for one that lasts.
        """
        ...

    def missed(self, after: int | None, stream: str | None) -> list[str]:
        """Return the messages, as JSON texts, that bring a reader who holds `after` to the newest."""
        ...
