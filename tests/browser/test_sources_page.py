"""The sources page in a real browser."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Locator, Page, expect

from pnl.ports import SourceChange
from tests.browser.conftest import Desk
from tests.browser.gate import EVENTS, WEBSOCKET, Gate
from tests.browser.memories import well
from tests.browser.watching import LISTEN

SELDOM = f"{LISTEN} northstar.timing.pollEvery = 600_000;"


@pytest.fixture
def sources(desk: Desk) -> Desk:
    """Kalshi does well; Anthropic refuses its key; the feed has never been heard of."""
    now = desk.company.now()

    def ago(seconds: float) -> timedelta:
        return timedelta(seconds=seconds)

    kalshi = well(now)
    refused = "anthropic: refused the key"
    anthropic = replace(
        kalshi,
        name="anthropic",
        as_of=now - ago(4000),
        failures=12,
        error=refused,
        status="stale",
        every_seconds=60,
        trouble=refused,
        trouble_kind="SourceRefused",
        traffic=None,
    )
    desk.answers.kept.memories = (kalshi, anthropic)
    desk.answers.kept.notes = {
        "kalshi": [
            SourceChange(seq=1, at=now - ago(7300), complete_through=None, error="kalshi: HTTP 502"),
            SourceChange(seq=2, at=now - ago(7000), complete_through=None, error=None),
        ],
        "anthropic": [SourceChange(seq=3, at=now - ago(240), complete_through=None, error=refused)],
    }
    return desk


def until(page: Page, kind: str) -> None:
    page.wait_for_function("kind => northstar.live?.log.at(-1)?.kind === kind", arg=kind, timeout=60_000)


def card(page: Page, name: str) -> Locator:
    return page.locator(f'[data-source-card="{name}"]')


def fact(card: Locator, name: str) -> Locator:
    return card.locator("dt", has_text=re.compile(f"^{name}$")).locator("xpath=following-sibling::dd[1]")


def shown(desk: Desk, *, theme: str = "dark", width: int = 1440) -> Page:
    page = desk.open("/sources", theme=theme, width=width)
    page.wait_for_selector("[data-source-card]")
    return page


def test_a_card_tells_how_a_source_does_and_what_was_measured(sources: Desk) -> None:
    page = shown(sources)

    kalshi = card(page, "kalshi")
    expect(kalshi.locator(".s-state")).to_have_text("Live")
    expect(kalshi.locator(".icon-circle-check")).to_be_visible()
    expect(fact(kalshi, "Calls")).to_contain_text("1,742, 2 failed, since")
    expect(fact(kalshi, "An answer takes")).to_have_text("83 ms; 95 in 100 within 1.2 s; the longest 2.1 s")
    expect(fact(kalshi, "Its clock")).to_have_text("in step, within a second")
    expect(fact(kalshi, "Read")).to_contain_text("stale after 50 m")
    expect(kalshi.locator(".s-trouble")).to_contain_text("kalshi: HTTP 502")
    expect(kalshi.locator(".s-trouble")).to_contain_text("All is well since.")
    assert sources.complaints == []


def test_a_source_that_fails_says_what_is_wrong_and_what_can_be_done(sources: Desk) -> None:
    page = shown(sources)

    anthropic = card(page, "anthropic")
    expect(anthropic.locator(".s-state")).to_have_text("Stale")
    expect(anthropic.get_by_role("alert")).to_contain_text("Failed 12 times in a row. anthropic: refused the key")
    expect(anthropic.locator(".s-cure")).to_have_text(
        "Give a key that may read in PNL_ANTHROPIC_ADMIN_KEY. In a file, Vault or AWS Secrets Manager it is taken up "
        "by itself; with one in the environment or .env, start again."
    )
    feed = card(page, "revenue.feed")
    expect(feed.locator(".s-state")).to_have_text("Down")
    expect(fact(feed, "Last good reading")).to_have_text("never")


def test_a_source_that_is_not_connected_names_its_settings_and_cannot_be_read(sources: Desk) -> None:
    page = shown(sources)

    stripe = card(page, "revenue.stripe")
    expect(stripe.locator(".s-state")).to_have_text("Not connected")
    expect(stripe).to_contain_text("To connect it, set PNL_STRIPE_KEY and start again")
    expect(stripe.get_by_role("button")).to_have_count(0)


def test_a_source_is_read_at_once_and_what_came_of_it_is_said(sources: Desk) -> None:
    page = shown(sources)
    kept = sources.answers.kept
    kalshi = card(page, "kalshi")

    kalshi.get_by_role("button", name="Read now").click()
    expect(kalshi.locator(".s-said")).to_have_text("It is read with the next tick…")
    expect(kalshi.get_by_role("button")).to_be_disabled()
    assert kept.wished == {"kalshi": 1}
    kept.memories = (replace(kept.memories[0], served=1), kept.memories[1])

    expect(kalshi.locator(".s-said")).to_have_text(re.compile(r"^Read at [\d:]+\. All is well\.$"))
    expect(kalshi.get_by_role("button", name="Read now")).to_be_enabled()
    assert sources.complaints == []


def test_an_attempt_that_fails_again_is_told_with_its_error(sources: Desk) -> None:
    page = shown(sources)
    kept = sources.answers.kept
    anthropic = card(page, "anthropic")

    anthropic.get_by_role("button", name="Try again").click()
    expect(anthropic.locator(".s-said")).to_have_text("It is read with the next tick…")
    kept.memories = (kept.memories[0], replace(kept.memories[1], served=1, failures=13))

    expect(anthropic.locator(".s-said")).to_contain_text("and it failed: anthropic: refused the key")
    expect(anthropic.get_by_role("alert")).to_contain_text("Failed 13 times in a row.")


def test_a_wish_that_the_server_refuses_is_told(sources: Desk) -> None:
    page = shown(sources)
    sources.answers.broken["/api/pnl/sources/kalshi/retry"] = (503, "The store does not answer.")

    card(page, "kalshi").get_by_role("button").click()

    expect(card(page, "kalshi").locator(".s-said")).to_have_text("The store does not answer.")
    expect(card(page, "kalshi").get_by_role("button")).to_be_enabled()


def test_what_went_wrong_is_listed_newest_first_with_how_long_it_lasted(sources: Desk) -> None:
    page = shown(sources)

    lines = page.locator(".s-episodes li")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("anthropic: refused the key")
    expect(lines.nth(0)).to_contain_text("for 4 m now")
    expect(lines.nth(1)).to_contain_text("kalshi: HTTP 502")
    expect(lines.nth(1).locator(".s-lasted")).to_have_text("for 5 m")


def test_nothing_that_went_wrong_is_said_to_be_nothing(sources: Desk) -> None:
    sources.answers.kept.notes = {}

    page = shown(sources)

    expect(page.locator(".s-past")).to_have_text("Nothing went wrong in the last seven days.")


def test_sources_that_cannot_be_read_are_asked_for_again(sources: Desk) -> None:
    sources.answers.broken["/api/pnl/sources"] = (503, "The store does not answer.")
    page = sources.open("/sources")
    expect(page.locator("#sources").get_by_role("alert")).to_contain_text("The store does not answer.")
    del sources.answers.broken["/api/pnl/sources"]

    page.get_by_role("button", name="Try again").click()

    expect(card(page, "kalshi")).to_be_visible()


def test_the_page_follows_the_ticks(sources: Desk) -> None:
    page = shown(sources)
    kept = sources.answers.kept
    expect(card(page, "anthropic").get_by_role("alert")).to_be_visible()
    well = replace(kept.memories[1], error=None, failures=0, status="live", as_of=sources.company.now())
    kept.memories = (kept.memories[0], well)

    sources.company.tick()

    expect(card(page, "anthropic").locator(".s-state")).to_have_text("Live")
    expect(card(page, "anthropic").get_by_role("alert")).to_have_count(0)


def test_two_keys_lead_to_the_sources(sources: Desk) -> None:
    page = sources.open("/")
    page.keyboard.press("g")
    page.keyboard.press("s")

    expect(card(page, "kalshi")).to_be_visible()
    expect(page.get_by_role("link", name="Sources")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_sources_page(sources: Desk, theme: str, width: int) -> None:
    page = shown(sources, theme=theme, width=width)
    page.wait_for_selector(".s-episodes")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_source_is_late_by_its_own_fault_and_not_because_the_page_asks_seldom(desk: Desk, gate: Gate) -> None:
    company = desk.company
    company.fixed = company.now() - timedelta(seconds=40)
    kalshi = replace(well(company.fixed), every_seconds=0, stale_seconds=30)
    desk.answers.kept.memories = (kalshi,)
    company.tick()
    company.fixed = None
    gate.shut(WEBSOCKET, EVENTS)
    page = desk.context("dark", 1440).new_page()
    page.add_init_script(SELDOM)

    page.goto(f"http://127.0.0.1:{gate.port}/")
    until(page, "polling")
    chip = page.locator(f'#chips[data-seq="{company.seq}"] #chip-kalshi')
    expect(chip).to_have_class("chip chip-fresh")
    chip.click()
    asks = re.compile(r"^with a tick meanwhile; this page asks at [\d:]+$")
    expect(fact(page.locator("#popover"), "Next try")).to_have_text(asks)

    page.goto(f"http://127.0.0.1:{gate.port}/sources")
    until(page, "polling")
    expect(card(page, "kalshi").locator(".s-state")).to_have_text("Live")
    expect(fact(card(page, "kalshi"), "Next attempt")).to_have_text(asks)

    gate.open()
    page.evaluate("northstar.live.retry()")
    until(page, "websocket")
    expect(card(page, "kalshi").locator(".s-state")).to_have_text(re.compile("^(Stale|Unknown)$"))
    page.goto(f"http://127.0.0.1:{gate.port}/")
    until(page, "websocket")
    expect(chip).to_have_class(re.compile(r"chip-(stale|unknown)$"))
