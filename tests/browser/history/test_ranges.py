"""Ranges are chosen freely, turned by keys and buttons, and told where they cannot be shown as asked."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.archive import Archive
from tests.browser.clock import run_until
from tests.browser.history.shown import READY
from tests.domain.strategies import entry


def test_the_calendars_of_a_free_range_are_walked_by_weeks_and_months(archive: Archive) -> None:
    page = archive.open("/history", READY)
    page.click("#range-button")
    page.fill("#range-from-day", "2026-10-31")
    page.focus("#range-from-day")

    for key, day in (
        ("Home", "2026-10-26"),
        ("End", "2026-11-01"),
        ("PageUp", "2026-10-01"),
        ("PageDown", "2026-11-01"),
        ("PageDown", "2026-11-20"),
    ):
        page.keyboard.press(key)
        expect(page.locator("#range-from-day")).to_have_value(day)
        expect(page.locator("#range-from")).to_have_value(day)
    assert not archive.complaints


def test_a_free_range_is_checked_before_anything_is_asked(archive: Archive) -> None:
    page = archive.open("/history", READY)
    page.click("#range-button")
    page.fill("#range-from", "2026-11-31")
    page.get_by_role("button", name="Apply").click()
    assert "“2026-11-31” is no time" in page.locator("#range-wrong").inner_text()
    assert page.locator("#range-from").get_attribute("aria-invalid") == "true"

    page.fill("#range-from", "2026-11-19")
    page.fill("#range-to", "2026-11-19")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_selector(".history-said:has-text('19 Nov 2026')")
    page.wait_for_function("() => document.querySelectorAll('.history-days tbody tr').length === 1")


def test_periods_are_turned_by_keys_and_by_buttons(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-18&to=2026-11-18", READY)
    expect(page.locator(".history-said")).to_contain_text("18 Nov 2026")

    page.keyboard.press("]")
    expect(page.locator(".history-said")).to_contain_text("19 Nov 2026")
    assert parse_qs(urlsplit(page.url).query)["from"] == ["2026-11-19"]
    page.keyboard.press("[")
    expect(page.locator(".history-said")).to_contain_text("18 Nov 2026")
    page.get_by_role("button", name="The period after").click()
    page.get_by_role("button", name="The period after").click()
    expect(page.locator(".history-said")).to_contain_text("20 Nov 2026")
    expect(page.get_by_role("button", name="The period after")).to_be_disabled()
    page.keyboard.press("/")
    expect(page.locator("#range-button")).to_be_focused()


def test_times_more_than_a_week_apart_are_turned_by_the_days_that_are_shown(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-08+06:00&to=2026-11-18+18:00&step=1h", READY)

    def asked() -> dict[str, list[str]]:
        return parse_qs(urlsplit(page.url).query)

    shown = {"from": ["2026-11-08"], "to": ["2026-11-18"], "step": ["1h"]}
    expect(page.locator(".history-banner [data-key=wrong]")).to_contain_text("8 Nov to 18 Nov 2026 is shown.")
    assert asked() == shown
    page.get_by_role("button", name="The period before").click()
    expect(page.locator(".history-said")).to_contain_text("28 Oct to 7 Nov 2026")
    assert asked() == {"from": ["2026-10-28"], "to": ["2026-11-07"], "step": ["1h"]}
    page.get_by_role("button", name="The period after").click()
    expect(page.locator(".history-said")).to_contain_text("8 Nov to 18 Nov 2026")
    assert asked() == shown
    assert not archive.complaints


def test_days_are_turned_by_the_same_keys(archive: Archive) -> None:
    page = archive.open("/history/day/2026-11-19", ".day-statement tfoot")

    expect(page.locator(".day-statement .ties")).to_contain_text("Ties out")
    page.keyboard.press("[")
    page.wait_for_url("**/history/day/2026-11-18")
    page.wait_for_selector(".day-statement tfoot")
    page.keyboard.press("]")
    page.wait_for_url("**/history/day/2026-11-19")


def test_hours_of_which_no_snapshots_are_kept_become_whole_days(archive: Archive) -> None:
    day = date(2026, 11, 15)
    archive.company.tick(archive.now + timedelta(seconds=10), entry("sale", "80.00", day, name="before-the-first"))
    refused: list[str] = []
    page = archive.open(f"/history?from={day}T10:00&to={day}T14:00", ".history-days tbody tr")
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)

    expect(page.locator(".history-banner")).to_contain_text(
        "No snapshots are kept of 15 Nov 2026, 10:00 to 14:00: the whole days are shown."
    )
    expect(page.locator(".stat", has_text="Revenue").locator(".stat-value")).to_have_text("$80")
    expect(page.locator(".stat", has_text="Max drawdown")).to_contain_text("never fell")
    assert parse_qs(urlsplit(page.url).query) == {"from": [f"{day}"], "to": [f"{day}"]}

    page.goto(f"{archive.url}/history?from=2026-11-14&to=2026-11-17")
    page.wait_for_selector(".history-chart .main-svg")
    page.get_by_role("button", name="A shorter range").click()
    run_until(page, lambda: parse_qs(urlsplit(page.url).query) == {"from": ["2026-11-15"], "to": ["2026-11-16"]})
    page.get_by_role("button", name="A shorter range").click()
    run_until(page, lambda: parse_qs(urlsplit(page.url).query) == {"from": ["2026-11-15"], "to": ["2026-11-16"]})
    page.wait_for_selector(".history-chart .main-svg")
    expect(page.locator(".stat", has_text="Revenue").locator(".stat-value")).to_have_text("$80")
    assert not refused
    assert not archive.complaints
