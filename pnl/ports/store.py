"""The archive."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from pnl.domain.money import Nano
from pnl.domain.records import Kind, Mark, Market, Record, RevenueEntry
from pnl.domain.snapshot import Json
from pnl.ports.extracts import Extracts
from pnl.ports.kept import (
    CheckChange,
    Course,
    Gap,
    Page,
    SeenDay,
    Series,
    ShownSnapshot,
    SnapshotRow,
    Sorted,
    SourceChange,
    StoreFacts,
    Thinned,
    Tick,
    Trade,
)
from pnl.ports.sources import SourceMemory


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

    def recent(self, after: int) -> list[tuple[int, str]]:
        """Return the newest snapshots whole, after a sequence and in order, each with its JSON text.

        Only where processes share what they show are any kept, and not for long. One that is not what was written
        is left out.
        """
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

    def opens(self, first: int, last: int) -> int | None:
        """Return the first complete snapshot from `first` to `last`; without any, the first whose net is known."""
        ...

    def course(self, first: int, last: int) -> Course | None:
        """Return how far the net of all days so far went over snapshots from `first` to `last`; None without any.

        Complete snapshots count; of the others only where there is no complete one.
        """
        ...

    def facts_at(self, at: datetime, *kinds: Kind, tickers: Collection[str] | None = None) -> Iterator[Record]:
        """Give the records of these kinds as the newest snapshot at or before `at` knew them, in no order.

        With `tickers`, fills and settlements of these markets alone.
        """
        ...

    def marks_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Mark, ...]:
        """Return the newest mark of every market, or of these, as the newest snapshot at or before `at` knew it."""
        ...

    def marks_thinned(self, at: datetime) -> bool:
        """Tell whether an instant is in a UTC day of which marks were thinned: then they may not be all that were."""
        ...

    def marks_along(self, ticker: str, seqs: Collection[int]) -> dict[int, Mark | None]:
        """Return the newest mark of a market that each of these snapshots knew; without those that are not kept."""
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

    def readings(self, since: datetime, until: datetime, *, after: int | None, upto: int) -> list[tuple[int, Record]]:
        """Return what was read of API usage and cost of [since, until), midnights both, with its numbers, by number.

        Args:
            since: The first effective time.
            until: The first one after.
            after: Every one above this number, also those that gave way to others since. None for those that stood
                when the record `upto` was the last one, in every version.
            upto: Only numbers up to this one.
        """
        ...

    def trades(self, after: int) -> list[Trade]:
        """Return the times of fills and settlements kept after a number, by number.

        A corrected one is there once for the earliest and once for the latest time that any version of it tells.
        """
        ...

    def entries(self, at: datetime | None = None) -> tuple[RevenueEntry, ...]:
        """Return the newest version of every manual entry, newest date first: all, or what a snapshot at `at` knew."""
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
        closed with is kept, and the first mark of each market.

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
