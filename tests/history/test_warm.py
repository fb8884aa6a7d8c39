"""What a process needs to know of the past is read before anybody asks."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from pnl.history import WarmUp
from tests.domain.strategies import entry
from tests.history.company import Company

BEGIN = datetime(2026, 11, 1, 15, tzinfo=UTC)
DAYS = 12


def questions(company: Company) -> int:
    """Return how often the database is asked when the days are told."""
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert len(company.history.days(None, None)) == DAYS
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
