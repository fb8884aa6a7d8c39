"""Kalshi's rows: what they mean, and which of them are refused."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pnl.domain.money import CENT, DOLLAR, nano
from pnl.domain.records import Fill, Settlement, Transfer
from pnl.errors import SourceGarbled
from pnl.sources.kalshi.parse import cash, fill, mark, position, settlement, transfer
from tests.sources.kalshi.exchange import START, Row, fill_row, market_row, position_row, settlement_row, transfer_row


def test_a_bought_no_is_a_no_although_the_old_fields_say_sold() -> None:
    record = fill(fill_row(1))

    assert record.fact == Fill(
        id="f1",
        ticker="KXT-1",
        subaccount=0,
        at=START,
        side="no",
        count=1000,
        price=30 * CENT,
        fee=nano("0.147"),
        order_id="o1",
        is_taker=True,
    )
    assert record.effective_at == START


def test_the_book_side_tells_where_the_outcome_side_is_missing() -> None:
    row = fill_row(1, book_side="bid")
    del row["outcome_side"]

    fact = fill(row).fact

    assert isinstance(fact, Fill)
    assert (fact.side, fact.price) == ("yes", 70 * CENT)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-20T12:00:00.123456Z", datetime(2026, 11, 20, 12, 0, 0, 123456, UTC)),
        ("2026-11-20T12:00:00.1Z", datetime(2026, 11, 20, 12, 0, 0, 100000, UTC)),
        ("2026-11-20T12:00:00.123456789Z", datetime(2026, 11, 20, 12, 0, 0, 123456, UTC)),
        ("2026-11-20T07:00:00-05:00", START),
    ],
)
def test_a_fill_keeps_its_microseconds(text: str, at: datetime) -> None:
    assert fill(fill_row(1, created_time=text)).effective_at == at


def test_a_fill_without_its_time_has_the_old_one() -> None:
    assert fill(fill_row(1, created_time=None)).effective_at == START


def test_raw_is_the_row_as_it_came() -> None:
    row = fill_row(1, extra=Decimal("0.10"))

    raw = fill(row).raw

    assert json.loads(raw, parse_float=Decimal) == row
    assert list(json.loads(raw)) == list(row)
    assert '"extra":0.10' in raw


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome_side": "maybe"}, "outcome_side.*maybe"),
        ({"outcome_side": None, "book_side": None}, "outcome_side"),
        ({"count_fp": None}, "count_fp.*integer fields"),
        ({"count_fp": 10}, "count_fp.*10.*decimal string"),
        ({"count_fp": "10.001"}, "finer"),
        ({"count_fp": "0.00"}, "not above zero"),
        ({"count_fp": "-1.00"}, "not above zero"),
        ({"no_price_dollars": "abc"}, "no_price_dollars.*abc"),
        ({"no_price_dollars": "NaN"}, "finite"),
        ({"no_price_dollars": "1.01"}, "price from 0 to 1"),
        ({"no_price_dollars": None}, "no_price_dollars"),
        ({"fee_cost": None}, "fee_cost"),
        ({"fee_cost": Decimal("0.1")}, "fee_cost"),
        ({"created_time": "yesterday"}, "created_time.*yesterday"),
        ({"created_time": "2026-11-20T12:00:00"}, "with its zone"),
        ({"created_time": None, "ts": 10**30}, "ts"),
        ({"is_taker": "yes"}, "is_taker"),
        ({"subaccount_number": "2"}, "subaccount_number"),
        ({"ticker": ""}, "ticker"),
        ({"order_id": None}, "order_id"),
    ],
)
def test_a_fill_with_a_wrong_field_is_named(changes: Row, words: str) -> None:
    with pytest.raises(SourceGarbled, match=f"^fill f1: .*{words}"):
        fill(fill_row(1, **changes))


def test_the_integer_wire_of_before_is_told_as_such() -> None:
    row = fill_row(1, yes_price=70, no_price=30, count=10)
    del row["count_fp"], row["yes_price_dollars"], row["no_price_dollars"]

    with pytest.raises(SourceGarbled, match="integer fields of before April 2026"):
        fill(row)


def test_a_settlement_has_its_cents_as_dollars() -> None:
    fact = settlement(settlement_row()).fact

    assert isinstance(fact, Settlement)
    assert (fact.id, fact.revenue, fact.value) == ("KXS-1", 2 * DOLLAR, DOLLAR)
    assert (fact.yes_count, fact.yes_cost, fact.fee) == (200, 178 * CENT, nano("0.0138"))


def test_a_settlement_may_have_no_value() -> None:
    fact = settlement(settlement_row(value=None)).fact

    assert isinstance(fact, Settlement)
    assert fact.value is None


@pytest.mark.parametrize("revenue", [None, "200", Decimal("2.0"), True])
def test_revenue_that_is_no_whole_number_of_cents_is_refused(revenue: object) -> None:
    with pytest.raises(SourceGarbled, match=r"settlement of KXS-1: .*revenue"):
        settlement(settlement_row(revenue=revenue))


@pytest.mark.parametrize(
    ("direction", "status", "amount"),
    [
        ("deposit", "applied", 500 * DOLLAR),
        ("deposit", "returned", 0),
        ("deposit", "pending", 0),
        ("deposit", "failed", 0),
        ("withdrawal", "applied", -500 * DOLLAR),
        ("withdrawal", "pending", 0),
    ],
)
def test_only_an_applied_transfer_moves_cash(direction: str, status: str, amount: int) -> None:
    record = transfer(transfer_row(1, status=status), direction)

    assert isinstance(record.fact, Transfer)
    assert (record.id, record.fact.amount, record.fact.status) == (f"{direction}:t1", amount, status)
    assert record.version is None


def test_a_transfer_happens_when_it_is_final() -> None:
    assert transfer(transfer_row(1), "deposit").effective_at == datetime.fromtimestamp(1_780_000_100, UTC)
    assert transfer(transfer_row(1, finalized_ts=None), "deposit").effective_at.timestamp() == 1_780_000_000


def test_cash_is_the_exact_balance_or_else_its_cents() -> None:
    assert cash({"balance": 1234, "balance_dollars": "12.3456", "portfolio_value": 7}) == (nano("12.3456"), 7 * CENT)
    assert cash({"balance": 1234, "portfolio_value": 7}) == (1234 * CENT, 7 * CENT)


def test_an_empty_side_of_the_book_is_no_quote() -> None:
    row = market_row(yes_bid_dollars="0.0000", no_ask_dollars="1.0000", last_price_dollars="0.0000")

    read = mark(row, START)

    assert (read.yes_bid, read.no_ask, read.last) == (None, None, None)
    assert (read.yes_ask, read.no_bid) == (69 * CENT, 31 * CENT)


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"status": "active", "result": "yes"}, None),
        ({"status": "determined", "result": "yes"}, DOLLAR),
        ({"status": "finalized", "result": "no"}, 0),
        ({"status": "finalized", "result": "scalar"}, None),
        ({"status": "finalized", "result": "scalar", "settlement_value_dollars": "0.4500"}, 45 * CENT),
    ],
)
def test_a_settlement_value_is_known_once_the_outcome_is(changes: Row, value: int | None) -> None:
    assert mark(market_row(**changes), START).settlement_value == value


def test_a_position_is_below_zero_for_no() -> None:
    row = position(position_row())

    assert (row.position, row.exposure, row.fees) == (-1000, 3 * DOLLAR, nano("0.147"))
