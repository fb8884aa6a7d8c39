"""The cash check: every change of Kalshi's balance since we first saw it has a record, or is shown.

A residual that three clean readings in a row agree on is confirmed, posted as other income and
listed as an unattributed credit. Interest, incentives and adjustments reach the account this way,
since no endpoint reports them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pnl.domain.book import Book, MarketBook
from pnl.domain.company_day import Calendar
from pnl.domain.money import CENT, Nano
from pnl.domain.positions import Position, dollars, nets
from pnl.domain.records import Balance, Credit, Settlement, Transfer

CONFIRMED_AFTER = 3
PER_EVENT: Nano = 100_000
"""A ten-thousandth of a dollar: the finest step of a balance, and what one event may be off by."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a market's records since the first balance did to the account.

    `cash` is what they paid in, `pairs` the part of it that netting paid back, `result` what they
    realised less fees, `cost` the change of what open contracts cost since the first balance, where
    it was `opening_cost`. `posted` is what settlements brought into the lines beyond this cash.
    """

    cash: Nano = 0
    pairs: Nano = 0
    result: Nano = 0
    cost: Nano = 0
    events: int = 0
    opening_cost: Nano = 0
    posted: Nano = 0


@dataclass(frozen=True, slots=True)
class Audit:
    """Cash as reported against cash as explained by records, and equity against the lines.

    `unnetted` is the dollars by which the account would be explained if it kept YES and NO apart,
    None unless they are, within rounding, what is missing.
    """

    cash: Nano
    explained: Nano
    equity: Nano
    explained_equity: Nano
    tolerance: Nano
    unnetted: Nano | None

    @property
    def residual(self) -> Nano:
        """What nothing explains: above zero, money came."""
        return self.cash - self.explained

    @property
    def clean(self) -> bool:
        """True when the residual is within rounding."""
        return abs(self.residual) <= self.tolerance


class CashLedger:
    """What the balance was at first, what came and went since, and what nothing explains."""

    def __init__(self, calendar: Calendar) -> None:
        self.opening: Balance | None = None
        self.credits: dict[str, Credit] = {}
        self._calendar = calendar
        self._transfers: dict[str, Transfer] = {}
        self._flows: dict[str, Flow] = {}
        self._total = Flow()
        self._posted: dict[str, Nano] = {}
        self._income: dict[date, Nano] = {}
        self._pending: tuple[Nano, datetime, int] | None = None

    def fork(self, calendar: Calendar) -> "CashLedger":
        """Return a copy that goes its own way, with a calendar of its own and no residual that waits."""
        found = CashLedger(calendar)
        found.opening, found._total = self.opening, self._total
        found.credits, found._transfers = self.credits.copy(), self._transfers.copy()
        found._flows, found._posted, found._income = self._flows.copy(), self._posted.copy(), self._income.copy()
        return found

    def add_transfer(self, transfer: Transfer) -> None:
        """Take in a deposit or withdrawal; a newer state of the same one replaces it."""
        self._transfers[transfer.id] = transfer

    def add_credit(self, credit: Credit) -> None:
        """Take in a confirmed credit, or a new label of one."""
        old = self.credits.get(credit.id)
        if old:
            self._income[self._calendar.day(old.at)] -= old.amount
        self.credits[credit.id] = credit
        day = self._calendar.day(credit.at)
        self._income[day] = self._income.get(day, 0) + credit.amount

    def open(self, balance: Balance, book: Book) -> None:
        """Start from the first balance; `book` must have been opened at the same instant."""
        self.opening = balance
        self._flows, self._total, self._posted = {}, Flow(), {}
        self.update(book, book.markets)

    def update(self, book: Book, tickers: Iterable[str]) -> None:
        """Take in what changed in the book."""
        if self.opening is None:
            return
        for ticker in tickers:
            old, new = self._flows.get(ticker, Flow()), _flow(book.markets[ticker])
            self._flows[ticker] = new
            self._posted.pop(ticker, None)
            if new.posted:
                self._posted[ticker] = new.posted
            total = self._total
            self._total = Flow(
                total.cash + new.cash - old.cash,
                total.pairs + new.pairs - old.pairs,
                total.result + new.result - old.result,
                total.cost + new.cost - old.cost,
                total.events + new.events - old.events,
                total.opening_cost + new.opening_cost - old.opening_cost,
            )

    def flows(self) -> Mapping[str, Flow]:
        """Return what each market did to the account since the first balance, by ticker."""
        return self._flows

    def transfers(self) -> list[Transfer]:
        """Return the movements of cash since the first balance that count, oldest first."""
        if self.opening is None:
            return []
        since = self.opening.at
        found = [transfer for transfer in self._transfers.values() if transfer.amount and transfer.at > since]
        return sorted(found, key=lambda transfer: (transfer.at, transfer.id))

    def other_income(self, day: date) -> Nano:
        """Return the confirmed credits of a company day."""
        return self._income.get(day, 0)

    def audit(self, cash: Nano) -> Audit | None:
        """Hold a reported cash balance against the records; None before the first balance."""
        if self.opening is None:
            return None
        outside = sum(transfer.amount for transfer in self._transfers.values() if transfer.at > self.opening.at)
        outside += sum(credit.amount for credit in self.credits.values())
        explained = self.opening.cash + self._total.cash + outside
        opening_cost = self._total.opening_cost
        pairs, residual = self._total.pairs, cash - explained
        tolerance = min(PER_EVENT * self._total.events, CENT)
        unnetted = pairs if abs(residual + pairs) <= tolerance < abs(residual) else None
        return Audit(
            cash=cash,
            explained=explained,
            equity=cash + opening_cost + self._total.cost,
            explained_equity=self.opening.cash + opening_cost + outside + self._total.result,
            tolerance=tolerance,
            unnetted=unnetted,
        )

    def confirm(self, audit: Audit, at: datetime) -> Credit | None:
        """Count a clean reading; return the credit when this one confirms a residual, else None.

        What a settlement whose fills are missing, or contradict it, already brought into the lines
        is no credit: it would count twice.
        """
        if audit.clean or audit.unnetted is not None or self._in_the_lines(audit):
            self._pending = None
            return None
        residual, since, agreed = self._pending or (0, at, 0)
        if residual != audit.residual:
            since, agreed = at, 0
        self._pending = (audit.residual, since, agreed + 1)
        if agreed + 1 < CONFIRMED_AFTER:
            return None
        self._pending = None
        return Credit(id=f"credit-{since:%Y%m%dT%H%M%S.%fZ}", at=since, amount=audit.residual)

    def _in_the_lines(self, audit: Audit) -> bool:
        known = (*self._posted.values(), sum(self._posted.values()))
        return any(abs(audit.residual - posted) <= audit.tolerance for posted in known if posted)

    def hold(self) -> None:
        """Forget a residual that waits: the reading was not clean, or something else explains it."""
        self._pending = None


def _flow(market: MarketBook) -> Flow:
    bought, held = market.before, market.opening_fills
    paid = _spent(bought) - _spent(held) + market.revenue - market.opening_revenue
    netted = _paid_back(bought) - _paid_back(held)
    if market.settlement and not nets(market.settlement):
        netted = 0
    elif market.settlement and market.from_settlement and len(market.held) <= 1:
        netted = _paired_since(market, market.settlement)
    then = market.opening
    cost = market.position.cost - then.cost
    result = market.position.realised - market.position.fees - then.realised + then.fees
    changed = (bought != held) + (market.revenue != market.opening_revenue)
    posted = result - paid - netted - cost
    if market.from_settlement:  # fills that we lack were paid for before the first balance
        result = paid + netted + cost
    return Flow(paid + netted, netted, result, cost, changed, then.cost, posted)


def _paired_since(market: MarketBook, row: Settlement) -> Nano:
    """Return what pairs paid back since the first balance, where the fills that we lack came before it."""
    since, held = market.before, market.opening_fills
    yes = row.yes_count - since.yes_count + held.yes_count
    no = row.no_count - since.no_count + held.no_count
    return dollars(min(row.yes_count, row.no_count) - min(yes, no))


def _spent(position: Position) -> Nano:
    return -position.total_traded - position.fees


def _paid_back(position: Position) -> Nano:
    """Return what closed pairs paid back; the pairs of subaccounts added up would count what is held apart."""
    return position.realised + position.total_traded - position.cost
