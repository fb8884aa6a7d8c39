"""While certificates are not checked, every page says so, loudly."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import expect

from pnl.web.unchecked import note
from tests.browser.conftest import Desk

HOST = "feed.test"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_red_banner_stands_on_every_page_while_certificates_are_not_checked(
    desk: Desk, theme: str, width: int
) -> None:
    note(desk.app, [HOST])
    page = desk.open(theme=theme, width=width)
    banner = page.locator("#unchecked")

    expect(banner).to_contain_text(f"TLS certificates are not checked. Whoever is on the way to {HOST}")
    red = page.evaluate(
        """() => {
          const one = document.createElement("i");
          one.style.color = "var(--loss)";
          return getComputedStyle(document.body.appendChild(one)).color;
        }"""
    )
    assert banner.evaluate("banner => getComputedStyle(banner).backgroundColor") == red
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for name in ("history", "reconcile", "sources", "entries", "alerts", "status"):
        page.locator(f"#tab-{name}").click()
        expect(page.locator("h1")).not_to_have_text("Live P&L")
        expect(banner).to_be_visible()
        page.locator("#tab-live").click()
        expect(page.locator("h1")).to_have_text("Live P&L")


def test_no_banner_stands_there_while_they_are_checked(desk: Desk) -> None:
    page = desk.open()

    expect(page.locator("#unchecked")).to_have_count(0)
