"""The month's uptime against its budget, over both databases, and as an operator asks for it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.cli import main
from pnl.ops.sla import STILL, Uptime, _before, lines, spelled, uptime
from pnl.ports import Gap
from pnl.store import SqlStore
from tests.store.making import START, a_snapshot, a_tick, at

MONTH = (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC))
"""November in New York, whose summer time ends on its first day."""
OCTOBER = (datetime(2026, 10, 1, 4, tzinfo=UTC), MONTH[0])
PROMISED = Decimal("0.999")
GUIDE = ((9, 2, 11, 10), (17, 20, 4, 50))
"""When the two gaps of the example in the guide begin."""
LAST = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=10)
MIDDLE = LAST.replace(day=15)
"""A day of a month that is over, whenever this runs: the command asks the clock."""


def keep(store: SqlStore, seq: int, after: float, *, gap: Gap | None = None, pace: int = 10) -> None:
    """Keep a tick at some seconds after the start of all tests."""
    store.keep(replace(a_tick(seq, gap=gap), snapshot=a_snapshot(seq, after=after), interval_seconds=pace))


def a_gap(since: float, until: float, missed: int, reason: str = "the product was not running") -> Gap:
    return Gap(since=at(since), until=at(until), missed=missed, reason=reason)


def of(store: SqlStore, now: float, bounds: tuple[datetime, datetime] = MONTH) -> Uptime:
    found = uptime(store, date(2026, 11, 1), bounds, now=at(now), target=PROMISED)
    assert found
    return found


def test_a_month_without_a_gap_is_whole(store: SqlStore) -> None:
    for seq in range(1, 7):
        keep(store, seq, 10 * seq)

    found = of(store, 65)

    assert (found.expected, found.made, found.missed) == (6, 6, 0)
    assert (found.percent, found.kept) == (Decimal("100.000"), True)
    assert found.since == at(10)
    assert found.left == found.budget


def test_the_ticks_of_a_gap_are_missed_and_its_reason_is_told(store: SqlStore) -> None:
    keep(store, 1, 0)
    keep(store, 2, 600, gap=a_gap(0, 600, 59))
    keep(store, 3, 610)

    found = of(store, 612)

    assert (found.expected, found.made, found.missed) == (62, 3, 59)
    assert found.percent == Decimal("3.594")  # 22 s of 612 s
    assert found.lost == timedelta(seconds=590)
    assert [(outage.missed, outage.reason) for outage in found.outages] == [(59, "the product was not running")]


def test_the_budget_is_of_the_month_from_the_first_snapshot_on(store: SqlStore) -> None:
    keep(store, 1, 0)

    found = of(store, 5)

    assert found.budget == (MONTH[1] - START) / 1000


def test_a_gap_over_the_end_of_a_month_is_shared_by_both(store: SqlStore) -> None:
    before = (MONTH[0] - START).total_seconds() - 105
    keep(store, 1, before)
    keep(store, 2, before + 310, gap=a_gap(before, before + 310, 30))

    october, november = of(store, before + 311, OCTOBER), of(store, before + 311)

    assert (october.missed, november.missed) == (10, 20)
    assert (october.made, november.made) == (1, 1)


def test_a_product_that_does_not_tick_now_is_missing_ticks_already(store: SqlStore) -> None:
    keep(store, 1, 0)

    found = of(store, 3_600)

    assert [(outage.missed, outage.reason) for outage in found.outages] == [(359, STILL)]
    assert found.until == at(3_600)
    assert not of(store, 19).outages


def test_what_a_gap_costs_is_counted_by_the_pace_of_its_time(store: SqlStore) -> None:
    keep(store, 1, 0)
    keep(store, 2, 60, pace=60)
    keep(store, 3, 660, gap=a_gap(60, 660, 9), pace=60)

    assert of(store, 661).lost == timedelta(minutes=9)


def test_the_percentage_is_of_time_however_often_the_ticks_were_made(store: SqlStore) -> None:
    for seq in range(1, 13):
        keep(store, seq, 10 * (seq - 1))
    keep(store, 13, 170, pace=60)
    keep(store, 14, 230, pace=60)
    keep(store, 15, 315, gap=a_gap(230, 315, 84), pace=1)
    for seq in range(16, 37):
        keep(store, seq, 300 + seq, pace=1)

    found = of(store, 336.5)

    assert (found.made, found.missed) == (36, 84)
    assert (found.lost, found.until - found.since) == (timedelta(seconds=84), timedelta(seconds=336.5))
    assert found.percent == Decimal("75.037")


def test_the_whole_budget_spent_is_the_promised_percentage(store: SqlStore) -> None:
    first = (MONTH[0] - START).total_seconds()
    keep(store, 1, first)
    lost = (MONTH[1] - MONTH[0]) // timedelta(seconds=1000)
    keep(store, 2, first + lost + 5, gap=a_gap(first, first + lost + 5, lost // 5), pace=5)
    for seq, day in enumerate(range(1, 31), 3):
        keep(store, seq, first + 86_400 * day, pace=86_400)

    found = of(store, (MONTH[1] - START).total_seconds())

    assert (found.left, found.percent) == (timedelta(seconds=0.6), Decimal("99.900"))


def test_the_example_of_the_guide_is_what_is_told(store: SqlStore) -> None:
    begun = (MONTH[0] - START).total_seconds()
    away, late = ((datetime(2026, 11, *when, tzinfo=UTC) - START).total_seconds() for when in GUIDE)
    keep(store, 1, begun)
    keep(store, seq := 1 + int(away - begun) // 10, away)
    keep(store, seq + 1, away + 1_810, gap=a_gap(away, away + 1_810, 180))
    keep(store, seq := seq + 1 + int(late - away - 1_810) // 10, late)
    keep(store, seq + 1, late + 90, gap=a_gap(late, late + 90, 8, "no tick was made in time"))
    now = (datetime(2026, 11, 29, 14, 3, 51, tzinfo=UTC) - START).total_seconds()
    keep(store, seq + 1 + int(now - late - 90) // 10, now - 1)

    told = "\n".join(lines(of(store, now)))

    page = Path(__file__).parents[2] / "docs" / "how-to" / "tell-the-uptime.md"
    assert f"```\n{told}\n```" in page.read_text()


def test_a_budget_is_overdrawn_by_what_was_lost_beyond_it(store: SqlStore) -> None:
    keep(store, 1, 0)
    keep(store, 2, 3_610, gap=a_gap(0, 3_610, 360, "no tick was made in time"))

    found = of(store, 3_611)

    assert not found.kept
    assert found.left == found.budget - timedelta(hours=1)
    told = "\n".join(lines(found))
    assert "overdrawn by 18 min" in told
    assert "no tick was made in time" in told


def test_a_month_of_which_nothing_is_kept_has_no_uptime(store: SqlStore) -> None:
    assert uptime(store, date(2026, 11, 1), MONTH, now=at(0), target=PROMISED) is None
    keep(store, 1, 0)

    assert uptime(store, date(2026, 10, 1), OCTOBER, now=at(5), target=PROMISED) is None


@given(st.integers(1, 500), st.integers(1, 7), st.integers(-1_000, 6_000), st.integers(0, 3_000))
def test_two_stretches_that_meet_share_what_was_missed(missed: int, pace: int, first: int, more: int) -> None:
    gap = a_gap(0, pace * (missed + 1), missed)
    apart = timedelta(seconds=pace)
    due = [at(pace * number) for number in range(1, missed + 1)]

    for instant in (at(first), at(first + more)):
        assert _before(gap, apart, instant) == sum(one < instant for one in due)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=43, seconds=12), "43 min 12 s"),
        (timedelta(days=1, hours=2), "1 d 2 h"),
    ],
)
def test_a_stretch_of_time_is_told_in_words(time: timedelta, text: str) -> None:
    assert spelled(time) == text


class TestCommand:
    @pytest.fixture(autouse=True)
    def _archive(self, store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        begun = (MIDDLE - START).total_seconds()
        keep(store, 1, begun)
        keep(store, 2, begun + 600, gap=a_gap(begun, begun + 600, 59))
        monkeypatch.setenv("PNL_DATABASE_URL", url)

    def test_it_tells_the_month_and_says_by_its_code_that_the_budget_is_overdrawn(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        code = main(["sla", "--month", f"{MIDDLE:%Y-%m}", "--target", "99.99"])

        out = capfd.readouterr().out
        assert code == 1
        assert out.startswith(f"{MIDDLE:%Y-%m}, from {MIDDLE:%Y-%m-%d}T00:00:00Z to ")
        assert "promised are 99.99 %" in out
        assert "the product was not running" in out

    def test_programs_get_json(self, capfd: pytest.CaptureFixture[str]) -> None:
        main(["sla", "--month", f"{MIDDLE:%Y-%m}", "--json"])

        told = json.loads(capfd.readouterr().out)
        assert (told["made"], told["outages"][0]["missed"], told["target"]) == (2, 59, "99.9")

    def test_a_month_of_which_nothing_is_kept_is_said_to_be_none(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["sla", "--month", "1999-10"]) == 1

        assert capfd.readouterr().out == "Nothing of 1999-10 is kept.\n"

    @pytest.mark.parametrize(
        ("name", "value", "cure"),
        [
            ("--month", "November", "is no month, such as 2026-11"),
            ("--month", "2026-13", "is no month, such as 2026-11"),
            ("--target", "100", "is no percentage above 0 and below 100"),
            ("--target", "0", "is no percentage above 0 and below 100"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, name: str, value: str, cure: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit):
            main(["sla", name, value])

        assert cure in capfd.readouterr().err
