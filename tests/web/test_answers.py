"""JSON out."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.records import Balance
from pnl.web.answers import dumps, verbatim
from pnl.web.details import amount, detail, flags
from tests.web.fakes import NOON
from tests.web.test_records import record


@pytest.mark.parametrize("value", [1.5, [1, [2.0]], {"a": {"b": float("nan")}}, Decimal("1.5")])
def test_no_float_gets_out(value: Any) -> None:  # noqa: ANN401 - what the type forbids is tried
    with pytest.raises(TypeError):
        dumps(value)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        st.lists,
        max_leaves=20,
    )
)
def test_json_passes_letter_by_letter(value: Any) -> None:  # noqa: ANN401 - any JSON
    text = json.dumps(value, ensure_ascii=False, indent=1)

    assert verbatim(text) == text


def test_a_reading_of_the_cash_is_told_too() -> None:
    balance = Balance(at=NOON, cash=4_120_110_000_000, portfolio_value=0)

    assert amount(balance) == ("4120.11", "USD")
    assert detail(record("balance", balance)) == {"portfolio_value": "0"}
    assert flags(balance) == []
