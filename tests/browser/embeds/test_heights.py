"""The frame follows the height of its panel, and keeps it when the panel ends."""

import pytest
from playwright.sync_api import Page

from tests.browser.embeds.world import World, drawn, ended, heard
from tests.browser.framing import LISTEN, page


def test_the_frame_grows_and_shrinks_with_the_panel(world: World) -> None:
    world.wiki.pages["/"] = page(
        f'{LISTEN}<script src="{world.house.url}/embed.js"></script><div id="place" style="width:800px"></div><script>'
        f"northstarEmbed(place, {{ panel: 'waterfall', token: '{world.token('waterfall')}' }});</script>"
    )
    made = world.page()
    made.goto(world.wiki.origin)
    frame = drawn(made)

    def settled(width: int) -> int:
        made.evaluate("width => { place.style.width = `${width}px`; }", width)
        frame.wait_for_function("width => Math.abs(innerWidth - width) < 2", arg=width)
        made.wait_for_function(
            "() => heard.findLast(({ type }) => type === 'northstar:size')?.height === place.firstChild.clientHeight"
        )
        needed = frame.evaluate("document.getElementById('embed').getBoundingClientRect().height")
        made.wait_for_function("high => Math.abs(place.firstChild.clientHeight - high) < 2", arg=needed)
        return int(needed)

    wide, narrow, again = settled(800), settled(330), settled(800)

    assert narrow < wide == again
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    assert world.complaints == []


def helped(world: World, panel: str) -> Page:
    """Open a page that frames a panel by the helper, and so follows its height."""
    world.wiki.pages["/"] = page(
        f'{LISTEN}<script src="{world.house.url}/embed.js"></script><div id="place" style="width:700px"></div><script>'
        f"northstarEmbed(place, {{ panel: '{panel}', token: '{world.token(panel)}' }});</script>"
    )
    made = world.page()
    made.goto(world.wiki.origin)
    return made


@pytest.mark.parametrize("panel", ["kpis", "positions"])
def test_a_panel_that_is_revoked_keeps_its_height(world: World, panel: str) -> None:
    made = helped(world, panel)
    frame = drawn(made)
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:size')")
    needed = frame.evaluate("document.getElementById('embed').getBoundingClientRect().height")
    ended(world, made)
    frame.wait_for_selector("#embed.embed-refused")

    assert frame.evaluate("document.getElementById('embed').getBoundingClientRect().height") == needed


def test_a_panel_tells_no_height_before_there_is_something_to_see(world: World) -> None:
    made = helped(world, "waterfall")
    frame = drawn(made)
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:size')")

    assert heard(made, "size")[0]["height"] > frame.evaluate("document.querySelector('.waterfall').clientHeight")


def test_what_takes_the_place_of_a_panel_is_as_high_as_the_panel_was(world: World) -> None:
    made = helped(world, "waterfall")
    drawn(made)
    made.wait_for_function("heard.some(({ type, height }) => type === 'northstar:size' && height > 200)")
    high = made.evaluate("place.firstChild.clientHeight")
    world.house.embeds.end_all()
    made.evaluate("place.firstChild.src = place.firstChild.src")
    made.wait_for_function("heard.some(({ type }) => type === 'northstar:expired')")
    made.wait_for_function("heard.findLast(({ type }) => type === 'northstar:size')")

    assert "revoked" in heard(made, "expired")[0]["reason"]
    assert made.evaluate("place.firstChild.clientHeight") == high
