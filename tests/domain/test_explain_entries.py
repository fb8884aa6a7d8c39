"""The lines of revenue and of costs entered by hand, taken apart."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pnl.domain.company_day import Calendar
from pnl.domain.explain.entries import line
from pnl.domain.ledger import Ledger
from pnl.domain.money import DOLLAR
from pnl.domain.records import Record, RevenueEntry

CALENDAR = Calendar(ZoneInfo("America/New_York"))
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


def test_an_entry_is_told_as_its_letters_alone_say_it() -> None:
    day = date(2026, 11, 20)
    sold = RevenueEntry(
        id="inv-1",
        version=1,
        date=day,
        amount=5 * DOLLAR,
        fee=0,
        currency="USD",
        kind="sale",
        status="settled",
        description="\u202egnp.exe",
    )
    ledger = Ledger(CALENDAR)
    ledger.take([Record(source="manual", kind="revenue", id="inv-1", effective_at=NOON, fact=sold, raw="{}")])

    (customer,) = line(ledger, day, "revenue")

    assert [part.title for part in customer.children()] == ["gnp.exe"]
