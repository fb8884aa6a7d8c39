"""What positions are worth now: the exit bid of the held side, and nothing where nobody bids."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.book import Book
from pnl.domain.money import DOLLAR, MICRO, nano
from pnl.domain.records import Fill, Mark, Market, Side
from pnl.domain.snapshot import PositionRow
from pnl.domain.valuation import row
from tests.domain.strategies import fill, mark, settlement
from tests.domain.test_book import book_of


def row_of(book: Book, quotes: Mark | None, *, mid: bool = False) -> PositionRow:
    return row(book.markets["KXTEST"], quotes, {}, "mid" if mid else "bid")


NO_50 = fill("no", "50", "0.30")


def test_a_yes_position_is_worth_its_bid() -> None:
    found = row_of(book_of(fill("yes", "100", "0.42", "1.7052")), mark(bid="0.41", ask="0.43"))

    assert (found.side, found.mark, found.mark_source, found.value) == ("yes", nano("0.41"), "bid", nano("41"))
    assert found.unrealised == nano("-1")
    assert (found.average_price, found.exposure, found.fees) == (nano("0.42"), nano("42"), nano("1.7052"))


def test_a_no_position_is_worth_the_bid_of_its_own_side_and_never_that_of_the_other() -> None:
    found = row_of(book_of(NO_50), mark(bid="0.66", ask="0.69"))

    assert (found.side, found.position) == ("no", -5000)
    assert (found.mark, found.value, found.unrealised) == (nano("0.31"), nano("15.50"), nano("0.50"))


def test_a_no_bid_that_is_not_sent_is_a_dollar_less_the_yes_ask() -> None:
    quotes = Mark(
        ticker="KXTEST",
        at=datetime(2026, 11, 2, tzinfo=UTC),
        status="active",
        yes_bid=nano("0.66"),
        yes_ask=nano("0.69"),
        no_bid=None,
        no_ask=None,
        last=None,
        settlement_value=None,
    )

    assert row_of(book_of(NO_50), quotes).value == nano("15.50")


def test_the_middle_is_taken_where_the_setting_says_so() -> None:
    found = row_of(book_of(NO_50), mark(bid="0.66", ask="0.69"), mid=True)

    assert (found.mark, found.mark_source, found.unrealised) == (nano("0.325"), "mid", nano("1.25"))


def test_the_middle_of_half_a_book_is_its_bid() -> None:
    found = row_of(book_of(fill("yes", "10", "0.40")), mark(bid="0.41"), mid=True)

    assert (found.mark, found.mark_source) == (nano("0.41"), "bid")


def test_without_a_bid_a_position_is_worth_nothing_and_the_last_price_is_beside() -> None:
    found = row_of(book_of(NO_50), mark(bid="0.66", last="0.67"))

    assert (found.mark, found.mark_source, found.value) == (None, "none", 0)
    assert found.unrealised == nano("-15")
    assert found.last_price == nano("0.33")
    assert found.expected is None


def test_a_position_that_was_never_quoted_has_no_value() -> None:
    found = row_of(book_of(NO_50), None)

    assert (found.value, found.unrealised, found.mark_source) == (None, None, "none")


@pytest.mark.parametrize("status", ["determined", "disputed", "amended", "finalized"])
def test_a_decided_market_is_worth_its_settlement_value(status: str) -> None:
    quotes = mark(bid="0.66", ask="0.69", status=status, pays="0")

    found = row_of(book_of(NO_50), quotes, mid=True)

    assert (found.mark, found.mark_source, found.value) == (nano("1"), "settlement", nano("50"))
    assert found.expected == nano("35")


def test_a_settlement_value_does_not_count_before_it_is_determined() -> None:
    quotes = mark(bid="0.66", ask="0.69", status="closed", pays="0")

    assert row_of(book_of(NO_50), quotes).value == nano("15.50")


def test_best_worst_and_expected_are_gross_of_fees() -> None:
    found = row_of(book_of(fill("yes", "850", "0.61", "14.18")), mark(bid="0.68", ask="0.70"))

    assert (found.best_case, found.worst_case) == (nano("331.50"), nano("-518.50"))
    assert found.expected == nano("68")


def test_a_flat_market_has_no_cases_and_is_worth_nothing() -> None:
    found = row_of(book_of(fill("yes", "10", "0.40"), fill("no", "10", "0.50")), None)

    assert (found.side, found.value, found.unrealised, found.realised) == (None, 0, 0, nano("1"))
    assert (found.best_case, found.worst_case, found.expected, found.average_price) == (None, None, None, None)


@pytest.mark.parametrize("result", ["yes", "scalar"])
def test_a_settled_market_shows_its_whole_life(result: str) -> None:
    book = book_of(fill("yes", "10", "0.40", "0.17"))
    book.add([], [settlement(result, ("10", "4"), revenue=1000, fee="0.17", value=100)])

    found = row_of(book, mark(bid="0.40", ask="0.45"))

    assert (found.position, found.exposure, found.value, found.unrealised) == (0, 0, 0, 0)
    assert (found.realised, found.fees, found.total_traded) == (nano("6"), nano("0.17"), nano("4"))
    assert found.settled


def test_subaccounts_on_opposite_sides_are_both_worth_their_bids() -> None:
    book = book_of(fill("yes", "10", "0.40"), fill("no", "10", "0.50", subaccount=1))

    found = row_of(book, mark(bid="0.41", ask="0.43"))

    assert (found.position, found.exposure) == (0, nano("9"))
    assert (found.value, found.unrealised) == (nano("9.80"), nano("0.80"))
    assert (found.best_case, found.worst_case) == (nano("1"), nano("1"))
    assert found.mark_source == "bid"
    assert found.expected == nano("1")


def test_a_market_is_called_what_its_description_says() -> None:
    closes = datetime(2026, 12, 1, tzinfo=UTC)
    about = Market(ticker="KXTEST", event_ticker="KXE", title="Will it?", close_time=closes)

    found = row(book_of(NO_50).markets["KXTEST"], None, {"KXTEST": about})

    assert (found.title, found.close_time, found.event_ticker) == ("Will it?", closes, "KXE")


@given(st.sampled_from(["yes", "no"]), st.integers(1, 9_998), st.integers(1, 100_000), st.booleans())
def test_a_value_lies_between_nothing_and_a_dollar_a_contract(side: Side, bid: int, held: int, mid: bool) -> None:
    bought = Fill(
        id="a",
        ticker="KXTEST",
        subaccount=0,
        at=datetime(2026, 11, 2, tzinfo=UTC),
        side=side,
        count=held,
        price=DOLLAR // 2,
        fee=0,
        order_id="o",
        is_taker=True,
    )
    quotes = mark(bid=f"{bid / 10_000:.4f}", ask=f"{(bid + 1) / 10_000:.4f}")

    found = row_of(book_of(bought), quotes, mid=mid)

    assert found.value is not None
    assert found.unrealised == found.value - found.exposure
    assert found.worst_case is not None
    assert found.best_case is not None
    assert found.worst_case < found.unrealised < found.best_case
    assert found.value % MICRO == 0 or mid
