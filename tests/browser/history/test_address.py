"""The address of the history page holds all that it shows, and what of it makes no sense is told."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.archive import Archive
from tests.browser.clock import run_until
from tests.browser.history.shown import RANGE, READY


def test_a_link_shows_the_same_again(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.select_option("#history-by", "model")
    page.select_option("#history-compare", "none")
    page.get_by_role("button", name="Candles").click()
    page.wait_for_selector(".history-breakdown th:has-text('Model')")
    asked = parse_qs(urlsplit(page.url).query)
    chosen = {"by": ["model"], "compare": ["none"], "chart": ["candles"]}
    assert asked == {"from": ["2026-11-18"], "to": ["2026-11-20"], **chosen}

    other = archive.open(urlsplit(page.url).path + "?" + urlsplit(page.url).query, READY)
    other.wait_for_selector(".history-breakdown th:has-text('Model')")
    assert other.input_value("#history-by") == "model"
    assert other.input_value("#history-compare") == "none"
    assert other.locator("[data-chart=candles]").get_attribute("aria-pressed") == "true"
    for part in (".history-days", ".history-breakdown", ".history-stats"):
        assert other.locator(part).inner_text() == page.locator(part).inner_text()

    page.go_back()
    page.wait_for_selector("[data-chart=area][aria-pressed=true]")
    assert "chart" not in parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize(("range_", "form"), [("1h", r"2026-11-20 1\d:\d\d:\d\d"), ("", r"2026-1\d-\d\d")])
def test_a_link_is_pinned_to_what_is_shown_while_the_address_keeps_the_preset(
    archive: Archive, range_: str, form: str
) -> None:
    page = archive.open(f"/history?{f'range={range_}&' if range_ else ''}by=market", READY)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_selector(".history-chart .main-svg")
    bar = page.url
    button = page.locator("[data-action=history-copy]")
    expect(button).to_have_attribute("title", re.compile("the stretch of time that is shown"))
    button.click()
    expect(button).to_have_text("Copied")
    links = [page.evaluate("navigator.clipboard.readText()")]
    page.locator("#history-menu").click()
    page.get_by_role("menuitem", name="Copy link").click()
    run_until(page, lambda: page.evaluate("navigator.clipboard.readText()").endswith("#history"))
    links.append(page.evaluate("navigator.clipboard.readText()"))
    page.locator(".stat [data-explain=net]").click()
    page.locator("#explain [data-explain-link]").click()
    expect(page.locator("#explain [data-explain-link]")).to_have_text("Copied")
    links.append(page.evaluate("navigator.clipboard.readText()"))
    page.keyboard.press("Escape")
    expect(page.locator("#explain")).not_to_be_visible()

    page.wait_for_url(lambda url: url == bar)  # the way back is the browser's, and takes its time
    asked = [parse_qs(urlsplit(link).query) for link in links]
    assert [("range" in one, one["by"]) for one in asked] == [(False, ["market"])] * 3
    assert len({(one["from"][0], one["to"][0]) for one in asked}) == 1
    assert [asked[0][end][0] for end in ("from", "to") if not re.fullmatch(form, asked[0][end][0])] == []
    said, strip = page.locator(".history-said").inner_text(), page.locator(".history-stats").inner_text()
    archive.company.tick(archive.now + timedelta(days=2))
    other = archive.open(urlsplit(links[0]).path + "?" + urlsplit(links[0]).query, READY)
    other.wait_for_selector(".history-chart .main-svg")
    assert (other.locator(".history-said").inner_text(), other.locator(".history-stats").inner_text()) == (said, strip)
    assert not archive.complaints


def test_an_address_may_tell_instants_as_the_api_takes_them(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-19T15:00:00Z&to=2026-11-19T19:30:00.500%2B01:00", ".history-said")

    expect(page.locator(".history-said")).to_contain_text("19 Nov 2026, 10:00 to 13:30")
    expect(page.locator(".history-stats .stat-value").first).to_be_visible()
    assert page.locator(".history-banner .banner").count() == 0


def test_an_address_that_makes_no_sense_is_told(archive: Archive) -> None:
    page = archive.open("/history?from=soon&to=later", ".history-banner .banner")

    assert "“soon” is no time" in page.locator(".history-banner").inner_text()
    expect(page.locator("#history-step option:checked")).to_have_text("Automatic")
    expect(page.locator(".history")).not_to_contain_text("Reading")
    page.get_by_role("button", name="Last 30 days").last.click()
    page.wait_for_selector(READY)


def test_an_as_of_that_is_no_instant_is_told_and_asks_for_nothing(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&as_of=yesterday", ".history-banner .banner")

    assert "“yesterday” is no instant" in page.locator(".history-banner").inner_text()
    assert page.locator(READY).count() == 0
    page.locator(".history-banner").get_by_role("button", name="Last 30 days").click()
    page.wait_for_selector(READY)
    assert "as_of" not in parse_qs(urlsplit(page.url).query)


def test_an_as_of_to_come_is_told_and_what_is_known_now_is_shown(archive: Archive) -> None:
    page = archive.open("/history?range=7d&as_of=2099-01-01", READY)
    banner = page.locator(".history-banner")

    expect(banner).to_contain_text("as_of “2099-01-01” lies in the future: what is known now is shown.")
    expect(banner.locator("[data-key=past]")).to_have_count(0)
    assert parse_qs(urlsplit(page.url).query) == {"range": ["7d"]}
    strip = page.locator(".history-stats").inner_text()
    assert archive.open("/history?range=7d", READY).locator(".history-stats").inner_text() == strip
    page.get_by_role("button", name="Leave it out").click()
    expect(banner.locator("[data-key=wrong]")).to_have_count(0)
    assert not archive.complaints


def test_what_of_an_address_is_not_taken_is_told_and_left_out(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&by=colour&chart=pie&cmp=prev", READY)
    banner = page.locator(".history-banner [data-key=wrong]")

    expect(banner).to_contain_text("by “colour” is not one of source, market, series, model, workspace, customer")
    expect(banner).to_contain_text("chart “pie” is not one of area, candles: area is shown.")
    expect(banner).to_contain_text("“cmp” is not one of range, from, to, step, by, compare, chart, as_of: it is left")
    page.get_by_role("button", name="Leave it out").click()
    expect(banner).to_have_count(0)
    assert parse_qs(urlsplit(page.url).query) == {"from": ["2026-11-18"], "to": ["2026-11-20"]}
    assert not archive.complaints
