"""The course of the net over a range: what its bars tell for certain, and how its days are counted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.explain.course import CourseDay, Point, daily, deepest, highest, lowest, profitable
from pnl.domain.explain.nodes import Node, made

MIDNIGHT = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
MONEY = st.integers(-(10**6), 10**6)


def company_day(number: int, net: int | None, high: int | None = None, low: int | None = None) -> CourseDay:
    start = MIDNIGHT + number * DAY
    return CourseDay(day=start.date(), start=start, end=start + DAY, net=net, high=high, low=low)


def of_net(net: int) -> Callable[[], Node]:
    return lambda: Node(key="net", title="Net P&L", amount=net, rule="sum")


def never(_number: int) -> None:
    """Tell of no day how far it fell within."""


@given(st.lists(st.tuples(MONEY, st.lists(MONEY, max_size=6)), min_size=1, max_size=8))
def test_the_fall_is_the_largest_of_all_pairs_of_snapshots_and_midnights(told: list[tuple[int, list[int]]]) -> None:
    days, course, total = [], [0], 0
    falls: dict[int, tuple[Point, Point]] = {}
    for number, (net, shown) in enumerate(told):
        days.append(company_day(number, net, max(shown, default=None), min(shown, default=None)))
        pairs = [(early, late) for place, early in enumerate(shown) for late in shown[place + 1 :] if late < early]
        if pairs:
            peak, trough = min(pairs, key=lambda pair: pair[1] - pair[0])
            falls[number] = Point(total + peak, number), Point(total + trough, number)
        course += [total + one for one in shown]
        total += net
        course.append(total)

    bars = daily(days)
    found = deepest(bars, falls.get)

    largest = min(late - early for place, early in enumerate(course) for late in course[place:])
    assert (found[1].amount - found[0].amount if found else 0) == largest
    best, worst = highest(bars), lowest(bars)
    assert best
    assert worst
    assert (best.amount, worst.amount) == (max(course), min(course))


def test_only_days_that_may_have_fallen_further_are_asked_how_far() -> None:
    days = [company_day(0, 100, high=130, low=90), company_day(1, -50, high=10, low=-60), company_day(2, 5, 6, 4)]
    asked: list[int] = []

    def within(number: int) -> None:
        asked.append(number)

    deepest(daily(days), within)

    assert asked == [0]


def test_days_go_on_where_the_days_before_end_and_go_as_far_as_was_shown() -> None:
    days = [company_day(0, 100, high=130, low=-20), company_day(1, None), company_day(2, -50, high=10, low=-60)]

    first, second = daily(days)

    assert [point.amount for point in first[:4]] == [0, 130, -20, 100]
    assert [point.amount for point in second[:4]] == [100, 110, 40, 50]
    fall = deepest([first, second], never)
    assert fall
    assert (fall[0].amount, fall[1].amount) == (130, 40)
    peak, trough = fall
    assert peak.shown
    assert trough.shown
    assert (peak.before, peak.shown.amount, trough.before, trough.shown.amount) == (0, 130, 2, -60)


def test_what_a_day_was_restated_by_is_no_fall() -> None:
    days = [company_day(0, 100, high=130, low=-20), company_day(1, -50, high=10, low=-60)]
    days = [replace(days[0], net=-900, ended=100), replace(days[1], ended=-50)]

    fall = deepest(daily(days, falls=True), never)

    assert fall
    peak, trough = fall
    assert (peak.amount, trough.amount) == (130, -960)
    assert trough.level - peak.level == -90
    assert trough.restated - peak.restated == -1000


def test_an_end_that_was_never_shown_lies_at_the_edge_between_two_days() -> None:
    (bar,) = daily([company_day(0, 500, high=130, low=20)])

    assert bar.high == bar.close == Point(500, 1)
    assert bar.open == bar.low == Point(0, 0)


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
