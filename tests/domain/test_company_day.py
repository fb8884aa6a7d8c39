"""The company day through daylight saving."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.company_day import Calendar

ZONES = ["America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 20), 24)])
def test_a_day_has_the_hours_that_the_clock_gives_it(day: date, hours: int) -> None:
    start, end = Calendar(ZoneInfo("America/New_York")).bounds(day)

    assert end - start == timedelta(hours=hours)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001 - made aware below
def test_every_instant_is_in_the_one_day_that_bounds_it(naive: datetime, zone: str) -> None:
    at, calendar = naive.replace(tzinfo=UTC), Calendar(ZoneInfo(zone))

    start, end = calendar.bounds(calendar.day(at))

    assert start <= at < end


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES))
def test_days_follow_each_other_without_a_gap(day: date, zone: str) -> None:
    calendar = Calendar(ZoneInfo(zone))

    assert calendar.bounds(day)[1] == calendar.bounds(day + timedelta(days=1))[0]
