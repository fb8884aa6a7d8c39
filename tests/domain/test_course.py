"""The course of the net over a range: what its bars tell for certain, and how its days are counted."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.explain.course import CourseDay, Point, daily, deepest, fine, highest, lowest, profitable, shown
from pnl.domain.explain.nodes import Node, made

MIDNIGHT = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONEY = st.integers(-(10**6), 10**6)


def company_day(number: int, net: int | None, high: int | None = None, low: int | None = None) -> CourseDay:
    start = MIDNIGHT + number * DAY
    return CourseDay(day=start.date(), start=start, end=start + DAY, net=net, high=high, low=low)


def of_net(net: int) -> Callable[[], Node]:
    return lambda: Node(key="net", title="Net P&L", amount=net, rule="sum")


@given(st.lists(MONEY, min_size=1, max_size=30))
def test_of_single_snapshots_the_fall_is_the_largest_of_all_pairs(nets: list[int]) -> None:
    bars = shown([(MIDNIGHT + place * HOUR, net, net, net, net) for place, net in enumerate(nets)], HOUR)

    found = deepest(bars)

    largest = min(late - early for place, early in enumerate(nets) for late in nets[place:])
    assert (found[1].amount - found[0].amount if found else 0) == largest
    best, worst = highest(bars), lowest(bars)
    assert best
    assert worst
    assert (best.amount, worst.amount) == (max(nets), min(nets))


def test_within_a_stretch_a_fall_counts_only_as_far_as_it_is_certain() -> None:
    fell = deepest(shown([(MIDNIGHT, 0, 100, -40, 60)], HOUR))

    assert fell  # it may have gone down before it went up: 140 is not certain
    assert (fell[0].amount, fell[1].amount) == (0, -40)
    assert deepest(shown([(MIDNIGHT, 0, 9, 0, 9)], HOUR)) is None
    assert deepest(shown([(MIDNIGHT, None, None, None, None)], HOUR)) is None


def test_days_go_on_where_the_days_before_end_and_go_as_far_as_was_shown() -> None:
    days = [company_day(0, 100, high=130, low=-20), company_day(1, None), company_day(2, -50, high=10, low=-60)]

    first, second = daily(days)

    assert [point.amount for point in first] == [0, 130, -20, 100]
    assert [point.amount for point in second] == [100, 110, 40, 50]
    fall = deepest([first, second])
    assert fall
    assert (fall[0].amount, fall[1].amount) == (130, 40)
    peak, trough = fall
    assert peak.shown
    assert trough.shown
    assert (peak.before, peak.shown.amount, trough.before, trough.shown.amount) == (0, 130, 2, -60)


def test_an_end_that_was_never_shown_lies_at_the_edge_between_two_days() -> None:
    (bar,) = daily([company_day(0, 500, high=130, low=20)])

    assert bar.high == bar.close == Point(500, 1)
    assert bar.open == bar.low == Point(0, 0)


def test_weeks_begin_on_monday_and_hold_their_days_together() -> None:
    days = [company_day(number, net) for number, net in enumerate([5, -9, 2, 0, 0, 0, 1, 7])]

    weeks = daily(days, weekly=True)

    assert [[point.amount for point in week] for week in weeks] == [[0, 5, -4, -1], [-1, 6, -1, 6]]


def test_a_stretch_over_midnight_is_of_the_new_day_and_begins_at_its_edge() -> None:
    days = [company_day(0, 100), company_day(1, 7)]
    late = MIDNIGHT + DAY - 2 * HOUR

    bars = fine(days, [(MIDNIGHT, 0, 90, -5, 80), (late, 85, 999, -999, 3)], 4 * HOUR)

    assert [[point.amount for point in bar] for bar in bars] == [[0, 90, -5, 80], [100, 103, 100, 103]]
    closes = bars[1].close.shown
    assert closes
    assert (closes.since, closes.until, bars[1].close.before) == (MIDNIGHT + DAY, late + 4 * HOUR, 1)


def test_a_day_without_a_stretch_of_its_own_is_one_bar() -> None:
    days = [company_day(0, 100), company_day(1, -30), company_day(2, 5)]

    bars = fine(days, [(MIDNIGHT + 2 * DAY, 1, 2, 1, 2), (MIDNIGHT + 9 * DAY, 1, 1, 1, 1)], HOUR)

    assert [bar.close.amount for bar in bars] == [100, 70, 72]


@given(st.lists(st.one_of(st.none(), MONEY), min_size=1, max_size=150))
def test_days_above_zero_are_counted_in_every_month(nets: list[int | None]) -> None:
    start = date(2026, 1, 1)
    days = [(start + timedelta(days=place), net, of_net(net or 0)) for place, net in enumerate(nets)]

    root = profitable("profitable_days", "Profitable days", days)

    assert root.amount == sum(net > 0 for net in nets if net is not None)
    assert made(root.rule, root.children()) == root.amount
    for child in root.children():
        assert child.unit == ("usd" if root.rule == "count" else "days")
        if root.rule == "sum":
            assert made(child.rule, child.children()) == child.amount
    unknown = sum(net is None for net in nets)
    assert ("is not known" in root.note) == bool(unknown)
