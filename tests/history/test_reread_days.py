"""API cost of days under way: whatever was told of them is told again, also by a process that was started since."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from pnl.domain.records import Record
from pnl.domain.restatements import READ_ON, REPORTED, TOGETHER, Restatement
from pnl.ports import StatedDay
from tests.depth import examples
from tests.domain.test_apicost import KEY, anchor, cost, usage
from tests.history.company import Company
from tests.history.test_forks import ledgers, told

BEGIN = datetime(2026, 11, 18, 22, tzinfo=UTC)
"""The company's days end at five o'clock, UTC."""
DAY = date(2026, 11, 18)


@dataclass(frozen=True)
class Then:
    """What a tick told: every day, and what its ledger says of API cost."""

    at: datetime
    days: dict[date, StatedDay]
    costs: object


def read(at: datetime, luck: Random) -> list[Record]:
    """Return what one reading tells: usage of this hour, often the report of this day, and now and then of the last."""
    day, hours = at.date(), (at - at.replace(hour=0, minute=0)) / timedelta(hours=1)
    amount = int(hours * 60) + (at.date() - DAY).days * 1_440
    found = [usage(day, int(hours), f"{amount}.{luck.randrange(100):02d}")]
    if luck.random() < 0.5:
        found += [cost(day, f"{amount}.5"), anchor(day, f"{amount}.5", at=hours, listed={KEY: str(amount)})]
    if luck.random() < 0.2:
        before = day - timedelta(days=1)
        found += [cost(before, str(luck.randrange(900))), usage(before, 3, str(luck.randrange(90)))]
        found.append(anchor(before, str(luck.randrange(900)), at=24 + hours, listed={KEY: "5"}))
    return [replace(one, version=None) for one in found]


def then(company: Company, at: datetime) -> Then:
    """Return what is told now."""
    with company.history.ledgers.now() as ledger:
        said = told(ledger)
    return Then(at, {day.day: day for day in company.history.days(None, None)}, (said["costs"], said["days"]))


@pytest.mark.parametrize("seed", range(examples(6)))
def test_what_was_told_of_any_day_is_told_again_after_a_restart(company: Company, seed: int) -> None:
    luck, at, thens = Random(seed), BEGIN, []
    for number in range(60):
        at += timedelta(seconds=luck.choice([10, 60, 600, 3_600]))
        company.tick(at, *(read(at, luck) if number % 3 else ()))
        thens.append(then(company, at))
    for again in range(2):
        for one in thens:
            days = {day.day: day for day in company.history.days(None, None, one.at)}
            assert {day: as_told(stated) for day, stated in days.items()} == {
                day: as_told(stated) for day, stated in one.days.items()
            }
            known = ledgers(company).at(one.at)
            assert (told(known)["costs"], told(known)["days"]) == one.costs
        if not again:
            company.restart()


def as_told(stated: StatedDay) -> dict[str, object]:
    """Return what a day tells."""
    return {
        "lines": stated.lines,
        "finality": stated.known.finality,
        "flags": stated.known.flags,
        "seen": stated.seen and stated.seen.last.lines,
        "restatements": stated.restatements,
    }


def test_what_changed_a_day_is_the_reading_that_did_with_its_instant(company: Company) -> None:
    evening, morning = (datetime(2026, 11, 19, hour, 30, tzinfo=UTC) for hour in (4, 5))
    company.tick(evening, *(replace(one, version=None) for one in (cost(DAY, "9"), anchor(DAY, "9", at=26, listed={}))))
    first = [cost(evening.date(), "1"), anchor(evening.date(), "1", at=4.5, listed={}), usage(evening.date(), 2, "1")]
    company.tick(evening + timedelta(seconds=10), *(replace(one, version=None) for one in first))
    used = company.tick(morning, replace(usage(evening.date(), 2, "3"), version=None))
    later = [cost(evening.date(), "5"), anchor(evening.date(), "5", at=6, listed={KEY: "3"})]
    reported = company.tick(morning + timedelta(minutes=30), *(replace(one, version=None) for one in later))
    company.tick(morning + timedelta(hours=2), *(replace(one, version=None) for one in read(morning, Random(1))))
    company.restart()

    found = [
        next(day for day in company.history.days(None, None, snapshot.as_of) if day.day == DAY).restatements[-1]
        for snapshot in (used, reported)
    ]

    assert [one.reason for one in found] == [READ_ON, REPORTED]
    assert [one.recorded_at for one in found] == [used.as_of, reported.as_of]
    assert [one.record and one.record[1] for one in found] == ["usage", "anchor"]


def test_each_reading_that_changes_the_cost_of_a_day_is_told_with_its_instant_and_stays(company: Company) -> None:
    evening, morning = (datetime(2026, 11, 19, hour, 30, tzinfo=UTC) for hour in (4, 5))
    day = evening.date()
    before = [cost(DAY, "9"), anchor(DAY, "9", at=28, listed={}), cost(day, "1"), anchor(day, "1", at=4.5, listed={})]
    company.tick(evening, *(replace(one, version=None) for one in (*before, usage(day, 2, "1"))))
    readings: list[tuple[str, list[Record]]] = [
        ("usage", [usage(day, 2, "3")]),
        ("anchor", [cost(day, "5"), anchor(day, "5", at=6, listed={KEY: "3"})]),
        ("usage", [usage(day, 3, "1")]),
        ("anchor", [cost(day, "9"), anchor(day, "9", at=7, listed={KEY: "4"}), usage(day, 3, "2")]),
    ]
    at = [morning + timedelta(minutes=place) for place in range(len(readings))]
    for instant, (_, records) in zip(at, readings, strict=True):
        company.tick(instant, *(replace(one, version=None) for one in records))

    now = changes(company, None)

    assert [(one.recorded_at, one.record and one.record[1]) for one in now] == [
        (instant, kind) for instant, (kind, _) in zip(at, readings, strict=True)
    ]
    assert [changes(company, instant) for instant in at] == [now[: place + 1] for place in range(len(at))]
    company.restart()
    assert [changes(company, instant) for instant in at] == [now[: place + 1] for place in range(len(at))]


def changes(company: Company, at: datetime | None) -> list[Restatement]:
    """Return what is told of the cost of the day that ends in the middle of the UTC day, as known at an instant."""
    stated = next(one for one in company.history.days(None, None, at) if one.day == DAY)
    assert stated.seen
    by = (stated.lines["api_cost"] or 0) - (stated.seen.last.lines["api_cost"] or 0)
    assert by == sum(one.amount for one in stated.restatements)
    return list(stated.restatements)


@pytest.mark.parametrize("seed", range(3))
def test_what_was_told_of_the_changes_of_a_day_is_the_beginning_of_what_is_told_later(
    company: Company, seed: int
) -> None:
    luck, at, before = Random(seed), BEGIN, dict[date, tuple[Restatement, ...]]()
    for number in range(40):
        at += timedelta(seconds=luck.choice([60, 600, 3_600]))
        company.tick(at, *(read(at, luck) if number % 3 else ()))
        for stated in company.history.days(None, None):
            told_before = before.get(stated.day, ())
            assert stated.restatements[: len(told_before)] == told_before
            assert all(one.record for one in stated.restatements)
            before[stated.day] = stated.restatements
    assert max(map(len, before.values())) > 3


def test_of_many_days_the_changes_of_each_cost_are_told_together(company: Company) -> None:
    at = datetime(2026, 11, 9, 4, 30, tzinfo=UTC)
    for place in range(10):
        begin = at + timedelta(days=place)
        for minutes, amount in ((0, "1"), (40, "2"), (50, "5")):
            now = begin + timedelta(minutes=minutes)
            hours = 4.5 + minutes / 60
            told_then = [cost(now.date(), amount), anchor(now.date(), amount, at=hours, listed={})]
            company.tick(now, *(replace(one, version=None) for one in told_then))
    last = date(2026, 11, 17)

    many = {one.day: one for one in company.history.days(None, None)}[last]
    few = {one.day: one for one in company.history.days(last, last + timedelta(days=1))}[last]

    assert [one.reason for one in many.restatements] == [TOGETHER]
    assert [one.reason for one in few.restatements] == [REPORTED, REPORTED]
    assert sum(one.amount for one in few.restatements) == many.restatements[0].amount
    assert many.restatements[0].recorded_at == few.restatements[-1].recorded_at


def test_a_ledger_of_the_past_is_the_same_whatever_it_is_made_of(company: Company) -> None:
    luck, at, instants = Random(7), BEGIN, []
    for _ in range(40):
        at += timedelta(minutes=luck.choice([1, 1, 30]))
        company.tick(at, *read(at, luck))
        instants.append(at)
    for instant in instants:
        brought, alone = company.history.ledgers.at(instant), ledgers(company).at(instant)
        assert told(brought)["costs"] == told(alone)["costs"]
