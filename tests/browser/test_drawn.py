"""What the server drew into a page is not replaced by figures that are older, however the live feed does."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.gate import EVENTS, POLLING, WEBSOCKET, Gate
from tests.browser.watching import LISTEN

NET = ".kpi-hero .figure"


def visited(desk: Desk, gate: Gate) -> Page:
    """Return a page that has kept the snapshot which it shows."""
    page = desk.context("dark", 1440).new_page()
    page.add_init_script(LISTEN)
    page.goto(f"http://127.0.0.1:{gate.port}/")
    page.wait_for_selector(f'#kpis[data-seq="{desk.company.seq}"]')
    page.wait_for_function(
        "seq => JSON.parse(localStorage.getItem('pnl.snapshot'))?.data.seq === seq", arg=desk.company.seq
    )
    return page


def until(page: Page, kind: str) -> None:
    page.wait_for_function("kind => northstar.live?.log.at(-1)?.kind === kind", arg=kind, timeout=60_000)


def test_newer_figures_that_came_with_the_page_stay_and_the_warning_tells_of_when_they_are(
    desk: Desk, gate: Gate
) -> None:
    page = visited(desk, gate)
    before = page.locator(NET).inner_text()
    gate.shut(WEBSOCKET, EVENTS, POLLING)
    desk.company.extra = {"other_income": 5_000_000_000_000}
    newer = desk.company.tick()

    page.reload()
    until(page, "offline")

    banner = page.locator("#banner")
    expect(banner).to_contain_text("Not receiving updates.")
    of = page.evaluate(
        "northstar.zone.clock(document.querySelector('[data-drawn-at]').dataset.drawnAt, 'America/New_York')"
    )
    expect(banner).to_contain_text(f"the last good snapshot from {of}, which came with the page")
    expect(page.locator("#content [data-drawn-seq]")).to_have_attribute("data-drawn-seq", str(newer))
    expect(page.locator("#kpis")).not_to_have_attribute("data-seq", str(newer - 1))
    shown = page.locator(NET).inner_text()
    assert shown != before
    expect(page.locator("html")).to_have_attribute("data-troubled", "")
    expect(page.locator(".badge-age")).to_be_visible()

    gate.open()
    until(page, "websocket")
    page.wait_for_selector(f'#kpis[data-seq="{newer}"]')
    expect(page.locator(NET)).to_have_text(shown)
    expect(page.locator("#banner .banner")).to_have_count(0)


def test_a_first_visit_without_a_live_feed_says_of_when_its_figures_are(desk: Desk, gate: Gate) -> None:
    gate.shut(WEBSOCKET, EVENTS, POLLING)
    page = desk.context("dark", 1440).new_page()
    page.add_init_script(LISTEN)

    page.goto(f"http://127.0.0.1:{gate.port}/")
    until(page, "offline")

    expect(page.locator("#banner")).to_contain_text("which came with the page")
    expect(page.locator("#banner")).not_to_contain_text("no snapshot")
    expect(page.locator(NET)).to_contain_text("$")


def test_who_asks_now_and_then_asks_at_once_when_a_page_brings_newer_figures(desk: Desk, gate: Gate) -> None:
    page = desk.context("dark", 1440).new_page()
    page.add_init_script(f"{LISTEN} northstar.timing.pollEvery = 600_000;")
    gate.shut(WEBSOCKET, EVENTS)
    page.goto(f"http://127.0.0.1:{gate.port}/history")
    until(page, "polling")
    page.wait_for_function("() => northstar.store?.seq !== null")
    newer = desk.company.tick()

    page.get_by_role("link", name="Live").click()

    page.wait_for_selector(f'#kpis[data-seq="{newer}"]')
