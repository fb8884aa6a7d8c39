"""What is seen before the app has started, and the moment in which it takes over."""

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Desk

WATCH = """
window.seen = [];
window.shift = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
(function look() {
  const figure = [...document.querySelectorAll(".kpi-hero .figure")].find((each) => each.getClientRects().length);
  const text = figure ? figure.textContent : "";
  if (window.seen.at(-1) !== text) window.seen.push(text);
  requestAnimationFrame(look);
})();
"""


def held(desk: Desk) -> tuple[Page, list[Route]]:
    """Return a page whose app does not start, and what holds it back."""
    page = desk.context("dark", 1440).new_page()
    page.on("console", desk._heard)
    routes: list[Route] = []
    page.route("**/_dash-layout", lambda route: routes.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    page.add_init_script(WATCH)
    return page, routes


def test_the_figures_are_there_before_the_app_and_do_not_blink_when_it_comes(desk: Desk) -> None:
    desk.company.show()
    page, routes = held(desk)

    with page.expect_request("**/_dash-layout"):
        page.goto(desk.url, wait_until="commit")
    net = page.locator(".first .kpi-hero .figure")
    expect(net).to_be_visible()
    expect(page.locator(".first .kpi-hero .kpi-meta")).to_contain_text("as of ")
    expect(page.locator(".first #first-demo")).to_have_text("DEMO DATA")
    shown = net.inner_text()
    page.wait_for_function("() => window.northstar?.store")
    routes[0].continue_()
    page.wait_for_selector("#kpis[data-seq]")

    expect(page.locator(".first")).to_have_count(0)
    seen = page.evaluate("window.seen")
    assert seen[seen.index(shown) :] == [shown], seen
    assert page.evaluate("window.shift") < 0.02
    assert desk.complaints == []


def test_a_page_that_does_not_start_says_that_its_figures_stand_still(desk: Desk) -> None:
    desk.company.show()
    page, routes = held(desk)
    page.clock.install()
    page.goto(desk.url, wait_until="commit")
    page.wait_for_function("() => window.northstar?.store")

    page.clock.fast_forward(16_000)

    expect(page.get_by_role("alert")).to_contain_text("This page has not started.")
    expect(page.locator("html")).to_have_attribute("data-troubled", "")
    expect(page.locator(".first .kpi-hero .figure")).to_be_visible()
    routes[0].abort()


def test_the_keys_and_buttons_of_the_frame_work_before_the_app_has_come(desk: Desk) -> None:
    desk.company.show()
    page, routes = held(desk)
    page.goto(desk.url, wait_until="commit")
    page.wait_for_function("() => window.northstar?.store")

    page.keyboard.press("t")

    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    routes[0].abort()
