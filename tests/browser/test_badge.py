"""The badge of the connection: all it says on a phone, by touch, with a clock that is wrong, and after an outage."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from pnl.domain.snapshot import Json
from tests.browser.conftest import Desk
from tests.browser.gate import EVENTS, POLLING, WEBSOCKET, Gate
from tests.browser.watching import LISTEN, TIMING

# A try again is so far off that the badge is seen to wait for it.
LONG = ("retryBase", "retryCap", "climbFirst", "climbLast", "pollEvery")
UNHURRIED = {**TIMING, **dict.fromkeys(LONG, 600_000)}
TIERS = {
    "websocket": ((), "Live", "WebSocket"),
    "sse": ((WEBSOCKET,), "Live", "SSE"),
    "polling": ((WEBSOCKET, EVENTS), "Polling", r"every [\d.]+ s"),
    "offline": ((WEBSOCKET, EVENTS, POLLING), "Offline", r"retry in \d+ s"),
}

SHOWN = """() => {
  const badge = document.getElementById("connection-button");
  const box = (one) => one.getBoundingClientRect();
  const across = (one, all) => one.left >= all.left && one.right <= all.right + .5;
  const inside = (one, all) => across(one, all) && one.top >= all.top - .5 && one.bottom <= all.bottom + .5;
  const seen = (one) => box(one).width > 1 && box(one).height > 1 && one.checkVisibility();
  const parts = [...badge.querySelectorAll(".badge-word, .badge-small, .badge-age")].filter(seen);
  const bar = document.querySelector(".topbar-row");
  const ends = [...bar.querySelectorAll(".topbar-end > *")].filter(seen).map(box);
  return {
    parts: parts.map((one) => one.textContent),
    name: badge.getAttribute("aria-label"),
    inside: parts.every((one) => inside(box(one), box(badge))),
    apart: ends.every((one, place) => one.left >= (ends[place - 1]?.right ?? 0) && one.right <= innerWidth),
    wide: document.documentElement.scrollWidth,
  };
}"""
"""What of the badge is seen, and whether the bar has room for all that is in it."""

NOTED = """
window.noted = { troubled: false, ages: [], said: [] };
new MutationObserver(() => {
  noted.troubled ||= document.documentElement?.hasAttribute("data-troubled");
  const age = document.querySelector(".badge-age")?.textContent;
  if (age && noted.ages.at(-1) !== age) noted.ages.push(age);
  const said = document.getElementById("announcements")?.textContent;
  if (said && noted.said.at(-1) !== said) noted.said.push(said);
}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""
"""Whether the page was ever in trouble, how old it called its figures, and what a screen reader was told."""

AN_HOUR_AHEAD = """
{
  const { now } = Date;
  Date.now = () => now() + 3_600_000;
}
"""

SIGNED_IN = """() => {
  const out = '<button type="submit" class="icon-button"><span class="icon icon-log-out"></span></button>';
  const who = `<form class="who"><span class="who-name">ann</span>${out}</form>`;
  document.getElementById("connection").insertAdjacentHTML("afterend", who);
}"""
"""Who is signed in, as the shell tells it."""

ALERTS: dict[str, Json] = {"firing": 12, "critical": 3, "worst": [], "changed": 1}


def opened(desk: Desk, gate: Gate, *scripts: str, width: int = 1440) -> Page:
    page = desk.context("dark", width).new_page()
    for script in scripts:
        page.add_init_script(script)
    page.goto(f"http://127.0.0.1:{gate.port}/")
    page.wait_for_selector("#connection-button")
    return page


def until(page: Page, kind: str) -> None:
    page.wait_for_function("kind => northstar.live?.log.at(-1)?.kind === kind", arg=kind, timeout=60_000)


@pytest.mark.parametrize("kind", TIERS)
@pytest.mark.parametrize("firing", [False, True], ids=["calm", "firing"])
def test_a_phone_says_how_figures_come_how_old_they_are_and_when_it_is_tried_again(
    desk: Desk, gate: Gate, kind: str, firing: bool
) -> None:
    shut, word, small = TIERS[kind]
    desk.company.alerts = ALERTS if firing else None
    desk.company.tick()
    timing = {**UNHURRIED, "pollPatience": 0} if kind == "offline" else UNHURRIED
    unhurried = f"northstar.timing = {json.dumps(timing)}; Math.random = () => 0.5;"
    page = opened(desk, gate, LISTEN, unhurried, width=390)
    if kind == "offline":
        until(page, "websocket")
    gate.shut(*shut)
    if shut:
        page.evaluate("northstar.live.retry()")
    until(page, kind)
    expect(page.locator(".badge-word")).to_have_text(word)
    expect(page.locator(".badge-small")).to_have_text(re.compile(small))
    expect(page.locator(".alert-badge")).to_have_count(int(firing))
    expect(page.locator("#demo")).to_have_text("DEMO DATA")

    for who in (False, True):
        if who:
            page.evaluate(SIGNED_IN)
        for width in (390, 360, 430, 780):
            page.set_viewport_size({"width": width, "height": 844})
            found: dict[str, Any] = page.evaluate(SHOWN)
            assert len(found["parts"]) == 3, (width, found)
            assert re.fullmatch(small, found["parts"][1]), (width, found)
            assert re.fullmatch(r"\d+ [smh]", found["parts"][2]), (width, found)
            assert " ".join(found["parts"]) in found["name"], (width, found)
            assert (found["inside"], found["apart"], found["wide"]) == (True, True, width), (width, found)


def test_a_tap_on_the_badge_opens_since_when_it_is_so(browser: Browser, desk: Desk) -> None:
    desk.company.show()
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(desk.url)
    page.wait_for_selector("#kpis[data-seq]")

    page.locator("#connection-button").tap()

    opens = page.get_by_role("dialog", name="Connection")
    for name in ("Carried by", "Since", "Figures", "Last heard"):
        expect(opens).to_contain_text(name)
    since = opens.locator('[data-key="Since"]').inner_text().partition(",")[0]
    assert since in (page.locator("#connection-button").get_attribute("title") or "")
    box = opens.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_what_is_told_of_the_connection_stays_on_the_screen_when_it_gets_longer(
    desk: Desk, gate: Gate, width: int
) -> None:
    page = opened(desk, gate, f"northstar.timing = {json.dumps(UNHURRIED)};", width=width)
    until(page, "websocket")
    page.locator("#connection-button").click()
    opens = page.get_by_role("dialog", name="Connection")
    before = opens.bounding_box()

    gate.shut(WEBSOCKET, EVENTS, POLLING)

    expect(opens).to_contain_text("without an answer")
    expect(opens).to_contain_text("the server is not reached")
    box = opens.bounding_box()
    assert before
    assert box
    assert box["width"] > before["width"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_who_has_the_badge_in_focus_is_not_told_each_second_how_old_the_figures_are(desk: Desk, gate: Gate) -> None:
    page = opened(desk, gate)
    expect(page.locator(".badge-word")).to_have_text("Live")
    page.locator("#connection-button").focus()
    name = page.locator("#connection-button").get_attribute("aria-label")
    age = page.locator(".badge-age").inner_text()

    expect(page.locator(".badge-age")).not_to_have_text(age)
    assert page.locator("#connection-button").get_attribute("aria-label") == name

    page.evaluate("document.activeElement.blur()")
    expect(page.locator("#connection-button")).not_to_have_attribute("aria-label", name or "")


@pytest.mark.parametrize("shut", [(), (WEBSOCKET,), (WEBSOCKET, EVENTS)], ids=["websocket", "events", "polling"])
def test_a_computer_whose_clock_is_an_hour_ahead_never_calls_fresh_figures_old(
    desk: Desk, gate: Gate, shut: tuple[bytes, ...]
) -> None:
    gate.shut(*shut)
    desk.company.tick()

    page = opened(desk, gate, LISTEN, NOTED, AN_HOUR_AHEAD)
    page.wait_for_function("() => northstar.live.connection.carrying && noted.ages.length > 1")

    noted = page.evaluate("noted")
    assert not noted["troubled"], noted
    assert all(re.fullmatch(r"\d+ s", age) for age in noted["ages"]), noted
    company = page.evaluate("northstar.zone.clock(northstar.store.snapshot.as_of, 'America/New_York')")
    assert page.locator("#clock").inner_text()[:2] == company[:2] or company[3:5] == "59"


def test_a_page_that_does_not_say_what_time_it_is_waits_for_the_server_to_tell_it(desk: Desk, gate: Gate) -> None:
    desk.company.tick()
    page = desk.context("dark", 1440).new_page()
    for script in (LISTEN, NOTED, AN_HOUR_AHEAD):
        page.add_init_script(script)

    page.route(
        f"http://127.0.0.1:{gate.port}/",
        lambda route: route.fulfill(
            response=(answer := route.fetch()), body=re.sub(r'<meta name="pnl:now"[^>]*>', "", answer.text())
        ),
    )
    page.goto(f"http://127.0.0.1:{gate.port}/")
    page.wait_for_function("() => northstar.live?.connection.timed && noted.ages.length")

    noted = page.evaluate("noted")
    assert not noted["troubled"], noted
    assert all(re.fullmatch(r"\d+ s", age) for age in noted["ages"]), noted


def test_a_server_that_has_come_back_has_the_time_of_a_tick_before_figures_are_said_to_stand_still(
    desk: Desk, gate: Gate
) -> None:
    company = desk.company
    company.tick()
    page = opened(desk, gate, LISTEN, NOTED)
    until(page, "websocket")
    page.wait_for_selector(f'#kpis[data-seq="{company.seq}"]')
    gate.shut(WEBSOCKET, EVENTS, POLLING)
    until(page, "offline")
    # What it comes back with is of before the outage.
    company.fixed = company.now() - timedelta(seconds=40)
    before = company.tick()
    company.fixed = None

    gate.open()
    page.wait_for_selector(f'#kpis[data-seq="{before}"]', timeout=60_000)
    page.wait_for_function("() => northstar.live.connection.kind === 'websocket' && northstar.live.connection.carrying")
    desk.tick(page)

    page.wait_for_function("() => noted.said.includes('Connected again.')")
    expect(page.locator("html")).not_to_have_attribute("data-troubled", "")
    said = page.evaluate("noted.said")
    assert not [text for text in said if "stand still" in text or "move again" in text], said


def test_figures_that_stand_still_after_an_outage_are_said_to_once_a_tick_is_overdue(desk: Desk, gate: Gate) -> None:
    company = desk.company
    company.fixed = company.now() - timedelta(seconds=40)
    company.tick()
    company.fixed = None

    page = opened(desk, gate, LISTEN, NOTED)
    until(page, "websocket")

    expect(page.locator("#banner")).to_contain_text("The figures stand still.", timeout=60_000)
    expect(page.locator(".badge-word")).to_have_text("Late")
    page.wait_for_function("() => noted.said.some((text) => text.startsWith('The figures stand still.'))")
    desk.tick(page)
    page.wait_for_function("() => noted.said.at(-1) === 'The figures move again.'")
