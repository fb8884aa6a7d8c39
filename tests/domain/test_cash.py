"""The cash check: what explains a balance, what does not, and when the rest becomes income."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.book import Book
from pnl.domain.cash import Audit, CashLedger
from pnl.domain.company_day import Calendar
from pnl.domain.money import CENT, Nano, nano
from pnl.domain.positions import fold
from pnl.domain.records import Balance, Credit, Fill, Settlement
from tests.domain.strategies import START, fill, fills, settlement, transfer
from tests.domain.world import NEW_YORK

TODAY = date(2026, 11, 2)
MINUTE = timedelta(minutes=1)
BEFORE, AFTER = START - timedelta(hours=1), START + timedelta(hours=1)


class Safe:
    """A book and its cash, opened with 1,000 dollars at START."""

    def __init__(self, *held: Fill) -> None:
        calendar = Calendar(NEW_YORK)
        self.book, self.cash = Book(calendar), CashLedger(calendar)
        self.book.add(held)
        self.book.open_at(START)
        self.cash.open(Balance(at=START, cash=nano("1000"), portfolio_value=0), self.book)

    def add(self, *fills: Fill, row: Settlement | None = None) -> None:
        self.cash.update(self.book, self.book.add(fills, [row] if row else []))

    def audit(self, cash: Nano | str) -> Audit:
        found = self.cash.audit(nano(cash) if isinstance(cash, str) else cash)
        assert found is not None
        return found

    @property
    def explained(self) -> Nano:
        return self.audit(0).explained


def test_nothing_can_be_said_before_the_first_balance() -> None:
    cash = CashLedger(Calendar(NEW_YORK))

    assert cash.audit(nano("5")) is None


def test_a_purchase_takes_its_price_and_its_fee() -> None:
    safe = Safe()

    safe.add(fill("yes", "100", "0.42", "1.7052", at=AFTER))

    found = safe.audit("956.2948")
    assert (found.explained, found.residual, found.clean) == (nano("956.2948"), 0, True)
    assert found.equity == found.explained_equity == nano("998.2948")


def test_a_sale_pays_a_dollar_a_pair() -> None:
    safe = Safe()

    safe.add(fill("yes", "100", "0.42", "1.7052", at=AFTER), fill("no", "100", "0.45", "1.7325", at=AFTER + MINUTE))

    assert safe.explained == nano("1009.5623")
    assert safe.audit("1009.5623").explained_equity == nano("1009.5623")


def test_a_flip_through_zero_takes_what_the_example_says() -> None:
    safe = Safe(fill("no", "7.66", "0.80", at=BEFORE))

    safe.add(fill("yes", "8", "0.30", "0.1176", at=AFTER))

    assert safe.explained == nano("1000") + nano("7.66") - nano("2.4") - nano("0.1176")


def test_a_settlement_pays_its_revenue() -> None:
    safe = Safe(fill("yes", "2", "0.89", "0.0138", at=BEFORE))

    safe.add(row=settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138", at=AFTER))

    found = safe.audit("1002")
    assert (found.explained, found.clean) == (nano("1002"), True)
    assert found.equity == found.explained_equity == nano("1002")


def test_only_an_applied_movement_after_the_first_balance_explains_cash() -> None:
    safe = Safe()
    safe.cash.add_transfer(transfer("100", at=AFTER, name="in"))
    safe.cash.add_transfer(transfer("-30", at=AFTER, name="out"))
    safe.cash.add_transfer(transfer("70", at=BEFORE, name="long ago"))
    safe.cash.add_transfer(transfer("50", at=AFTER, name="later", status="pending"))
    assert safe.explained == nano("1070")

    safe.cash.add_transfer(transfer("50", at=AFTER, name="later"))

    assert safe.explained == nano("1120")
    assert safe.audit("1120").explained_equity == nano("1120")


def test_what_lay_in_the_account_at_first_is_never_explained_twice() -> None:
    held = fill("yes", "10", "0.40", "0.17", at=BEFORE), fill("yes", "5", "0.44", at=START)

    found = Safe(*held).audit("1000")

    assert (found.explained, found.clean, found.tolerance) == (nano("1000"), True, 0)
    assert found.equity == found.explained_equity == nano("1006.20")


def test_a_fill_of_before_that_comes_late_changes_nothing() -> None:
    safe = Safe(fill("yes", "10", "0.40", at=BEFORE))
    safe.add(fill("no", "4", "0.50", at=AFTER))
    before = safe.explained

    safe.add(fill("yes", "10", "0.20", "0.11", at=BEFORE - MINUTE))
    safe.add(fill("yes", "3", "0.20", at=BEFORE, ticker="KXNEW"))

    found = safe.audit(before)
    assert (found.explained, found.residual) == (before, 0)
    assert found.equity == found.explained_equity


def test_a_market_that_settled_before_changes_nothing_when_it_comes_late() -> None:
    safe = Safe()

    safe.add(fill("yes", "2", "0.89", at=BEFORE - MINUTE), row=settlement("yes", ("2", "1.78"), revenue=200, at=BEFORE))

    found = safe.audit("1000")
    assert (found.explained, found.explained_equity, found.clean) == (nano("1000"), nano("1000"), True)


def cash_by_the_plain_rule(old: list[Fill], new: list[Fill]) -> Nano:
    """Return the cash by the plain rule: what each subaccount's fills paid, pairs paid back at once."""
    total = nano("1000")
    for key in {(one.ticker, one.subaccount) for one in old + new}:
        own = [[f for f in some if (f.ticker, f.subaccount) == key] for some in (old, new)]
        total += fold(own[0] + own[1]).cash - fold(own[0]).cash
    return total


@given(
    st.lists(fills(tickers=3, subaccounts=2), max_size=12),
    st.lists(fills(tickers=3, subaccounts=2), max_size=6),
    st.integers(0, 3),
)
def test_records_of_before_explain_nothing_whenever_they_come(after: list[Fill], late: list[Fill], seen: int) -> None:
    old = [replace(one, at=one.at - timedelta(days=20)) for one in late]
    new = [replace(one, at=one.at + MINUTE) for one in after]
    safe = Safe(*old[:seen])
    safe.add(*new)
    for one in old[seen:]:
        safe.add(one)

    assert safe.explained == cash_by_the_plain_rule(old, new)
    found = safe.audit(safe.explained)
    assert found.equity == found.explained_equity


def confirmed(safe: Safe, *balances: str) -> list[Credit | None]:
    """Return what each of these balances, read ten seconds apart, confirms."""
    return [
        safe.cash.confirm(safe.audit(cash), START + timedelta(seconds=10 * number))
        for number, cash in enumerate(balances, start=1)
    ]


def test_a_residual_is_confirmed_by_the_third_reading_that_agrees() -> None:
    first, second, third = confirmed(Safe(), "1003.21", "1003.21", "1003.21")

    assert (first, second) == (None, None)
    assert third is not None
    assert (third.amount, third.at) == (nano("3.21"), START + timedelta(seconds=10))


def test_money_that_went_is_income_below_zero() -> None:
    credit = confirmed(Safe(), "995", "995", "995")[-1]

    assert credit is not None
    assert credit.amount == nano("-5")


@pytest.mark.parametrize(
    "balances",
    [
        ("1003", "1003", "1004", "1004"),
        ("1003", "1003", "1000", "1003", "1003"),
        ("1003", "1004", "1003", "1004", "1003", "1004"),
    ],
)
def test_readings_that_do_not_agree_confirm_nothing(balances: tuple[str, ...]) -> None:
    assert not any(confirmed(Safe(), *balances))


def test_a_doubtful_reading_starts_the_count_again() -> None:
    safe = Safe()
    assert confirmed(safe, "1003", "1003") == [None, None]
    safe.cash.hold()

    assert confirmed(safe, "1003", "1003") == [None, None]
    assert confirmed(safe, "1003") != [None]


def test_a_confirmed_credit_explains_the_cash_on_the_day_it_was_first_seen() -> None:
    safe = Safe()
    credit = confirmed(safe, "1003.21", "1003.21", "1003.21")[-1]
    assert credit is not None

    safe.cash.add_credit(credit)

    found = safe.audit("1003.21")
    assert (found.residual, found.equity - found.explained_equity) == (0, 0)
    assert safe.cash.other_income(TODAY) == nano("3.21")
    assert safe.cash.other_income(TODAY + timedelta(days=1)) == 0


def test_a_credit_posts_to_the_company_day_and_not_to_that_of_utc() -> None:
    safe = Safe()

    safe.cash.add_credit(Credit(id="c", at=datetime.fromisoformat("2026-11-03T04:59:59Z"), amount=7))
    safe.cash.add_credit(Credit(id="d", at=datetime.fromisoformat("2026-11-03T05:00:00Z"), amount=9))

    assert (safe.cash.other_income(TODAY), safe.cash.other_income(TODAY + timedelta(days=1))) == (7, 9)


def test_a_credit_that_comes_again_or_is_labelled_counts_once() -> None:
    safe = Safe()
    credit = Credit(id="c", at=AFTER, amount=nano("3.21"))
    safe.cash.add_credit(credit)
    safe.cash.add_credit(credit)

    safe.cash.add_credit(replace(credit, label="interest"))

    assert safe.cash.other_income(TODAY) == nano("3.21")
    assert safe.audit("1003.21").residual == 0
    assert [one.label for one in safe.cash.credits.values()] == ["interest"]


def test_a_ten_thousandth_an_event_is_rounding_and_more_is_not() -> None:
    safe = Safe()
    assert not safe.audit(nano("1000") + 1).clean

    safe.add(fill("yes", "10", "0.40", at=AFTER))

    assert safe.audit(nano("996") + nano("0.0001")).clean
    assert safe.audit(nano("996") - nano("0.0001")).clean
    assert not safe.audit(nano("996") + nano("0.0002")).clean
    assert confirmed(safe, "996.0001", "996.0001", "996.0001") == [None] * 3


def test_the_tolerance_never_hides_more_than_a_cent() -> None:
    safe = Safe()

    safe.add(*(fill("yes", "1", "0.50", at=AFTER, ticker=f"KX{number}") for number in range(300)))

    assert safe.audit(0).tolerance == CENT


def test_pairs_that_were_not_paid_back_are_told_apart_and_are_no_income() -> None:
    safe = Safe()
    safe.add(fill("yes", "25", "0.40", at=AFTER), fill("no", "25", "0.56", at=AFTER + MINUTE))

    found = safe.audit("976")

    assert (found.explained, found.residual, found.unnetted) == (nano("1001"), nano("-25"), nano("25"))
    assert confirmed(safe, "976", "976", "976") == [None] * 3
    assert safe.audit("1001").unnetted is None
    assert safe.audit("975").unnetted is None


def test_pairs_that_were_not_paid_back_are_known_within_rounding_too() -> None:
    safe = Safe()
    safe.add(fill("yes", "25", "0.40", at=AFTER), fill("no", "25", "0.56", at=AFTER + MINUTE))

    assert safe.audit("976.0001").unnetted == nano("25")
    assert confirmed(safe, "976.0001", "976.0001", "976.0001") == [None] * 3


def test_the_settlement_of_kept_pairs_pays_the_winning_side() -> None:
    safe = Safe()
    safe.add(fill("yes", "25", "0.40", at=AFTER), fill("no", "25", "0.56", at=AFTER + MINUTE))

    safe.add(row=settlement("yes", ("25", "10"), ("25", "14"), revenue=2500, at=AFTER + 2 * MINUTE))

    found = safe.audit("1001")
    assert (found.residual, found.unnetted, found.equity - found.explained_equity) == (0, None, 0)


def test_subaccounts_on_opposite_sides_pay_nothing_back() -> None:
    safe = Safe()

    safe.add(fill("yes", "10", "0.40", at=AFTER), fill("no", "10", "0.50", at=AFTER, subaccount=1))

    assert safe.explained == nano("991")


def test_a_settlement_that_stands_in_for_fills_of_before_pays_its_revenue_and_no_more() -> None:
    safe = Safe()

    safe.add(row=settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138", at=AFTER))

    found = safe.audit("1002")
    assert (found.residual, found.equity - found.explained_equity) == (0, 0)


def test_the_fills_of_before_that_a_settlement_stood_in_for_may_come_later() -> None:
    safe = Safe()
    safe.add(row=settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138", at=AFTER))

    safe.add(fill("yes", "2", "0.89", "0.0138", at=BEFORE))

    found = safe.audit("1002")
    assert (found.residual, found.equity - found.explained_equity) == (0, 0)


@pytest.mark.parametrize(("result", "revenue"), [("yes", 0), ("no", 200)])
def test_missing_fills_of_before_pair_with_those_of_after(result: str, revenue: int) -> None:
    safe = Safe()
    safe.add(fill("no", "12", "0.55", at=AFTER))

    safe.add(row=settlement(result, ("10", "4"), ("12", "6.6"), revenue=revenue, at=AFTER + MINUTE))

    found = safe.audit(nano("1003.40") + revenue * CENT)
    assert (found.residual, found.equity - found.explained_equity) == (0, 0)
