"""Anthropic's reports, read a request a minute: what is asked, what comes of it, and what may go wrong."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from pnl.domain.apicost import ApiCosts
from pnl.domain.money import DOLLAR, nano_rounded
from pnl.domain.records import Anchor, Cost, Record, Usage
from pnl.errors import (
    SourceBroken,
    SourceBusy,
    SourceError,
    SourceGarbled,
    SourceRefused,
    SourceRejected,
    SourceUnreachable,
)
from pnl.ports import Reading
from pnl.sources.anthropic.source import AnthropicSource
from tests.sources.anthropic.organisation import ADMIN_KEY, DAY, HOUR, START, MovedClock, Organisation, failure

TODAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def organisation(clock: MovedClock) -> Organisation:
    made = Organisation(clock)
    for days in range(10):
        made.use(TODAY - days * DAY + 3 * HOUR, 1_000_000)
    return made


class Run:
    """Reads a source again and again, with what a store and the domain would make of it."""

    def __init__(self, source: AnthropicSource, clock: MovedClock) -> None:
        self.source, self.clock = source, clock
        self.cursor: str | None = None
        self.costs = ApiCosts()
        self.newest: dict[tuple[str, str], Record] = {}

    async def read(self, minutes: int = 1) -> Reading:
        """Read once, and let a minute go by `minutes` times, reading after each."""
        for number in range(minutes):
            if number:
                self.clock.at += timedelta(minutes=1)
            found = await self.source.read(self.cursor)
            self.cursor = found.cursor
            for record in found.records:
                self.costs.add(record)
                self.newest[record.kind, record.id] = record
        self.clock.at += timedelta(minutes=1)
        return found

    def amount(self, day: datetime) -> int | None:
        return self.costs.between(day, day + DAY).amount


@pytest.fixture
def run(organisation: Organisation, clock: MovedClock) -> Run:
    return Run(organisation.source(), clock)


async def test_the_first_reading_asks_for_cost_then_usage_at_once(organisation: Organisation, run: Run) -> None:
    await run.read()

    cost, usage = organisation.seen
    assert cost.url.path == "/v1/organizations/cost_report"
    assert cost.url.params["starting_at"] == "2026-10-21T00:00:00Z"
    assert cost.url.params["ending_at"] == "2026-11-21T00:00:00Z"
    assert cost.url.params.get_list("group_by[]") == ["workspace_id", "description"]
    assert usage.url.params["starting_at"] == "2026-11-14T00:00:00Z"
    assert usage.url.params["ending_at"] == "2026-11-20T15:00:00Z"
    assert usage.url.params.get_list("group_by[]") == ["model", "service_tier", "context_window", "inference_geo"]


async def test_cents_become_dollars_once(run: Run) -> None:
    found = await run.read()

    costs = [r.fact for r in found.records if isinstance(r.fact, Cost)]
    assert {cost.amount for cost in costs} == {Decimal(20)}
    assert run.amount(TODAY) == 20 * DOLLAR


async def test_the_round_is_one_cost_and_four_usages_a_request_a_minute(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=11)

    paths = organisation.paths()
    assert paths[:3] == ["cost_report", "messages", "cost"]  # the burst, then the one try of the analytics API
    assert paths[3:7] == ["messages", "messages", "messages", "cost_report"]
    assert len(paths) == 12
    assert paths[7:] == ["messages"] * 4 + ["cost_report"]


async def test_a_server_with_the_two_legacy_reports_alone_is_enough(run: Run) -> None:
    found = await run.read(minutes=3)

    assert found.facts["mode"] == "legacy: the analytics API answers 404"


async def test_an_organisation_that_is_not_enrolled_is_read_by_the_legacy_reports(
    organisation: Organisation, run: Run
) -> None:
    organisation.override = lambda request: (
        failure(403, "permission_error", "no beta", "organization_not_enrolled_in_beta")
        if "analytics" in request.url.path
        else None
    )

    found = await run.read(minutes=6)

    assert found.facts["mode"] == "legacy: the analytics API answers 403"


async def test_the_analytics_api_is_tried_again_after_a_day(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=5)
    before = organisation.paths().count("cost")
    run.clock.at += timedelta(minutes=20)
    await run.read(minutes=24 * 60)

    assert (before, organisation.paths().count("cost")) == (1, 2)


async def test_usage_after_the_cost_is_added_within_a_minute(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=3)
    organisation.use(TODAY + 14 * HOUR, 500_000)

    await run.read()

    found = run.costs.between(TODAY, TODAY + DAY)
    assert found.amount == 30 * DOLLAR
    assert (found.reported, found.finality) == (20 * DOLLAR, "estimated")


async def test_the_next_cost_takes_the_place_of_the_estimate(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=3)
    organisation.use(TODAY + 14 * HOUR, 500_000, cents="700")
    await run.read(minutes=3)

    found = run.costs.between(TODAY, TODAY + DAY)
    assert (found.amount, found.estimated, found.finality) == (27 * DOLLAR, 0, "provisional")


async def test_a_quick_restart_asks_for_nothing(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=3)
    run.clock.at -= timedelta(seconds=30)
    asked = len(organisation.seen)

    found = await organisation.source().read(run.cursor)

    assert len(organisation.seen) == asked
    assert (found.cursor, found.records) == (run.cursor, ())


async def test_a_restart_goes_on_with_the_round(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=3)
    run.source = organisation.source()
    await run.read(minutes=3)

    assert organisation.paths().count("cost_report") == 2


async def test_after_a_long_pause_everything_open_is_read_at_once(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=3)
    organisation.seen.clear()
    run.clock.at += timedelta(days=3)

    await run.read()

    assert organisation.paths() == ["cost_report", "messages"]


async def test_a_month_of_cost_is_read_again_every_six_hours_and_after_midnight(
    organisation: Organisation, run: Run
) -> None:
    await run.read(minutes=60 * 11)

    starts = [r.url.params["starting_at"] for r in organisation.seen if r.url.path.endswith("cost_report")]
    assert [start for start in starts if not start.startswith("2026-11")] == [
        "2026-10-21T00:00:00Z",
        "2026-10-21T00:00:00Z",
        "2026-10-22T00:00:00Z",
    ]


async def test_the_hourly_usage_of_older_days_is_read_a_week_at_a_time(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=20)

    starts = {r.url.params["starting_at"][:10] for r in organisation.seen if r.url.path.endswith("messages")}
    assert starts == {"2026-11-14", "2026-11-19", "2026-11-07", "2026-10-31", "2026-10-24", "2026-10-21"}
    assert ("usage", "2026-11-11T03|claude-opus-5-5|standard|0-200k|global") in run.newest


async def test_the_burst_of_the_first_reading_reads_the_usage_of_all_days_whose_cost_it_read(
    organisation: Organisation, run: Run
) -> None:
    quiet = TODAY - 20 * DAY
    organisation.cents[quiet + HOUR] = [({"description": "Code Execution Usage", "cost_type": "code_execution"}, "240")]
    known, caught_up = [], []
    for _ in range(5):
        found = await run.source.read(run.cursor)
        run.cursor = found.cursor
        for record in found.records:
            run.costs.add(record)
        known.append([run.amount(TODAY - ago * DAY) is not None for ago in (0, 6, 9)])
        caught_up.append(found.caught_up)

    assert organisation.paths() == ["cost_report", *["messages"] * 5]
    assert known == [[True, True, False], *[[True, True, True]] * 4]
    assert caught_up == [False, False, False, False, True]
    assert run.amount(quiet) == nano_rounded(Decimal("2.4"))
    assert {one.spread for one in run.costs.stretches(quiet, quiet + DAY)} == {"evenly"}
    assert all(run.amount(TODAY - ago * DAY) is not None for ago in range(31))


async def test_a_failure_ends_the_burst_and_the_rest_comes_at_the_pace(organisation: Organisation, run: Run) -> None:
    first = await run.source.read(run.cursor)
    organisation.override = lambda _: failure(529, "overloaded_error", "Overloaded")
    with pytest.raises(SourceBroken):
        await run.source.read(first.cursor)
    organisation.override = lambda _: None
    run.cursor = first.cursor
    run.clock.at += timedelta(minutes=1)
    organisation.seen.clear()

    later = await run.read()

    assert later.caught_up
    assert organisation.paths() == ["cost"]  # the round goes on where it would have


async def test_a_day_of_work_ends_at_what_was_reported(organisation: Organisation, run: Run) -> None:
    for _ in range(24 * 60):
        now = run.clock.at.replace(minute=0, second=0)
        if run.clock.at.minute == 30:
            organisation.use(now, 100_000, cents="177.7")
        await run.read()

    reported = sum(
        (Decimal(c) for hour, rows in organisation.cents.items() if hour.date() == TODAY.date() for _, c in rows),
        Decimal(0),
    )
    assert run.amount(TODAY) == nano_rounded(reported / 100)
    drift = next(drift for drift in run.costs.drifts() if drift.day == TODAY.date())
    assert drift.estimate is not None
    assert drift.within


async def test_after_a_restart_the_records_alone_give_the_same_figures(organisation: Organisation, run: Run) -> None:
    await run.read(minutes=3)
    organisation.use(TODAY + 14 * HOUR, 500_000)
    await run.read(minutes=2)

    again = ApiCosts()
    for record in run.newest.values():
        again.add(record)

    assert again.days() == run.costs.days()


async def test_a_row_that_vanishes_becomes_nothing_even_after_a_restart(organisation: Organisation, run: Run) -> None:
    hour = TODAY + 13 * HOUR
    organisation.use(hour, 1000, model="claude-sonnet-5-5")
    await run.read(minutes=3)
    organisation.used.pop(hour)
    organisation.cents.pop(hour)
    run.source = organisation.source()

    await run.read(minutes=4)

    usage = run.newest["usage", "2026-11-20T13|claude-sonnet-5-5|standard|0-200k|global"].fact
    cost = run.newest["cost", "2026-11-20||claude-sonnet-5-5|output_tokens|tokens|standard|0-200k|global"].fact
    assert isinstance(usage, Usage)
    assert isinstance(cost, Cost)
    assert not usage.tokens
    assert cost.amount == 0


async def test_a_day_is_closed_after_its_end_and_restated_when_it_changes_later(
    organisation: Organisation, run: Run
) -> None:
    await run.read(minutes=3)
    run.clock.at = datetime(2026, 11, 21, 0, 1, tzinfo=UTC)
    await run.read(minutes=10)
    organisation.cents[TODAY + 3 * HOUR].append((organisation.cents[TODAY + 3 * HOUR][0][0], "500"))
    run.clock.at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    await run.read(minutes=10)

    anchors = {r.id: r.fact.reported for r in run.newest.values() if isinstance(r.fact, Anchor)}
    assert anchors["2026-11-20"] == anchors["2026-11-20/closed"] == 20
    assert anchors["2026-11-20/restated"] == 25
    drift = next(drift for drift in run.costs.drifts() if drift.day == date(2026, 11, 20))
    assert drift.restated_by == 5 * DOLLAR


async def test_an_unchanged_day_is_anchored_once(run: Run) -> None:
    await run.read(minutes=20)

    found = [await run.read() for _ in range(10)]

    assert [r.id for reading in found for r in reading.records if r.kind == "anchor"] == []


async def test_the_analytics_api_anchors_the_usage_to_its_watermark(organisation: Organisation, run: Run) -> None:
    organisation.analytics, organisation.refreshed = True, TODAY + 10 * HOUR
    organisation.use(TODAY + 9 * HOUR, 100_000)
    organisation.use(TODAY + 12 * HOUR, 200_000)

    found = await run.read(minutes=3)

    assert found.facts == {"mode": "analytics", "cost complete to": "2026-11-20T10:00:00+00:00"}
    today = run.costs.between(TODAY, TODAY + DAY)
    assert (today.reported, today.amount) == (22 * DOLLAR, 26 * DOLLAR)
    assert run.costs.between(TODAY + 9 * HOUR, TODAY + 10 * HOUR).amount == 2 * DOLLAR


async def test_hourly_cost_takes_the_place_of_the_daily_rows(organisation: Organisation, run: Run) -> None:
    organisation.analytics, organisation.refreshed = True, START - timedelta(hours=4)
    await run.read(minutes=60)

    by_day: dict[date, Decimal] = {}
    for record in run.newest.values():
        if isinstance(record.fact, Cost):
            day = record.fact.start.date()
            by_day[day] = by_day.get(day, Decimal(0)) + record.fact.amount
    assert {amount for day, amount in by_day.items() if day >= date(2026, 11, 11)} == {Decimal(20)}


async def test_an_unmoved_watermark_is_not_asked_for_in_the_next_quarter(organisation: Organisation, run: Run) -> None:
    organisation.analytics, organisation.refreshed = True, START - timedelta(hours=4)
    await run.read(minutes=60)
    organisation.seen.clear()

    await run.read(minutes=60)

    assert 2 <= organisation.paths().count("cost") <= 4


async def test_a_day_that_began_after_the_watermark_is_an_estimate(organisation: Organisation, run: Run) -> None:
    organisation.analytics, organisation.refreshed = True, TODAY - 2 * HOUR
    await run.read(minutes=3)

    found = run.costs.between(TODAY, TODAY + DAY)
    assert (found.amount, found.reported, found.finality) == (20 * DOLLAR, 0, "estimated")


async def test_the_pages_of_a_report_are_put_together(organisation: Organisation, run: Run) -> None:
    organisation.page_size = 20

    await run.read()

    assert run.amount(TODAY - 5 * DAY) == 20 * DOLLAR
    assert len(organisation.seen) == 2 + 8


async def test_analytics_alone_reads_a_month_in_parts(organisation: Organisation, clock: MovedClock) -> None:
    organisation.analytics, organisation.refreshed = True, START - timedelta(hours=1)
    run = Run(organisation.source("analytics"), clock)

    await run.read(minutes=30)

    assert "cost_report" not in organisation.paths()
    starts = {r.url.params["starting_at"][:10] for r in organisation.seen if r.url.path.endswith("analytics/cost")}
    assert {"2026-10-21", "2026-10-29", "2026-11-06", "2026-11-14"} <= starts
    assert run.amount(TODAY - 8 * DAY) == 20 * DOLLAR


async def test_a_watermark_that_is_not_there_yet_leaves_the_legacy_reports(
    organisation: Organisation, run: Run
) -> None:
    organisation.analytics = True

    found = await run.read(minutes=4)

    assert found.facts["mode"] == "legacy: the analytics API has nothing yet"


async def test_a_failed_try_of_the_analytics_api_is_made_again_within_the_hour(
    organisation: Organisation, run: Run
) -> None:
    organisation.override = lambda r: httpx.Response(500) if "analytics" in r.url.path else None
    found = await run.read(minutes=3)
    organisation.override = lambda _: None
    organisation.analytics, organisation.refreshed = True, START
    later = await run.read(minutes=70)

    assert found.facts["mode"] == "legacy: the analytics API failed (SourceBroken)"
    assert later.facts["mode"] == "analytics"


async def test_being_told_to_slow_down_while_trying_the_analytics_api_is_an_error(
    organisation: Organisation, run: Run
) -> None:
    await run.read()
    organisation.override = lambda _: failure(429, "rate_limit_error", "slow down")

    with pytest.raises(SourceBusy, match="slow down"):
        await run.read()


async def test_a_cursor_that_expires_twice_is_a_failure_of_the_server(organisation: Organisation, run: Run) -> None:
    organisation.page_size = 25
    organisation.override = lambda r: httpx.Response(410) if "page" in r.url.params else None

    with pytest.raises(SourceBroken, match="expired twice"):
        await run.read()


@pytest.mark.parametrize("bad", [{"output_tokens": -1}, {"output_tokens": 1.5}, {"model": 7}])
async def test_usage_that_cannot_be_counted_is_refused(
    organisation: Organisation, run: Run, bad: dict[str, object]
) -> None:
    organisation.used[TODAY] = [bad]

    with pytest.raises(SourceGarbled, match=r"data\["):
        await run.read()


async def test_a_page_set_that_breaks_off_changes_nothing(organisation: Organisation, run: Run) -> None:
    organisation.page_size = 20
    organisation.override = lambda r: httpx.Response(200, text="{") if "page" in r.url.params else None

    with pytest.raises(SourceGarbled):
        await run.read()


async def test_a_cursor_that_comes_twice_is_an_error(organisation: Organisation, run: Run) -> None:
    organisation.override = lambda _: httpx.Response(200, json={"data": [], "has_more": True, "next_page": "p"})

    with pytest.raises(SourceGarbled, match="came twice"):
        await run.read()


async def test_more_than_twenty_pages_are_an_error(organisation: Organisation, run: Run) -> None:
    organisation.page_size = 1

    with pytest.raises(SourceGarbled, match="more than 20 pages"):
        await run.read()


async def test_an_expired_cursor_begins_again_once(organisation: Organisation, run: Run) -> None:
    organisation.page_size = 25
    gone: list[str] = []

    def expire(request: httpx.Request) -> httpx.Response | None:
        if "page" in request.url.params and not gone:
            gone.append(request.url.path)
            return failure(410, "invalid_request_error", "cursor expired")
        return None

    organisation.override = expire

    await run.read()

    assert run.amount(TODAY) == 20 * DOLLAR


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"amount": 12.5, "currency": "USD"}, "amount"),
        ({"amount": "12.5", "currency": "EUR"}, "EUR"),
        ({"currency": "USD"}, "amount"),
        ({"amount": "NaN", "currency": "USD"}, "NaN"),
    ],
)
async def test_an_amount_that_cannot_be_trusted_is_refused(
    organisation: Organisation, run: Run, row: dict[str, object], named: str
) -> None:
    bucket = {"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z", "results": [row]}
    organisation.override = lambda _: httpx.Response(200, json={"data": [bucket], "has_more": False})

    with pytest.raises(SourceGarbled, match=named):
        await run.read()


async def test_rows_without_any_group_are_taken(organisation: Organisation, run: Run) -> None:
    row = {"amount": "132.00000000000045", "currency": "USD", "model": None, "description": None}
    bucket = {"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z", "results": [row, row]}
    organisation.override = lambda r: (
        httpx.Response(200, json={"data": [bucket], "has_more": False}) if "cost" in r.url.path else None
    )

    await run.read()

    cost = run.newest["cost", "2026-11-20|||||||"].fact
    assert isinstance(cost, Cost)
    assert cost.amount == Decimal("2.64000000000000900")
    assert len(json.loads(run.newest["cost", "2026-11-20|||||||"].raw)) == 2


async def test_an_unknown_model_is_named_and_not_priced(organisation: Organisation, run: Run) -> None:
    organisation.use(TODAY + 5 * HOUR, 10, model="claude-of-tomorrow")

    found = await run.read()

    assert found.facts["models without a list price"] == "claude-of-tomorrow"
    assert run.costs.between(TODAY, TODAY + DAY).flags == ("unpriced_usage",)


async def test_the_key_never_shows_in_an_error(organisation: Organisation, run: Run) -> None:
    organisation.override = lambda _: failure(401, "authentication_error", f"invalid x-api-key {ADMIN_KEY}")

    with pytest.raises(SourceRefused) as refused:
        await run.read()

    assert ADMIN_KEY not in str(refused.value)
    assert "invalid x-api-key" in str(refused.value)


@pytest.mark.parametrize(
    ("error", "failures", "least", "most"),
    [
        (SourceBusy("anthropic", "429", retry_after=7), 1, 60, 60),
        (SourceBusy("anthropic", "429", retry_after=300), 1, 300, 300),
        (SourceBusy("anthropic", "429"), 1, 900, 900),
        (SourceRefused("anthropic", "401", status=401), 1, 900, 900),
        (SourceRejected("anthropic", "400", status=400), 1, 35550, 35550),
        (SourceRejected("anthropic", "404", status=404), 1, 900, 900),
        (SourceBroken("anthropic", "529"), 1, 60, 60),
        (SourceBroken("anthropic", "529"), 30, 60, 60),
        (SourceUnreachable("anthropic", "no answer"), 30, 60, 60),
        (SourceGarbled("anthropic", "no JSON"), 1, 60, 72),
        (SourceGarbled("anthropic", "no JSON"), 3, 192, 288),
        (SourceGarbled("anthropic", "no JSON"), 30, 720, 1080),
    ],
)
def test_the_wait_after_a_failure_follows_what_it_was(
    organisation: Organisation, error: SourceError, failures: int, least: float, most: float
) -> None:
    assert least <= organisation.source().wait_after(error, failures) <= most


def test_being_told_to_slow_down_halves_the_pace_for_an_hour(organisation: Organisation, clock: MovedClock) -> None:
    source = organisation.source()
    paces = [source.every_seconds]
    source.wait_after(SourceBusy("anthropic", "429", retry_after=60), 1)
    paces.append(source.every_seconds)
    clock.at += timedelta(minutes=61)
    paces.append(source.every_seconds)

    assert paces == [60, 120, 60]


async def test_a_cursor_that_cannot_be_read_starts_over(organisation: Organisation) -> None:
    for cursor in ("", "[]", "{}", '{"version": 99}', "null", '{"version": 1, "costs": 3}'):
        organisation.seen.clear()

        await organisation.source().read(cursor)

        assert organisation.paths() == ["cost_report", "messages"]


async def test_the_cursor_stays_small(organisation: Organisation, run: Run) -> None:
    for number in range(20):
        for hour in range(24 * 9):
            organisation.use(TODAY + 13 * HOUR - hour * HOUR, 1000, model=f"claude-opus-{number}")

    found = await run.read(minutes=6)

    assert len(found.cursor) < 30_000


async def test_the_doctor_compares_usage_at_list_with_what_was_reported(organisation: Organisation) -> None:
    source = organisation.source()
    source.check_pause_seconds = 0

    findings = await source.check()

    assert [(one.name, one.ok, one.text) for one in findings[:3]] == [
        ("me", True, "the key belongs to NorthStar"),
        ("cost", True, "yesterday $20.00, today so far $20.00"),
        ("usage", True, "yesterday at list $20.00 against $20.00 reported"),
    ]
    assert findings[3].name == "analytics"
    assert findings[3].text.startswith("not to be had, and not needed")
    assert findings[4].text == "PNL_ANTHROPIC_MODE=auto: the cost is read as legacy"
    assert all(one.ok for one in findings)
