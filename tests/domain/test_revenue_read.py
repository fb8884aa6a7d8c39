"""What is kept of a source of revenue is held against all that it told when it was read whole."""

from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pnl.domain.checks import Check
from pnl.domain.company_day import Calendar
from pnl.domain.explain.nodes import made
from pnl.domain.explain.sides import side
from pnl.domain.ledger import Ledger
from pnl.domain.money import DOLLAR
from pnl.domain.records import Record, RevenueEntry

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
FEED = "revenue.feed"


def sale(
    name: str,
    dollars: int,
    day: int = 21,
    *,
    version: int = 1,
    status: Literal["pending", "settled", "void"] = "settled",
    source: str = FEED,
    currency: str = "USD",
    fee: int = 0,
) -> Record:
    fact = RevenueEntry(
        id=name,
        version=version,
        date=date(2026, 11, day),
        amount=dollars * DOLLAR,
        fee=fee * DOLLAR,
        currency=currency,
        kind="sale",
        status=status,
        description=name,
    )
    return Record(source=source, kind="revenue", id=name, effective_at=AT, fact=fact, raw="{}", version=version)


def ledger(*records: Record) -> Ledger:
    found = Ledger(Calendar(ZoneInfo("America/New_York")))
    found.take(records)
    return found


def check(kept: Ledger, *told: Record, since: date = date.min) -> Check:
    kept.read_whole(FEED, told, since, AT)
    reading = kept.whole_reading(FEED)
    assert reading is not None
    return reading.check()


def test_what_is_kept_and_what_is_told_are_the_same_money() -> None:
    entries = [sale("a", 100, fee=-3), sale("b", 50, 20), sale("c", 9, status="pending"), sale("d", 7, currency="EUR")]
    found = check(ledger(*entries, sale("e", 5, source="manual")), *entries)
    assert (found.expected, found.actual, found.state) == (147 * DOLLAR, 147 * DOLLAR, "ok")


def test_an_entry_that_the_source_took_out_silently_differs() -> None:
    found = check(ledger(sale("a", 100), sale("b", 50, 20)), sale("a", 100))
    assert (found.state, found.expected - found.actual) == ("failed", 50 * DOLLAR)
    assert found.reason is not None
    assert "2026-11-20 by -50.00" in found.reason


def test_days_that_make_up_for_each_other_differ_all_the_same() -> None:
    found = check(ledger(sale("a", 100, 21), sale("b", 50, 20)), sale("a", 50, 21), sale("b", 100, 20))
    assert (found.state, found.expected) == ("failed", found.actual)


def test_only_the_newest_version_of_what_is_told_counts_and_no_day_before_the_reading() -> None:
    kept = ledger(sale("a", 80, version=2), sale("old", 500, 1))
    told = (sale("a", 100), sale("a", 80, version=2))
    assert check(kept, *told, since=date(2026, 11, 2)).state == "ok"


def test_both_sides_open_into_days_that_add_up_and_ours_into_entries() -> None:
    kept = ledger(sale("a", 100, fee=-3), sale("b", 50, 20))
    found = check(kept, sale("a", 100, fee=-3))
    ours, theirs = side(kept, found, "expected"), side(kept, found, "actual")
    assert ours.amount == made("sum", ours.children()) == 147 * DOLLAR
    assert theirs.amount == made("sum", theirs.children()) == 97 * DOLLAR
    (day,) = (one for one in ours.children() if one.key == "2026-11-21")
    assert [(one.key, one.amount) for one in day.children()] == [
        ("revenue.feed:a:processor_fees", -3 * DOLLAR),
        ("revenue.feed:a", 100 * DOLLAR),
    ]
    kept.take([sale("later", 8)])
    ours = side(kept, found, "expected")
    assert ours.amount == made("sum", ours.children()), "what came since the reading is told apart"
