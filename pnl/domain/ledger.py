"""Everything that is known, folded: records, marks and reports go in, the snapshot of an instant comes out."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from pnl.domain.apicost import ApiCost, ApiCosts
from pnl.domain.archived import archived
from pnl.domain.book import Book, MarketBook
from pnl.domain.cash import Audit, CashLedger
from pnl.domain.checks import IDENTITY, Check
from pnl.domain.company_day import Calendar
from pnl.domain.cost_checks import CostChecks
from pnl.domain.finality import COST_ESTIMATED, Finality
from pnl.domain.money import Nano
from pnl.domain.portfolio import Portfolio, total
from pnl.domain.positions import nets
from pnl.domain.postings import Postings
from pnl.domain.reconcile import Reconciliation
from pnl.domain.records import (
    Balance,
    Credit,
    Fill,
    Mark,
    Market,
    Record,
    Report,
    RevenueEntry,
    Settlement,
    Transfer,
)
from pnl.domain.revenue import RevenueBook
from pnl.domain.revenue_read import WholeReading, read_whole
from pnl.domain.snapshot import Account, PositionRow, Snapshot, SourceState
from pnl.domain.statement import Statement, Trading, statement

ABSENT_FOR = 3
OPENING_BALANCE = "opening"
"""The id of the balance record that the cash check starts from."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The unrealised result at a day's start; `estimated` where it is the first mark after it."""

    day: date
    unrealised: Nano | None
    estimated: bool


@dataclass(slots=True)
class Ledger:
    """The state of the fold. It is rebuilt from the records at every start, and never stored.

    `seq` is the snapshot that knew the same records, None where there is none or nobody has said so.
    """

    calendar: Calendar
    mark_rule: Literal["bid", "mid"] = "bid"
    revenue_primary: str | None = None
    book: Book = field(init=False)
    cash: CashLedger = field(init=False)
    revenue: RevenueBook = field(init=False)
    costs: ApiCosts = field(init=False)
    reconciliation: Reconciliation = field(init=False)
    balance: Balance | None = None
    seq: int | None = field(default=None, compare=False)
    _portfolio: Portfolio = field(init=False)
    _postings: Postings = field(init=False)
    _conflicts: dict[str, str] = field(default_factory=dict)
    _patched: set[str] = field(default_factory=set)
    _absent: dict[str, int] = field(default_factory=dict)
    _unnetted: set[str] = field(default_factory=set)
    _corrected: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _cost_checks: CostChecks = field(default_factory=CostChecks, compare=False)
    _read_whole: dict[str, WholeReading] = field(default_factory=dict, compare=False)
    _held_before: dict[str, Check] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self.book = Book(self.calendar)
        self.cash = CashLedger(self.calendar)
        self.revenue = RevenueBook(self.revenue_primary)
        self.costs = ApiCosts()
        self.reconciliation = Reconciliation()
        self._portfolio = Portfolio(self.book, self.mark_rule)
        self._postings = Postings(self.book, self.revenue)

    def take(self, records: Iterable[Record]) -> None:
        """Take records in; order and repetition change nothing."""
        fills: list[Fill] = []
        settlements: list[Settlement] = []
        opening: Balance | None = None
        for record in records:
            self.seq = None
            if self._outdated(record):
                continue
            match record.fact:
                case Fill() as fill:
                    fills.append(fill)
                case Settlement() as settlement:
                    settlements.append(settlement)
                case Transfer() as transfer:
                    self.cash.add_transfer(transfer)
                case Credit() as credit:
                    self.cash.add_credit(credit)
                case Balance() as balance:
                    opening = balance if record.id == OPENING_BALANCE else opening
                    self.balance = balance if not self.balance or balance.at >= self.balance.at else self.balance
                case RevenueEntry():
                    self.revenue.add(record)
                case _:
                    self.costs.add(record)
        changed = self.book.add(fills, settlements)
        self._portfolio.update(changed)
        for ticker in changed:
            market = self.book.markets[ticker]
            (self._patched.add if market.from_settlement else self._patched.discard)(ticker)
            (self._unnetted.add if _keeps_pairs(market) else self._unnetted.discard)(ticker)
        if opening is not None and self.cash.opening is None:
            self.book.open_at(opening.at)
            self.cash.open(opening, self.book)
        else:
            self.cash.update(self.book, changed)

    def quote(self, marks: Iterable[Mark], markets: Iterable[Market] = ()) -> None:
        """Take newer quotes and descriptions in."""
        self._portfolio.quote(marks, markets)

    def fork(self) -> "Ledger":
        """Return a copy of what the records say, that goes its own way: without quotes, readings and checks.

        The facts are shared, so that it is made in a fraction of the time and the room of another ledger.
        """
        calendar = Calendar(self.calendar.zone)
        found = Ledger(calendar, self.mark_rule, self.revenue_primary)
        found.book, found.cash = self.book.fork(calendar), self.cash.fork(calendar)
        found.revenue, found.costs = self.revenue.fork(), self.costs.fork()
        found._portfolio = self._portfolio.fork(found.book)
        found._postings = Postings(found.book, found.revenue)
        found._patched, found._unnetted = self._patched.copy(), self._unnetted.copy()
        found._corrected, found.seq = self._corrected.copy(), self.seq
        return found

    def conflicts(self, source: str, found: Iterable[tuple[Record, str]]) -> None:
        """Remember which records of a source's newest reading came again with other content; the old ones stay."""
        kept = {scope: reason for scope, reason in self._conflicts.items() if not scope.startswith(f"{source} ")}
        self._conflicts = kept | {f"{source} {record.id}": reason for record, reason in found}

    def read_whole(self, source: str, records: Iterable[Record], since: date, at: datetime) -> None:
        """Hold what is kept of a source of revenue against all that it told; its records are taken in."""
        self._read_whole[source] = read_whole(self.revenue, source, records, since, at)

    def held_before(self, check: Check) -> None:
        """Take over how a source of revenue stood before the start: so it stands until it is read whole again."""
        self._held_before[check.scope] = check

    def whole_reading(self, source: str) -> WholeReading | None:
        """Return the newest reading of a source of revenue that was whole; None before the first."""
        return self._read_whole.get(source)

    def report(self, report: Report) -> Credit | None:
        """Hold everything against a new report of Kalshi's; return the credit that it confirms."""
        self.balance = Balance(at=report.at, cash=report.cash, portfolio_value=report.portfolio_value)
        self.reconciliation.against(self.book, report)
        audit = self.cash.audit(report.cash)
        self.reconciliation.against_cash(self.cash, audit, report)
        if audit is None or report.in_motion or not report.backfilled or not self.reconciliation.positions_agree():
            self.cash.hold()
            return None
        return self.cash.confirm(audit, report.at)

    def archived(self, report: Report) -> list[Settlement]:
        """Return the settlements of markets that are final, and that three readings did not list any more."""
        held = self._portfolio
        gone = [ticker for ticker in held.held if ticker not in report.positions]
        self._absent = {ticker: self._absent.get(ticker, 0) + 1 for ticker in gone if report.backfilled}
        found = [
            archived(self.book.markets[ticker], held.marks.get(ticker), held.markets.get(ticker))
            for ticker, times in self._absent.items()
            if times >= ABSENT_FOR
        ]
        return [settlement for settlement in found if settlement]

    def audit(self) -> Audit | None:
        """Return the newest cash check; None before the first balance."""
        return self.cash.audit(self.balance.cash) if self.balance else None

    def rows(self, *, every: bool = False) -> list[PositionRow]:
        """Return the rows of the markets that are open, or of every market that was ever traded."""
        return self._portfolio.rows(every=every)

    def row(self, ticker: str) -> PositionRow | None:
        """Return the row of one market; None where it was never traded."""
        return self._portfolio.row(ticker) if ticker in self.book.markets else None

    def quoted(self, ticker: str) -> tuple[Mark | None, Market | None]:
        """Return the newest quote of a market, and its description; None where there is none."""
        return self._portfolio.marks.get(ticker), self._portfolio.markets.get(ticker)

    def at_quotes(self, marks: Iterable[Mark], markets: Iterable[Market], balance: Balance) -> "Ledger":
        """Return what was known at an instant since which no record came: these records, at the quotes of then.

        It shares the books: whoever reads it holds the lock of this one.
        """
        found = copy(self)
        found.balance = balance
        found.reconciliation = Reconciliation()
        found._portfolio = self._portfolio.at_quotes(marks, markets)
        return found

    def unrealised(self) -> Nano | None:
        """Return the unrealised result of all open positions; None when one was never quoted."""
        return self._portfolio.unrealised()

    def api_cost(self, day: date) -> ApiCost:
        """Return what API use cost on a company day so far."""
        return self.costs.between(*self.calendar.bounds(day))

    def days(self, until: date) -> set[date]:
        """Return the company days before `until` that have a trade or an entry."""
        return {day for day in self.book.days() if day < until} | self.revenue.days(until)

    def statement(self, opening: Opening, *, trading: bool, revenue: bool) -> Statement:
        """Return the statement of the opening's day.

        Args:
            opening: The day, and the unrealised result that it began with.
            trading: Whether Kalshi's history is read in.
            revenue: Whether every configured source of revenue has answered.
        """
        day = opening.day
        sums, entries = self.book.day(day), self.revenue.totals(day)
        return statement(
            trading=Trading(
                realised=sums.realised,
                fees=sums.fees,
                unrealised=self.unrealised(),
                opening=opening.unrealised,
                other_income=self.cash.other_income(day),
            )
            if trading
            else None,
            api_cost=self.api_cost(day).amount,
            revenue=entries if revenue else None,
            operating_cost=entries["operating_cost"],
        )

    def snapshot(
        self,
        *,
        seq: int,
        as_of: datetime,
        demo: bool,
        opening: Opening,
        sources: Mapping[str, SourceState],
        trading: bool,
        revenue: bool,
    ) -> Snapshot:
        """Return the snapshot of an instant: the statement so far, the account, the checks, the positions.

        `trading` and `revenue` tell whether Kalshi's history and every source of revenue are read in.
        """
        found = self.statement(opening, trading=trading, revenue=revenue)
        rows = self.rows() if trading else []
        cost = self.api_cost(opening.day)
        value = total(row.value for row in rows) if trading else None
        cash = self.balance.cash if self.balance else None
        self.reconciliation.also(self._other_checks(found, as_of), self.revenue.clashes())
        ok, failed, waiting = self.reconciliation.settle(as_of)
        return Snapshot(
            seq=seq,
            as_of=as_of,
            day=opening.day,
            demo=demo,
            finality=_finality(opening, cost, sources),
            lines=found.lines,
            net=found.net,
            net_realised=found.net_realised,
            complete=found.complete,
            missing=found.missing,
            flags=self._flags(opening, cost, rows),
            account=Account(
                cash=cash,
                positions_value=value,
                exposure=sum(r.exposure for r in rows) if trading else None,
                equity=cash + value if cash is not None and value is not None else None,
            ),
            sources=sources,
            checks_ok=ok,
            checks_failed=failed,
            checks_waiting=waiting,
            positions=tuple(rows),
            unrealised_total=self.unrealised() if trading else None,
        )

    def posts(self, record: Record) -> list[tuple[str, Nano]]:
        """Return the (line, amount) that a record posts; see `pnl.domain.postings`."""
        return self._postings.of(record)

    def flags(self, day: date) -> tuple[str, ...]:
        """Return what a reader of a company day should know of its records."""
        flags = {
            "from_settlement": any(self._settled_on(ticker, day) for ticker in self._patched),
            "unattributed_credit": bool(self.cash.other_income(day)),
            COST_ESTIMATED: _is_ours(self.api_cost(day)),
        }
        own = [name for name, holds in flags.items() if holds]
        return (*own, *self.api_cost(day).flags, *self.revenue.flags(day))

    def _outdated(self, record: Record) -> bool:
        """Tell whether a later version is known; only corrected records are remembered, since most never are."""
        key, version = (record.source, record.kind, record.id), record.version or 0
        if version > 1:
            known = self._corrected[key] = max(version, self._corrected.get(key, 0))
            return version < known
        return record.version is not None and key in self._corrected

    def _flags(self, opening: Opening, cost: ApiCost, rows: list[PositionRow]) -> tuple[str, ...]:
        audit = self.audit()
        flags = {
            "opening_estimated": opening.estimated,
            "no_bid": any(r.mark_source == "none" for r in rows),
            "from_settlement": any(self._settled_on(ticker, opening.day) for ticker in self._patched),
            "netting_off": bool(self._unnetted) or (audit is not None and audit.unnetted is not None),
            "unattributed_credit": bool(self.cash.other_income(opening.day)),
            COST_ESTIMATED: _is_ours(cost),
        }
        own = [name for name, holds in flags.items() if holds]
        return (*own, *cost.flags, *self.revenue.flags(opening.day))

    def _settled_on(self, ticker: str, day: date) -> bool:
        row = self.book.markets[ticker].settlement
        return row is not None and self.calendar.day(row.at) == day

    def _other_checks(self, found: Statement, at: datetime) -> list[Check]:
        sums = sum(amount for amount in found.lines.values() if amount is not None)
        unknown = "nothing to add up yet: no source has been read" if found.net is None else None
        checks = [Check(IDENTITY, "net", sums, found.net or 0, waiting=unknown, reason=unknown)]
        checks += self._cost_checks.of(self.costs, at)
        read = {source: reading.check() for source, reading in self._read_whole.items()}
        checks += (self._held_before | read).values()
        checks += [
            Check("record_conflict", scope, 0, 100, reason=reason, counts=True)
            for scope, reason in self._conflicts.items()
        ]
        return checks


def _keeps_pairs(market: MarketBook) -> bool:
    """Tell whether a settlement paid for pairs; opposite sides of two subaccounts are none."""
    paired = market.from_settlement or any(held.pairs for held in market.held.values())
    return market.settlement is not None and paired and not nets(market.settlement)


def _is_ours(cost: ApiCost) -> bool:
    """Tell whether an API cost goes beyond what Anthropic has reported."""
    return cost.amount is not None and cost.finality == "estimated"


def _finality(opening: Opening, cost: ApiCost, sources: Mapping[str, SourceState]) -> Finality:
    """Return the finality of the worst part; a source that is not configured has nothing to add."""
    revenue, spending = sources["revenue"], "final" if sources["anthropic"].status == "off" else cost.finality
    reported = revenue.complete_through is not None and revenue.complete_through >= opening.day
    fresh = all(state.status in ("live", "off") for state in sources.values())
    if opening.estimated or not fresh or not (reported or revenue.status == "off"):
        return "estimated"
    return spending
