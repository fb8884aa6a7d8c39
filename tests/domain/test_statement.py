"""The statement of a day: its sum, and what is missing."""

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.money import nano
from pnl.domain.snapshot import LINES
from pnl.domain.statement import Statement, Trading, statement

REVENUE = {
    "revenue": nano("2191.50"),
    "refunds": nano("-10"),
    "processor_fees": nano("-63.55"),
    "adjustments": nano("1.25"),
}
TRADING = Trading(
    realised=nano("1008.14"), fees=nano("84"), unrealised=nano("59.50"), opening=nano("-16.09"), other_income=nano("2")
)
amounts = st.integers(-(10**15), 10**15)
maybe = st.none() | amounts


def whole() -> Statement:
    return statement(trading=TRADING, api_cost=nano("64.13"), revenue=REVENUE, operating_cost=nano("-5"))


def test_every_line_has_its_sign() -> None:
    found = whole()

    assert dict(found.lines) == {
        **REVENUE,
        "api_cost": nano("-64.13"),
        "operating_cost": nano("-5"),
        "trading_realised": nano("1008.14"),
        "trading_unrealised": nano("75.59"),
        "trading_fees": nano("-84"),
        "other_income": nano("2"),
    }
    assert list(found.lines) == list(LINES)
    assert (found.complete, found.missing) == (True, ())


def test_the_realised_net_leaves_out_what_is_not_realised() -> None:
    found = whole()

    assert found.net == nano("3051.80")
    assert found.net_realised == nano("2976.21")


def test_one_missing_source_does_not_blank_the_rest() -> None:
    found = statement(trading=TRADING, api_cost=None, revenue=REVENUE, operating_cost=0)

    assert found.lines["api_cost"] is None
    assert found.net == nano("3120.93")
    assert found.missing == ("api_cost",)
    assert not found.complete


def test_trading_without_a_mark_lacks_its_unrealised_line_only() -> None:
    unmarked = Trading(realised=5, fees=2, unrealised=None, opening=0, other_income=1)

    found = statement(trading=unmarked, api_cost=0, revenue=REVENUE, operating_cost=0)

    assert found.missing == ("trading_unrealised",)
    assert found.net == found.net_realised == sum(REVENUE.values()) + 5 - 2 + 1


def test_where_nothing_is_known_the_net_is_not_zero_but_unknown() -> None:
    found = statement(trading=None, api_cost=None, revenue=None, operating_cost=0)

    assert (found.net, found.net_realised, found.complete) == (None, None, False)
    assert set(found.missing) == set(LINES) - {"operating_cost"}


def test_a_reported_nothing_is_zero_and_not_missing() -> None:
    none = dict.fromkeys(REVENUE, 0)

    found = statement(
        trading=Trading(realised=0, fees=0, unrealised=0, opening=0, other_income=0),
        api_cost=0,
        revenue=none,
        operating_cost=0,
    )

    assert (found.net, found.complete) == (0, True)


tradings = st.none() | st.builds(
    Trading, realised=amounts, fees=amounts, unrealised=maybe, opening=maybe, other_income=amounts
)
revenues = st.none() | st.fixed_dictionaries(dict.fromkeys(REVENUE, amounts))


@given(tradings, maybe, revenues, amounts)
def test_the_net_is_the_exact_sum_of_the_known_lines(
    trading: Trading | None, api_cost: int | None, revenue: dict[str, int] | None, operating_cost: int
) -> None:
    found = statement(trading=trading, api_cost=api_cost, revenue=revenue, operating_cost=operating_cost)

    known = {name: amount for name, amount in found.lines.items() if amount is not None}
    assert set(found.missing) == set(LINES) - known.keys()
    if found.net is not None:
        assert found.net == sum(known.values())
        assert found.net_realised == found.net - known.get("trading_unrealised", 0)
