"""Signing in and out in a real browser, and what a viewer is not offered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.archive import PASSWORD, Archive, serving


@pytest.fixture
def house(browser: Browser, tmp_path: Path) -> Iterator[Archive]:
    """The archive, with people who sign in."""
    contexts: list[BrowserContext] = []

    def context(theme: Any, width: int) -> BrowserContext:  # noqa: ANN401 - typed as literals
        size: Any = {"width": width, "height": 844}
        made = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
        made.set_default_timeout(20_000)
        contexts.append(made)
        return made

    with serving(tmp_path, context, signs_in=True) as made:
        yield made
        for one in contexts:
            one.close()


def arrive(house: Archive, path: str = "/", *, theme: str = "dark", width: int = 1440) -> Page:
    page = house.context(theme, width).new_page()
    page.goto(house.url + path)
    return page


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_whoever_comes_signs_in_first_and_gets_to_the_page_that_was_asked_for(house: Archive) -> None:
    page = arrive(house, "/history?step=1d")
    expect(page).to_have_title("Sign in · NorthStar P&L")
    expect(page.get_by_label("Name")).to_be_focused()

    sign_in(page, "ann", "a wrong password")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Name")).to_have_value("ann")
    expect(page.get_by_label("Password")).to_be_focused()
    sign_in(page, "ann")

    page.wait_for_selector("#tab-history[aria-current]")
    assert page.url.endswith("/history?step=1d")


def test_the_live_page_is_drawn_for_who_signed_in_until_the_sign_out(house: Archive) -> None:
    page = arrive(house)
    sign_in(page, "bob")
    page.wait_for_selector("#kpis[data-seq]")
    expect(page.locator(".who-name")).to_have_text("bob")
    page.keyboard.press("t")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("button", name="Blue and orange").click()
    assert "pnl.first-marks" in page.evaluate("Object.keys(localStorage)")

    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_title("Sign in · NorthStar P&L")
    assert sorted(page.evaluate("Object.keys(localStorage)")) == ["pnl.palette", "pnl.theme"]
    page.goto(house.url + "/")
    expect(page).to_have_title("Sign in · NorthStar P&L")
    page.go_back()
    expect(page.locator("#kpis")).to_have_count(0)


def test_a_viewer_is_not_offered_what_only_an_editor_may_do(house: Archive) -> None:
    entry = {"id": "a", "date": "2026-11-20", "kind": "sale", "amount": "1", "currency": "USD", "description": "A sale"}
    page = arrive(house, "/entries")
    sign_in(page, "bob")
    expect(page.locator("#entry-form")).to_be_visible()
    made = page.request.post(house.url + "/api/pnl/entries", data=entry, headers={"Origin": house.url})
    assert made.status == 201, made.text()
    page.goto(house.url + "/entries")
    expect(page.get_by_role("button", name="Void: A sale")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, "ann")
    expect(page).not_to_have_title("Sign in · NorthStar P&L")
    page.goto(house.url + "/entries")

    expect(page.get_by_role("button", name="A sale", exact=True)).to_be_visible()
    expect(page.locator("#entry-form")).to_be_hidden()
    expect(page.get_by_role("button", name="Void: A sale")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_sign_in_page(house: Archive, theme: str, width: int) -> None:
    page = arrive(house, theme=theme, width=width)
    sign_in(page, "ann", "a wrong password")
    expect(page.get_by_role("alert")).to_be_visible()

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
