"""A small world: what Kalshi knows of an account, and a ledger that is told of it, or not of all of it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pnl.domain.checks import Check
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger, Opening
from pnl.domain.money import Nano, nano
from pnl.domain.positions import fold
from pnl.domain.records import Balance, Credit, Fact, Fill, ReportedPosition, Settlement
from pnl.domain.snapshot import Snapshot, SourceState
from tests.domain.strategies import START, record, report, row_of, transfer

NEW_YORK = ZoneInfo("America/New_York")


def ledger() -> Ledger:
    """Return an empty ledger of a company in New York."""
    return Ledger(Calendar(NEW_YORK))


def sources(status: str = "live", through: date | None = None) -> dict[str, SourceState]:
    """Return three sources that are all in the same state."""
    state = SourceState(
        status=status,  # type: ignore[arg-type] # one of the words
        as_of=START,
        complete_through=through,
        next_attempt=None,
        error=None,
    )
    return dict.fromkeys(("kalshi", "anthropic", "revenue"), state)


def snapshot_of(some: Ledger, day: date, *, opening: Nano | None = 0, estimated: bool = False) -> Snapshot:
    """Return a snapshot of `day` in which every source has answered."""
    return some.snapshot(
        seq=1,
        as_of=START,
        demo=False,
        opening=Opening(day, opening, estimated),
        sources=sources(),
        trading=True,
        revenue=True,
    )


class World:
    """An account that nets, opened with `cash` dollars at START."""

    def __init__(self, cash: str = "1000") -> None:
        self.ledger = ledger()
        self.cash = nano(cash)
        self.now = START
        self.fills: dict[str, list[Fill]] = {}
        self.settled: set[str] = set()
        self.begin()

    def begin(self) -> None:
        """Let the ledger see the balance for the first time."""
        self.ledger.take([record(Balance(at=self.now, cash=self.cash, portfolio_value=0))])

    def tell(self, *facts: Fact) -> None:
        """Hand records to the ledger."""
        self.ledger.take([record(fact) for fact in facts])

    def trade(self, *fills: Fill, told: bool = True) -> None:
        """Execute fills; the ledger hears of them unless it is not to be told."""
        for fill in fills:
            own = self.fills.setdefault(fill.ticker, [])
            before = fold(own).cash
            own.append(fill)
            self.cash += fold(own).cash - before
            if told:
                self.tell(fill)

    def settle(self, row: Settlement, *, told: bool = True) -> None:
        """Pay a settlement out, and list its market no more."""
        self.settled.add(row.ticker)
        self.cash += row.revenue
        if told:
            self.tell(row)

    def deposit(self, amount: str, name: str) -> None:
        """Put cash in, and list it."""
        self.cash += nano(amount)
        self.tell(transfer(amount, at=self.now + timedelta(seconds=1), name=name))

    def rows(self) -> dict[str, ReportedPosition]:
        """Return the positions as Kalshi lists them."""
        return {ticker: row_of(fold(own), ticker) for ticker, own in self.fills.items() if ticker not in self.settled}

    def read(
        self, rows: dict[str, ReportedPosition] | None = None, *, in_motion: bool = False, backfilled: bool = True
    ) -> Credit | None:
        """Read the account ten seconds later; return the credit that this confirms, once the ledger has it."""
        self.now += timedelta(seconds=10)
        positions = self.rows() if rows is None else rows
        reading = report(self.cash, positions, at=self.now, in_motion=in_motion, backfilled=backfilled)
        credit = self.ledger.report(reading)
        if credit:
            self.tell(credit)
        return credit

    def checks(self) -> dict[str, Check]:
        """Return the checks by name; of several with one name the worst."""
        rank = {"ok": 0, "waiting": 1, "failed": 2}
        found: dict[str, Check] = {}
        for check in sorted(self.ledger.reconciliation.checks(), key=lambda check: rank[check.state]):
            found[check.name] = check
        return found

    def states(self) -> dict[str, str]:
        """Return the state of each check by name."""
        return {name: check.state for name, check in self.checks().items()}

    def income(self) -> Nano:
        """Return the other income of the day of START."""
        return self.ledger.cash.other_income(self.ledger.calendar.day(START))

    def at(self, seconds: int) -> datetime:
        """Return an instant after the account was opened."""
        return START + timedelta(seconds=seconds)
