"""Money: exact to the nano-dollar, refused when finer, split without loss."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.money import centi, cost_of, count_text, even_part, exact, nano, nano_rounded, share, split, text
from pnl.errors import MoneyError

amounts = st.integers(-9 * 10**18, 9 * 10**18)


@given(amounts, st.integers(0, 9))
def test_what_is_written_reads_back_the_same(amount: int, places: int) -> None:
    assert nano(text(amount, places)) == amount
    assert nano(exact(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "places", "shown"),
    [
        (0, 2, "0.00"),
        (-80_000_000, 2, "-0.08"),
        (1, 2, "0.000000001"),
        (10**9, 0, "1"),
        (4_120_110_000_000, 4, "4120.1100"),
    ],
)
def test_amounts_are_written_plainly(amount: int, places: int, shown: str) -> None:
    assert text(amount, places) == shown


@pytest.mark.parametrize(
    "wrong", ["NaN", "Infinity", "-Infinity", "sNaN", "1,200.00", "", "twelve", "0x10", "1e400", "0.0000000001"]
)
def test_what_is_no_exact_amount_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(MoneyError, match="fee_cost"):
        nano(wrong, "fee_cost")


def test_a_number_without_quotes_is_refused() -> None:
    with pytest.raises(MoneyError, match="in quotes"):
        nano(12.5, "amount")  # type: ignore[arg-type]  # what a careless feed sends


def test_a_count_finer_than_a_hundredth_is_refused() -> None:
    assert centi("-850.00") == -85_000
    with pytest.raises(MoneyError, match=r"finer than 0\.01"):
        centi("1.005")


def test_counts_are_written_as_kalshi_writes_them() -> None:
    assert [count_text(n) for n in (-85_000, 34, -1, 0)] == ["-850.00", "0.34", "-0.01", "0.00"]


def test_a_cost_finer_than_a_nano_dollar_is_refused() -> None:
    assert cost_of(766, nano("0.80")) == nano("6.128")
    with pytest.raises(MoneyError, match="finer"):
        cost_of(1, 1)


def test_finer_amounts_are_rounded_once_half_to_even() -> None:
    assert nano_rounded(Decimal("0.0000000025")) == 2
    assert nano_rounded(Decimal("0.0000000035")) == 4


@given(amounts, st.lists(st.integers(0, 10**12), min_size=1, max_size=40))
def test_parts_add_up_and_none_is_off_by_more_than_one(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)

    assert sum(parts) == amount
    total = sum(weights) or len(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * total - amount * (weight if sum(weights) else 1)) < total


@given(st.integers(-(10**15), 10**15), st.integers(1, 400))
def test_an_even_part_is_that_of_the_split(amount: int, count: int) -> None:
    assert [even_part(amount, count, place) for place in range(count)] == split(amount, [1] * count)


def test_nothing_can_be_split_among_nobody() -> None:
    with pytest.raises(MoneyError, match="cannot split"):
        split(5, [])
    with pytest.raises(MoneyError, match="cannot split"):
        split(5, [1, -1])


@given(amounts, st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from([1, 1000]))
def test_a_share_is_the_nearest_multiple_of_its_unit(amount: int, part: int, whole: int, unit: int) -> None:
    found = share(amount, part, whole, unit)

    assert found % unit == 0
    assert 2 * abs(found * whole - amount * part) <= whole * unit
