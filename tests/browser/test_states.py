"""What the live page says when there are no figures, not all of them, or none that are new."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.watching import LISTEN

LINES = ("revenue", "refunds", "processor_fees", "adjustments", "api_cost", "trading_realised", "trading_unrealised")


def unconnected(desk: Desk, *, theme: str = "dark", width: int = 1440) -> Page:
    """Return the live page of a product that has no source."""
    company = desk.company
    company.missing = (*LINES, "trading_fees")
    company.statuses = dict.fromkeys(company.statuses, "off")
    company.tick()
    company.show()
    page = desk.context(theme, width).new_page()
    page.on("console", desk._heard)
    page.goto(desk.url)
    page.wait_for_selector("[data-connect]")
    return page


def test_the_first_run_says_what_connects_each_source_and_shows_no_empty_figure(desk: Desk) -> None:
    page = unconnected(desk)

    expect(page.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    expect(page.locator("[data-connect=kalshi] li")).to_have_text(["PNL_KALSHI_KEY_ID", "PNL_KALSHI_PRIVATE_KEY"])
    expect(page.locator('[data-connect="revenue.stripe"]')).to_contain_text("PNL_STRIPE_KEY")
    expect(page.locator("[data-connect=anthropic]")).to_contain_text("docs/how-to/connect-anthropic.md")
    for gone in ("#kpis", ".live-grid", "#footer"):
        expect(page.locator(gone)).to_be_hidden()
    assert desk.complaints == []


def test_the_first_paint_of_the_first_run_has_no_empty_figure_either(desk: Desk) -> None:
    desk.company.missing = (*LINES, "trading_fees")
    desk.company.statuses = dict.fromkeys(desk.company.statuses, "off")
    desk.company.tick()
    page = desk.context("dark", 1440).new_page()
    page.route("**/_dash-layout", lambda _route: None)

    page.goto(desk.url, wait_until="commit")

    expect(page.locator(".first h2", has_text="Nothing is connected yet")).to_be_visible()
    expect(page.locator(".first .kpis")).to_be_hidden()


def test_figures_take_the_place_of_the_cards_once_a_source_is_there(desk: Desk) -> None:
    page = unconnected(desk)
    desk.company.missing = ("api_cost",)
    desk.company.statuses = {"kalshi": "live", "anthropic": "off", "revenue": "live"}

    desk.tick(page)

    expect(page.locator("#kpis")).to_be_visible()
    expect(page.locator("[data-connect]")).to_have_count(0)
    api_cost = page.locator('.kpi[data-key="api_cost"]')
    expect(api_cost.locator(".figure")).to_have_text("—")
    expect(api_cost).to_contain_text("not connected")
    expect(page.locator("#incomplete")).to_have_text("incomplete: API cost")
    expect(page.locator('.waterfall-row[data-key="api_cost"] .waterfall-bar')).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_first_run(desk: Desk, theme: str, width: int) -> None:
    page = unconnected(desk, theme=theme, width=width)

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_figures_that_stand_still_look_it_and_stay_legible_until_news_come(desk: Desk) -> None:
    desk.company.show()
    page = desk.context("dark", 1440).new_page()
    page.add_init_script(LISTEN)
    page.goto(desk.url)
    page.wait_for_selector("#kpis[data-seq]")
    net = page.locator(".kpi-hero .figure").inner_text()

    page.context.set_offline(True)

    expect(page.locator(".banner")).to_contain_text("Not receiving updates.", timeout=60_000)
    expect(page.locator("html")).to_have_attribute("data-troubled", "")
    expect(page.locator("#kpis")).to_have_css("border-style", "dashed")
    expect(page.locator(".kpi-hero .figure")).to_have_text(net)
    expect(page.locator("#chip-kalshi")).to_contain_text("unknown")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.set_offline(False)
    expect(page.locator(".banner")).to_have_count(0, timeout=60_000)
    expect(page.locator("html")).not_to_have_attribute("data-troubled", "")
