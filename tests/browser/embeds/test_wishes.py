"""The page around a panel sets theme and range, but for what the link has settled."""

from playwright.sync_api import expect

from pnl.domain.money import CENT, share
from pnl.panels.amounts import dollars
from tests.browser.embeds.world import World, inside


def spent(world: World) -> str:
    """Return what all days cost, as a panel prints it."""
    days = world.house.company.history.days(None, None, None)
    lines = ("api_cost", "trading_fees", "operating_cost")
    return dollars(share(-sum((day.lines[line] or 0) for day in days for line in lines), 1, 1, CENT) // CENT)


def test_the_page_around_it_sets_theme_and_range(world: World) -> None:
    made, frame = world.framed(world.address("costs"))
    made.evaluate("panel.contentWindow.postMessage({ type: 'northstar:set', theme: 'light', range: '7d' }, '*')")

    expect(frame.locator("html")).to_have_attribute("data-theme", "light")
    expect(frame.locator("#embed-title")).to_have_text("Costs last 7 days")
    expect(frame.locator("#embed-figure")).to_contain_text(spent(world))


def test_what_a_link_has_settled_nobody_changes(world: World) -> None:
    token = world.token("costs", range="1d", theme="dark")
    made, frame = world.framed(f"{world.house.url}/embed/costs?token={token}&range=ytd&theme=light")
    made.evaluate("panel.contentWindow.postMessage({ type: 'northstar:set', theme: 'light', range: '7d' }, '*')")
    seq = world.tick()
    frame.wait_for_selector(f"#embed[data-seq='{seq}']")

    expect(frame.locator("html")).to_have_attribute("data-theme", "dark")
    expect(frame.locator("#embed-title")).to_have_text("Costs today")
    assert "settled by the link" in str(frame.get_attribute(".embed-foot", "title"))


def test_a_wish_that_makes_no_sense_is_told_in_the_frame(world: World) -> None:
    made = world.page()
    made.goto(world.wiki.frames(world.address("net", "&from=soon")))

    expect(inside(made).locator("#embed-reason")).to_have_text(
        "from 'soon' is no company day: write a day such as 2026-11-20, now, or now-30d."
    )
