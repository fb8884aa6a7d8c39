"""The open positions of an earlier instant stay as they were while the ledger goes on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pnl.domain.company_day import Calendar
from pnl.domain.explain import holdings
from pnl.domain.explain.opening import alive, by_effect, valued
from pnl.domain.ledger import Ledger
from pnl.domain.money import nano
from pnl.domain.records import Side
from tests.domain.strategies import fill, mark, record

CALENDAR = Calendar(ZoneInfo("America/New_York"))
NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)
LATER = timedelta(minutes=5)


@pytest.mark.parametrize("more", [("yes", "40"), ("no", "30")])
def test_what_was_held_then_is_not_what_is_held_now(more: tuple[Side, str]) -> None:
    ledger = Ledger(CALENDAR)
    ledger.take([record(fill("yes", "100", "0.40", "0", ticker="KXA", at=NOON, name="f1"))])
    (then,) = valued(
        ledger, by_effect(ledger, alive(ledger, NOON), NOON), [mark("KXA", bid="0.50", ask="0.52", at=NOON)]
    )
    side, count = more
    ledger.take([record(fill(side, count, "0.45", "0", ticker="KXA", at=NOON + LATER, name="f2"))])

    explained = holdings.unrealised(then, CALENDAR)

    assert then.row.unrealised == nano("10")
    assert explained.amount == nano("10")
    assert [part.amount for part in explained.children()] == [nano("50"), nano("40")]
