"""What every page shows of what fires: the count, the banner and the activity."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from pnl.alerts.kept import Happened
from pnl.domain.alerts.incidents import event
from tests.browser.alerts.standing import HOSTILE, a_rule, alerts_of, row, stand, state
from tests.browser.conftest import Desk


def test_every_page_shows_how_many_fire_and_names_what_is_critical(watched: Desk) -> None:
    page = watched.open("/")
    expect(page.get_by_role("link", name="1 alert is firing, 1 critical")).to_be_visible()
    expect(page.locator(".alert-banner")).to_contain_text("Loss of the day is firing since")
    more = a_rule(name=HOSTILE)

    stand(watched, (more, state(watched, more)))

    expect(page.locator(".alert-badge")).to_have_text("2")
    expect(page.locator(".alert-banner")).to_contain_text("and 1 more alert is critical.")
    page.get_by_role("link", name="2 alerts are firing, 2 critical").click()
    expect(row(page, "Loss of the day")).to_be_visible()
    expect(page.get_by_role("link", name="Alerts", exact=True)).to_have_attribute("aria-current", "page")
    assert watched.complaints == []


@pytest.mark.parametrize("width", [1440, 1401, 1400, 1000, 781, 780, 390, 360])
def test_the_count_makes_no_page_wider_than_the_screen(watched: Desk, width: int) -> None:
    page = watched.open("/", width=width)
    expect(page.locator(".alert-badge")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") == width


NAMED = """way => {
  const name = '<span class="who-name">ann.longest-name@accounting.example.com</span>';
  const out = '<button type="submit" class="icon-button"><span class="icon icon-log-out"></span></button>';
  const who = way === "proxy" ? `<span class="who">${name}</span>` : `<form class="who">${name}${out}</form>`;
  document.getElementById("connection").insertAdjacentHTML("afterend", who);
}"""
"""Who is signed in, as the shell tells it."""

ROOM = """() => {
  const row = document.querySelector(".topbar-row");
  const inner = row.getBoundingClientRect().right - parseFloat(getComputedStyle(row).paddingRight);
  return inner - document.getElementById("theme-button").getBoundingClientRect().right;
}"""
"""How much is left between the last button and the gutter; below zero it stands in it."""


@pytest.mark.parametrize("way", ["proxy", "session"])
def test_the_bar_has_room_for_a_long_name_beside_what_fires(watched: Desk, way: str) -> None:
    page = watched.open("/alerts", width=1440)
    expect(page.locator(".alert-badge")).to_be_visible()
    expect(page.locator(".badge-age")).to_be_attached()
    page.evaluate(NAMED, way)
    found = {}

    for width in (1680, 1601, 1600, 1440, 1401, 1400, 1241, 1240, 1024, 1001, 1000, 781, 780, 431, 430, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = (page.evaluate("document.documentElement.scrollWidth") - width, page.evaluate(ROOM) >= 0)

    assert found == dict.fromkeys(found, (0, True))


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080), (1366, 768)])
def test_a_wall_screen_that_says_what_fires_is_as_high_as_the_screen_and_has_nothing_to_press(
    watched: Desk, size: tuple[int, int]
) -> None:
    page = watched.context("dark", size[0]).new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    watched.company.show()
    page.goto(watched.url + "/?kiosk=1")
    page.wait_for_selector(".curve-chart .main-svg")
    expect(page.locator("#alert-line")).to_contain_text("is firing since")

    page.wait_for_function("() => document.documentElement.scrollHeight === innerHeight")
    chart = "document.querySelector('.curve-chart')"
    page.wait_for_function(f"() => {chart}.querySelector('.main-svg').clientHeight === {chart}.clientHeight")
    foot = page.locator(".curve-chart .xtick text").first.bounding_box()

    assert foot
    assert foot["y"] + foot["height"] <= size[1]
    assert page.locator(":is(main .button, main .icon-button):visible").count() == 0


def test_what_fired_and_what_was_over_is_in_the_activity(watched: Desk) -> None:
    loss = a_rule(name=HOSTILE)
    for number, action in enumerate(("trigger", "resolve")):
        at = watched.company.now() - timedelta(seconds=3 - number)
        made = event(action, loss, state(watched, loss), at, demo=True)  # type: ignore[arg-type]  # one of its words
        alerts_of(watched).happened.append(Happened(number=number, seq=1, event=made))

    page = watched.open("/")

    events = page.locator(".event", has_text="=HYPERLINK")
    expect(events).to_have_count(2)
    expect(events.nth(0)).to_contain_text("Resolved")
    expect(events.nth(1)).to_contain_text("Net of the day is −$501.50, below −$500.00")
    assert page.locator(".activity img").count() == 0
    assert watched.complaints == []


def test_two_keys_lead_to_the_alerts(watched: Desk) -> None:
    page = watched.open("/")
    page.keyboard.press("g")
    page.keyboard.press("a")

    expect(row(page, "Loss of the day")).to_be_visible()
