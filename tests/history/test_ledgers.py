"""Ledgers of the past are rebuilt from what a snapshot knew, and a few are kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pnl.domain.money import nano
from pnl.history.ledgers import KEPT
from tests.domain.strategies import entry, fill, mark, report
from tests.history.company import Company

NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)
DAY = date(2026, 11, 18)
TEN = timedelta(seconds=10)


def test_a_ledger_of_the_past_knows_what_was_kept_by_then(company: Company) -> None:
    company.tick(NOON, entry("sale", "1", DAY), marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON)])
    late = fill("yes", "10", "0.40", ticker="KXA", at=NOON - TEN)
    company.tick(NOON + TEN, entry("sale", "2", DAY), late, marks=[mark("KXA", bid="0.60", ask="0.62", at=NOON + TEN)])

    first, second = (company.history.ledgers.at(at) for at in (NOON + TEN / 2, NOON + TEN))

    assert (first.revenue.totals(DAY)["revenue"], first.rows()) == (nano("1"), [])
    assert (second.revenue.totals(DAY)["revenue"], second.unrealised()) == (nano("3"), nano("2"))


def test_a_late_answer_with_older_quotes_is_not_known_before_it_came(company: Company) -> None:
    company.tick(
        NOON,
        fill("yes", "10", "0.40", ticker="KXA", at=NOON - TEN),
        marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON - 2 * TEN)],
    )
    company.tick(NOON + TEN, marks=[mark("KXA", bid="0.90", ask="0.92", at=NOON - TEN)])

    assert company.history.ledgers.at(NOON).unrealised() == nano("1")


def test_before_the_first_snapshot_nothing_is_known(company: Company) -> None:
    company.tick(NOON, entry("sale", "1", DAY))

    assert company.history.ledgers.at(NOON - TEN).revenue.totals(DAY)["revenue"] == 0
    assert company.history.screen(NOON - TEN) is None


def test_the_balance_is_that_of_the_snapshot(company: Company) -> None:
    company.tick(NOON, report=report(nano("12.34"), {}, at=NOON))
    company.tick(NOON + TEN, report=report(nano("99"), {}, at=NOON + TEN))

    balance = company.history.ledgers.at(NOON).balance

    assert balance
    assert balance.cash == nano("12.34")


def test_a_few_ledgers_are_kept_the_ones_asked_for_last(company: Company) -> None:
    for number in range(KEPT + 1):
        company.tick(NOON + number * TEN)
    at = company.history.ledgers.at
    first, second = at(NOON), at(NOON + TEN)
    for number in range(2, KEPT):
        at(NOON + number * TEN)

    assert at(NOON) is first
    at(NOON + KEPT * TEN)

    assert at(NOON) is first
    assert at(NOON + TEN) is not second


def somebody_else_gets(lock: Any) -> bool:  # noqa: ANN401 - the class of a reentrant lock has no name
    """Tell whether another thread gets a lock at once."""
    with ThreadPoolExecutor(1) as other:
        got = other.submit(lambda: lock.acquire(blocking=False) and (lock.release() or True)).result()
    return bool(got)


def test_the_ticks_own_ledger_is_locked_while_it_is_read(company: Company) -> None:
    with company.history.ledgers.now() as ledger:
        assert ledger is company.ledger
        assert not somebody_else_gets(company.figures.lock)
    assert somebody_else_gets(company.figures.lock)
