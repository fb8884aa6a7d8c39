"""What is to be explained: a screen as it was shown, or days as they are known, with all that led to it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from pnl.domain.breakdown import Breakdowns, Period
from pnl.domain.company_day import Calendar
from pnl.domain.explain import (
    Day,
    Figure,
    Node,
    Share,
    Valuation,
    by_day,
    covering,
    nothing,
    of_day,
    of_instant,
    over_days,
    portion,
)
from pnl.domain.explain.positions import open_holdings
from pnl.domain.explain.sides import kept, made_of
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.records import Balance
from pnl.domain.snapshot import Json, instant
from pnl.ports import Figures, Ledgers, SeenDay, SnapshotRow, Store
from pnl.web.checks import stood
from pnl.web.edges import Edges
from pnl.web.problems import BadParameter, not_now

MOST_CHECKS = 60
IDENTITY = ("identity", "net")
"""The check that holds the net of a snapshot against the sum of its lines."""
_TRIES = 3
_UNREALISED = "trading_unrealised"
_NOTHING = Node(key="", title="", amount=None, rule="sum")


class StatedDay(Protocol):
    """A company day as it is known."""

    @property
    def day(self) -> date:
        """The day."""
        ...

    @property
    def lines(self) -> Mapping[str, Nano | None]:
        """The amounts of its lines; None where not known."""
        ...

    @property
    def seen(self) -> SeenDay | None:
        """How it was shown; None for a day without a snapshot."""
        ...


Stated = Callable[[date | None, date | None, datetime | None], Sequence[StatedDay]]
"""Gives the company days of [first, last), oldest first, as known now or at an instant; today is one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The root of an explanation, and what it is of; to be opened while the ledger may be read.

    `pairs` are the name and scope of the checks that cover it; `checks` is how they stand, None where
    that is not in the ledger. `share` is the row of a breakdown that it is of alone.
    """

    root: Node
    at: dict[str, Json]
    seen: bool
    known: datetime | None
    pairs: list[tuple[str, str]]
    checks: list[Json] | None
    share: Share | None = None


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

    def newest(self) -> int:
        """Return the newest sequence.

        Raises:
            ServiceUnavailable: There is no snapshot yet.
        """
        current = self._figures.current()
        if current is None:
            raise not_now("The first statement is being made; ask again shortly.", 10)
        return current[0]

    def today(self) -> date:
        """Return the company day of the newest snapshot."""
        row = self._store.row(self.newest())
        if row is None:
            raise not_now("The first statement is being made; ask again shortly.", 10)
        return row.day

    @contextmanager
    def screen(self, figure: Figure, seq: int | None, path: str) -> Iterator[Told | None]:
        """Give a figure as a snapshot showed it, the newest where none is named; None where there is no such market.

        Raises:
            BadParameter: There is no such snapshot.
        """
        if figure.check:
            with self._of_check(figure, seq) as side:
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
                self._opening(row, None, None).holdings()  # before the ledger is locked
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
                self._prepare((stated[0],), known, "")
                self._prepare((stated[-1],), known, "")
            elif figure.name == _UNREALISED or _UNREALISED in path:
                self._prepare(stated, known, path)

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
            self._prepare(stated, known, path)

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
        return self._of_stated(one, ledger, known)

    def cumulative(self, row: SnapshotRow) -> Node:
        """Return the net so far of a snapshot, as it was shown."""
        return self._cumulative("cumulative_net", "Cumulative net", row, self.day_of(row))

    def day_of(self, row: SnapshotRow) -> Day:
        """Return a snapshot's day as it was shown then, to be explained by what was known then."""
        return self._of_row(row, lambda: self._opening(row, row.as_of, None), lambda: self._ledgers.at(row.as_of))

    def keep(self, row: SnapshotRow) -> None:
        """Keep a copy of what is known now, where this snapshot is the newest: its parts are found from it."""
        if row.seq == self.newest():
            with self._ledgers.now() as ledger:
                self._ledgers.hold(ledger)

    def checks(self, told: Told) -> list[Json]:
        """Return how the checks stand that cover a figure, the worst first; the ledger must not be locked."""
        if told.checks is not None:
            return told.checks
        if told.known is not None:
            return self._checks_then(told.pairs[:MOST_CHECKS], told.known)
        wanted, every = set(told.pairs), self._figures.checks()["checks"]
        rows = every if isinstance(every, list) else []
        found = [one for one in rows if isinstance(one, dict) and (one["name"], one["scope"]) in wanted]
        return list[Json](found[:MOST_CHECKS])

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

    def _checks_then(self, pairs: list[tuple[str, str]], at: datetime) -> list[Json]:
        """Return how checks stood at an instant."""
        found: list[Json] = []
        row = self._store.row_at(at)
        net = row.net if row else None
        for name, scope in pairs:
            changes = self._store.check_history(name, scope, at, at + timedelta(microseconds=1))
            found += [stood(name, scope, one, net) for one in changes[:1] if one.state != "gone" and one.at <= at]
        return found

    @contextmanager
    def _of_check(self, figure: Figure, seq: int | None) -> Iterator[Told | None]:
        """Give a side of a check: as it stands now, or as it is kept with the snapshot that changed it last."""
        row = self._store.row(seq or self.newest())
        if row is None:
            raise BadParameter("at", f"there is no snapshot {seq}; the newest is {self.newest()}")
        pairs = [(figure.check, figure.scope)]
        told = Told(
            root=_NOTHING,
            at={"seq": None, "as_of": instant(row.as_of)},
            seen=True,
            known=None,
            pairs=pairs,
            checks=None,
        )
        if row.seq >= self.newest():
            with self._ledgers.now() as ledger:
                if ledger.reconciliation.groups():
                    root = of_instant(figure, ledger)
                    yield replace(told, root=root, checks=standing(ledger, pairs, None)) if root else None
                    return
        changes = self._store.check_history(*pairs[0], row.as_of, row.as_of + timedelta(microseconds=1))
        change = next((one for one in changes[:1] if one.state != "gone" and one.at <= row.as_of), None)
        check = made_of(*pairs[0], change.expected, change.actual, change.reason) if change else None
        if change is None or check is None:
            yield None
            return
        root = replace(kept(check, figure.side, change.seq), title=figure.title)
        yield replace(told, root=root, known=row.as_of)

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
        days = [self._of_stated(one, ledger, known) for one in stated]
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

    def _of_screen(self, figure: Figure, row: SnapshotRow, ledger: Ledger, known: datetime | None) -> Told | None:
        day = self._of_row(row, lambda: self._opening(row, known, ledger), lambda: ledger)
        root: Node | None
        if figure.daily:
            root = of_day(figure.name, day)
        elif figure.name == "cumulative_net":
            root = self._cumulative(figure.name, figure.title, row, day)
        else:
            root = of_instant(figure, ledger, row.unrealised_total if figure.name == "unrealised_total" else None)
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

    def _of_row(self, row: SnapshotRow, opening: Callable[[], Valuation], know: Callable[[], Ledger]) -> Day:
        closing = Valuation(at=row.as_of, unrealised=row.unrealised_total, holdings=lambda: open_holdings(know()))
        return Day(
            know=know,
            calendar=self._calendar,
            day=row.day,
            lines=row.lines,
            opening=opening,
            closing=lambda: closing,
        )

    def _opening(self, row: SnapshotRow, known: datetime | None, held: Ledger | None) -> Valuation:
        """Return with what a screen's day opened: what it showed less what it had changed by."""
        change = row.lines.get(_UNREALISED)
        counted = None if change is None or row.unrealised_total is None else row.unrealised_total - change
        return self._edges.at(self._calendar.bounds(row.day)[0], counted, known, held)

    def _of_stated(self, one: StatedDay, ledger: Ledger, known: datetime | None) -> Day:
        start, end = self._bounds(one.day, known)
        return Day(
            know=lambda: ledger,
            calendar=self._calendar,
            day=one.day,
            lines=one.lines,
            opening=lambda: self._edges.at(start, None, known, ledger),
            closing=lambda: self._edges.at(end, None, known, ledger),
        )

    def _bounds(self, day: date, known: datetime | None) -> tuple[datetime, datetime]:
        """Return when a day began and ended, as far as it had by then."""
        start, end = self._calendar.bounds(day)
        return start, min(end, known) if known else end

    def _prepare(self, stated: Sequence[StatedDay], known: datetime | None, path: str) -> None:
        """Work the open positions at a day's edges out before the ledger is locked."""
        for one in stated:
            if len(stated) == 1 or one.day.isoformat() in path:
                for at in self._bounds(one.day, known):
                    self._edges.at(at, None, known, None).holdings()

    def _cumulative(self, key: str, title: str, row: SnapshotRow, day: Day) -> Node:
        days: list[tuple[date, Nano | None, Callable[[], Node]]] = [
            (one.day, one.last.net, lambda last=one.last: self._net_of(last))  # type: ignore[misc]
            for one in self._store.company_days(None, row.day)
        ]
        days.append((row.day, row.net, lambda: of_day("net", day)))
        return by_day(key, title, days)

    def _net_of(self, row: SnapshotRow) -> Node:
        return of_day("net", self.day_of(row))


def _is_row(share: Share, days: Sequence[Day], ledger: Ledger) -> bool:
    """Tell whether the breakdown of some days has this row."""
    held = share.by in ("market", "series")
    period = Period(
        days=[(day.day, day.lines) for day in days],
        opening=days[0].opening().holdings() if held else (),
        closing=days[-1].closing().holdings() if held else (),
    )
    return any(row.key == share.key for row in Breakdowns().rows(share.by, ledger, period))


def of_several(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the checks without that of a snapshot's sum: what is not that snapshot's figure is not held by it."""
    return [pair for pair in pairs if pair != IDENTITY]


def standing(ledger: Ledger, pairs: list[tuple[str, str]], known: datetime | None) -> list[Json] | None:
    """Return how checks stand now, the worst first; None where another process makes them, or it is of the past."""
    if known is not None or not ledger.reconciliation.groups():
        return None
    return ledger.reconciliation.of(pairs)[:MOST_CHECKS]


def _single(since: date, until: date) -> bool:
    return until - since == timedelta(days=1)


def _nothing(since: date, until: date) -> str:
    if _single(since, until):
        return f"nothing is known of {since}"
    return f"nothing is known of the days from {since} to {until}"
