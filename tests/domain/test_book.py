"""The trading book: days, late fills, subaccounts, settlements, and the laws of the fold over many markets."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.book import Book
from pnl.domain.company_day import Calendar
from pnl.domain.money import nano
from pnl.domain.records import Fill
from tests.domain.strategies import START, fill, fills, settlement

NEW_YORK = ZoneInfo("America/New_York")
DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(16)]


def book_of(*history: Fill) -> Book:
    book = Book(Calendar(NEW_YORK))
    book.add(history)
    return book


def picture(book: Book) -> object:
    """Return all that the book says, for comparing two."""
    markets = {t: (m.position, m.held, m.before, m.from_settlement) for t, m in book.markets.items()}
    traded = [(book.traded(day), book.counted(day)) for day in DAYS]
    return markets, [(book.day(day).realised, book.day(day).fees) for day in DAYS], traded, sorted(book.days())


@given(st.lists(fills(tickers=3, subaccounts=2), max_size=25), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(history: list[Fill], luck: random.Random) -> None:
    shuffled = history + luck.sample(history, len(history) // 2)
    luck.shuffle(shuffled)
    bit_by_bit = Book(Calendar(NEW_YORK))
    for one in shuffled:
        bit_by_bit.add([one])

    assert picture(bit_by_bit) == picture(book_of(*history))


@given(st.lists(fills(tickers=3), max_size=25))
def test_days_add_up_to_the_whole(history: list[Fill]) -> None:
    book = book_of(*history)

    assert sum(book.day(day).realised for day in DAYS) == sum(m.position.realised for m in book.markets.values())
    assert sum(book.day(day).fees for day in DAYS) == sum(m.position.fees for m in book.markets.values())


@given(st.lists(fills(tickers=2), max_size=20), st.sampled_from(["yes", "no"]))
def test_every_post_is_in_its_day(history: list[Fill], result: str) -> None:
    book = book_of(*history)
    for ticker, market in list(book.markets.items()):
        held = market.position
        won = max(held.contracts, 0) if result == "yes" else max(-held.contracts, 0)
        row = settlement(result, ticker=ticker, revenue=won, at=START + timedelta(days=11))
        book.add([], [row])

    posts = [post for ticker in book.markets for post in book.posts(ticker).values()]
    calendar = Calendar(NEW_YORK)
    for day in DAYS:
        of_day = [post for post in posts if calendar.day(post.at) == day]
        assert sum(post.realised for post in of_day) == book.day(day).realised
        assert sum(post.fees for post in of_day) == book.day(day).fees


def test_a_late_fill_restates_the_market_from_where_it_belongs() -> None:
    first = fill("no", "10", "0.70", at=START)
    late = fill("no", "10", "0.50", at=START + timedelta(minutes=1))
    close = fill("yes", "10", "0.20", at=START + timedelta(minutes=2))
    book = book_of(first, close)
    assert book.day(date(2026, 11, 2)).realised == nano("1")

    book.add([late])

    assert book.day(date(2026, 11, 2)).realised == nano("2")
    assert book.markets["KXTEST"].position.cost == nano("6")


def test_subaccounts_do_not_net_against_each_other() -> None:
    book = book_of(fill("yes", "10", "0.40"), fill("no", "10", "0.50", subaccount=1))

    market = book.markets["KXTEST"]
    assert market.position.contracts == 0
    assert market.position.cost == nano("9")
    assert market.position.realised == 0

    book.add([], [settlement("yes", ("10", "4"), ("10", "5"), revenue=1000)])
    assert market.position.cost == 0
    assert market.position.realised == nano("10") - nano("9")


def test_a_fill_at_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = datetime(2026, 11, 20, 5, tzinfo=UTC)
    book = book_of(
        fill("yes", "1", "0.5", "0.01", at=midnight - timedelta(microseconds=1)),
        fill("yes", "1", "0.5", "0.02", at=midnight),
    )

    assert book.day(date(2026, 11, 19)).fees == nano("0.01")
    assert book.day(date(2026, 11, 20)).fees == nano("0.02")


def test_a_settlement_without_its_fills_posts_what_the_fold_cannot_know() -> None:
    book = Book(Calendar(NEW_YORK))
    row = settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138", at=START)

    book.add([], [row])

    assert book.day(date(2026, 11, 2)).realised == nano("0.22")
    assert book.day(date(2026, 11, 2)).fees == nano("0.0138")
    assert book.markets["KXTEST"].from_settlement


def test_older_fills_that_come_later_replace_what_the_settlement_stood_in_for() -> None:
    row = settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138", at=START + timedelta(days=2))
    book = Book(Calendar(NEW_YORK))
    book.add([], [row])

    book.add([fill("yes", "2", "0.89", "0.0138", at=START)])

    assert not book.markets["KXTEST"].from_settlement
    assert book.day(date(2026, 11, 2)).fees == nano("0.0138")
    assert book.day(date(2026, 11, 4)).fees == 0
    assert book.day(date(2026, 11, 4)).realised == nano("0.22")


def test_an_account_without_netting_gains_the_same_over_the_life_of_a_market() -> None:
    book = book_of(fill("yes", "25", "0.40"), fill("no", "25", "0.56"))
    book.add([], [settlement("yes", ("25", "10"), ("25", "14"), revenue=2500)])

    assert book.markets["KXTEST"].position.realised == nano("1")


def test_a_corrected_settlement_replaces_the_first() -> None:
    book = book_of(fill("yes", "10", "0.40"))
    book.add([], [settlement("no", ("10", "4"), revenue=0)])
    assert book.markets["KXTEST"].position.realised == nano("-4")

    book.add([], [settlement("yes", ("10", "4"), revenue=1000)])

    assert book.markets["KXTEST"].position.realised == nano("6")


def test_what_is_corrected_to_another_day_was_not_traded_on_the_first() -> None:
    at, later = datetime(2026, 11, 3, 17, tzinfo=UTC), datetime(2026, 11, 5, 17, tzinfo=UTC)
    book = book_of(fill("yes", "1", "0.40", ticker="A", at=at, name="a"), fill("yes", "1", "0.40", ticker="B", at=at))
    book.add([], [settlement("yes", revenue=0, ticker="A", at=at)])

    book.add([fill("yes", "1", "0.40", ticker="A", at=later, name="a")])
    assert (book.traded(date(2026, 11, 3)), book.counted(date(2026, 11, 3))) == (["A", "B"], (1, 1))

    book.add([], [settlement("yes", revenue=0, ticker="A", at=later)])
    assert (book.traded(date(2026, 11, 3)), book.counted(date(2026, 11, 3))) == (["B"], (1, 0))
    assert (book.traded(date(2026, 11, 5)), book.counted(date(2026, 11, 5))) == (["A"], (1, 1))

    book.add([fill("yes", "1", "0.40", ticker="B", at=later, name=book.markets["B"].fills[0].id)])
    assert sorted(book.days()) == [date(2026, 11, 5)]
