"""What is around the pages: colours, the wall screen, paper, the keyboard, and the bar of a phone."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk

PALETTES = {
    ("teal", "dark"): ("#3FD6BE", "#FF6B3D"),
    ("blue", "dark"): ("#62B0FF", "#FF9440"),
    ("green", "dark"): ("#43D68A", "#FF7070"),
    ("teal", "light"): ("#0B7568", "#B93A0A"),
    ("blue", "light"): ("#1B5FC4", "#A34A00"),
    ("green", "light"): ("#13703B", "#BC2525"),
}
NAMES = {"blue": "Blue and orange", "green": "Green and red", "teal": "Teal and vermilion"}


def variable(page: Page, name: str) -> str:
    found: str = page.evaluate("name => getComputedStyle(document.documentElement).getPropertyValue(name)", name)
    return found.strip().upper()


def curve(page: Page) -> set[str]:
    """Return the colours of the lines of the chart, as `rgb(…)`."""
    strokes = page.locator(".curve-chart .js-line").evaluate_all("lines => lines.map(line => line.style.stroke)")
    return set(strokes)


def rgb(colour: str) -> str:
    value = int(colour[1:], 16)
    return f"rgb({value >> 16}, {value >> 8 & 255}, {value & 255})"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("palette", ["blue", "green"])
def test_gain_and_loss_have_the_colours_that_were_chosen_in_charts_too(desk: Desk, palette: str, theme: str) -> None:
    page = desk.open(theme=theme)
    page.get_by_role("button", name="Appearance").click()

    page.get_by_role("button", name=NAMES[palette]).click()

    gain, loss = PALETTES[palette, theme]
    assert (variable(page, "--gain"), variable(page, "--loss")) == (gain, loss)
    page.wait_for_function(
        "ways => [...document.querySelectorAll('.curve-chart .js-line')].some(one => ways.includes(one.style.stroke))",
        arg=[rgb(gain), rgb(loss)],  # the line is of the one or the other, as the day stands by now
    )
    assert not {rgb(colour) for colour in PALETTES["teal", theme]} & curve(page)
    expect(page.get_by_role("button", name=NAMES[palette])).to_have_attribute("aria-pressed", "true")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_chosen_colours_are_there_at_the_first_paint_of_the_next_visit(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("button", name=NAMES["green"]).click()

    page.goto(desk.url, wait_until="domcontentloaded")

    expect(page.locator("html")).to_have_attribute("data-palette", "green")
    assert variable(page, "--gain") == PALETTES["green", "dark"][0]


def test_what_the_address_or_the_memory_says_amiss_is_as_usual(desk: Desk) -> None:
    page = desk.open("/status?theme=blue&palette=pink")

    expect(page.locator("html")).to_have_attribute("data-palette", "teal")
    expect(page.locator("html")).to_have_attribute("data-theme-wish", "system")


def test_the_theme_is_the_systems_until_another_is_chosen(desk: Desk) -> None:
    page = desk.open(theme="light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("button", name="Light", exact=True).click()
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")

    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_role("button", name="Light", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_wall_screen_shows_figures_and_how_fresh_they_are_and_nothing_to_press(desk: Desk) -> None:
    page = desk.context("dark", 1920).new_page()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.on("console", desk._heard)
    desk.company.show()
    page.goto(desk.url + "/?kiosk=1")
    page.wait_for_selector(".curve-chart .main-svg")

    for gone in (".tabs", ".page-tab", "#help-button", "#theme-button", ".footer", ".positions-panel", ".segments"):
        expect(page.locator(gone).first).to_be_hidden()
    for kept in ("#demo", "#connection", "#chips", "#clock", "#kpis", ".waterfall"):
        expect(page.locator(kept)).to_be_visible()
    size = page.locator(".kpi-hero .figure").evaluate("figure => parseFloat(getComputedStyle(figure).fontSize)")
    assert size > 70
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        1920,
        1080,
    ]
    assert page.evaluate("[...document.querySelectorAll('.kpi')].every(cell => cell.scrollWidth <= cell.clientWidth)")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert desk.complaints == []


@pytest.mark.parametrize(
    ("path", "drawn"),
    [
        ("/history", ".history-stats .stat"),
        ("/reconcile", "[data-action=check-now]"),
        ("/sources", "[data-source-card=kalshi] .s-facts"),
        ("/alerts", "#alert-form input"),
        ("/entries", "#entry-date"),
        ("/status", "[data-part=versions]"),
    ],
)
def test_no_page_has_a_button_on_a_wall_screen(desk: Desk, path: str, drawn: str) -> None:
    page = desk.open(f"{path}?kiosk=1")
    page.wait_for_selector(drawn, state="attached")

    assert page.locator(":is(main .button, main .icon-button, main form):visible").count() == 0


def test_escape_closes_what_is_open_on_a_wall_screen_and_then_ends_it(desk: Desk) -> None:
    page = desk.open("/?kiosk=1")
    expect(page.locator(".tabs")).to_have_count(1)
    expect(page.locator(".tabs")).to_be_hidden()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    expect(page.locator(".tabs")).to_be_hidden()
    page.locator("#connection").click()
    expect(page.locator("#popover")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#popover")).to_be_hidden()
    expect(page.locator(".tabs")).to_be_hidden()
    page.keyboard.press("Escape")

    expect(page.locator(".tabs")).to_be_visible()
    assert page.url.endswith("/")


def test_the_key_f_turns_the_wall_screen_on_and_off_and_the_address_says_so(desk: Desk) -> None:
    page = desk.open()

    page.keyboard.press("f")
    expect(page.locator(".tabs")).to_be_hidden()
    assert page.url.endswith("/?kiosk=1")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.locator("h1")).to_have_text("Sources")
    page.wait_for_url("**/sources?kiosk=1")
    page.get_by_role("button", name="Leave the wall screen").click()

    expect(page.locator(".tabs")).to_be_visible()
    assert page.url.endswith("/sources")


@pytest.mark.parametrize(("path", "least"), [("/", 2), ("/status", 1)])
def test_paper_is_light_has_no_frame_and_shows_charts_at_its_own_width(desk: Desk, path: str, least: int) -> None:
    page = desk.open(path)
    page.wait_for_selector(".curve-chart .main-svg" if path == "/" else "[data-measure]")
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
          const chart = document.querySelector(".main-svg");
          window.printed = [document.documentElement.dataset.theme, chart?.getAttribute("width")];
        })"""
    )

    paper = page.pdf(prefer_css_page_size=True)

    pages = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert pages >= least
    theme, width = page.evaluate("window.printed")
    assert theme == "light"
    assert width in {None, "1038"}
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.emulate_media(media="print")
    assert variable(page, "--bg") == "#FFFFFF"
    for gone in (".topbar", ".tabs", ".segments"):
        assert not page.locator(gone).first.is_visible()


def test_paper_says_that_figures_are_invented_and_how_many_rows_are_left_out(desk: Desk) -> None:
    page = desk.open()
    rest = page.locator("[data-action='outcome-more']")
    left_out = re.sub(r"\D", "", rest.inner_text())

    page.emulate_media(media="print")

    said = "(element, which) => getComputedStyle(element, which).content"
    assert "DEMO DATA" in page.locator("main").evaluate(said, "::before")
    assert rest.evaluate("(element) => element.dataset.rest") == f"and {left_out} more"
    assert "on the page" in rest.evaluate(said, "::after")
    assert rest.evaluate("(element) => getComputedStyle(element).fontSize") == "0px"
    assert rest.evaluate("(element) => getComputedStyle(element, '::after').fontSize") == "11px"
    assert rest.is_visible()


def test_every_key_is_told_in_the_help_and_the_help_is_closed_by_escape(desk: Desk) -> None:
    page = desk.open()

    page.keyboard.press("?")

    told = page.locator(".help dt").all_inner_texts()
    assert {re.sub(r"\s+", " ", keys) for keys in told} >= {
        *("g l", "g h", "g r", "g s", "g e", "g t", "Enter", "e", "t", "f", "?", "Esc")
    }
    tabs = page.locator(".page-tab span:last-child").all_inner_texts()
    help_text = page.locator(".help").inner_text()
    assert all(f"Go to {name}" in help_text for name in tabs)
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).not_to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_no_key_of_the_help_lies_over_what_it_does(desk: Desk, width: int) -> None:
    page = desk.open(width=width)
    page.keyboard.press("?")
    expect(page.locator(".help")).to_be_visible()

    rows = page.locator(".help-row").evaluate_all(
        """rows => rows.map(row => {
          const keys = [...row.querySelectorAll("kbd")].map(key => key.getBoundingClientRect().right);
          const { left, right } = row.querySelector("dd").getBoundingClientRect();
          return { keys: Math.max(...keys), left, right };
        })"""
    )

    assert len(rows) > 15
    assert all(row["keys"] + 8 <= row["left"] for row in rows)
    assert len({row["left"] for row in rows}) == 1
    assert all(row["right"] <= width for row in rows)


def test_keys_are_quiet_while_somebody_types(desk: Desk) -> None:
    page = desk.open("/entries")
    page.locator("#entry-description").click()

    page.keyboard.type("gift for the team?")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert not page.evaluate("document.documentElement.hasAttribute('data-kiosk')")
    expect(page.locator("h1")).to_have_text("Entries")


def test_the_first_stop_of_the_tab_key_leads_past_the_frame_to_the_figures(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_tab_key_goes_through_the_frame_from_left_to_right(desk: Desk) -> None:
    page = desk.open()
    stops: list[float] = []
    page.keyboard.press("Tab")
    for _ in range(page.locator(".topbar :is(a, button):visible").count()):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.getBoundingClientRect().left"))

    assert stops == sorted(stops)
    assert page.evaluate("document.activeElement.closest('.topbar') !== null")


@pytest.mark.parametrize(("motion", "flashes"), [("no-preference", True), ("reduce", False)])
def test_a_figure_that_moved_lights_up_unless_no_motion_is_wanted(desk: Desk, motion: Any, flashes: bool) -> None:  # noqa: ANN401 - typed as literals
    page = desk.open()
    page.emulate_media(reduced_motion=motion)
    page.evaluate(
        """() => {
          window.lit = [];
          const animate = Element.prototype.animate;
          Element.prototype.animate = function (...how) {
            window.lit.push(this.dataset.figure ?? "");
            return animate.apply(this, how);
          };
        }"""
    )

    desk.company.extra = {"trading_realised": 123_000_000_000}
    desk.tick(page)

    assert ("realised" in page.evaluate("window.lit")) is flashes
    assert ("net" in page.evaluate("window.lit")) is flashes
    assert "revenue" not in page.evaluate("window.lit")


def test_nothing_moves_for_who_wants_no_motion(desk: Desk) -> None:
    page = desk.open()

    running = page.evaluate("document.getAnimations().filter(each => each.playState === 'running').length")

    assert running == 0
    desk.tick(page)
    assert page.evaluate("document.getAnimations().filter(each => each.playState === 'running').length") == 0


@pytest.mark.parametrize("width", [390, 360])
def test_seven_tabs_fit_the_bar_of_a_phone(desk: Desk, width: int) -> None:
    page = desk.open("/status", width=width)
    page.wait_for_selector("[data-measure]")

    boxes = page.locator(".page-tab").evaluate_all(
        "tabs => tabs.map(tab => tab.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"
    )

    assert len(boxes) == 7
    assert all(left >= -0.5 and right <= width + 0.5 and height >= 44 for left, right, height in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    names = page.locator(".page-tab span:last-child")
    assert names.evaluate_all("names => names.every(name => name.scrollWidth <= name.clientWidth + 1)")


def test_a_bar_longer_than_the_phone_is_scrolled_to_the_tab_of_the_page(desk: Desk) -> None:
    page = desk.open("/", width=390)
    page.set_viewport_size({"width": 240, "height": 700})

    page.keyboard.press("g")
    page.keyboard.press("t")

    expect(page.locator("#tab-status")).to_have_attribute("aria-current", "page")
    expect(page.locator("#tab-status")).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("width", [1300, 1024, 931, 930, 800, 781])
def test_seven_tabs_leave_room_for_what_stands_at_the_right(desk: Desk, width: int) -> None:
    page = desk.open("/status", width=width)
    page.wait_for_selector("[data-measure]")

    tabs = page.locator(".page-tab").last.bounding_box()
    right = page.locator(".topbar-end").bounding_box()

    assert tabs
    assert right
    assert tabs["x"] + tabs["width"] <= right["x"]
    assert right["x"] + right["width"] <= width
