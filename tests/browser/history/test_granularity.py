"""How finely a range is read: more so where it is shorter, as chosen where that makes sense."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.archive import Archive
from tests.browser.clock import run_until
from tests.browser.history.shown import RANGE, READY


def test_a_shorter_range_is_read_more_finely(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-chart .main-svg")

    for _ in range(3):
        with page.expect_response(lambda answer: "/api/pnl/history" in answer.url) as asked:
            page.get_by_role("button", name="A shorter range").click()
            page.clock.run_for(300)
    assert parse_qs(urlsplit(asked.value.url).query)["step"][0] in {"raw", "1m", "5m", "15m"}
    assert "from" in parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("range_", ["1h", "24h"])
def test_a_step_that_is_longer_than_the_range_is_left_out_and_the_chart_is_never_empty(
    archive: Archive, range_: str
) -> None:
    page = archive.open("/history?range=90d&step=1w", READY)
    assert page.input_value("#history-step") == "1w"

    page.locator(f"[data-range='{range_}']").click()

    expect(page.get_by_role("alert")).to_contain_text("step “1w” makes too few points of this range")
    assert parse_qs(urlsplit(page.url).query) == {"range": [range_]}
    assert page.input_value("#history-step") == "auto"
    week = page.locator("#history-step option[value='1w']")
    assert (week.is_disabled(), week.inner_text()) == (True, "1 week (too few points)")
    expect(page.locator(".history-chart, .history-chart-said .empty").locator("visible=true").first).to_be_visible()
    page.go_back()
    page.wait_for_function("document.querySelector('#history-step').value === '1w'")


@pytest.mark.parametrize("change", ["The period after", "The period before", "A longer range", "A shorter range"])
def test_the_granularity_that_was_chosen_stays_where_the_new_range_allows_it(archive: Archive, change: str) -> None:
    page = archive.open("/history?from=2026-11-19&to=2026-11-19&step=1h", READY)
    before = page.url

    page.get_by_role("button", name=change).click()
    run_until(page, lambda: page.url != before)

    assert parse_qs(urlsplit(page.url).query)["step"] == ["1h"]
    assert page.input_value("#history-step") == "1h"
    expect(page.locator(".history-banner [data-key=wrong]")).to_have_count(0)


def test_a_granularity_that_the_new_range_does_not_allow_is_left_out_in_words(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-19&to=2026-11-19&step=1d", READY)
    page.wait_for_selector(".history-chart .main-svg")
    before = page.url
    page.get_by_role("button", name="A shorter range").click()
    run_until(page, lambda: page.url != before)

    expect(page.locator(".history-banner [data-key=wrong]")).to_contain_text(
        "step “1d” makes too few points of this range: choose another one; automatic is shown."
    )
    assert page.input_value("#history-step") == "auto"
