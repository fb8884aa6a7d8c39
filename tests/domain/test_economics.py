"""API cost against results and a budget: exact sums, one rate, and a dash where a ratio says nothing."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.company_day import Calendar
from pnl.domain.economics import (
    NOTHING,
    Burn,
    DayResult,
    before,
    burn,
    day_result,
    month_of,
    needed_from,
    ratio,
)
from pnl.domain.money import DOLLAR, Nano, nano
from pnl.domain.snapshot import LINES

TODAY = date(2026, 11, 20)
HOURS = 3_600_000
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
ENDS = datetime(2026, 12, 1, 5, tzinfo=UTC)
CALENDAR = Calendar(ZoneInfo("America/New_York"))


def day(
    back: int,
    cost: str | None = "10",
    trading: str | None = "40",
    revenue: str | None = "100",
    *,
    hours: int = 24,
) -> DayResult:
    """Return the day so many days before today."""

    def amount(text: str | None) -> Nano | None:
        return None if text is None else nano(text)

    return DayResult(
        day=TODAY - timedelta(days=back),
        ms=hours * HOURS,
        cost=amount(cost),
        trading=amount(trading),
        revenue=amount(revenue),
    )


def month(*days: DayResult, today: DayResult, budget: str | None = None, as_of: datetime = NOON) -> Burn:
    limit = None if budget is None else nano(budget)
    earlier = before(sorted(days, key=lambda one: one.day), TODAY, limit)
    return burn(earlier, today, as_of=as_of, ends=ENDS, budget=limit, day_of=CALENDAR.day)


WEEK = [day(back) for back in range(1, 8)]


def test_the_month_goes_on_at_the_rate_of_the_last_seven_days() -> None:
    found = month(*WEEK, today=day(0, "4"))

    assert (found.cost, found.per_day) == (nano("74"), nano("10"))
    assert found.projected == nano("74") + nano("105")  # ten and a half days are left


def test_days_of_the_month_before_the_last_seven_count_in_the_month_and_not_in_the_rate() -> None:
    found = month(*WEEK, day(8, "1000"), today=day(0, "4"))

    assert (found.cost, found.per_day) == (nano("1074"), nano("10"))


def test_the_rate_may_come_from_the_month_before() -> None:
    first = date(2026, 11, 2)
    days = [
        DayResult(day=first - timedelta(days=back), ms=24 * HOURS, cost=nano("10"), trading=0, revenue=0)
        for back in range(1, 8)
    ]
    days.sort(key=lambda one: one.day)
    earlier = before(days, first, None)

    assert needed_from(first) == date(2026, 10, 26)
    assert (earlier.cost, earlier.rate_cost) == (nano("10"), nano("70"))


def test_a_day_of_25_hours_lasts_as_long() -> None:
    found = month(day(1, "25", hours=25), today=day(0, "0"))

    assert found.per_day == nano("24")


def test_a_budget_is_used_up_on_the_company_day_of_that_instant() -> None:
    # 74 are spent, 10 a day from noon on: 26 more last until 23 November, 2 in the morning.
    found = month(*WEEK, today=day(0, "4"), budget="100")

    assert (found.course, found.used_up_on) == ("this_month", date(2026, 11, 23))
    assert found.used == nano("0.74")
    assert found.projected_use == nano("1.79")


def test_a_budget_that_lasts_says_so() -> None:
    assert month(*WEEK, today=day(0, "4"), budget="179").course == "not_this_month"
    assert month(*WEEK, today=day(0, "4"), budget="178.99").course == "this_month"
    assert month(day(1, "0"), today=day(0, "0"), budget="1").course == "not_this_month"


def test_a_budget_that_is_gone_says_since_when() -> None:
    earlier = month(*WEEK, today=day(0, "4"), budget="30")
    today = month(*WEEK, today=day(0, "4"), budget="74")

    assert (earlier.course, earlier.used_up_on) == ("used_up", date(2026, 11, 15))
    assert (today.course, today.used_up_on) == ("used_up", TODAY)


def test_without_a_whole_day_there_is_no_rate() -> None:
    found = month(day(1, None), today=day(0, "4"), budget="100")

    assert (found.course, found.projected, found.per_day) == ("no_rate", None, None)
    assert (found.cost, found.used) == (nano("4"), nano("0.04"))


def test_a_day_that_is_not_known_is_counted_and_not_taken_for_nothing() -> None:
    found = before([day(2, None), day(1, "10")], TODAY, None)

    assert (found.cost, found.not_known) == (nano("10"), 1)
    assert (found.rate_cost, found.rate_ms) == (nano("10"), 24 * HOURS)


def test_a_ratio_is_of_the_days_of_which_both_are_known() -> None:
    found = before([day(3, "900", None), day(2, None, "900"), day(1, "10", "40")], TODAY, None)
    whole = ratio(found.trading, nano("2"), nano("8"))

    assert (whole.cost, whole.result, whole.days) == (nano("12"), nano("48"), 2)
    assert whole.ratio == nano("0.25")


def test_a_ratio_of_nothing_or_of_a_loss_is_a_dash_with_its_reason() -> None:
    assert ratio(NOTHING, nano("2"), 0).reason == "not_above_zero"
    assert ratio(NOTHING, nano("2"), nano("-8")).ratio is None
    assert ratio(NOTHING, None, nano("8")).reason == "cost_not_known"
    assert ratio(NOTHING, nano("2"), None).reason == "result_not_known"
    assert ratio(NOTHING, 0, nano("8")).ratio == 0


def test_trading_counts_after_fees_and_revenue_after_what_it_costs() -> None:
    lines: dict[str, Nano | None] = {name: (place + 1) * DOLLAR for place, name in enumerate(LINES)}
    lines["api_cost"] = -nano("3")
    found = day_result(TODAY, 0, lines)

    assert found.cost == nano("3")
    assert found.trading == nano("7") + nano("8") + nano("9")
    assert found.revenue == nano("1") + nano("2") + nano("3") + nano("4")
    assert day_result(TODAY, 0, {**lines, "trading_fees": None}).trading is None


def test_months_are_of_the_calendar() -> None:
    assert month_of(date(2026, 12, 31)) == (date(2026, 12, 1), date(2027, 1, 1))
    assert month_of(date(2028, 2, 29)) == (date(2028, 2, 1), date(2028, 3, 1))


costs = st.one_of(st.none(), st.integers(0, 500 * DOLLAR))


@given(st.lists(costs, max_size=19), costs, st.integers(1, 3000 * DOLLAR), st.integers(0, 23 * 3600))
def test_the_budget_lasts_exactly_until_what_is_projected_reaches_it(
    spent: list[Nano | None], today: Nano | None, budget: Nano, seconds: int
) -> None:
    days = [
        DayResult(day=TODAY - timedelta(days=len(spent) - n), ms=24 * HOURS, cost=cost, trading=None, revenue=None)
        for n, cost in enumerate(spent)
    ]
    now = DayResult(day=TODAY, ms=0, cost=today, trading=None, revenue=None)
    as_of = CALENDAR.bounds(TODAY)[0] + timedelta(seconds=seconds)
    earlier = before(days, TODAY, budget)
    found = burn(earlier, now, as_of=as_of, ends=ENDS, budget=budget, day_of=CALENDAR.day)
    known = [cost for cost in [*spent, today] if cost is not None]

    assert found.cost == (sum(known) if known else None)
    if found.course == "used_up":
        assert (found.cost or 0) >= budget
        assert found.used_up_on is not None
        assert found.used_up_on <= TODAY
    elif found.projected is not None:
        assert (found.cost or 0) < budget
        # Half a nano-dollar is the rounding of the projection.
        assert (found.projected >= budget) == (found.course == "this_month") or found.projected == budget
    if found.course == "this_month":
        assert found.used_up_on is not None
        assert TODAY <= found.used_up_on < date(2026, 12, 1)
