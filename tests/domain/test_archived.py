"""Settlements that the source lists no more: taken from the market's outcome, once, and as it would have paid."""

from datetime import timedelta

import pytest

from pnl.domain.archived import archived
from pnl.domain.ledger import Ledger
from pnl.domain.money import nano
from pnl.domain.records import Balance, Market, Settlement
from tests.domain.strategies import START, fill, mark, record, report, row_of, settlement
from tests.domain.test_book import book_of
from tests.domain.world import ledger, snapshot_of

HOUR = timedelta(hours=1)
LATER = START + 48 * HOUR
FINAL = mark(bid="0.99", at=LATER, status="finalized", pays="1")
ABOUT = Market(ticker="KXTEST", event_ticker="KXE", title="Will it?", close_time=START + 20 * HOUR)


@pytest.mark.parametrize(
    ("side", "pays", "result", "revenue"),
    [
        ("yes", "1", "yes", "2"),
        ("yes", "0", "no", "0"),
        ("no", "0", "no", "2"),
        ("no", "1", "yes", "0"),
        ("yes", "0.45", "scalar", "0.90"),
        ("no", "0.45", "scalar", "1.10"),
    ],
)
def test_the_outcome_pays_what_is_held(side: str, pays: str, result: str, revenue: str) -> None:
    book = book_of(fill(side, "2", "0.30", "0.02", at=START))  # type: ignore[arg-type] # one of the sides

    found = archived(book.markets["KXTEST"], mark(at=LATER, status="finalized", pays=pays), ABOUT)

    assert found is not None
    assert (found.result, found.revenue, found.value) == (result, nano(revenue), nano(pays))
    assert (found.yes_cost + found.no_cost, found.fee) == (nano("0.60"), nano("0.02"))


def test_a_payout_is_whole_cents() -> None:
    book = book_of(fill("yes", "0.14", "0.50", at=START))

    found = archived(book.markets["KXTEST"], mark(at=LATER, status="finalized", pays="0.45"), ABOUT)

    assert found is not None
    assert found.revenue == nano("0.06")


def test_subaccounts_on_opposite_sides_are_each_paid() -> None:
    held = fill("yes", "10", "0.40", at=START), fill("no", "10", "0.50", at=START, subaccount=1)
    book = book_of(*held)

    found = archived(book.markets["KXTEST"], FINAL, ABOUT)

    assert found is not None
    assert found.revenue == nano("10")
    book.add([], [found])
    assert book.markets["KXTEST"].position.realised == nano("1")


@pytest.mark.parametrize("result", ["yes", "no", "scalar"])
def test_a_settlement_of_subaccounts_on_opposite_sides_pays_both(result: str) -> None:
    held = fill("yes", "10", "0.40", at=START), fill("no", "10", "0.50", at=START, subaccount=1)
    book = book_of(*held)
    value = {"yes": 100, "no": 0, "scalar": 45}[result]

    book.add([], [settlement(result, ("10", "4"), ("10", "5"), revenue=1000, value=value, at=LATER)])

    assert book.markets["KXTEST"].position.realised == nano("1")


@pytest.mark.parametrize("status", ["active", "closed", "determined", "disputed", "amended"])
def test_nothing_is_settled_before_the_outcome_is_final(status: str) -> None:
    book = book_of(fill("yes", "2", "0.30", at=START))

    assert archived(book.markets["KXTEST"], mark(at=LATER, status=status, pays="1"), ABOUT) is None


def test_nothing_is_settled_without_an_outcome_nor_twice() -> None:
    book = book_of(fill("yes", "2", "0.30", at=START))
    assert archived(book.markets["KXTEST"], None, ABOUT) is None
    assert archived(book.markets["KXTEST"], mark(at=LATER, status="finalized"), ABOUT) is None

    book.add([], [settlement("yes", ("2", "0.60"), revenue=200)])

    assert archived(book.markets["KXTEST"], FINAL, ABOUT) is None


def test_it_settled_when_its_market_closed_but_never_before_its_last_fill() -> None:
    early, late = book_of(fill("yes", "2", "0.30", at=START)), book_of(fill("yes", "2", "0.30", at=START + 30 * HOUR))

    assert [_at(archived(book.markets["KXTEST"], FINAL, ABOUT)) for book in (early, late)] == [
        START + 20 * HOUR,
        START + 30 * HOUR,
    ]
    assert _at(archived(early.markets["KXTEST"], FINAL, None)) == LATER


def _at(row: Settlement | None) -> object:
    return row.at if row else None


def with_a_paid_out_position() -> Ledger:
    """Return a ledger that holds what was paid out before it first looked."""
    some = ledger()
    bought = fill("yes", "2", "0.89", "0.0138", at=START)
    some.take([record(bought), record(Balance(at=LATER, cash=nano("50"), portfolio_value=0))])
    some.quote([FINAL], [ABOUT])
    return some


def test_a_market_must_be_missing_from_three_readings_in_a_row() -> None:
    some = with_a_paid_out_position()
    listed = {"KXTEST": row_of(some.book.markets["KXTEST"].position)}
    empty = report(nano("50"), at=LATER + HOUR)
    reading_in = report(nano("50"), at=LATER + HOUR, backfilled=False)

    assert [some.archived(one) for one in (empty, empty, report(nano("50"), listed, at=LATER), empty, empty)] == [
        []
    ] * 5
    assert [some.archived(one) for one in (reading_in, reading_in, reading_in, empty, empty)] == [[]] * 5
    (found,) = some.archived(empty)

    assert (found.ticker, found.event_ticker, found.revenue) == ("KXTEST", "KXE", nano("2"))


def test_what_was_paid_out_before_the_first_look_is_not_open_and_explains_no_cash() -> None:
    some = with_a_paid_out_position()
    empty = report(nano("50"), at=LATER + HOUR)
    for _ in range(2):
        some.archived(empty)

    some.take([record(one) for one in some.archived(empty)])
    confirmed = [some.report(empty) for _ in range(4)]

    assert some.rows() == []
    assert confirmed == [None] * 4
    found = snapshot_of(some, some.calendar.day(START + 20 * HOUR))
    assert (found.lines["trading_realised"], found.lines["trading_fees"]) == (nano("0.22"), 0)
    assert (found.checks_failed, found.checks_waiting) == (0, 0)


def test_the_row_itself_takes_the_place_of_the_one_that_was_made_up() -> None:
    some = with_a_paid_out_position()
    empty = report(nano("50"), at=LATER + HOUR)
    (made_up,) = [some.archived(empty) for _ in range(3)][-1]
    some.take([record(made_up, version=1)])

    real = settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138", at=START + 21 * HOUR)
    some.take([record(real, version=2)])

    days = [START.date() + timedelta(days=number) for number in range(4)]
    assert sum(some.book.day(day).realised for day in days) == nano("0.22")
    assert some.book.markets["KXTEST"].settlement == real
