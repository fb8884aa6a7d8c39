"""A day is as final as the least final of what it is made of."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from pnl.domain.ledger import Ledger, Opening
from pnl.domain.records import Anchor
from pnl.domain.snapshot import Finality, SourceState
from tests.domain.strategies import record
from tests.domain.world import ledger, sources

DAY = date(2026, 10, 6)


def anchor(day: date, *, read: date) -> Anchor:
    return Anchor(
        id=f"{day}/closed",
        day=day,
        read_at=datetime.combine(read, time(12), UTC),
        watermark=None,
        reported=Decimal(24),
        usage_known=True,
        list_values={},
    )


def whole(*, read: date = DAY + timedelta(days=2)) -> Ledger:
    """Return a ledger that knows what both UTC days of the company day cost, as read on a day."""
    some = ledger()
    some.take([record(anchor(day, read=read)) for day in (DAY, DAY + timedelta(days=1))])
    return some


def finality(some: Ledger, states: dict[str, SourceState], *, estimated: bool = False) -> Finality:
    return some.snapshot(
        seq=1,
        as_of=datetime(2026, 12, 1, tzinfo=UTC),
        demo=False,
        opening=Opening(DAY, 0, estimated),
        sources=states,
        trading=True,
        revenue=True,
    ).finality


def test_a_day_is_provisional_while_its_cost_may_still_change_and_then_final() -> None:
    assert finality(whole(), sources(through=DAY)) == "provisional"
    assert finality(whole(read=DAY + timedelta(days=33)), sources(through=DAY)) == "final"


def test_half_a_day_of_cost_that_may_change_keeps_the_whole_day_provisional() -> None:
    assert finality(whole(read=DAY + timedelta(days=31)), sources(through=DAY)) == "provisional"


@pytest.mark.parametrize("through", [None, DAY - timedelta(days=1)])
def test_a_day_whose_revenue_is_not_reported_is_an_estimate(through: date | None) -> None:
    assert finality(whole(), sources(through=through)) == "estimated"


@pytest.mark.parametrize("name", ["kalshi", "anthropic", "revenue"])
@pytest.mark.parametrize("status", ["cached", "stale", "down"])
def test_a_source_that_does_not_answer_makes_it_an_estimate(name: str, status: str) -> None:
    states = sources(through=DAY)
    states[name] = replace(states[name], status=status)  # type: ignore[arg-type] # one of the words

    assert finality(whole(), states) == "estimated"


def test_an_estimated_opening_makes_it_an_estimate() -> None:
    assert finality(whole(), sources(through=DAY), estimated=True) == "estimated"


def test_a_cost_that_is_not_known_makes_it_an_estimate() -> None:
    assert finality(ledger(), sources(through=DAY)) == "estimated"
