"""Whether a line may still change is told of each by its own source."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pnl.domain.finality import COST_ESTIMATED
from pnl.domain.snapshot import LINES, Snapshot, SourceState
from tests.domain.test_snapshot import snapshot

DAY = date(2026, 11, 20)


def state(status: Any = "live", through: date | None = None) -> SourceState:  # noqa: ANN401 - a literal
    return SourceState(status=status, as_of=None, complete_through=through, next_attempt=None, error=None)


def shown(*flags: str, **sources: SourceState) -> Snapshot:
    every = {"kalshi": state(), "anthropic": state(), "revenue": state(through=DAY)} | sources
    return replace(snapshot(), day=DAY, finality="estimated", flags=flags, sources=every, lines=dict.fromkeys(LINES, 1))


def test_revenue_that_is_not_reported_is_estimated_and_nothing_else_is() -> None:
    found = shown(revenue=state(through=date(2026, 11, 19))).standing()

    assert found["revenue"] == found["refunds"] == "estimated"
    assert found["api_cost"] == "provisional"
    assert found["trading_realised"] == found["trading_unrealised"] == found["operating_cost"] == "final"


@pytest.mark.parametrize(
    ("source", "line"), [("kalshi", "trading_fees"), ("anthropic", "api_cost"), ("revenue", "adjustments")]
)
def test_a_line_whose_source_does_not_answer_is_estimated(source: str, line: str) -> None:
    assert shown(**{source: state("stale", DAY)}).standing()[line] == "estimated"
    assert shown(**{source: state("off")}).standing()[line] == "final"


def test_a_cost_beyond_what_is_reported_and_an_opening_read_late_are_estimated() -> None:
    assert shown(COST_ESTIMATED).standing()["api_cost"] == "estimated"
    late = shown("opening_estimated").standing()
    assert (late["trading_unrealised"], late["trading_realised"]) == ("estimated", "final")


def test_of_what_is_not_known_nothing_is_said() -> None:
    found = replace(shown(), lines={**dict.fromkeys(LINES, 0), "api_cost": None}).standing()

    assert found["api_cost"] is None
    assert list(found) == list(LINES)
