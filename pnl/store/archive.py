"""What is read of the archive's past: how things went, and what was known and shown when."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import select

from pnl.domain.money import Nano
from pnl.domain.records import Kind, Mark, Market, Record
from pnl.ports import (
    CheckChange,
    Course,
    Gap,
    Page,
    SeenDay,
    Series,
    ShownSnapshot,
    SourceChange,
    Trade,
)
from pnl.store import (
    bitemporal,
    checklog,
    days,
    lookup,
    readings,
    records,
    rollups,
    schema,
    seals,
    snapshots,
    sourcelog,
)
from pnl.store.extracting import SqlExtracts
from pnl.store.facts import microseconds
from pnl.store.failures import answered, answering
from pnl.store.newest import SqlNewest


class SqlArchive(SqlNewest):
    """Readers of the past beside those of the newest."""

    @answered
    def series(  # noqa: PLR0917 - as the port has them
        self,
        figures: Sequence[str],
        since: datetime | None,
        until: datetime | None,
        step: str,
        limit: int,
        known: datetime | None = None,
    ) -> Series:
        """Return figures by stretches of time."""
        end = records.LARGEST - 1
        given = microseconds(since) if since else 0, microseconds(until) if until else end
        with self._reading() as connection:
            found = rollups.series(connection, figures, *given, step, limit)
            return rollups.as_known(connection, found, step, microseconds(known)) if known else found

    @answered
    def company_days(self, since: date | None, until: date | None) -> list[SeenDay]:
        """Return the company days that have a snapshot, as they were seen."""
        with self._reading() as connection:
            return days.seen(connection, since, until)

    @answered
    def highest(self, day: date) -> dict[tuple[str, ...], int]:
        """Return the highest net that a company day has shown, by the lines that it was without."""
        with self._reading() as connection:
            return days.highest(connection, day)

    @answered
    def check_history(self, name: str, scope: str, since: datetime | None, until: datetime | None) -> list[CheckChange]:
        """Return how a check changed."""
        with self._reading() as connection:
            return checklog.history(connection, name, scope, since, until)

    @answered
    def source_history(self, name: str, since: datetime | None, until: datetime | None) -> list[SourceChange]:
        """Return how a source changed."""
        with self._reading() as connection:
            return sourcelog.history(connection, name, since, until)

    @answered
    def checks_changed(self, after: int, limit: int) -> list[tuple[str, str, CheckChange]]:
        """Return how checks changed after a sequence."""
        with self._reading() as connection:
            return checklog.changed(connection, after, limit)

    @answered
    def paces(self) -> list[tuple[datetime, int]]:
        """Return since when ticks are made how often."""
        with self._reading() as connection:
            return checklog.paces(connection)

    @answered
    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Return the gaps that overlap a stretch of time."""
        with self._reading() as connection:
            return snapshots.gaps(connection, since, until)

    @answered
    def page(  # noqa: PLR0917 - as the port has them
        self,
        kinds: Sequence[Kind],
        since: datetime | None,
        until: datetime | None,
        cursor: str | None,
        limit: int,
        at: datetime | None = None,
    ) -> Page:
        """Return records newest first."""
        start = records.opened(cursor) if cursor else None
        with self._reading() as connection:
            known = bitemporal.horizon(connection, at).known if at else None
            return records.page(connection, kinds, since, until, start, limit, known)

    @answered
    def named(self, keys: Sequence[records.Key], at: datetime | None = None) -> dict[records.Key, Record]:
        """Return records by (source, kind, id), as they were known at an instant or are now."""
        with self._reading() as connection:
            return lookup.named(connection, keys, at)

    @answered
    def shown(self, seq: int) -> ShownSnapshot | None:
        """Return a snapshot as it was shown."""
        with self._reading() as connection:
            return bitemporal.shown(connection, seq)

    @answered
    def checks_at(self, seq: int) -> list[tuple[str, str, CheckChange]]:
        """Return the checks of a snapshot."""
        with self._reading() as connection:
            return bitemporal.checks(connection, seq)

    @answered
    def net_between(self, first: int, last: int) -> tuple[Nano | None, Nano | None, tuple[str, ...]]:
        """Return the highest and the lowest net of some snapshots, and the qualities that they had."""
        with self._reading() as connection:
            return bitemporal.span(connection, first, last)

    @answered
    def net_first(self, first: int, last: int, net: Nano) -> int | None:
        """Return the first snapshot of some that showed a net."""
        c = schema.snapshot.c
        query = (
            select(c.seq)
            .where(c.seq >= first, c.seq <= last, c.net_n == net)
            .order_by(c.complete.desc(), c.seq)
            .limit(1)
        )
        with self._reading() as connection:
            found: int | None = connection.execute(query).scalar()
            return found

    @answered
    def opens(self, first: int, last: int) -> int | None:
        """Return the first complete snapshot of some, or the first whose net is known."""
        with self._reading() as connection:
            return bitemporal.opens(connection, first, last)

    @answered
    def course(self, first: int, last: int) -> Course | None:
        """Return how far the net of all days so far went over some snapshots."""
        with self._reading() as connection:
            return bitemporal.course(connection, first, last)

    def facts_at(self, at: datetime, *kinds: Kind, tickers: Collection[str] | None = None) -> Iterator[Record]:
        """Give the records that a snapshot knew."""
        with answering(), self._reading() as connection:
            known = bitemporal.horizon(connection, at).known
            yield from bitemporal.facts(connection, known, kinds, tickers)

    @answered
    def marks_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Mark, ...]:
        """Return the newest marks that a snapshot knew."""
        with self._reading() as connection:
            then = bitemporal.horizon(connection, at)
            return bitemporal.marks(connection, then.seq, then.as_of, tickers)

    @answered
    def marks_thinned(self, at: datetime) -> bool:
        """Tell whether marks of the day of an instant were thinned."""
        with self._reading() as connection:
            return microseconds(at) < seals.thinned_until(connection)

    @answered
    def marks_along(self, ticker: str, seqs: Collection[int]) -> dict[int, Mark | None]:
        """Return the newest mark of a market that each of these snapshots knew; without those that are not kept."""
        with self._reading() as connection:
            return bitemporal.marks_along(connection, ticker, seqs)

    @answered
    def markets_at(self, at: datetime, tickers: Collection[str] | None = None) -> tuple[Market, ...]:
        """Return what markets were called in a snapshot."""
        with self._reading() as connection:
            return bitemporal.markets(connection, bitemporal.horizon(connection, at).seq, tickers)

    @answered
    def versions(
        self,
        kinds: Sequence[Kind],
        *,
        upto: int,
        after: int = 0,
        tickers: Collection[str] | None = None,
    ) -> list[tuple[int, Record]]:
        """Return every version of records with its number."""
        with self._reading() as connection:
            return bitemporal.versions(connection, kinds, after, upto, tickers)

    @answered
    def replaced_since(self, known: int, kind: Kind) -> list[tuple[int, Record]]:
        """Return the readings that stood at a number, and were replaced since."""
        with self._reading() as connection:
            return [(one.number, one.record) for one in readings.standing(connection, known, (kind,))]

    @answered
    def read_since(self, since: datetime, until: datetime, after: int, upto: int) -> tuple[int, Record] | None:
        """Return the newest record of usage or cost that came after a number."""
        with self._reading() as connection:
            return bitemporal.read_since(connection, microseconds(since), microseconds(until), after, upto)

    @answered
    def readings(self, since: datetime, until: datetime, *, after: int | None, upto: int) -> list[tuple[int, Record]]:
        """Return what was read of API usage and cost, also what was replaced since."""
        with self._reading() as connection:
            return bitemporal.read(connection, microseconds(since), microseconds(until), after, upto)

    @answered
    def trades(self, after: int) -> list[Trade]:
        """Return the times of fills and settlements kept after a number."""
        with self._reading() as connection:
            return bitemporal.trades(connection, after)

    @property
    def extracts(self) -> SqlExtracts:
        """What exports read."""
        return SqlExtracts(self._reading)
