"""How exports read the archive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pnl.domain.records import Kind, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How cells are spelled.

    Attributes:
        short: Instants as `YYYY-MM-DD HH:MM:SS`, which a spreadsheet takes for a time, instead of ISO 8601.
        guarded: Whether text that a spreadsheet would take for a formula has `'` before it.
        offset_seconds: What local time is ahead of UTC by.
        plain: Money as whole nano-dollars and instants as microseconds since 1970, for a reader of our own: it
            takes the database half the time.
    """

    short: bool = False
    guarded: bool = True
    offset_seconds: int = 0
    plain: bool = False


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
            ValueError: There is no record `after` of this kind and source.
        """
        ...

    def count_records(  # noqa: PLR0917 - as `records`
        self, kind: Kind, since: datetime | None, until: datetime | None, after: int, up_to: int, source: str | None
    ) -> int:
        """Return how many records there are; see `records`."""
        ...
