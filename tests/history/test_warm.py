"""What a process needs to know of the past is read before anybody asks."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from pnl.history import WarmUp
from tests.domain.strategies import entry, fill, mark
from tests.history.company import Company

BEGIN = datetime(2026, 11, 1, 15, tzinfo=UTC)
DAYS = 12
SILENCE = timedelta(days=150)


def questions(company: Company, days: int = DAYS) -> int:
    """Return how often the database is asked when so many days are told."""
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert len(company.history.days(None, None)) == days
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return asked


def lived(company: Company) -> None:
    for number in range(DAYS):
        at = BEGIN + timedelta(days=number)
        company.tick(at, entry("sale", "10", at.date(), name=f"s{number}"))
    company.restart()


def test_who_asks_first_after_a_start_finds_the_past_at_hand(company: Company) -> None:
    lived(company)
    cold = questions(company)
    company.restart()

    warm_up = WarmUp(company.history)
    with capture_logs() as logs:
        warm_up.start()
        warm_up.start()
        warm_up.stop()

    assert [line["days"] for line in logs if line["event"] == "the past is at hand"] == [DAYS]
    assert questions(company) < cold / 2


def test_an_archive_that_does_not_answer_is_told_and_ends_nothing(company: Company) -> None:
    lived(company)
    company.store.close()

    warm_up = WarmUp(company.history)
    with capture_logs() as logs:
        warm_up.start()
        warm_up.stop()

    assert [line["event"] for line in logs] == ["the past could not be read beforehand"]
    company.restart()
    assert questions(company) > 0


@pytest.mark.parametrize("quoted", [True, False])
def test_the_days_of_a_long_silence_are_not_looked_for_one_by_one(company: Company, quoted: bool) -> None:
    end = BEGIN + SILENCE
    company.tick(BEGIN)
    bought = fill("yes", "100", "0.40", "0", ticker="KXA", at=end - timedelta(hours=1), name="f")
    company.tick(end, bought, marks=[mark("KXA", bid="0.50", ask="0.52", at=end)] if quoted else [])
    days = SILENCE.days + 1

    first, second = questions(company, days), questions(company, days)

    assert first < days
    assert second < 20


def test_the_days_of_a_silence_begin_with_the_first_result_after_it_once_that_is_known(company: Company) -> None:
    end = BEGIN + SILENCE
    company.tick(BEGIN)
    company.tick(end, fill("yes", "100", "0.40", "0", ticker="KXA", at=end - timedelta(hours=1), name="f"))
    while_unknown = company.history.days(None, None)
    later = end + timedelta(seconds=10)
    company.tick(later, marks=[mark("KXA", bid="0.50", ask="0.52", at=later)])

    known = company.history.days(None, None)
    begun = [company.history.began(day.known.start) for day in known[1:]]
    company.restart()

    assert while_unknown[-1].known.opening is None
    assert [one and (one.as_of, one.estimated) for one in begun] == [(later, True)] * SILENCE.days
    assert company.history.days(None, None) == known
    assert [company.history.began(day.known.start) for day in known[1:]] == begun
