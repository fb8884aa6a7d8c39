"""The history page fits every screen, is walked by keys, and is told to those who hear it."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import expect

from tests.browser.archive import Archive
from tests.browser.history.shown import RANGE, READY
from tests.browser.narrow import outside


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_for_everybody_and_fits(archive: Archive, theme: str, width: int) -> None:
    page = archive.open(f"/history?{RANGE}", READY, theme=theme, width=width)
    page.wait_for_selector(".history-chart .main-svg")
    page.wait_for_selector(".history-breakdown tfoot")
    page.wait_for_selector(".drove-row")

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert not archive.complaints


@pytest.mark.parametrize("width", [390, 360])
def test_a_phone_shows_every_column_of_the_days_and_their_total(archive: Archive, width: int) -> None:
    page = archive.open(f"/history?{RANGE}", READY, width=width)

    assert outside(page, ".history-days table") == []
    cells = page.locator(".history-days tfoot td")
    assert [cells.nth(i).get_attribute("data-name") for i in range(5)] == [
        "Fills",
        "Revenue",
        "Trading",
        "Fees",
        "API cost",
    ]
    for i in range(cells.count()):
        expect(cells.nth(i)).to_be_visible()


@pytest.mark.parametrize("range_", ["1h", "90d", "all"])
def test_a_phone_shows_the_range_in_use_as_soon_as_it_opens(archive: Archive, range_: str) -> None:
    page = archive.open(f"/history?range={range_}", READY, width=390)

    expect(page.locator(f".segments [data-range='{range_}']")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", ["/history", "/", "/history/day/2026-11-18", "/reconcile"])
def test_a_button_with_a_text_is_called_by_it(archive: Archive, path: str) -> None:
    page = archive.open(path, "main button")
    if path == "/history":
        page.wait_for_selector(READY)
        expect(page.get_by_role("button", name="24H")).to_be_visible()

    named = page.eval_on_selector_all(
        "main button[aria-label]", "found => found.map((one) => [one.innerText.trim(), one.ariaLabel])"
    )

    assert [pair for pair in named if pair[0].lower() not in pair[1].lower()] == []


def test_the_calendar_is_walked_by_keys_and_opens_a_day(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", ".heat-day[href]")
    page.wait_for_selector(READY)
    page.focus(".heat-day[href][tabindex='0']")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("() => document.activeElement.dataset.key") == "2026-11-19"
    for key, day in (("PageUp", "18"), ("End", "20"), ("Home", "18"), ("PageDown", "20"), ("ArrowUp", "19")):
        page.keyboard.press(key)
        assert page.evaluate("() => document.activeElement.dataset.key") == f"2026-11-{day}"
    page.keyboard.press("Enter")
    page.wait_for_selector(".day-statement tfoot")
    assert urlsplit(page.url).path == "/history/day/2026-11-19"
