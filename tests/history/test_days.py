"""Days are told as they are known, with what changed them since they were shown."""

from datetime import UTC, date, datetime, timedelta

from pnl.domain.explain.statement import NO_PRICE
from pnl.domain.money import nano
from pnl.domain.restatements import CLOSED_LATE, HELD_OVER, UNKNOWN, UNREAD, USAGE_UNREAD
from pnl.ports import StatedDay
from tests.domain.strategies import entry, fill, mark, record, settlement
from tests.history.company import Company
from tests.web.past import api

NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)
NIGHT = datetime(2026, 11, 19, 4, 59, 55, tzinfo=UTC)
"""Five seconds before midnight in New York."""
MORNING = datetime(2026, 11, 19, 14, tzinfo=UTC)
FIRST, SECOND = date(2026, 11, 18), date(2026, 11, 19)
_DAY = timedelta(days=1)


def stated(company: Company, at: datetime | None = None) -> dict[date, StatedDay]:
    found = {day.day: day for day in company.history.days(None, None, at)}
    for day in found.values():
        if day.seen:
            then = day.seen.last.lines
            for line, amount in day.lines.items():
                told = sum(one.amount for one in day.restatements if one.line == line)
                assert (amount or 0) - (then[line] or 0) == told
    return found


def told(day: StatedDay) -> list[tuple[str, int, str | None]]:
    return [(one.line, one.amount, one.record[2] if one.record else None) for one in day.restatements]


def test_a_sale_that_is_told_late_counts_on_its_day_and_is_named(company: Company) -> None:
    company.tick(NOON, entry("sale", "100", FIRST, name="a"))
    company.tick(NIGHT)
    company.tick(MORNING, entry("sale", "40.50", FIRST, name="b", fee="-1.20"))

    day = stated(company)[FIRST]

    assert day.lines["revenue"] == nano("140.50")
    assert day.seen
    assert day.seen.last.net == nano("100")
    assert sorted(told(day)) == [("processor_fees", -nano("1.20"), "b"), ("revenue", nano("40.50"), "b")]
    assert {one.recorded_at for one in day.restatements} == {MORNING}
    assert stated(company)[SECOND].restatements == ()


def test_a_correction_takes_from_one_day_and_gives_to_another(company: Company) -> None:
    company.tick(NOON, record(entry("sale", "100", FIRST, name="a"), version=1))
    company.tick(NIGHT)
    company.tick(MORNING)
    company.tick(MORNING + _DAY, record(entry("sale", "90", SECOND, name="a"), version=2))

    days = stated(company)

    assert told(days[FIRST]) == [("revenue", -nano("100"), "a")]
    assert told(days[SECOND]) == [("revenue", nano("90"), "a")]


def test_a_fill_that_is_told_late_moves_what_was_held_over_midnight_from_one_day_to_the_other(
    company: Company,
) -> None:
    company.tick(NOON, marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON)])
    company.tick(NIGHT)
    bought = fill("yes", "100", "0.40", "1", ticker="KXA", at=NOON + timedelta(hours=1), name="f")
    company.tick(MORNING, bought)

    days = stated(company)

    assert sorted(told(days[FIRST])) == [("trading_fees", -nano("1"), "f"), ("trading_unrealised", nano("10"), "f")]
    assert {one.reason for one in days[FIRST].restatements if one.line == "trading_unrealised"} == {HELD_OVER}
    assert told(days[SECOND]) == [("trading_unrealised", -nano("10"), "f")]
    assert days[SECOND].lines["trading_unrealised"] == 0


def test_a_settlement_that_is_told_late_is_realised_on_its_day(company: Company) -> None:
    bought = fill("yes", "100", "0.40", "0", ticker="KXA", at=NOON - timedelta(hours=1), name="f")
    company.tick(NOON, bought, marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON)])
    company.tick(NIGHT)
    paid = settlement("yes", yes=("100", "40"), revenue=10_000, ticker="KXA", at=NIGHT - timedelta(hours=2))
    company.tick(MORNING, paid)

    days = stated(company)

    assert days[FIRST].lines["trading_realised"] == nano("60")
    assert days[FIRST].lines["trading_unrealised"] == -nano("10")  # what it was worth when it was first seen
    assert days[SECOND].known.statement.net == 0
    assert sorted(told(days[FIRST])) == [
        ("trading_realised", nano("60"), "KXA"),
        ("trading_unrealised", -nano("10"), "KXA"),
    ]


def test_a_fill_after_the_settlement_of_its_market_is_named_on_the_day_of_the_settlement(company: Company) -> None:
    company.tick(NOON, settlement("yes", revenue=0, ticker="KXB", at=NOON))
    company.tick(NIGHT)
    company.tick(MORNING, fill("yes", "1", "0.10", "0.07", ticker="KXB", at=MORNING, name="f"))

    days = stated(company)

    assert told(days[FIRST]) == [("trading_realised", nano("0.90"), "f")]
    assert days[SECOND].known.statement.net == -nano("0.07")


def test_days_add_up_whatever_comes_late(company: Company) -> None:
    company.tick(NOON, marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON)])
    company.tick(NIGHT)
    company.tick(MORNING, fill("yes", "100", "0.40", "1", ticker="KXA", at=NOON + timedelta(hours=1)))

    total = sum(day.known.statement.net or 0 for day in stated(company).values())

    assert total == nano("10") - nano("1")


def test_the_cost_of_a_day_is_restated_by_its_report(company: Company) -> None:
    company.tick(NOON, *api(NOON - _DAY, "30"), *api(NOON, "5"))
    company.tick(NIGHT)
    company.tick(MORNING, *api(NOON.replace(hour=23, minute=59), "24"))

    day = stated(company)[FIRST]

    assert [line for line, _, _ in told(day)] == ["api_cost"]
    assert day.restatements[0].record
    assert day.restatements[0].record[1] == "anchor"
    assert day.restatements[0].recorded_at == MORNING


def test_a_cost_that_is_not_known_since_a_part_of_its_day_was_passed_over_says_so(company: Company) -> None:
    company.tick(NOON, *api(NOON, "5"))
    company.tick(NOON + 2 * _DAY, *api(NOON + 2 * _DAY, "0"))

    day = stated(company)[FIRST]

    assert day.lines["api_cost"] is None
    (change,) = day.restatements
    assert (change.line, change.record, change.reason) == ("api_cost", None, UNREAD)


def test_a_cost_whose_usage_was_not_read_yet_is_missing_and_becomes_known_without_a_correction(
    company: Company,
) -> None:
    early, late = api(NOON, "5", used=False), api(NIGHT, "24", used=False)
    company.tick(NOON, *early)
    company.tick(NIGHT, *late)
    then = company.server().test_client().get(f"/api/pnl/explain?figure=api_cost&day={FIRST}").json
    company.tick(MORNING, *api(NOON.replace(hour=23, minute=59), "6"), *api(MORNING, "24"))
    client = company.server().test_client()

    shown = [one.snapshot for one in company.shown]
    day = stated(company)[FIRST]
    again = client.get(f"/api/pnl/explain?figure=api_cost&day={FIRST}&as_of={NIGHT:%Y-%m-%dT%H:%M:%SZ}").json
    asked = client.get(f"/api/pnl/explain?figure=api_cost&at={shown[1].seq}").json

    assert [one.lines["api_cost"] is None for one in shown] == [True, True, False]
    assert "api_cost" in shown[1].missing
    why = "not known: the usage of 2026-11-18 (UTC) was not read yet, the usage of 2026-11-19 (UTC) was not read yet"
    assert then
    assert again
    assert asked
    assert [one["note"] for one in (then, again, asked)] == [why] * 3
    assert stated(company, NIGHT)[FIRST].lines["api_cost"] is None
    assert day.lines["api_cost"] is not None
    assert {(one.line, one.reason) for one in day.restatements} == {("api_cost", UNKNOWN)}
    known = client.get(f"/api/pnl/explain?figure=api_cost&day={FIRST}").json
    assert known
    assert all("a UTC day without usage" in child["note"] for child in known["children"])


def test_an_unrealised_result_without_a_price_says_that_none_was_kept(company: Company) -> None:
    company.tick(NOON, fill("yes", "10", "0.40", "0", ticker="KXA", at=NOON - 2 * _DAY, name="f"))
    found = company.server().test_client().get(f"/api/pnl/explain?figure=trading_unrealised&day={FIRST - 2 * _DAY}")

    assert found.json
    assert (found.json["amount"], found.json["note"]) == (None, NO_PRICE)


def test_a_cost_that_is_not_known_any_more_since_usage_is_lacking_says_so(company: Company) -> None:
    company.tick(NOON, *api(NOON, "5"))
    company.tick(MORNING, *api(MORNING, "24", used=False))

    (change,) = stated(company)[FIRST].restatements

    assert (change.line, change.reason) == ("api_cost", USAGE_UNREAD)


def test_a_day_that_ends_while_nothing_ticks_is_closed_by_the_first_snapshot_after_it(company: Company) -> None:
    bought = fill("yes", "100", "0.40", "0", ticker="KXA", at=NOON - timedelta(hours=1), name="f")
    company.tick(NOON, bought, marks=[mark("KXA", bid="0.50", ask="0.52", at=NOON)])
    company.restart()
    company.tick(MORNING, marks=[mark("KXA", bid="0.55", ask="0.57", at=MORNING)])

    day = stated(company)[FIRST]

    assert told(day) == [("trading_unrealised", nano("5"), None)]
    assert day.restatements[0].reason == CLOSED_LATE
    assert "closing_estimated" in day.known.flags


def test_a_day_without_a_snapshot_is_told_without_what_cannot_be_known(company: Company) -> None:
    company.tick(NOON)
    company.tick(NOON + 2 * _DAY, entry("sale", "7", SECOND), entry("sale", "3", FIRST - 30 * _DAY))

    days = stated(company)

    assert list(days) == [FIRST - 30 * _DAY, FIRST, SECOND, SECOND + _DAY]
    assert days[SECOND].seen is None
    assert days[SECOND].lines["revenue"] == nano("7")
    assert days[SECOND].lines["trading_unrealised"] is None
    assert days[SECOND].restatements == ()


def test_a_voided_entry_opens_no_day_and_a_day_that_showed_it_tells_its_restatement(company: Company) -> None:
    early = FIRST - 300 * _DAY
    rent = record(entry("operating_cost", "-30", early, name="rent", recurs="daily"), version=1)
    company.tick(NOON, rent, record(entry("sale", "7", early - 300 * _DAY, name="s"), version=1))
    company.tick(NIGHT)
    voided = entry("operating_cost", "-30", early, name="rent", recurs="daily", status="void", version=2)
    gone = entry("sale", "7", early - 300 * _DAY, name="s", status="void", version=2)
    company.tick(MORNING, record(voided, version=2), record(gone, version=2))

    days = stated(company)

    assert list(days) == [FIRST, SECOND]
    assert told(days[FIRST]) == [("operating_cost", nano("30"), "rent")]
    assert list(stated(company, NIGHT)) == [early - 300 * _DAY, *(early + place * _DAY for place in range(301))]


def test_as_of_an_instant_only_what_was_known_counts(company: Company) -> None:
    company.tick(NOON, entry("sale", "100", FIRST, name="a"))
    company.tick(NIGHT, entry("sale", "5", FIRST, name="b"))
    company.tick(MORNING, entry("sale", "40", FIRST, name="c"))
    company.tick(MORNING + timedelta(hours=1), entry("sale", "1", FIRST, name="d"))

    at_noon, in_the_morning = stated(company, NOON + timedelta(minutes=1)), stated(company, MORNING)

    assert list(at_noon) == [FIRST]
    assert at_noon[FIRST].lines["revenue"] == nano("100")
    assert [day.seen and day.seen.last.seq for day in at_noon.values()] == [1]
    assert at_noon[FIRST].restatements == ()
    assert told(in_the_morning[FIRST]) == [("revenue", nano("40"), "c")]
    assert stated(company, NOON - _DAY) == {}


def test_what_was_known_when_is_the_same_after_a_restart(company: Company) -> None:
    company.tick(NOON, entry("sale", "100", FIRST, name="a"))
    company.tick(NIGHT)
    company.tick(MORNING, entry("sale", "40", FIRST, name="b"), fill("yes", "10", "0.2", ticker="KXA", at=NOON))
    before = stated(company)

    company.restart()

    assert stated(company) == before
