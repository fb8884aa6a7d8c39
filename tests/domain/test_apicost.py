"""The laws of API cost: hours add up to days, days to periods, and nothing depends on order."""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pnl.domain.apicost import ApiCosts
from pnl.domain.company_day import Calendar
from pnl.domain.money import DOLLAR, Nano, nano_rounded
from pnl.domain.records import Anchor, Cost, Record, Usage

DAY = date(2026, 11, 20)
MODEL = "claude-opus-5-5"
KEY = f"{MODEL}|output_tokens|standard|global|0-200k"


def instant(day: date, hours: float = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def anchor(
    day: date, reported: str, *, at: float, listed: Mapping[str, str | None] | None = None, name: str = ""
) -> Record:
    """Make the anchor of `day`, read `at` hours after its start; `listed` None: usage not known."""
    fact = Anchor(
        id=day.isoformat() + name,
        day=day,
        read_at=instant(day, at),
        watermark=None,
        reported=Decimal(reported),
        usage_known=listed is not None,
        list_values={key: None if value is None else Decimal(value) for key, value in (listed or {}).items()},
    )
    return Record(source="anthropic", kind="anchor", id=fact.id, effective_at=instant(day), fact=fact, raw="{}")


def usage(
    day: date, hour: int, listed: str | None, *, version: int = 1, model: str = MODEL, tier: str = "standard"
) -> Record:
    fact = Usage(
        id=f"{day}T{hour:02d}|{model}|{tier}",
        start=instant(day, hour),
        end=instant(day, hour + 1),
        model=model,
        service_tier=tier,
        context_window="0-200k",
        inference_geo="global",
        tokens={"output_tokens": 1000},
        list_values={"output_tokens": None if listed is None else Decimal(listed)},
    )
    return Record(
        source="anthropic", kind="usage", id=fact.id, effective_at=fact.start, fact=fact, raw="{}", version=version
    )


def cost(day: date, amount: str, *, version: int = 1, cost_type: str = "tokens", hour: int | None = None) -> Record:
    start = instant(day, hour or 0)
    fact = Cost(
        id=f"{day}|{MODEL}|{cost_type}|{hour}",
        start=start,
        end=start + timedelta(hours=24 if hour is None else 1),
        amount=Decimal(amount),
        currency="USD",
        model=MODEL if cost_type == "tokens" else None,
        token_type="output_tokens" if cost_type == "tokens" else None,
        cost_type=cost_type,
        service_tier="standard",
        context_window="0-200k",
        inference_geo="global",
        workspace_id=None,
        description=None,
    )
    return Record(
        source="anthropic", kind="cost", id=fact.id, effective_at=fact.start, fact=fact, raw="{}", version=version
    )


def costs(*records: Record) -> ApiCosts:
    made = ApiCosts()
    for record in records:
        made.add(record)
    return made


def whole(day: date, api: ApiCosts) -> Nano | None:
    return api.between(instant(day), instant(day, 24)).amount


def test_nothing_is_known_before_the_first_answer() -> None:
    assert costs(usage(DAY, 3, "1"), cost(DAY, "5")).between(instant(DAY), instant(DAY, 24)).amount is None


def test_a_day_without_rows_is_a_known_zero() -> None:
    found = costs(anchor(DAY, "0", at=5, listed={})).between(instant(DAY), instant(DAY, 24))

    assert found.amount == 0
    assert found.finality == "provisional"


def test_a_day_whose_neighbour_was_never_read_is_not_known() -> None:
    api = costs(anchor(DAY, "7", at=5, listed={}))

    assert api.between(instant(DAY, -5), instant(DAY, 19)).amount is None


def test_usage_since_the_anchor_is_added_at_list_without_history() -> None:
    api = costs(anchor(DAY, "10", at=5, listed={KEY: "8"}), usage(DAY, 3, "8"), usage(DAY, 5, "2.5"))

    found = api.between(instant(DAY), instant(DAY, 24))

    assert found.amount == nano_rounded(Decimal("12.5"))
    assert (found.reported, found.estimated) == (10 * DOLLAR, nano_rounded(Decimal("2.5")))
    assert found.finality == "estimated"


def test_usage_since_the_anchor_costs_what_the_last_days_cost_against_list() -> None:
    history = [
        record
        for ago in range(1, 4)
        for record in (
            anchor(DAY - timedelta(ago), "17", at=25, listed={KEY: "20"}, name="/closed"),
            cost(DAY - timedelta(ago), "17"),
            usage(DAY - timedelta(ago), 4, "20"),
        )
    ]
    api = costs(*history, anchor(DAY, "10", at=5, listed={KEY: "8"}), usage(DAY, 3, "8"), usage(DAY, 5, "2"))

    assert whole(DAY, api) == nano_rounded(Decimal("11.7"))


def test_what_usage_cannot_show_does_not_raise_the_rates() -> None:
    yesterday = DAY - timedelta(1)
    api = costs(
        anchor(yesterday, "120", at=25, listed={KEY: "20"}, name="/closed"),
        cost(yesterday, "20"),
        cost(yesterday, "100", cost_type="code_execution"),
        anchor(DAY, "0", at=5, listed={}),
        usage(DAY, 3, "4"),
    )

    assert whole(DAY, api) == 4 * DOLLAR


@pytest.mark.parametrize(("reported", "expected"), [("1", "0.3"), ("100", "1.5")])
def test_a_rate_stays_between_three_tenths_and_one_and_a_half(reported: str, expected: str) -> None:
    yesterday = DAY - timedelta(1)
    other = "other|output_tokens|standard|global|0-200k"
    api = costs(
        anchor(yesterday, reported, at=25, listed={KEY: "20", other: "0"}, name="/closed"),
        cost(yesterday, reported),
        cost(yesterday, "9", cost_type="web_search"),
        anchor(DAY, "0", at=5, listed={}),
        usage(DAY, 3, "1"),
    )

    assert whole(DAY, api) == nano_rounded(Decimal(expected))


def test_less_than_five_dollars_of_history_says_nothing() -> None:
    yesterday = DAY - timedelta(1)
    api = costs(
        anchor(yesterday, "4", at=25, listed={KEY: "8"}, name="/closed"),
        cost(yesterday, "4"),
        anchor(DAY, "0", at=5, listed={}),
        usage(DAY, 3, "1"),
    )

    assert whole(DAY, api) == DOLLAR


def test_usage_that_shrinks_never_takes_the_amount_below_the_anchor() -> None:
    api = costs(anchor(DAY, "10", at=5, listed={KEY: "8"}), usage(DAY, 3, "2"))

    assert whole(DAY, api) == 10 * DOLLAR


def test_unpriced_usage_is_flagged_until_the_day_is_closed() -> None:
    api = costs(anchor(DAY, "10", at=5, listed={KEY: None}), usage(DAY, 3, None))
    open_day = api.between(instant(DAY), instant(DAY, 24))
    api.add(anchor(DAY, "12", at=24.1, listed={KEY: None}, name="/closed"))
    closed = api.between(instant(DAY), instant(DAY, 24))

    assert (open_day.amount, open_day.flags, open_day.finality) == (10 * DOLLAR, ("unpriced_usage",), "estimated")
    assert (closed.amount, closed.flags, closed.finality) == (12 * DOLLAR, (), "provisional")


def test_priority_usage_is_flagged_because_no_report_shows_its_cost() -> None:
    api = costs(anchor(DAY, "0", at=5, listed={}), usage(DAY, 3, None, tier="priority"))

    assert api.between(instant(DAY), instant(DAY, 24)).flags == ("priority_usage",)


def test_a_day_is_spread_in_proportion_to_its_usage() -> None:
    api = costs(anchor(DAY, "12", at=24, listed={KEY: "4"}), usage(DAY, 3, "1"), usage(DAY, 20, "3"))

    assert api.between(instant(DAY, 3), instant(DAY, 4)).amount == 3 * DOLLAR
    assert api.between(instant(DAY, 20), instant(DAY, 21)).amount == 9 * DOLLAR
    assert api.between(instant(DAY, 4), instant(DAY, 20)).amount == 0


def test_cost_without_usage_is_spread_over_the_hours_that_have_begun() -> None:
    api = costs(anchor(DAY, "12", at=5.5, listed={}))

    assert [api.between(instant(DAY, h), instant(DAY, h + 1)).amount for h in (0, 5, 6)] == [2 * DOLLAR, 2 * DOLLAR, 0]


def test_an_ended_day_without_usage_is_spread_over_all_its_hours() -> None:
    api = costs(anchor(DAY, "24", at=25, listed={}, name="/closed"))

    assert {api.between(instant(DAY, h), instant(DAY, h + 1)).amount for h in range(24)} == {DOLLAR}


def test_a_day_whose_usage_was_not_read_yet_is_not_known() -> None:
    api = costs(anchor(DAY, "24", at=25, name="/closed"), cost(DAY, "24"))
    before = (
        api.between(instant(DAY, -5), instant(DAY, 19)),
        whole(DAY, api),
        api.unread(instant(DAY), instant(DAY, 24)),
    )

    api.add(usage(DAY, 3, "1"))
    api.add(anchor(DAY, "24", at=25.1, listed={KEY: "1"}, name="/closed"))

    assert before[0].amount is before[1] is None
    assert before[2] == [(DAY, "usage")]
    assert api.stretches(instant(DAY), instant(DAY, 24))[0].spread == "usage"
    assert api.between(instant(DAY, 3), instant(DAY, 4)).amount == 24 * DOLLAR
    assert api.unread(instant(DAY), instant(DAY, 24)) == []


def test_a_day_that_was_watched_until_a_pause_is_not_known_before_its_usage_is_read_to_its_end() -> None:
    api = costs(
        anchor(DAY, "2", at=9.9, listed={KEY: "1"}),
        usage(DAY, 3, "1"),
        anchor(DAY, "24", at=240, name="/closed"),
    )
    before = whole(DAY, api)

    api.add(usage(DAY, 20, "11"))
    api.add(anchor(DAY, "24", at=240.1, listed={KEY: "12"}, name="/closed"))

    assert before is None
    assert api.between(instant(DAY, 20), instant(DAY, 21)).amount == 22 * DOLLAR


def test_a_day_that_was_never_watched_is_known_by_its_usage_alone() -> None:
    api = costs(anchor(DAY, "24", at=240, name="/closed"), usage(DAY, 3, "1"))

    assert api.between(instant(DAY, 3), instant(DAY, 4)).amount == 24 * DOLLAR


def test_an_ended_day_that_cost_nothing_needs_no_usage() -> None:
    assert whole(DAY, costs(anchor(DAY, "0", at=25, name="/closed"))) == 0


def test_an_ended_day_that_is_reported_by_the_hour_needs_no_usage() -> None:
    api = costs(cost(DAY, "5", hour=2), cost(DAY, "7", hour=9), anchor(DAY, "12", at=25, name="/closed"))

    assert api.between(instant(DAY, 2), instant(DAY, 3)).amount == 5 * DOLLAR
    assert api.stretches(instant(DAY), instant(DAY, 24))[0].spread == "hours"


def test_cost_that_is_reported_by_the_hour_stays_in_its_hour() -> None:
    api = costs(
        cost(DAY, "5", hour=2),
        cost(DAY, "7", hour=9),
        anchor(DAY, "12", at=12, listed={KEY: "8"}),
        usage(DAY, 3, "8"),
        usage(DAY, 11, "1"),
    )

    assert api.between(instant(DAY, 2), instant(DAY, 3)).amount == 5 * DOLLAR
    assert whole(DAY, api) == 13 * DOLLAR


def test_a_day_that_began_after_the_last_answer_adds_nothing() -> None:
    api = costs(anchor(DAY, "24", at=23.9, listed={KEY: "1"}), usage(DAY, 3, "1"), usage(DAY + timedelta(1), 0, "5"))

    assert api.between(instant(DAY), instant(DAY, 48)).amount == 24 * DOLLAR


def test_a_day_is_final_after_a_month() -> None:
    old = DAY - timedelta(31)
    api = costs(anchor(old, "3", at=25, listed={}, name="/closed"), anchor(DAY, "1", at=3, listed={}))

    assert api.between(instant(old), instant(old, 24)).finality == "final"
    assert api.days()[0].finality == "final"
    assert api.days()[1].finality == "provisional"


def test_the_newest_reading_of_a_day_is_its_anchor() -> None:
    api = costs(
        anchor(DAY, "12", at=33, name="/restated"),
        anchor(DAY, "10", at=24.5, listed={KEY: "9"}, name="/closed"),
        anchor(DAY, "8", at=23.9, listed={KEY: "9"}),
    )

    assert whole(DAY, api) == 12 * DOLLAR


def test_drift_is_the_report_less_what_we_thought_when_the_day_ended() -> None:
    api = costs(
        anchor(DAY, "80", at=23.9, listed={KEY: "80"}),
        usage(DAY, 23, "90"),
        anchor(DAY, "100", at=24.5, listed={KEY: "90"}, name="/closed"),
        anchor(DAY, "101", at=33, name="/restated"),
    )

    (drift,) = api.drifts()

    assert (drift.reported, drift.estimate, drift.difference) == (101 * DOLLAR, 90 * DOLLAR, 11 * DOLLAR)
    assert drift.tolerance == nano_rounded(Decimal("5.05"))
    assert drift.restated_by == DOLLAR
    assert not drift.within


def test_a_day_that_was_never_watched_has_no_drift() -> None:
    (drift,) = costs(anchor(DAY, "100", at=240, name="/closed")).drifts()

    assert drift.estimate is None
    assert drift.within


def test_amounts_finer_than_a_nano_dollar_are_summed_before_they_are_rounded() -> None:
    api = costs(anchor(DAY, "132.00000000000045", at=25, listed={}), usage(DAY, 1, "0.0000000004"))

    assert whole(DAY, api) == 132 * DOLLAR


def test_an_unchanged_figure_is_answered_from_memory() -> None:
    api = costs(*month(Random(1)))
    first = api.between(instant(DAY, 5), instant(DAY, 29))

    again = api.between(instant(DAY, 5), instant(DAY, 29))

    assert again is first


def month(random: Random, first: date = DAY - timedelta(3), days: int = 5) -> list[Record]:
    """Make some days of costs, usage and anchors, with ragged amounts."""
    records = []
    for number in range(days):
        day = first + timedelta(number)
        hours = random.sample(range(24), random.randrange(0, 5))
        reported = Decimal(random.randrange(0, 10**17)).scaleb(-14)
        seen = Decimal(random.randrange(0, 10**7)).scaleb(-5)
        records += [usage(day, hour, str(Decimal(random.randrange(0, 10**9)).scaleb(-7))) for hour in hours]
        records += [
            cost(day, str(reported)),
            anchor(day, str(reported), at=25, listed={KEY: str(seen)}, name="/closed"),
        ]
        records.append(anchor(day, "1.5", at=23, listed={KEY: "0.5"}))
    return records


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_hours_of_a_day_add_up_to_it(random: Random) -> None:
    api = costs(*month(random))

    parts = [api.between(instant(DAY, h), instant(DAY, h + 1)).amount or 0 for h in range(24)]

    assert sum(parts) == whole(DAY, api)


@given(st.randoms(use_true_random=False), st.sampled_from(["America/New_York", "Asia/Kolkata", "Asia/Kathmandu"]))
@settings(max_examples=25, deadline=None)
def test_company_days_add_up_in_any_zone(random: Random, zone: str) -> None:
    api = costs(*month(random))
    calendar = Calendar(ZoneInfo(zone))
    start, middle = calendar.bounds(DAY)
    end = calendar.bounds(DAY + timedelta(1))[0]
    after = calendar.bounds(DAY + timedelta(1))[1]

    one, other, both = (
        api.between(a, b) for a, b in ((start, middle), (end, min(after, instant(DAY, 48))), (start, instant(DAY, 48)))
    )

    assert one.amount is not None
    assert other.amount is not None
    assert one.amount + api.between(end, instant(DAY, 48)).amount == both.amount  # type: ignore[operator]  # known above


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_a_company_day_of_23_or_25_hours_is_the_sum_of_its_hours(day: date, hours: int) -> None:
    api = costs(*month(Random(3), day - timedelta(1), 3))
    start, end = Calendar(ZoneInfo("America/New_York")).bounds(day)

    steps = [start + timedelta(hours=hour) for hour in range(hours + 1)]
    parts = [api.between(a, b).amount or 0 for a, b in itertools.pairwise(steps)]

    assert steps[-1] == end
    assert sum(parts) == api.between(start, end).amount


def test_half_an_hour_takes_half_of_an_hour() -> None:
    api = costs(anchor(DAY, "24", at=25, listed={}, name="/closed"))

    assert api.between(instant(DAY, 3.5), instant(DAY, 5)).amount == DOLLAR + DOLLAR // 2


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_order_and_repetition_change_nothing(random: Random) -> None:
    records = [*month(random), usage(DAY, 3, "7", version=2), usage(DAY, 3, "9", version=3), cost(DAY, "9", version=2)]
    shuffled = records * 2
    random.shuffle(shuffled)

    one, other = costs(*records), costs(*shuffled)

    assert one.days() == other.days()
    assert one.between(instant(DAY, 5), instant(DAY, 29)) == other.between(instant(DAY, 5), instant(DAY, 29))


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_no_day_is_below_its_anchor(random: Random) -> None:
    assert all(day.amount >= day.reported for day in costs(*month(random)).days())


@given(st.randoms(use_true_random=False), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_asking_in_between_changes_nothing(random: Random, when: Random) -> None:
    records, asked = month(random), ApiCosts()
    for record in records:
        asked.add(record)
        if when.random() < 0.5:
            asked.between(instant(DAY, 5), instant(DAY, 29))
            asked.days()
            asked.drifts()

    assert asked.days() == costs(*records).days()
    assert asked.drifts() == costs(*records).drifts()
