"""Every panel is for everybody, and fits the frame that it is given."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import expect

from pnl.access.grants import PANELS
from pnl.domain.records import RevenueKind
from tests.browser.embeds.world import World, drawn
from tests.browser.framing import LISTEN, page
from tests.domain.strategies import entry


@pytest.mark.parametrize(("theme", "width", "height"), [("dark", 640, 320), ("light", 320, 180)])
def test_axe_finds_nothing_in_any_panel(world: World, theme: str, width: int, height: int) -> None:
    made = world.page()
    made.set_viewport_size({"width": width, "height": height})
    for panel in PANELS:
        made.goto(world.address(panel, f"&theme={theme}"))
        made.wait_for_selector("#embed[data-seq]")
        if panel in ("equity", "drawdown"):
            made.wait_for_selector(".curve-chart .main-svg")
        if panel == "activity":
            made.wait_for_selector(".event")
        if panel == "calendar":
            made.wait_for_selector(".heat-grid")
        found = Axe().run(made)
        assert found.violations_count == 0, (panel, found.generate_report())
        assert made.evaluate("document.documentElement.scrollWidth <= innerWidth"), panel
    assert world.complaints == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_in_the_pages_that_say_why_and_check(world: World, theme: Any) -> None:  # noqa: ANN401
    made = world.page()
    made.emulate_media(color_scheme=theme)
    for path in ("/embed/net?token=nsl_x", "/embed/check"):
        made.goto(world.house.url + path)
        made.wait_for_selector("#embed h1")
        found = Axe().run(made)
        assert found.violations_count == 0, (path, found.generate_report())


@pytest.mark.parametrize("way", ["", "&refresh=30"])
def test_the_line_below_a_narrow_panel_says_all_of_when_it_was_updated(world: World, way: str) -> None:
    made = world.page()
    made.set_viewport_size({"width": 320, "height": 180})
    made.goto(world.address("kpis", f"&tz=Europe/Berlin{way}"))
    made.wait_for_selector("#embed[data-seq]")
    said = made.locator("#embed-state")
    expect(said).to_have_text(re.compile(r" \d\d:\d\d:\d\d CET$"))

    cut = "node => node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight"
    assert not said.evaluate(cut)
    said.evaluate("node => node.firstChild.data = 'Not live: last good figures of 05:46:55 GMT+5:45, retry in 30 s'")
    assert not said.evaluate(cut)
    assert made.evaluate("document.documentElement.scrollWidth <= innerWidth")


CUT = """() => [...document.querySelectorAll("#embed *")].filter(node => {
  const { overflowX, display } = getComputedStyle(node);
  return overflowX === "hidden" && display !== "inline" && node.clientWidth > 1 && node.scrollWidth > node.clientWidth
    && node.textContent.trim() && !node.matches(".event-title, .event-meta");
}).map(node => node.textContent)"""


@pytest.mark.parametrize("world", [True], indirect=True)
def test_every_panel_fits_the_size_that_its_code_names(world: World) -> None:
    """With every line that a statement may have, and the mark of figures that are invented."""
    kinds: tuple[RevenueKind, ...] = ("sale", "refund", "fee", "adjustment", "operating_cost")
    day = world.house.company.calendar.day(world.house.now)
    world.tick(*(entry(kind, "84.25", day, name=f"{kind}-1") for kind in kinds))
    made = world.page()
    made.set_viewport_size({"width": 900, "height": 700})
    made.add_init_script("globalThis.northstar ??= {};")
    for panel in PANELS:
        made.goto("about:blank")
        made.add_script_tag(path="assets/share/words.js")
        code = made.evaluate(
            "what => northstar.share.snippet(what)", {"url": world.address(panel), "panel": panel, "title": panel}
        )
        world.wiki.pages["/"] = page(LISTEN + code.replace(' loading="lazy"', ""))
        made.goto(world.wiki.origin)
        frame = drawn(made)
        frame.locator("#embed-state").filter(has_text="updated").wait_for()
        if panel == "calendar":
            frame.wait_for_selector(".heat-grid")

        chip = frame.locator(".embed-demo").bounding_box()
        place = made.locator("iframe").bounding_box()
        assert chip is not None
        assert place is not None
        assert chip["y"] + chip["height"] <= place["y"] + place["height"], panel
        assert frame.evaluate(CUT) == [], panel
        if panel != "positions":
            assert frame.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0, panel
