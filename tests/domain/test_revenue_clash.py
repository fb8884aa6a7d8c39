"""A day's total and single entries of one source, told apart in different answers, count twice: a person must say."""

from datetime import UTC, date, datetime
from typing import Literal

import pytest

from pnl.domain.money import DOLLAR
from pnl.domain.records import Record, RevenueEntry, RevenueKind
from pnl.domain.revenue import Clash, RevenueBook

DAY = date(2026, 11, 20)
REASON = "a total of the day and single entries of it count twice: void one or the other"


def entry(
    name: str,
    kind: RevenueKind,
    *,
    source: str = "revenue.feed",
    status: Literal["pending", "settled", "void"] = "settled",
    version: int = 1,
    day: date = DAY,
) -> Record:
    fact = RevenueEntry(
        id=name,
        version=version,
        date=day,
        amount=-DOLLAR if kind in ("refund", "operating_cost") else DOLLAR,
        fee=0,
        currency="USD",
        kind=kind,
        status=status,
        description="",
    )
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Record(source=source, kind="revenue", id=name, effective_at=at, fact=fact, raw="{}", version=version)


def clashes(*records: Record) -> list[Clash]:
    book = RevenueBook()
    for record in records:
        book.add(record)
    return list(book.clashes())


@pytest.mark.parametrize("kind", ["sale", "refund", "chargeback", "fee", "adjustment"])
def test_a_total_beside_a_single_entry_of_its_source_and_date_clashes(kind: RevenueKind) -> None:
    assert clashes(entry("total", "day_total"), entry("one", kind)) == [Clash("2026-11-20", REASON, ("revenue.feed",))]


def test_a_void_version_of_either_ends_the_clash() -> None:
    total, one = entry("total", "day_total"), entry("one", "sale")

    assert clashes(total, one, entry("one", "sale", status="void", version=2)) == []
    assert clashes(total, one, entry("total", "day_total", status="void", version=2)) == []


def test_a_cost_by_hand_another_date_and_another_source_do_not_clash() -> None:
    total = entry("total", "day_total")

    assert clashes(total, entry("rent", "operating_cost")) == []
    assert clashes(total, entry("one", "sale", day=date(2026, 11, 19))) == []
    assert clashes(total, entry("one", "sale", source="manual")) == []
