"""Exports' reading on SQLAlchemy Core; implements `pnl.ports.Extracts`.

Each chunk is a look of its own: an export that takes an hour holds nobody's log back for an hour.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection

from pnl.domain.records import Kind, Record
from pnl.ports import Spelling
from pnl.store import extracts, snapshots
from pnl.store.failures import answered, answering
from pnl.store.spelled import cell

FIRST_LINES = 100
"""Who waits for the first line does not wait for thousands."""


class SqlExtracts:
    """Reads from what gives connections that cannot write."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading

    @answered
    def span(self, since: datetime | None, until: datetime | None, after: int, last: int) -> tuple[int, int]:
        """Return the sequences that snapshots lie between."""
        with self._reading() as connection:
            after, end = snapshots.span(connection, since, until, after)
        return after, min(end, last)

    def lines(self, columns: Sequence[str], after: int, end: int, spelling: Spelling) -> Iterator[tuple[int, str]]:
        """Give snapshots as lines of CSV."""
        for name in columns:
            cell(name, spelling, postgresql=False)  # a name that there is not is told at once
        return self._lines(columns, after, end, spelling)

    def _lines(self, columns: Sequence[str], after: int, end: int, spelling: Spelling) -> Iterator[tuple[int, str]]:
        size = FIRST_LINES
        while after < end:
            with answering(), self._reading() as connection:
                after, rows, found = extracts.lines(connection, columns, after, end, spelling=spelling, size=size)
            if rows:
                yield rows, found
            size = extracts.CHUNK

    @answered
    def count(self, after: int, end: int) -> int:
        """Return how many snapshots there are."""
        with self._reading() as connection:
            return extracts.counted(connection, after, end)

    @answered
    def known(self, seq: int) -> tuple[datetime, int] | None:
        """Return when a snapshot was, and the number of the last record that it knows."""
        with self._reading() as connection:
            return extracts.known(connection, seq)

    @answered
    def records(  # noqa: PLR0917 - as the port has them
        self, kind: Kind, since: datetime | None, until: datetime | None, after: int, up_to: int, source: str | None
    ) -> Iterator[tuple[int, Record]]:
        """Give records with their numbers, by effective time."""
        place = self._place(after, up_to, kind, source)
        return self._records(kind, since, until, place, up_to, source)

    def _records(  # noqa: PLR0917 - as the port has them
        self,
        kind: Kind,
        since: datetime | None,
        until: datetime | None,
        place: tuple[int, int] | None,
        up_to: int,
        source: str | None,
    ) -> Iterator[tuple[int, Record]]:
        wanted = extracts.those(kind, since, until, up_to=up_to, source=source)
        with answering(), self._reading() as connection:
            replaced = extracts.replaced(connection, kind, since, until, place, up_to=up_to, source=source)
        while True:
            with answering(), self._reading() as connection:
                found = extracts.records(connection, wanted, place)
            ended = len(found) < extracts.CHUNK
            place = extracts.placed(*found[-1]) if found else place
            while replaced and (ended or extracts.placed(*replaced[0]) < place):  # type: ignore[operator] # found some
                found.append(replaced.pop(0))
            yield from sorted(found, key=lambda pair: extracts.placed(*pair))
            if ended:
                return

    @answered
    def count_records(  # noqa: PLR0917 - as the port has them
        self, kind: Kind, since: datetime | None, until: datetime | None, after: int, up_to: int, source: str | None
    ) -> int:
        """Return how many records there are."""
        place = self._place(after, up_to, kind, source)
        with self._reading() as connection:
            wanted = extracts.those(kind, since, until, up_to=up_to, source=source)
            replaced = extracts.replaced(connection, kind, since, until, place, up_to=up_to, source=source)
            return extracts.count_records(connection, wanted, place) + len(replaced)

    def _place(self, after: int, up_to: int, kind: Kind, source: str | None) -> tuple[int, int] | None:
        if not after:
            return None
        with self._reading() as connection:
            return extracts.place(connection, after, up_to, kind=kind, source=source)
