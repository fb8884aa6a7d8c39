"""The open positions at the edges of days: as the snapshot before, or after, an instant counted them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from pnl.domain.days import Boundary
from pnl.domain.explain import Holding, Valuation
from pnl.domain.explain.opening import alive, by_effect, by_records, valued
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.records import Kind, Mark, Record
from pnl.ports import Ledgers, SnapshotRow

REMEMBERED = 32
Began = Callable[[datetime, datetime | None], Boundary | None]


class Past(Protocol):
    """What is asked of the archive."""

    def row_before(self, at: datetime) -> SnapshotRow | None:
        """Return the newest row at or before `at` whose unrealised result is known."""
        ...

    def row_after(self, at: datetime) -> SnapshotRow | None:
        """Return the oldest row after `at` whose unrealised result is known."""
        ...

    def marks_at(self, at: datetime, tickers: Sequence[str] | None = None) -> Iterable[Mark]:
        """Return the newest quote of each market at or before `at`."""
        ...

    def facts_at(self, at: datetime, *kinds: Kind, tickers: Sequence[str] | None = None) -> Iterable[Record]:
        """Return the newest versions of records that were known at `at`."""
        ...


class Edges:
    """Tells what was held when a day began or ended, market by market.

    Args:
        store: The archive.
        ledgers: What is known, and was known.
        began: Tells how a day began that begins at an instant, as known at another or now; None for the last
            snapshot before it.
        remembered: How many edges are kept as they were found.
    """

    def __init__(
        self, store: Past, ledgers: Ledgers, began: Began | None = None, *, remembered: int = REMEMBERED
    ) -> None:
        self._store = store
        self._ledgers = ledgers
        self._began = began
        self._remembered = remembered
        self._held: dict[tuple[datetime, Nano | None, datetime | None], Sequence[Holding]] = {}

    def at(self, start: datetime, counted: Nano | None, known: datetime | None, held: Ledger | None) -> Valuation:
        """Return the open positions at the start of a day: of the last snapshot before it, or the first after it.

        Args:
            start: The first instant of the day.
            counted: What they must come to; None for whatever it is.
            known: What is known of them: up to this instant, or all.
            held: The ledger of `known`, where it is at hand.
        """
        begun = self._began(start, known) if self._began and counted is None else None
        if begun:
            found = Valuation(at=begun.as_of, unrealised=begun.unrealised, holdings=list, estimated=begun.estimated)
            return replace(found, holdings=lambda: self.holdings(found, known, held))
        before = self._store.row_before(start)
        if before and (counted is None or before.unrealised_total == counted):
            found = Valuation(at=before.as_of, unrealised=before.unrealised_total, holdings=list)
        else:
            after = self._store.row_after(start)
            if after is None or (counted is not None and after.unrealised_total != counted):
                return Valuation(at=None, unrealised=counted, holdings=list)
            found = Valuation(at=after.as_of, unrealised=after.unrealised_total, holdings=list, estimated=True)
        return replace(found, holdings=lambda: self.holdings(found, known, held))

    def holdings(self, edge: Valuation, known: datetime | None, held: Ledger | None = None) -> Sequence[Holding]:
        """Return the open positions of an edge, as they counted then.

        What was executed before the instant counted, unless it was told later: where what is known now does
        not come to what counted, the records that were known then are asked for.
        """
        if edge.at is None:
            return ()
        key = (edge.at, edge.unrealised, known)
        found = self._held.get(key)
        if found is None:
            if len(self._held) >= self._remembered:
                self._held.pop(next(iter(self._held)), None)
            found = self._held[key] = self._find(edge.at, edge.unrealised, known, held)
        return found

    @contextmanager
    def ledger(self, known: datetime | None, held: Ledger | None = None) -> Iterator[Ledger]:
        """Give what was known at an instant, or is known now; the ledger at hand, where there is one."""
        if held is not None:
            yield held
        elif known is not None:
            yield self._ledgers.at(known)
        else:
            with self._ledgers.now() as ledger:
                yield ledger

    def _find(
        self, at: datetime, counted: Nano | None, known: datetime | None, held: Ledger | None
    ) -> Sequence[Holding]:
        with self.ledger(known, held) as ledger:
            tickers = alive(ledger, at)
            markets = by_effect(ledger, tickers, at)
        marks = self._store.marks_at(at, tickers) if tickers else ()
        with self.ledger(known, held) as ledger:
            found = valued(ledger, markets, marks)
        if counted is None or sum(one.row.unrealised or 0 for one in found) == counted:
            return found
        records = list(self._store.facts_at(at, "fill", "settlement", tickers=tickers))
        with self.ledger(known, held) as ledger:
            then = valued(ledger, by_records(ledger, records), marks)
        return then if sum(one.row.unrealised or 0 for one in then) == counted else found
