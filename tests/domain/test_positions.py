"""The average-cost fold, against markets that Kalshi reported and by laws that hold for any history."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.money import DOLLAR, nano
from pnl.domain.positions import FLAT, apply, close_out, fold, life_result, nets, payout
from pnl.domain.records import Fill, Settlement
from pnl.errors import BookError
from tests.domain.strategies import dollars_text, fill, fills, settlement


def test_yes_bought_and_sold_at_a_profit() -> None:
    bought = fold([fill("yes", "100", "0.42", "1.7052")])
    sold = fold([fill("no", "100", "0.45", "1.7325")], bought)

    assert bought.cash == nano("-43.7052")
    assert (sold.realised, sold.fees, sold.total_traded, sold.cost) == (
        nano("13"),
        nano("3.4377"),
        nano("87"),
        0,
    )
    assert sold.cash == nano("9.5623")


def test_no_bought_is_a_position_below_zero() -> None:
    position = fold([fill("no", "50", "0.30")])

    assert position.contracts == -5000
    assert position.cost == nano("15")


def test_a_partial_close_of_two_lots_is_at_average_cost() -> None:
    lots = [fill("no", "6", "0.70"), fill("no", "4", "0.69"), fill("yes", "5", "0.32")]
    closed = fold(lots)
    end = fold([fill("no", "8", "0.67"), fill("no", "21", "0.83")], closed)

    assert (closed.realised, closed.cost) == (nano("-0.08"), nano("3.48"))
    assert (end.realised, end.cost) == (nano("-0.08"), nano("26.27"))


def test_a_flip_through_zero_closes_then_opens() -> None:
    position = fold([fill("no", "7.66", "0.80"), fill("yes", "8", "0.30", "0.1176")])

    assert position.contracts == 34
    assert position.cost == nano("0.102")
    assert position.realised == nano("-0.766")
    assert position.total_traded == nano("8.528")
    assert position.cash == nano("-0.9856")


def test_a_close_by_many_fills_releases_the_cost_bit_by_bit() -> None:
    parts = [
        ("3", "0.20"),
        ("3", "0.22"),
        ("3", "0.25"),
        ("3", "0.30"),
        ("3", "0.33"),
        ("3", "0.36"),
        ("3", "0.40"),
        ("3", "0.44"),
        ("0.21", "0.46"),
    ]
    held = fold([fill("no", "25", "0.85")])
    end = fold([fill("yes", contracts, price) for contracts, price in parts], held)

    paid = sum(Decimal(c) * Decimal(p) for c, p in parts)
    assert end.contracts == -79
    assert end.cost == nano("0.6715")
    assert dollars_text(end.realised) == Decimal("24.21") - paid - Decimal("24.21") * Decimal("0.85")


@pytest.mark.parametrize(
    ("row", "net"),
    [
        (settlement("yes", ("2", "1.78"), revenue=200, fee="0.0138"), "0.2062"),
        (settlement("no", ("1", "0.79"), revenue=0, fee="0.0117"), "-0.8017"),
        (settlement("no", no=("4", "3.92"), revenue=400, fee="0.0055"), "0.0745"),
        (settlement("no", ("2", "0.012"), ("2", "1.60"), revenue=0, fee="0.0233"), "0.3647"),
        (settlement("yes", ("99", "52.47"), ("99", "71.28"), revenue=0, fee="3.1234"), "-27.8734"),
        (settlement("scalar", ("1", "0.97"), revenue=50, fee="0.0021", value=50), "-0.4721"),
        (settlement("yes", ("25", "10"), ("25", "14"), revenue=2500, fee="1"), "0"),
    ],
)
def test_a_settled_market_gains_what_its_row_says_over_its_life(row: Settlement, net: str) -> None:
    assert life_result(row) - row.fee == nano(net)


def test_a_scalar_payout_is_floored_to_whole_cents() -> None:
    row = settlement("scalar", ("19", "9"), ("18.86", "9"), revenue=6, value=45)

    assert nets(row)
    assert payout(14, row) == nano("0.06")


def test_an_account_without_netting_is_told_by_its_settlement() -> None:
    kept_apart = settlement("yes", ("25", "10"), ("25", "14"), revenue=2500)
    netted = settlement("yes", ("25", "10"), ("25", "14"), revenue=0)

    assert not nets(kept_apart)
    assert nets(netted)


def test_a_settlement_leaves_nothing_open() -> None:
    held = fold([fill("yes", "10", "0.42"), fill("no", "4", "0.50")])
    row = settlement("yes", ("10", "4.20"), ("4", "2"), revenue=600)

    end = close_out(held, payout(held.contracts, row))

    assert (end.contracts, end.cost) == (0, 0)
    assert end.realised == life_result(row)


def test_a_fill_of_nothing_is_refused() -> None:
    with pytest.raises(BookError, match="above zero"):
        apply(FLAT, fill("yes", "0", "0.5"))


@given(st.lists(fills(), max_size=30))
def test_no_money_appears_or_vanishes(history: list[Fill]) -> None:
    end = fold(history)

    assert end.realised - end.fees - end.cost == end.cash


@given(st.lists(fills(), max_size=30))
def test_the_sums_say_what_is_held_and_what_was_closed(history: list[Fill]) -> None:
    end = fold(history)

    assert end.contracts == end.yes_count - end.no_count
    assert end.realised + end.total_traded - end.cost == end.pairs * (DOLLAR // 100)
    assert (end.contracts == 0) <= (end.cost == 0)
    assert end.cost >= 0


@given(st.lists(fills(), max_size=30), st.integers(0, 30))
def test_folding_in_pieces_is_folding_at_once(history: list[Fill], cut: int) -> None:
    assert fold(history[cut:], fold(history[:cut])) == fold(history)


@given(st.lists(fills(), min_size=1, max_size=30))
def test_a_fill_changes_the_contracts_by_its_count_also_through_zero(history: list[Fill]) -> None:
    states = [FLAT]
    for one in history:
        states.append(apply(states[-1], one))

    for (before, after), one in zip(pairwise(states), history, strict=True):
        moved = after.contracts - before.contracts
        assert moved == (one.count if one.side == "yes" else -one.count)


@given(st.lists(fills(), max_size=30), st.sampled_from(["yes", "no"]))
def test_the_total_result_does_not_depend_on_the_order(history: list[Fill], result: str) -> None:
    def life(some: list[Fill]) -> int:
        end = fold(some)
        paid = max(end.contracts, 0) if result == "yes" else max(-end.contracts, 0)
        return close_out(end, paid * (DOLLAR // 100)).realised

    assert life(history) == life(list(reversed(history)))
