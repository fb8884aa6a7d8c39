"""The menu of a chart: by keys, by touch, and what each of its items gives."""

import csv
import io
import struct
from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from tests.browser.archive import Archive
from tests.browser.conftest import Desk
from tests.browser.test_live_page import figure

CHARTS = ("curve", "waterfall")
ITEMS = ["View as table", "Download CSV", "Download PNG", "Embed", "Copy link"]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))


@pytest.mark.parametrize("chart", CHARTS)
def test_the_menu_is_walked_by_keys_and_gives_the_focus_back(desk: Desk, chart: str) -> None:
    page = desk.open()
    button = page.locator(f"#{chart}-menu")
    theme = page.locator("html").get_attribute("data-theme")
    button.focus()

    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert page.get_by_role("menuitem").all_inner_texts() == ITEMS
    seen = [focused(page)]
    for key in ("ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown", "End", "Home", "d", "d", "e"):
        page.keyboard.press(key)
        seen.append(focused(page))
    assert seen == [ITEMS[i] for i in (0, 1, 0, 4, 0, 4, 0, 1, 2, 3)]
    page.keyboard.press("t")
    assert page.locator("html").get_attribute("data-theme") == theme

    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowUp")
    assert focused(page) == ITEMS[-1]
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("How today adds up" if chart == "waterfall" else "Net P&L")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    assert desk.complaints == []


def test_the_menu_closes_by_tab_by_a_press_beside_it_and_by_its_button(desk: Desk) -> None:
    page = desk.open()
    button, menu = page.locator("#curve-menu"), page.get_by_role("menu")

    button.click()
    page.keyboard.press("Tab")
    expect(menu).to_be_hidden()
    button.click()
    page.mouse.click(4, 400)
    expect(menu).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(menu).to_be_visible()
    button.click()
    expect(menu).to_be_hidden()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_the_open_menu_and_a_finger_hits_it(desk: Desk, theme: str, width: int) -> None:
    page = desk.open(theme=theme, width=width)
    page.locator("#waterfall-menu").click()
    page.wait_for_selector("#menu:popover-open")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    least = 44 if width == 390 else 28
    for one in [page.locator("#waterfall-menu"), *page.get_by_role("menuitem").all()]:
        box = one.bounding_box()
        assert box
        assert box["height"] >= least
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("chart", CHARTS)
def test_the_picture_is_as_large_as_the_chart_with_its_name_above(desk: Desk, chart: str) -> None:
    page = desk.open()
    drawn = page.locator(f"#{chart} .{'curve-chart' if chart == 'curve' else 'waterfall-body'}").bounding_box()
    assert drawn
    page.locator(f"#{chart}-menu").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="Download PNG").click()

    made = Path(saved.value.path()).read_bytes()
    assert saved.value.suggested_filename.startswith(f"northstar_{chart}_")
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", made[16:24])
    assert (wide, high) == (int((drawn["width"] + 32) * 2), int((drawn["height"] + 60) * 2))
    assert len(made) > 10_000
    assert desk.complaints == []
    assert desk.foreign == []


def test_the_link_leads_to_the_chart(desk: Desk) -> None:
    page = desk.open(width=390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#waterfall-menu").click()
    page.get_by_role("menuitem", name="Copy link").click()
    expect(page.locator("#announcements")).to_have_text("The link is copied.")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == f"{desk.url}/#waterfall"

    page.goto("about:blank")
    page.goto(address)

    expect(page.locator("#waterfall h2")).to_be_in_viewport()


@pytest.mark.parametrize("chart", CHARTS)
def test_the_file_of_a_chart_holds_what_it_shows(archive: Archive, chart: str) -> None:
    page = archive.open("/", f"#{chart} .{'main-svg' if chart == 'curve' else 'waterfall-bar'}")
    page.wait_for_selector("#kpis[data-seq]")
    page.locator(f"#{chart}-menu").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="Download CSV").click()

    rows = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text())))
    assert rows
    net = Decimal(rows[-1]["net_usd"])
    assert round(net, 2) == figure(page, "net")
    if chart == "waterfall":
        assert [row["seq"] for row in rows] == [page.locator("#kpis").get_attribute("data-seq")]
    assert not archive.complaints
