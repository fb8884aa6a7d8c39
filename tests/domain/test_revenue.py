"""Revenue entries and manual costs: which line they post to, with which sign, on which day."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.money import nano
from pnl.domain.records import Record, RevenueEntry, RevenueKind
from pnl.domain.revenue import RevenueBook, daily, posts
from tests.domain.strategies import entry, record

DAY = date(2026, 11, 20)
NEXT = DAY + timedelta(days=1)


def book_of(*entries: RevenueEntry, source: str = "revenue.feed", primary: str | None = None) -> RevenueBook:
    book = RevenueBook(primary)
    for one in entries:
        book.add(record(one, source=source))
    return book


@pytest.mark.parametrize(
    ("kind", "amount", "line"),
    [
        ("sale", "120.50", "revenue"),
        ("day_total", "2191.50", "revenue"),
        ("refund", "-20", "refunds"),
        ("refund", "20", "refunds"),
        ("chargeback", "-35.10", "refunds"),
        ("fee", "-3.20", "processor_fees"),
        ("adjustment", "-0.01", "adjustments"),
        ("unclassified", "7", "adjustments"),
        ("operating_cost", "-49", "operating_cost"),
    ],
)
def test_each_kind_posts_to_its_line_with_its_own_sign(kind: RevenueKind, amount: str, line: str) -> None:
    one = entry(kind, amount, DAY)

    assert posts(one) == ((line, nano(amount)),)
    totals = book_of(one).totals(DAY)
    assert {name: total for name, total in totals.items() if total} == {line: nano(amount)}


def test_the_fee_of_a_sale_is_a_line_of_its_own() -> None:
    totals = book_of(entry("sale", "100", DAY, fee="-3.20")).totals(DAY)

    assert (totals["revenue"], totals["processor_fees"]) == (nano("100"), nano("-3.20"))


def test_a_payout_posts_its_fee_only() -> None:
    assert posts(entry("movement", "-500", DAY, fee="-0.25")) == (("processor_fees", nano("-0.25")),)


def test_a_day_without_entries_adds_up_to_nothing() -> None:
    assert set(RevenueBook().totals(DAY).values()) == {0}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_newer_version_replaces_the_older_one_whichever_comes_first(order: tuple[int, int]) -> None:
    versions = {
        1: entry("sale", "100", DAY, name="s1"),
        2: entry("sale", "90", NEXT, name="s1", version=2),
    }

    book = book_of(*(versions[number] for number in order))

    assert (book.totals(DAY)["revenue"], book.totals(NEXT)["revenue"]) == (0, nano("90"))


def test_a_total_that_was_read_before_is_not_remembered_after_a_correction() -> None:
    book = book_of(entry("sale", "100", DAY, name="s1"))
    assert book.totals(DAY)["revenue"] == nano("100")

    book.add(record(entry("sale", "100", DAY, name="s1", version=2, status="void")))

    assert book.totals(DAY)["revenue"] == 0


def test_a_pending_entry_is_left_out_and_flagged_until_it_settles() -> None:
    book = book_of(entry("sale", "100", DAY, name="s1", status="pending"))
    assert (book.totals(DAY)["revenue"], book.flags(DAY)) == (0, ("pending_revenue",))

    book.add(record(entry("sale", "100", DAY, name="s1", version=2)))

    assert (book.totals(DAY)["revenue"], book.flags(DAY)) == (nano("100"), ())


def test_another_currency_is_never_taken_as_dollars() -> None:
    book = book_of(entry("sale", "100", DAY, currency="EUR", fee="-1"), entry("sale", "5", DAY))

    assert (book.totals(DAY)["revenue"], book.totals(DAY)["processor_fees"]) == (nano("5"), 0)
    assert book.flags(DAY) == ("unconverted",)
    assert book.flags(NEXT) == ()


def test_what_is_unknown_is_flagged_and_a_void_one_is_not() -> None:
    assert book_of(entry("unclassified", "1", DAY)).flags(DAY) == ("unclassified",)
    assert book_of(entry("unclassified", "1", DAY, status="void", currency="EUR")).flags(DAY) == ()


def add_up(one: RevenueEntry, start: date, end: date) -> int:
    book = book_of(one)
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    assert sum(daily(one, day) for day in days) == sum(book.totals(day)["operating_cost"] for day in days)
    return sum(daily(one, day) for day in days)


@pytest.mark.parametrize(
    ("recurs", "start", "ends"),
    [
        ("daily", date(2026, 11, 20), [date(2026, 11, 21), date(2026, 11, 22)]),
        ("weekly", date(2026, 10, 29), [date(2026, 11, 5), date(2026, 11, 12)]),
        ("monthly", date(2026, 11, 3), [date(2026, 12, 3), date(2027, 1, 3), date(2027, 2, 3), date(2027, 3, 3)]),
        ("monthly", date(2026, 12, 31), [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]),
        ("monthly", date(2028, 1, 30), [date(2028, 2, 29), date(2028, 3, 30)]),
        ("yearly", date(2026, 11, 20), [date(2027, 11, 20), date(2028, 11, 20), date(2029, 11, 20)]),
        ("yearly", date(2028, 2, 29), [date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)]),
    ],
)
def test_a_recurring_cost_adds_up_to_its_amount_over_each_period(recurs: str, start: date, ends: list[date]) -> None:
    one = entry("operating_cost", "-100.000001", start, recurs=recurs)  # type: ignore[arg-type] # one of the words

    for begin, end in zip([start, *ends], ends, strict=False):
        assert add_up(one, begin, end) == nano("-100.000001")


def test_the_days_of_a_period_differ_by_no_more_than_the_smallest_unit() -> None:
    one = entry("operating_cost", "-100", date(2026, 11, 1), recurs="monthly")

    shares = {daily(one, date(2026, 11, day)) for day in range(1, 31)}

    assert shares == {nano("-3.333333333"), nano("-3.333333334")}


def test_a_recurring_cost_posts_nothing_before_it_begins_nor_when_void_or_foreign() -> None:
    one = entry("operating_cost", "-7", DAY, recurs="weekly")
    assert daily(one, DAY - timedelta(days=1)) == 0
    assert daily(one, DAY) == nano("-1")

    assert daily(entry("operating_cost", "-7", DAY, recurs="weekly", status="void"), DAY) == 0
    assert daily(entry("operating_cost", "-7", DAY, recurs="weekly", currency="EUR"), DAY) == 0


def test_a_recurring_cost_that_is_no_longer_so_stops_in_every_day() -> None:
    book = book_of(entry("operating_cost", "-7", DAY, name="rent", recurs="weekly"))
    assert book.totals(NEXT)["operating_cost"] == nano("-1")

    book.add(record(entry("operating_cost", "-7", DAY, name="rent", version=2)))

    assert (book.totals(DAY)["operating_cost"], book.totals(NEXT)["operating_cost"]) == (nano("-7"), 0)


def test_a_recurring_cost_in_another_currency_is_flagged_on_all_its_days() -> None:
    book = book_of(entry("operating_cost", "-7", DAY, currency="EUR", recurs="weekly"))

    assert book.flags(DAY - timedelta(days=1)) == ()
    assert book.flags(DAY) == book.flags(NEXT) == ("unconverted",)


@given(
    st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
    st.integers(0, 2_000),
)
def test_no_day_of_a_recurring_cost_is_left_out(recurs: str, start: date, later: int) -> None:
    one = entry("operating_cost", "-366.366", start, recurs=recurs)  # type: ignore[arg-type] # one of the words
    longest = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}[recurs]
    shortest = {"daily": 1, "weekly": 7, "monthly": 28, "yearly": 365}[recurs]

    share = -daily(one, start + timedelta(days=later))

    assert nano("366.366") // longest <= share <= nano("366.366") // shortest + 1


def boundary(recurs: str, start: date, number: int) -> date:
    """Return the first day of a period, found by walking back from the same day or, if none, the month's last."""
    if recurs in ("daily", "weekly"):
        return start + timedelta(days=number * (1 if recurs == "daily" else 7))
    months = start.month - 1 + number * (1 if recurs == "monthly" else 12)
    for day in range(start.day, 0, -1):
        try:
            return date(start.year + months // 12, months % 12 + 1, day)
        except ValueError:
            continue
    raise AssertionError(start)


@given(
    st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
    st.integers(0, 40),
    st.integers(1, 10**13),
)
def test_every_day_is_in_one_period_and_every_period_adds_up(recurs: str, start: date, number: int, cost: int) -> None:
    number = number % 5 if recurs == "yearly" else number
    one = replace(entry("operating_cost", "-1", start, recurs=recurs), amount=-cost)  # type: ignore[arg-type] # a word
    first, after = boundary(recurs, start, number), boundary(recurs, start, number + 1)

    shares = [daily(one, first + timedelta(days=n)) for n in range((after - first).days)]

    assert sum(shares) == -cost
    assert max(shares) - min(shares) <= 1


def two_totals(primary: str | None) -> RevenueBook:
    book = RevenueBook(primary)
    book.add(record(entry("day_total", "100", DAY, name="john"), source="feed"))
    book.add(record(entry("day_total", "90", DAY, name="bank"), source="csv"))
    book.add(record(entry("sale", "5", DAY, name="tip"), source="till"))
    return book


def test_the_primary_source_counts_when_two_report_the_total_of_a_day() -> None:
    assert two_totals("feed").totals(DAY)["revenue"] == nano("105")
    assert two_totals("csv").totals(DAY)["revenue"] == nano("95")
    assert list(two_totals("feed").clashes()) == []


@pytest.mark.parametrize("primary", [None, "stripe"])
def test_without_a_primary_among_them_a_person_is_asked(primary: str | None) -> None:
    (clash,) = two_totals(primary).clashes()

    assert (clash.scope, clash.sources) == ("2026-11-20", ("csv", "feed"))


def test_a_primary_that_says_nothing_of_a_day_leaves_it_to_the_other() -> None:
    book = book_of(entry("day_total", "90", DAY), source="csv", primary="feed")

    assert book.totals(DAY)["revenue"] == nano("90")


def test_the_same_id_from_two_sources_asks_a_person() -> None:
    book = RevenueBook()
    book.add(record(entry("sale", "100", DAY, name="inv-7"), source="stripe"))
    book.add(record(entry("sale", "100", DAY, name="inv-7"), source="feed"))

    (clash,) = book.clashes()

    assert (clash.scope, clash.sources) == ("inv-7", ("feed", "stripe"))
    assert book.totals(DAY)["revenue"] == nano("200")

    book.add(record(entry("sale", "100", DAY, name="inv-7", version=2, status="void"), source="feed"))
    assert list(book.clashes()) == []
    assert book.totals(DAY)["revenue"] == nano("100")


@st.composite
def versions(draw: st.DrawFn) -> list[Record]:
    """Return entries in several versions, each version with one content."""
    keys = st.tuples(st.sampled_from(["feed", "csv"]), st.integers(0, 3), st.integers(1, 3))
    found = []
    for source, number, version in draw(st.sets(keys, max_size=12)):
        one = entry(
            draw(st.sampled_from(["sale", "refund", "day_total", "operating_cost", "unclassified"])),
            str(draw(st.integers(-1000, 1000))),
            DAY + timedelta(days=draw(st.integers(0, 3))),
            name=f"e{number}",
            version=version,
            status=draw(st.sampled_from(["settled", "pending", "void"])),
            currency=draw(st.sampled_from(["USD", "EUR"])),
        )
        found.append(record(one, source=source))
    return found


@given(versions(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(history: list[Record], luck: random.Random) -> None:
    def picture(records: list[Record]) -> object:
        book = RevenueBook("feed")
        days = [DAY + timedelta(days=n) for n in range(4)]
        for one in records:
            book.add(one)
            book.totals(DAY)
        return [(dict(book.totals(day)), book.flags(day)) for day in days], sorted(c.scope for c in book.clashes())

    shuffled = history + history[: len(history) // 2]
    luck.shuffle(shuffled)

    assert picture(shuffled) == picture(history)
