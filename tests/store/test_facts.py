from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pnl.domain.records import Anchor, Fact
from pnl.store.facts import decode, encode, microseconds, moment
from tests.depth import examples

instants = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are bare
amounts = st.decimals(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
st.register_type_strategy(datetime, instants)
st.register_type_strategy(Decimal, amounts)
st.register_type_strategy(str, words)


@pytest.mark.parametrize("kind", get_args(Fact), ids=lambda kind: kind.__name__)
def test_every_fact_comes_back_as_it_was(kind: type[Fact]) -> None:
    @settings(max_examples=examples(40))
    @given(st.from_type(kind))
    def comes_back(fact: Fact) -> None:
        again = decode(encode(fact))

        assert again == fact
        assert encode(again) == encode(fact)

    comes_back()


@given(amounts)
def test_a_decimal_keeps_every_digit(amount: Decimal) -> None:
    at = moment(0)
    common = {"id": "a", "day": at.date(), "read_at": at, "watermark": None, "usage_known": True, "list_values": {}}

    again = decode(encode(Anchor(reported=amount, **common)))  # type: ignore[arg-type]  # the fields beside

    assert isinstance(again, Anchor)
    assert str(again.reported) == str(amount)


@given(instants)
def test_an_instant_keeps_its_microseconds(instant: datetime) -> None:
    assert moment(microseconds(instant)) == instant


def test_the_order_of_a_mapping_does_not_matter() -> None:
    fact_type = next(kind for kind in get_args(Fact) if kind.__name__ == "Usage")
    common = dict.fromkeys(("model", "service_tier", "context_window", "inference_geo"))
    span = {"start": moment(0), "end": moment(60)}
    one = fact_type(id="u", **span, **common, tokens={"a": 1, "b": 2}, list_values={})
    other = fact_type(id="u", **span, **common, tokens=MappingProxyType({"b": 2, "a": 1}), list_values={})

    assert encode(one) == encode(other)
