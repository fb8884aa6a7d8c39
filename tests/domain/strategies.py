"""Histories that Hypothesis may invent, and a short way to write one by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Literal

from hypothesis import strategies as st

from pnl.domain.money import CENT, DOLLAR, MICRO, centi, nano
from pnl.domain.positions import Position
from pnl.domain.records import (
    Anchor,
    Balance,
    Cost,
    Credit,
    Fact,
    Fill,
    Kind,
    Mark,
    Record,
    Report,
    ReportedPosition,
    RevenueEntry,
    RevenueKind,
    Settlement,
    Side,
    Transfer,
    Usage,
)

START = datetime(2026, 11, 2, 15, tzinfo=UTC)
_numbers = count(1)


def fill(  # the fields of a fill, as one would say them
    side: Side,
    contracts: str,
    price: str,
    fee: str = "0",
    *,
    ticker: str = "KXTEST",
    at: datetime | None = None,
    name: str | None = None,
    subaccount: int = 0,
) -> Fill:
    """Return a fill of `contracts` of `side` at `price` dollars, one minute after the one before."""
    number = next(_numbers)
    return Fill(
        id=name or f"fill-{number:06d}",
        ticker=ticker,
        subaccount=subaccount,
        at=at or START + timedelta(minutes=number),
        side=side,
        count=centi(contracts),
        price=nano(price),
        fee=nano(fee),
        order_id=f"order-{number}",
        is_taker=True,
    )


def settlement(
    result: str,
    yes: tuple[str, str] = ("0", "0"),
    no: tuple[str, str] = ("0", "0"),
    *,
    revenue: int,
    fee: str = "0",
    value: int | None = None,
    ticker: str = "KXTEST",
    at: datetime | None = None,
) -> Settlement:
    """Return a settlement row; `yes` and `no` are (contracts, cost), `revenue` and `value` cents."""
    return Settlement(
        id=ticker,
        ticker=ticker,
        event_ticker=f"{ticker}-EVENT",
        at=at or START + timedelta(days=1),
        result=result,
        yes_count=centi(yes[0]),
        yes_cost=nano(yes[1]),
        no_count=centi(no[0]),
        no_cost=nano(no[1]),
        revenue=revenue * CENT,
        fee=nano(fee),
        value=None if value is None else value * CENT,
    )


@st.composite
def fills(draw: st.DrawFn, tickers: int = 1, subaccounts: int = 1) -> Fill:
    """Return any fill that Kalshi could report: counts of 0.01, prices of 0.0001, fees of 0.000001."""
    number = next(_numbers)
    return Fill(
        id=f"any-{number:06d}",
        ticker=f"KX{draw(st.integers(0, tickers - 1))}",
        subaccount=draw(st.integers(0, subaccounts - 1)),
        at=START + timedelta(seconds=draw(st.integers(0, 10 * 86_400))),
        side=draw(st.sampled_from(["yes", "no"])),
        count=draw(st.integers(1, 50_000)),
        price=draw(st.integers(1, 9_999)) * 100 * MICRO,
        fee=draw(st.integers(0, 5_000_000)) * MICRO,
        order_id="order",
        is_taker=draw(st.booleans()),
    )


def dollars_text(amount: int) -> Decimal:
    """Return nano-dollars as dollars, to compare with what a source printed."""
    return Decimal(amount) / 1_000_000_000


def record(fact: Fact, *, version: int | None = None, source: str | None = None, name: str | None = None) -> Record:
    """Return the record of a fact, as its source would hand it over."""
    kind, origin = _KINDS[type(fact)]
    return Record(
        source=source or origin,
        kind=kind,
        id=name or ("opening" if isinstance(fact, Balance) else fact.id),
        effective_at=_effective(fact),
        fact=fact,
        raw="{}",
        version=version,
    )


_KINDS: Mapping[type[Fact], tuple[Kind, str]] = {
    Fill: ("fill", "kalshi"),
    Settlement: ("settlement", "kalshi"),
    Transfer: ("transfer", "kalshi"),
    Balance: ("balance", "kalshi"),
    Credit: ("credit", "kalshi"),
    RevenueEntry: ("revenue", "revenue.feed"),
    Anchor: ("anchor", "anthropic"),
    Cost: ("cost", "anthropic"),
    Usage: ("usage", "anthropic"),
}


def _effective(fact: Fact) -> datetime:
    if isinstance(fact, Anchor | RevenueEntry):
        return datetime.combine(fact.day if isinstance(fact, Anchor) else fact.date, time(5), UTC)
    return fact.start if isinstance(fact, Cost | Usage) else fact.at


def mark(
    ticker: str = "KXTEST",
    *,
    bid: str | None = None,
    ask: str | None = None,
    at: datetime = START,
    status: str = "active",
    pays: str | None = None,
    last: str | None = None,
) -> Mark:
    """Return quotes from the YES side's `bid` and `ask`; `pays` is what a YES contract settles at."""

    def other(price: str | None) -> int | None:
        return None if price is None else DOLLAR - nano(price)

    return Mark(
        ticker=ticker,
        at=at,
        status=status,
        yes_bid=None if bid is None else nano(bid),
        yes_ask=None if ask is None else nano(ask),
        no_bid=other(ask),
        no_ask=other(bid),
        last=None if last is None else nano(last),
        settlement_value=None if pays is None else nano(pays),
    )


def transfer(amount: str, *, at: datetime, status: str = "applied", name: str = "deposit-1") -> Transfer:
    """Return a movement of cash; nothing moves unless it is applied."""
    moved = nano(amount) if status == "applied" else 0
    return Transfer(id=name, at=at, amount=moved, status=status, type="deposit")


def entry(
    kind: RevenueKind,
    amount: str,
    day: date,
    *,
    name: str | None = None,
    fee: str = "0",
    version: int = 1,
    status: Literal["pending", "settled", "void"] = "settled",
    currency: str = "USD",
    recurs: Literal["daily", "weekly", "monthly", "yearly"] | None = None,
) -> RevenueEntry:
    """Return an entry of revenue, or of a cost, signed as it posts."""
    return RevenueEntry(
        id=name or f"entry-{next(_numbers):06d}",
        version=version,
        date=day,
        amount=nano(amount),
        fee=nano(fee),
        currency=currency,
        kind=kind,
        status=status,
        description="",
        recurs=recurs,
    )


def reported(*markets: ReportedPosition) -> dict[str, ReportedPosition]:
    """Return rows of positions by ticker."""
    return {row.ticker: row for row in markets}


def row_of(position: Position, ticker: str = "KXTEST") -> ReportedPosition:
    """Return the row that Kalshi would report of such a position."""
    return ReportedPosition(
        ticker=ticker,
        position=position.contracts,
        exposure=position.cost,
        realised=position.realised,
        fees=position.fees,
        total_traded=position.total_traded,
        updated_at=None,
    )


def report(
    cash: int,
    rows: Mapping[str, ReportedPosition] | None = None,
    *,
    at: datetime,
    in_motion: bool = False,
    backfilled: bool = True,
) -> Report:
    """Return what Kalshi says of the account in one reading."""
    return Report(at=at, positions=rows or {}, cash=cash, portfolio_value=0, in_motion=in_motion, backfilled=backfilled)
