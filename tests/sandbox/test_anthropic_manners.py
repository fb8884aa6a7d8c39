"""Anthropic's reports: keys, ranges, pages, groups, sums, and figures that change later."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.worlds import EPOCH, Desk, Frozen, open_desk

D = Decimal
DAY = "2026-10-20T00:00:00Z"
NEXT = "2026-10-21T00:00:00Z"
WHOLE_DAY = (("starting_at", DAY), ("ending_at", NEXT))
OPUS_OUTPUT_CENTS = D("0.002")


def cents(body: dict[str, Any]) -> Decimal:
    return sum((D(row["amount"]) for bucket in body["data"] for row in bucket["results"]), D(0))


def costs(body: dict[str, Any]) -> Decimal:
    return sum((D(row["cost"]["amount"]) for row in body["data"]), D(0))


def outputs(body: dict[str, Any]) -> int:
    return sum(row["output_tokens"] for bucket in body["data"] for row in bucket["results"])


def test_the_admin_key_is_taken_in_both_headers_and_others_are_not(empty: Desk) -> None:
    key = empty.upstreams.anthropic_admin_key

    bearer = empty.ask_anthropic("/me", **{"x-api-key": "", "authorization": f"Bearer {key}"})
    none = empty.ask_anthropic("/me", **{"x-api-key": ""})
    wrong = empty.ask_anthropic("/me", **{"x-api-key": "sk-ant-admin01-other"})
    workspace = empty.ask_anthropic("/me", **{"x-api-key": "sk-ant-api03-x"})
    no_version = empty.ask_anthropic("/me", **{"anthropic-version": ""})

    assert key.startswith("sk-ant-admin01-")
    assert bearer.json()["type"] == "organization"
    assert [r.status_code for r in (none, wrong, workspace, no_version)] == [401, 401, 403, 400]
    assert none.json()["error"]["type"] == "authentication_error"
    assert none.json()["request_id"] == none.headers["request-id"]


def test_an_empty_range_has_the_exact_text_and_must_not_be_retried(empty: Desk) -> None:
    response = empty.ask_anthropic(
        "/cost_report", ("starting_at", DAY), ("ending_at", "2026-10-20T23:59:59Z"), ("bucket_width", "1d")
    )
    today_without_end = empty.ask_anthropic("/cost_report", ("starting_at", DAY))

    assert response.status_code == today_without_end.status_code == 400
    assert response.headers["x-should-retry"] == "false"
    assert response.json()["error"] == {
        "type": "invalid_request_error",
        "message": "Invalid date range: ending date must be after starting date",
    }


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/cost_report", (("limit", "32"),)),
        ("/usage_report/messages", (("bucket_width", "1h"), ("limit", "169"))),
        ("/cost_report", (("group_by[]", "model"),)),
        ("/cost_report", (("bucket_width", "1h"),)),
        ("/usage_report/messages", (("group_by[]", "speed"),)),
        ("/cost_report", (("page", "nonsense"),)),
    ],
)
def test_what_is_not_allowed_is_400(empty: Desk, path: str, query: tuple[tuple[str, str], ...]) -> None:
    assert empty.ask_anthropic(path, *WHOLE_DAY, *query).status_code == 400


def test_every_bucket_is_there_oldest_first_and_pages_count_buckets(empty: Desk) -> None:
    query = (*WHOLE_DAY, ("bucket_width", "1h"), ("limit", "20"))
    first = empty.anthropic("/usage_report/messages", *query)
    second = empty.anthropic("/usage_report/messages", *query, ("page", first["next_page"]))
    starts = [bucket["starting_at"] for bucket in first["data"] + second["data"]]

    assert (len(first["data"]), first["has_more"]) == (20, True)
    assert (len(second["data"]), second["has_more"], second["next_page"]) == (4, False, None)
    assert starts == [f"2026-10-20T{hour:02d}:00:00Z" for hour in range(24)]
    assert all(bucket["results"] == [] for bucket in first["data"])


def test_usage_shows_after_five_minutes_and_the_amount_is_cents(empty: Desk, clock: Frozen) -> None:
    empty.engine.spend("claude-opus-5-5", output=1_000_000)
    clock.go(minutes=5)
    early = empty.anthropic("/usage_report/messages", *WHOLE_DAY)
    clock.go(minutes=1)

    usage = empty.anthropic("/usage_report/messages", *WHOLE_DAY)
    cost = empty.anthropic("/cost_report", *WHOLE_DAY)

    assert (outputs(early), outputs(usage)) == (0, 1_000_000)
    assert cost["data"][0]["results"][0]["amount"] == "2000.000000"
    assert cost["data"][0]["results"][0]["model"] is None


def test_the_default_workspace_is_null_in_one_api_and_named_in_the_other(empty: Desk, clock: Frozen) -> None:
    empty.engine.spend("claude-opus-5-5", output=100)
    clock.go(minutes=10)

    legacy = empty.anthropic("/cost_report", *WHOLE_DAY, ("group_by[]", "workspace_id"))
    modern = empty.anthropic("/analytics/cost", *WHOLE_DAY, ("group_by[]", "workspace_id"))

    assert legacy["data"][0]["results"][0]["workspace_id"] is None
    assert modern["data"][0]["group"]["workspace_id"] == "wrkspc_01Default"


def test_a_late_batch_and_a_restatement_raise_a_past_day(empty: Desk, clock: Frozen) -> None:
    empty.engine.spend("claude-opus-5-5", output=1000, seen_at=EPOCH + timedelta(days=1))
    clock.go(hours=23)
    before = cents(empty.anthropic("/cost_report", *WHOLE_DAY))
    clock.go(hours=2)
    late = cents(empty.anthropic("/cost_report", *WHOLE_DAY))
    empty.engine.restate(EPOCH.date(), "-0.5")
    restated = cents(empty.anthropic("/cost_report", *WHOLE_DAY))

    assert (before, late, restated) == (D(0), D(2), D("1.5"))


def test_refused_requests_count_tokens_and_cost_nothing(empty: Desk, clock: Frozen) -> None:
    empty.engine.spend("claude-opus-5-5", output=1000, billed=False)
    empty.engine.spend("claude-unheard-of-9", output=500)
    clock.go(minutes=10)

    assert outputs(empty.anthropic("/usage_report/messages", *WHOLE_DAY)) == 1500
    assert cents(empty.anthropic("/cost_report", *WHOLE_DAY)) == 0


def test_any_grouping_adds_up_to_the_same_sum(month: Desk) -> None:
    query = (("starting_at", "2026-11-10T00:00:00Z"), ("ending_at", "2026-11-17T00:00:00Z"))
    plain = cents(month.anthropic("/cost_report", *query))
    described = month.anthropic("/cost_report", *query, ("group_by[]", "description"), ("group_by[]", "workspace_id"))
    modern = month.anthropic("/analytics/cost", *query)
    split = month.anthropic(
        "/analytics/cost", *query, ("group_by[]", "model"), ("group_by[]", "token_type"), ("limit", "1000")
    )
    hourly = month.anthropic("/analytics/cost", *query, ("time_bucket_width", "1h"), ("limit", "1000"))

    assert cents(described) == costs(modern) == costs(split) == costs(hourly) == plain
    assert 7 * 4_000 < plain < 7 * 13_000
    rows = [row for bucket in described["data"] for row in bucket["results"]]
    assert {row["cost_type"] for row in rows} == {"tokens", "web_search", "code_execution"}
    assert all(row["model"] is None for row in rows if row["cost_type"] == "code_execution")
    assert any(len(row["amount"].partition(".")[2]) > 6 for row in rows)


def test_minutes_hours_and_days_hold_the_same_tokens(month: Desk) -> None:
    hour = (("starting_at", "2026-11-17T14:00:00Z"), ("ending_at", "2026-11-17T15:00:00Z"))
    day = (("starting_at", "2026-11-17T00:00:00Z"), ("ending_at", "2026-11-18T00:00:00Z"))

    by_minute = month.anthropic("/usage_report/messages", *hour, ("bucket_width", "1m"))
    by_hour = month.anthropic("/usage_report/messages", *hour, ("bucket_width", "1h"))
    hours = month.anthropic("/usage_report/messages", *day, ("bucket_width", "1h"))
    days = month.anthropic("/usage_report/messages", *day)

    assert outputs(by_minute) == outputs(by_hour) > 0
    assert outputs(hours) == outputs(days)
    assert len(by_minute["data"]) == 60


def test_the_cost_is_a_discount_on_the_list(month: Desk) -> None:
    body = month.anthropic(
        "/analytics/cost",
        ("starting_at", "2026-11-16T00:00:00Z"),
        ("ending_at", "2026-11-17T00:00:00Z"),
        ("group_by[]", "model"),
    )
    tokens = [row["cost"] for row in body["data"] if row["group"]["model"]]

    assert len(tokens) == 4
    assert all(D(cost["amount"]) == D(cost["list_amount"]) * D("0.9") for cost in tokens)
    assert tokens == sorted(tokens, key=lambda cost: D(cost["amount"]), reverse=True)


def test_analytics_has_rows_only_where_cost_is_and_pages_by_rows(month: Desk) -> None:
    query = (
        ("starting_at", "2026-11-10T00:00:00Z"),
        ("ending_at", "2026-11-12T00:00:00Z"),
        ("time_bucket_width", "1h"),
        ("order_by", "time"),
        ("order", "asc"),
        ("limit", "30"),
    )
    first = month.anthropic("/analytics/cost", *query)
    second = month.anthropic("/analytics/cost", *query, ("page", first["next_page"]))
    other = month.ask_anthropic("/analytics/cost", *query[:-1], ("limit", "31"), ("page", first["next_page"]))
    starts = [row["starting_at"] for row in first["data"] + second["data"]]

    assert (len(first["data"]), len(second["data"]), second["next_page"]) == (30, 18, None)
    assert starts == sorted(starts)
    assert first["data_refreshed_at"] == "2026-11-19T11:55:00Z"
    assert other.status_code == 400


def test_an_analytics_cursor_expires_with_a_refresh() -> None:
    clock = Frozen(EPOCH + timedelta(days=3))
    query = (*WHOLE_DAY, ("time_bucket_width", "1h"), ("limit", "2"))
    with open_desk(clock) as desk:
        cursor = desk.anthropic("/analytics/cost", *query)["next_page"]
        clock.go(hours=2)

        assert desk.ask_anthropic("/analytics/cost", *query, ("page", cursor)).status_code == 410


def test_analytics_needs_its_beta_and_may_be_refused(empty: Desk) -> None:
    without = empty.ask_anthropic("/analytics/cost", *WHOLE_DAY, **{"anthropic-beta": ""})
    empty.faults.analytics_refused = True
    refused = empty.ask_anthropic("/analytics/cost", *WHOLE_DAY)

    assert without.status_code == 400
    assert refused.status_code == 403
    assert refused.json()["error"]["details"]["error_code"] == "organization_not_enrolled_in_beta"


def test_filters_narrow_the_usage(month: Desk) -> None:
    query = (("starting_at", "2026-11-17T00:00:00Z"), ("ending_at", "2026-11-18T00:00:00Z"), ("group_by[]", "model"))

    body = month.anthropic("/usage_report/messages", *query, ("models[]", "claude-opus-5-5"))

    assert {row["model"] for bucket in body["data"] for row in bucket["results"]} == {"claude-opus-5-5"}
