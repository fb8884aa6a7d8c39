"""Histories that Hypothesis may invent, and a short way to write one by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import strategies as st

from pnl.domain.money import CENT, MICRO, centi, nano
from pnl.domain.records import Fill, Settlement, Side

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
