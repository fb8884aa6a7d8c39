"""The status page in a real browser."""

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Locator, Page, expect

from pnl import __version__
from pnl.web.status import MEASURES
from tests.browser.conftest import Desk
from tests.browser.staged import measure
from tests.store.test_sources import MEMORY


def shown(desk: Desk, *, theme: str = "dark", width: int = 1440) -> Page:
    desk.answers.kept.memories = (replace(MEMORY, failures=3), replace(MEMORY, name="anthropic", failures=0))
    page = desk.open("/status", theme=theme, width=width)
    page.wait_for_selector("[data-measure]")
    return page


def card(page: Page, name: str) -> Locator:
    return page.locator(f'[data-measure="{name}"]')


def fact(page: Page, part: str, name: str) -> Locator:
    found = page.locator(f'[data-part="{part}"] dt', has_text=re.compile(f"^{re.escape(name)}$"))
    return found.locator("xpath=following-sibling::dd[1]")


def test_nine_measures_stand_against_their_limits_with_a_word_for_each(desk: Desk) -> None:
    page = shown(desk)

    names = page.locator("[data-measure]").evaluate_all("cards => cards.map(card => card.dataset.measure)")
    assert tuple(names) == MEASURES
    expect(card(page, "api").locator("strong")).to_have_text("377 ms")
    expect(card(page, "api").locator(".m-state")).to_have_text("Good")
    expect(card(page, "api")).to_contain_text("Warns above 500 ms, alarms above 1.0 s.")
    expect(card(page, "aggregation").locator(".m-state")).to_have_text("Act now")
    expect(card(page, "database").locator(".m-state")).to_have_text("Look into it")
    expect(card(page, "delivery").locator(".m-state")).to_have_text("Not measured")
    expect(card(page, "delivery").locator("strong")).to_have_text("—")
    expect(card(page, "cache").locator(".m-state")).to_have_text("Too few to judge")
    expect(card(page, "disk")).to_contain_text("83 GB of 271 GB")
    expect(page.locator("#status-said")).to_have_text("1 to act on · 1 to look into · 5 of 9 good")
    assert desk.complaints == []


def test_what_the_process_is_made_of_is_told(desk: Desk) -> None:
    page = shown(desk)

    expect(fact(page, "caches", "This process")).to_have_text("120 answers")
    expect(fact(page, "caches", "Redis itself")).to_have_text("Not used")
    expect(fact(page, "breakers", "Kalshi")).to_have_text("Open after 3 failures")
    expect(fact(page, "breakers", "Anthropic")).to_have_text("Closed")
    expect(fact(page, "store", "Database")).to_have_text("SQLite 3.99")
    expect(fact(page, "store", "Backups")).to_contain_text("None are made: set PNL_BACKUP_FOLDER")
    expect(fact(page, "clients", "Open now")).to_have_text("12")
    expect(fact(page, "process", "Makes the ticks")).to_have_text("Yes")
    expect(fact(page, "versions", "NorthStar P&L")).to_have_text(__version__)


def test_each_snapshot_brings_a_new_look(desk: Desk) -> None:
    page = shown(desk)
    staged = desk.answers.staged
    staged.measured = tuple(
        measure("aggregation", 0.12) if one.name == "aggregation" else one for one in staged.measured
    )
    staged.redis = "down"

    desk.company.tick()

    expect(card(page, "aggregation").locator("strong")).to_have_text("120 ms")
    expect(card(page, "aggregation").locator(".m-state")).to_have_text("Good")
    expect(fact(page, "caches", "Redis itself")).to_contain_text("Does not answer")


def test_a_look_that_fails_keeps_what_was_known_and_calls_it_old(desk: Desk) -> None:
    page = shown(desk)
    desk.answers.broken["/api/pnl/status"] = (503, "The store does not answer.")

    desk.company.tick()

    expect(page.locator("#status-measures [role=status]")).to_contain_text("The store does not answer.")
    expect(card(page, "api").locator("strong")).to_have_text("377 ms")
    expect(card(page, "api").locator(".m-state")).to_have_text("Unknown")
    expect(page.locator("#status-said")).to_have_text("")


def test_what_cannot_be_read_at_all_is_asked_for_again(desk: Desk) -> None:
    desk.answers.broken["/api/pnl/status"] = (503, "The store does not answer.")
    page = desk.open("/status")
    expect(page.get_by_role("alert")).to_contain_text("The store does not answer.")
    desk.answers.broken.clear()

    page.get_by_role("button", name="Try again").click()

    expect(card(page, "api").locator("strong")).to_have_text("377 ms")


def test_the_keys_g_and_t_lead_here_and_leave_the_theme_alone(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("g")
    page.keyboard.press("t")

    expect(page.locator("h1")).to_have_text("Status")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_axe_finds_nothing_on_the_status_page_and_it_fits(desk: Desk, theme: str, width: int) -> None:
    page = shown(desk, theme=theme, width=width)

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
