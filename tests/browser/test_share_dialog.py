"""The Share dialog: an editor chooses, sees, copies, lists and revokes; a viewer is not offered it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.archive import PASSWORD, Archive, serving

WIKI = "https://wiki.example.com"
OTHER = "https://other.example"


@pytest.fixture
def house(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Archive]:
    """The archive, with people who sign in, and sites that may frame panels."""
    contexts: list[BrowserContext] = []

    def context(theme: Any, width: int) -> BrowserContext:  # noqa: ANN401 - typed as literals
        size: Any = {"width": width, "height": 900}
        allowed = ["clipboard-read", "clipboard-write"]
        made = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce", permissions=allowed)
        made.set_default_timeout(20_000)
        contexts.append(made)
        return made

    parents = getattr(request, "param", (WIKI, OTHER))
    with serving(tmp_path, context, signs_in=True, parents=parents) as made:
        yield made
        for one in contexts:
            one.close()


def entered(house: Archive, name: str, *, theme: str = "dark", width: int = 1440) -> Page:
    page = house.context(theme, width).new_page()
    page.clock.install(time=house.now)
    page.on("request", house._asked)
    page.on("console", house._heard)
    page.goto(house.url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("#kpis[data-seq]")
    return page


def opened(page: Page) -> None:
    page.keyboard.press("s")
    page.wait_for_selector("iframe.share-preview")
    page.frame_locator("iframe.share-preview").locator("#embed[data-seq]").wait_for()


def test_an_editor_makes_a_link_sees_it_and_revokes_it(house: Archive) -> None:
    page = entered(house, "bob")
    opened(page)
    page.get_by_label("Panel", exact=True).select_option("costs")
    page.get_by_role("button", name="7D").click()
    page.get_by_label(OTHER).uncheck()
    shown = page.frame_locator("iframe.share-preview").locator("#embed-title")
    expect(shown).to_have_text("Costs last 7 days")
    expect(page.locator("#share-code")).to_have_value("")
    expect(page.locator("#share-code")).to_have_attribute("placeholder", re.compile("only then is its link made"))

    page.get_by_role("button", name="Copy code").click()
    expect(page.locator(".share-said")).to_contain_text("Copied.")

    code = page.evaluate("navigator.clipboard.readText()")
    assert code == page.locator("#share-code").input_value()
    found = re.search(r'src="([^"]+)"', code)
    assert found
    assert house.context("dark", 640).new_page().goto(found[1].replace("&amp;", "&")).status == 200  # type: ignore[union-attr]
    [link] = house.embeds.links()
    assert (link.panels, link.origins, link.made_by) == (("costs",), (WIKI,), "bob")
    row = page.locator(".share-links tbody tr")
    expect(row).to_contain_text("Costs · 7D")
    page.get_by_role("button", name="Revoke the link to Costs").click()
    expect(row).to_contain_text("revoked")
    assert house.embeds.links()[0].ended
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    assert house.foreign == []
    assert house.complaints == []


def test_all_links_are_revoked_by_one_button(house: Archive) -> None:
    for panel in ("net", "kpis"):
        house.embeds.make([panel], {}, [WIKI], 30, "ann")
    page = entered(house, "bob")
    opened(page)

    page.get_by_role("button", name="Revoke all").click()

    expect(page.locator(".share-said")).to_have_text("2 links are revoked.")
    expect(page.locator(".share-gone")).to_have_count(2)


@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_the_menu_of_the_bar_leads_to_it_and_to_the_keys(house: Archive, width: int) -> None:
    page = entered(house, "bob", width=width)
    for path in (
        "/",
        "/history",
        "/history/day/2026-11-19",
        "/reconcile",
        "/sources",
        "/entries",
        "/alerts",
        "/status",
    ):
        page.goto(house.url + path)
        page.locator("#theme-button").click()
        page.get_by_role("button", name="Share a panel").click()
        expect(page.locator("#dialog .share-form")).to_be_visible()
        expect(page.locator("#popover")).to_be_hidden()
        page.keyboard.press("Escape")
    page.locator("#theme-button").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.locator("#dialog .help")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_what_the_bar_shows_is_not_offered_twice_nor_to_a_viewer_at_all(house: Archive) -> None:
    editor = entered(house, "bob")
    editor.locator("#theme-button").click()
    expect(editor.locator("#popover .appearance-kiosk")).to_be_visible()
    expect(editor.locator("#popover .appearance-more")).to_have_count(0)

    viewer = entered(house, "ann", width=390)
    viewer.locator("#theme-button").click()
    expect(viewer.locator("#popover .appearance-more")).to_have_text(["Keyboard shortcuts"])


def test_a_viewer_is_not_offered_it_and_may_not(house: Archive) -> None:
    page = entered(house, "ann")

    expect(page.locator("#share-button")).to_have_count(0)
    page.keyboard.press("s")
    expect(page.locator("#dialog[open]")).to_have_count(0)
    for method in ("GET", "POST", "DELETE"):
        asked = "method => fetch('/api/pnl/embeds', { method }).then(({ status }) => status)"
        assert page.evaluate(asked, method) == 403


@pytest.mark.parametrize("house", [()], indirect=True)
def test_where_embedding_is_off_the_dialog_says_how_to_turn_it_on(house: Archive) -> None:
    page = entered(house, "bob")

    page.get_by_role("button", name="Share a panel").click()

    expect(page.locator(".share-off")).to_contain_text("PNL_EMBED_PARENTS")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 1440), ("light", 600)])
def test_axe_finds_nothing_in_the_open_dialog(house: Archive, theme: str, width: int) -> None:
    house.embeds.make(["net"], {}, [WIKI], 30, "ann")
    page = entered(house, "bob", theme=theme, width=width)
    opened(page)
    page.wait_for_selector(".share-links")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_axe_finds_nothing_where_a_figure_is_opened_after_the_dialog(house: Archive, theme: str, width: int) -> None:
    page = entered(house, "bob", theme=theme, width=width)
    page.keyboard.press("s")
    page.wait_for_selector("iframe.share-preview" if width > 720 else "#dialog[open]")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    page.locator(".kpi-hero").click()
    expect(page.locator("#explain-total")).to_be_visible()

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


def test_the_menu_of_a_chart_leads_to_its_panel_for_an_editor_alone(house: Archive) -> None:
    page = entered(house, "bob")
    page.locator("#waterfall-menu").click()
    page.get_by_role("menuitem", name="Embed").click()
    expect(page.get_by_label("Panel", exact=True)).to_have_value("waterfall")

    page = entered(house, "ann")
    page.locator("#waterfall-menu").click()
    expect(page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Embed")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_buttons_of_the_form_stay_within_their_column(house: Archive, width: int) -> None:
    page = entered(house, "bob", width=width)
    opened(page)
    page.get_by_label("Panel", exact=True).select_option("equity")
    expect(page.get_by_role("button", name="YTD")).to_be_visible()

    edges = page.evaluate(
        "[...document.querySelectorAll('.share-form, .share-form .segments button')]"
        ".map(node => node.getBoundingClientRect().right)"
    )
    texts = page.locator(".share-form .segments button")

    assert len(edges) > 10
    assert max(edges) == edges[0]
    assert texts.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")


def test_a_name_and_a_bell_leave_the_clock_its_place(house: Archive) -> None:
    page = entered(house, "bob")
    page.evaluate(
        "document.getElementById('alert-count').innerHTML ="
        ' \'<a class="badge alert-badge badge-loss"><span class="icon icon-bell"></span>12</a>\''
    )
    page.evaluate("document.querySelector('.who-name').textContent = 'somebody.longer@example.com'")

    expect(page.locator("#clock")).to_have_text(re.compile(r"\d\d:\d\d:\d\d [A-Z]+"))
    clock, bar, tabs = (page.locator(at).bounding_box() for at in ("#clock", ".topbar-end", ".tabs"))
    assert clock is not None
    assert bar is not None
    assert tabs is not None
    assert tabs["x"] + tabs["width"] <= bar["x"] <= clock["x"]
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
