"""What is to be explained: a screen as it was shown, or days as they are known, with all that led to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

from pnl.domain.breakdown import Breakdowns, Period
from pnl.domain.company_day import Calendar
from pnl.domain.explain import (
    Day,
    Figure,
    Node,
    Share,
    covering,
    nothing,
    of_day,
    of_instant,
    over_days,
    portion,
)
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.records import Balance
from pnl.domain.snapshot import Json, instant
from pnl.ports import Figures, Ledgers, SnapshotRow, Store
from pnl.web.edges import Edges
from pnl.web.explained_checks import ExplainedChecks
from pnl.web.explained_days import ExplainedDays
from pnl.web.problems import BadParameter, not_now
from pnl.web.told import Stated, StatedDay, Told, of_several, standing

_TRIES = 3
_UNREALISED = "trading_unrealised"


class Explained:
    """Finds what led to a figure.

    Args:
        figures: What is shown now.
        store: The archive.
        ledgers: What is known, and was known.
        edges: The open positions at the edges of days.
        calendar: The company's days.
        stated: Gives days as they are known.
    """

    def __init__(
        self, figures: Figures, store: Store, ledgers: Ledgers, *, edges: Edges, calendar: Calendar, stated: Stated
    ) -> None:
        self._figures = figures
        self._store = store
        self._ledgers = ledgers
        self._edges = edges
        self._calendar = calendar
        self._stated = stated
        self._days = ExplainedDays(store, ledgers, edges, calendar)
        self._checks = ExplainedChecks(figures, store, ledgers)

    def newest(self) -> int:
        """Return the newest sequence.

        Raises:
            ServiceUnavailable: There is no snapshot yet.
        """
        current = self._figures.current()
        if current is None:
            raise not_now("The first statement is being made; ask again shortly.", 10)
        return current[0]

    def today(self, known: datetime | None = None) -> date:
        """Return the company day of the newest snapshot, or of an instant before it as known at which it is asked."""
        row = self._store.row(self.newest())
        if row is None:
            raise not_now("The first statement is being made; ask again shortly.", 10)
        return row.day if known is None else min(row.day, self._calendar.day(known))

    @contextmanager
    def screen(self, figure: Figure, seq: int | None, path: str) -> Iterator[Told | None]:
        """Give a figure as a snapshot showed it, the newest where none is named; None where there is no such market.

        Raises:
            BadParameter: There is no such snapshot.
        """
        if figure.check:
            with self._checks.side(figure, seq, self.newest()) as side:
                yield side
            return
        for last in (*[False] * (_TRIES - 1), True):
            wanted = seq or self.newest()
            row = self._store.row(wanted)
            if row is None:
                raise BadParameter("at", f"there is no snapshot {wanted}; the newest is {self.newest()}")
            if figure.name == "cumulative_net" and row.day.isoformat() not in path:
                yield self._of_screen(figure, row, Ledger(self._calendar), row.as_of)
                return
            if wanted < self.newest():
                with self._then(figure, row) as ledger:
                    yield self._of_screen(figure, row, ledger, row.as_of)
                return
            if figure.name == _UNREALISED or _UNREALISED in path:
                self._days.opening(row, None, None).holdings()  # before the ledger is locked
            with self._ledgers.now() as ledger:
                if last or row.seq == self.newest():
                    self._ledgers.hold(ledger)  # whoever opens its parts later finds it as it is now
                    yield self._of_screen(figure, row, ledger, None)
                    return

    @contextmanager
    def days(  # noqa: PLR0917 - as one would say it
        self,
        figure: Figure,
        since: date,
        until: date,
        known: datetime | None,
        path: str,
        share: Share | None = None,
    ) -> Iterator[Told | None]:
        """Give a figure of the days of [since, until), as they are known now or were at an instant.

        Args:
            figure: The figure.
            since: The first day.
            until: The first day that is out again.
            known: The instant whose knowledge counts; None for now.
            path: The node that will be opened.
            share: Of what alone it is; None for all. None comes back where nothing is of it.

        Raises:
            BadParameter: There is no day of these.
        """

        def prepare(stated: Sequence[StatedDay]) -> None:
            if share and share.by in ("market", "series"):
                self._days.prepare((stated[0],), known, "")
                self._days.prepare((stated[-1],), known, "")
            elif figure.name == _UNREALISED or _UNREALISED in path:
                self._days.prepare(stated, known, path)

        with self.stated(since, until, known, prepare) as (stated, ledger):
            yield self._of_days(figure, since, until, stated, ledger, known, share)

    @contextmanager
    def stated(
        self, since: date, until: date, known: datetime | None, prepare: Callable[[Sequence[StatedDay]], None]
    ) -> Iterator[tuple[Sequence[StatedDay], Ledger]]:
        """Give the days of [since, until) as they are known, with the ledger that states them.

        Args:
            since: The first day.
            until: The first day that is out again.
            known: The instant whose knowledge counts; None for now.
            prepare: Does what takes a while, before the ledger is locked.

        Raises:
            BadParameter: There is no day of these.
        """
        for last in (*[False] * (_TRIES - 1), True):
            head = self.newest()
            stated = self._stated(since, until, known)
            if not stated:
                raise BadParameter("day" if _single(since, until) else "from", _nothing(since, until))
            prepare(stated)
            with self._edges.ledger(known) as ledger:
                if last or known or head == self.newest():
                    yield stated, ledger
                    return

    def prepare(self, stated: Sequence[StatedDay], known: datetime | None, path: str) -> None:
        """Work out what a node of several days needs, before the ledger is locked."""
        if _UNREALISED in path:
            self._days.prepare(stated, known, path)

    def last_of(self, day: date, known: datetime | None) -> int:
        """Return the sequence of a day's last snapshot, of those up to an instant.

        Raises:
            BadParameter: It has none.
        """
        seen = self._store.company_days(day, day + timedelta(days=1))
        if not seen:
            raise BadParameter("day", f"there is no snapshot of {day}")
        if known is None or seen[0].last.as_of <= known:
            return seen[0].last.seq
        row = self._store.row_at(known)
        if row is None or row.day != day:
            raise BadParameter("as_of", f"there was no snapshot of {day} yet")
        return row.seq

    @property
    def calendar(self) -> Calendar:
        """The company's days."""
        return self._calendar

    def known_day(self, one: StatedDay, ledger: Ledger, known: datetime | None) -> Day:
        """Return a day as it is known, to be explained."""
        return self._days.of_stated(one, ledger, known)

    def cumulative(self, row: SnapshotRow) -> Node:
        """Return the net so far of a snapshot, as it was shown."""
        return self._days.cumulative("cumulative_net", "Cumulative net", row, self.day_of(row))

    def day_of(self, row: SnapshotRow) -> Day:
        """Return a snapshot's day as it was shown then, to be explained by what was known then."""
        return self._days.day_of(row)

    def checks(self, told: Told) -> list[Json]:
        """Return how the checks stand that cover a figure, the worst first; the ledger must not be locked."""
        return self._checks.of(told)

    def keep(self, row: SnapshotRow) -> None:
        """Keep a copy of what is known now, where this snapshot is the newest: its parts are found from it."""
        if row.seq == self.newest():
            with self._ledgers.now() as ledger:
                self._ledgers.hold(ledger)

    @contextmanager
    def _then(self, figure: Figure, row: SnapshotRow) -> Iterator[Ledger]:
        """Give what an earlier snapshot knew: the books of now, where no record came since, else rebuilt ones."""
        shown = self._store.shown(row.seq) if self._unchanged_since(row) else None
        cash = shown.head.account.cash if shown else None
        if cash is not None:
            with self._ledgers.now() as ledger:
                tickers = {one.ticker for one in ledger.rows()} | ({figure.ticker} if figure.ticker else set())
            marks = self._store.marks_at(row.as_of, tickers)
            markets = self._store.markets_at(row.as_of, tickers)
            balance = Balance(at=row.as_of, cash=cash, portfolio_value=0)
            with self._ledgers.now() as ledger:
                if self._unchanged_since(row):
                    yield ledger.at_quotes(marks, markets, balance)
                    return
        yield self._ledgers.at(row.as_of)

    def _unchanged_since(self, row: SnapshotRow) -> bool:
        """Tell whether the newest snapshot knows the same records as an earlier one."""
        newest = self._store.row(self.newest())
        return newest is not None and row.known > 0 and newest.known == row.known

    def _of_days(  # noqa: PLR0917 - as one would say it
        self,
        figure: Figure,
        since: date,
        until: date,
        stated: Sequence[StatedDay],
        ledger: Ledger,
        known: datetime | None,
        share: Share | None,
    ) -> Told | None:
        days = [self._days.of_stated(one, ledger, known) for one in stated]
        single = _single(since, until)
        if share:
            root = portion(figure.name, share, days)
            if root is None and _is_row(share, days, ledger):
                root = nothing(figure.name, share, days)
        else:
            root = of_day(figure.name, days[0]) if single else over_days(figure.name, days)
        if root is None:
            return None
        at: dict[str, Json] = {"from": since.isoformat(), "to": until.isoformat()}
        pairs = covering(figure, ledger, [one.day for one in stated])
        if not single or share or not self._shown_last(since, known):
            pairs = of_several(pairs)
        return Told(
            root=root,
            at={**({"seq": None, "day": since.isoformat()} if single else at), "as_of": instant(known)},
            seen=False,
            known=known,
            pairs=pairs,
            checks=standing(ledger, pairs, known),
            share=share,
        )

    def _shown_last(self, day: date, known: datetime | None) -> bool:
        """Tell whether the newest snapshot, or that of an instant, is of a day: its sum is then the day's."""
        row = self._store.row_at(known) if known else self._store.row(self.newest())
        return row is not None and row.day == day

    def thinned(self, row: SnapshotRow) -> bool:
        """Tell whether prices of a snapshot's time were thinned since."""
        return self._store.marks_thinned(row.as_of)

    def _shown(self, figure: Figure, row: SnapshotRow, known: datetime | None) -> Nano | None:
        """Return what a snapshot showed of its positions, where a figure is one of these; None for others."""
        if figure.name == "unrealised_total":
            return row.unrealised_total
        if known is None or figure.name not in {"positions_value", "equity"}:
            return None
        shown = self._store.shown(row.seq)
        if shown is None:
            return None
        account = shown.head.account
        return account.equity if figure.name == "equity" else account.positions_value

    def _of_screen(self, figure: Figure, row: SnapshotRow, ledger: Ledger, known: datetime | None) -> Told | None:
        day = self._days.of_row(row, lambda: self._days.opening(row, known, ledger), lambda: ledger)
        root: Node | None
        if figure.daily:
            root = of_day(figure.name, day)
        elif figure.name == "cumulative_net":
            root = self._days.cumulative(figure.name, figure.title, row, day)
        else:
            root = of_instant(figure, ledger, self._shown(figure, row, known), thinned=self.thinned(row))
        if root is None:
            return None
        held = figure.field or figure.case or figure.name in {"unrealised_total", "positions_value"}
        if held and row.lines["trading_realised"] is None:
            root = replace(root, amount=None, parts=(), note="the trading history has not been read")
        pairs = covering(figure, ledger, [row.day])
        return Told(
            root=root,
            at={"seq": row.seq, "as_of": instant(row.as_of), "day": row.day.isoformat()},
            seen=True,
            known=known,
            pairs=pairs,
            checks=standing(ledger, pairs, known),
        )


def _is_row(share: Share, days: Sequence[Day], ledger: Ledger) -> bool:
    """Tell whether the breakdown of some days has this row."""
    held = share.by in ("market", "series")
    period = Period(
        days=[(day.day, day.lines) for day in days],
        opening=days[0].opening().holdings() if held else (),
        closing=days[-1].closing().holdings() if held else (),
    )
    return any(row.key == share.key for row in Breakdowns().rows(share.by, ledger, period))


def _single(since: date, until: date) -> bool:
    return until - since == timedelta(days=1)


def _nothing(since: date, until: date) -> str:
    if _single(since, until):
        return f"nothing is known of {since}"
    return f"nothing is known of the days from {since} to {until}"
