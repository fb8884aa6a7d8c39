"""The reconcile page in a real browser."""

import re
from contextlib import ExitStack
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Locator, Page, expect

from tests.browser.clock import run_until
from tests.browser.conftest import Desk
from tests.browser.memories import well

FED = "KXFEDDECISION-26DEC-H0"


def check(name: str, scope: str, state: str = "ok", **more: str | None) -> dict[str, Any]:
    sums = {"expected": "100.00", "actual": "100.00", "difference": "0", "tolerance": "0", "since": None}
    return {"name": name, "scope": scope, "state": state, "reason": None, **sums, **more}


def several(desk: Desk) -> list[dict[str, Any]]:
    """Return checks of every kind of state."""
    since = desk.answers.minutes_ago(130)
    differs = {"expected": "141.63", "actual": "142.18", "difference": "-0.55", "since": since}
    waits = {"expected": "64.02", "actual": None, "difference": None, "reason": "the day is not closed"}
    return [
        check("identity", "net"),
        check("I5_cash", "account", expected="18412.07", actual="18412.07"),
        check("api_cost", "2026-11-19", "failed", **differs),
        check("api_cost", "2026-11-20", "waiting", **waits),
        check("I1_position", FED, expected="850.00", actual="850.00"),
        check("I3_realised", FED),
        check("I2_fees", "KXGAS-26NOV-T3.2", expected="1.00", actual="1.00"),
    ]


@pytest.fixture
def reconcile(desk: Desk) -> Desk:
    desk.company.covered = several(desk)
    return desk


def row(page: Page, title: str) -> Locator:
    return page.locator(".reconcile-table tbody tr:not(.trail)", has_text=title)


def shown(desk: Desk, path: str = "/reconcile", *, theme: str = "dark", width: int = 1440) -> Page:
    page = desk.open(path, theme=theme, width=width)
    page.wait_for_selector(".reconcile-table tbody tr")
    return page


def test_every_check_tells_both_sides_their_difference_and_its_state_in_words(reconcile: Desk) -> None:
    page = shown(reconcile)

    failed = row(page, "API cost, Thu 19 Nov")
    expect(failed.locator(".k-ours")).to_have_text("$141.63")
    expect(failed.locator(".k-source")).to_have_text("$142.18")
    expect(failed.locator(".k-difference")).to_have_text("−$0.55")
    expect(failed.locator(".k-state")).to_have_text("Off by 0.3%")
    expect(failed.locator(".k-state .icon-triangle-alert")).to_be_visible()
    waiting = row(page, "API cost, Fri 20 Nov")
    expect(waiting.locator(".k-state")).to_have_text("Waiting")
    expect(waiting.locator(".k-source")).to_have_text("not yet")
    expect(waiting.locator(".k-state .icon-clock")).to_be_visible()
    expect(row(page, "Cash balance").locator(".k-state")).to_have_text("Matches")
    expect(row(page, "Cash balance").locator(".k-state .icon-circle-check")).to_be_visible()
    assert reconcile.complaints == []


def test_what_differs_comes_first_then_what_waits(reconcile: Desk) -> None:
    page = shown(reconcile)

    states = page.locator(".reconcile-table tbody .k-state").all_inner_texts()

    assert states[0] == "Off by 0.3%"
    assert states[1] == "Waiting"
    assert set(states[2:]) == {"Matches"}


def test_a_market_is_one_row_with_its_checks_below(reconcile: Desk) -> None:
    page = shown(reconcile)
    fed = row(page, "Fed holds in December")
    expect(fed).to_contain_text("2 checks")
    fed.locator(".e-open").click()

    expect(page.locator(".h-checks li")).to_have_count(2)
    expect(page.locator(".h-checks")).to_contain_text("We hold contracts held by our fills.")
    expect(row(page, "Gas above $3.20")).to_be_visible()


def test_since_when_and_how_it_was_before_are_told(reconcile: Desk) -> None:
    earlier, later = reconcile.answers.minutes_ago(300), reconcile.answers.minutes_ago(130)
    reconcile.answers.changes = [
        {
            "name": "api_cost",
            "scope": "2026-11-19",
            "changes": [
                {"seq": 17000, "at": earlier, "state": "ok", "difference": "0", "reason": None},
                {"seq": 17900, "at": later, "state": "failed", "difference": "-0.55", "reason": "other prices"},
            ],
        }
    ]
    page = shown(reconcile)
    failed = row(page, "API cost, Thu 19 Nov")
    expect(failed.locator(".k-since time")).to_have_attribute("datetime", later)
    expect(failed.locator(".ticks")).to_have_attribute("aria-label", re.compile(r"^Last 24 hours: differed in 2\.\d h"))
    failed.locator(".e-open").click()

    lines = page.locator(".h-changes li")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("Differs")
    expect(lines.nth(0)).to_contain_text("−$0.55 · other prices")
    expect(lines.nth(0)).to_contain_text("snapshot 17,900")
    expect(lines.nth(1)).to_contain_text("Matches")


def test_an_address_that_names_no_check_is_told_until_one_is_opened(reconcile: Desk) -> None:
    page = shown(reconcile, "/reconcile?check=nope")
    expect(page.get_by_role("alert")).to_have_text(
        "check “nope” is none of the checks: press a row to open one, and the address names it."
    )

    row(page, "Cash balance").locator(".e-open").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".trail")).to_have_count(1)


def test_the_open_row_is_in_the_address_and_a_link_opens_it_again(reconcile: Desk) -> None:
    page = shown(reconcile)
    row(page, "Cash balance").locator(".e-open").click()
    assert "check=I5_cash" in page.url

    other = shown(reconcile, page.url.removeprefix(reconcile.url))

    expect(row(other, "Cash balance").locator(".e-open")).to_have_attribute("aria-expanded", "true")
    expect(other.locator(".h-checks")).to_contain_text("every record since the first balance")


def test_an_open_break_is_one_sentence_of_cause_and_effect(reconcile: Desk) -> None:
    page = shown(reconcile)

    expect(page.locator("#breaks .break")).to_have_count(1)
    expect(page.locator("#breaks")).to_contain_text("Open break: API cost, Thu 19 Nov.")
    expect(page.locator("#breaks")).to_contain_text("The difference is −$0.55.")


def test_without_a_break_it_says_so(reconcile: Desk) -> None:
    reconcile.company.covered = [check("I5_cash", "account")]
    page = shown(reconcile)

    expect(page.locator("#breaks")).to_contain_text("No open breaks: our ledger and the sources agree.")


def test_filters_and_words_narrow_it_down(reconcile: Desk) -> None:
    page = shown(reconcile)
    rows = page.locator(".reconcile-table tbody tr")
    page.get_by_role("button", name="Differ", exact=True).click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="All", exact=True).click()
    page.keyboard.press("/")
    expect(page.locator("#check-search")).to_be_focused()
    page.keyboard.type("fed holds")
    expect(rows).to_have_count(1)
    page.locator("#check-search").fill("nowhere")

    expect(page.locator(".reconcile-body")).to_have_text("No check is called “nowhere”.")


TOGETHER = """() => {
  const rows = [...document.querySelectorAll(".reconcile-table tbody tr:not(.trail)")];
  const cash = rows.find((row) => row.textContent.includes("Cash balance"));
  return [".reconcile .panel-note", ".k-state"].map((name, i) => (i ? cash : document).querySelector(name).innerText);
}"""
"""The counts above the checks, and how the row of the cash balance is."""


def test_a_break_appears_and_goes_while_the_page_is_open(reconcile: Desk) -> None:
    page = shown(reconcile)
    page.wait_for_function("() => document.querySelector('#connection').textContent.includes('WebSocket')")
    page.clock.install()
    cash = row(page, "Cash balance")
    expect(cash.locator(".k-state")).to_have_text("Matches")

    reconcile.company.counts = {"ok": 4, "failed": 2, "waiting": 1}
    checks = several(reconcile)
    checks[1].update(state="failed", actual="18411.07", difference="1.00")
    reconcile.company.covered = checks
    reconcile.company.tick()

    seen: set[tuple[str, str]] = set()

    def both() -> bool:
        """Look at the counts and at the row in the same instant; whether the row is the new one."""
        note, state = page.evaluate(TOGETHER)
        seen.add((note.removesuffix(" · reading newer ones"), state))
        return bool(state == "Off by < 0.1%")

    run_until(page, both)
    assert seen <= {
        ("5 match · 1 differ · 1 wait", "Matches"),
        ("4 match · 2 differ · 1 wait", "Off by < 0.1%"),
    }
    expect(page.locator(".reconcile .panel-note")).to_have_text("4 match · 2 differ · 1 wait")
    expect(page.locator("#breaks .break")).to_have_count(2)


def test_before_anything_was_checked_it_says_so(reconcile: Desk) -> None:
    reconcile.company.covered = []
    page = reconcile.open("/reconcile")

    expect(page.locator(".reconcile-body")).to_contain_text("Nothing has been checked yet")


def test_checks_that_cannot_be_read_are_told_and_tried_again(reconcile: Desk) -> None:
    reconcile.answers.broken["/api/pnl/checks"] = (503, "The archive does not answer.")
    page = reconcile.open("/reconcile")
    expect(page.locator(".reconcile-trouble")).to_contain_text("The archive does not answer.")

    reconcile.answers.broken.clear()
    page.get_by_role("button", name="Try again").click()

    expect(row(page, "Cash balance")).to_be_visible()


def test_a_history_that_cannot_be_read_leaves_the_check_there(reconcile: Desk) -> None:
    reconcile.answers.broken["/api/pnl/checks/history"] = (503, "The archive does not answer.")
    page = shown(reconcile)
    cash = row(page, "Cash balance")
    expect(cash.locator(".k-state")).to_have_text("Matches")
    cash.locator(".e-open").click()
    expect(page.locator(".history")).to_contain_text("The history could not be read. The archive does not answer.")

    reconcile.answers.broken.clear()
    page.locator(".history").get_by_role("button", name="Try again").click()

    expect(page.locator(".history")).to_contain_text("Nothing of it is kept yet.")


def test_our_side_of_a_check_opens_its_explanation(reconcile: Desk) -> None:
    page = shown(reconcile)
    row(page, "The statement adds up").locator(".e-open").click()
    page.locator('.h-sides button[data-explain="net"]').first.click()

    expect(page.locator("dialog#explain")).to_be_visible()
    expect(page.locator("#explain-total")).to_be_visible()


def test_the_live_page_leads_to_the_checks_that_fail(reconcile: Desk) -> None:
    reconcile.company.counts = {"ok": 5, "failed": 1, "waiting": 1}
    reconcile.company.tick()
    page = reconcile.open()
    page.locator("#footer").get_by_role("link", name="1 check differs").click()

    expect(page.locator("h1")).to_have_text("Reconcile")
    expect(row(page, "API cost, Thu 19 Nov").locator(".k-state")).to_have_text("Off by 0.3%")
    expect(page.locator("#tab-reconcile")).to_have_attribute("aria-current", "page")


def test_the_keyboard_goes_to_the_page_and_opens_a_row(reconcile: Desk) -> None:
    page = reconcile.open()
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_selector(".reconcile-table tbody tr")
    row(page, "Cash balance").locator(".e-open").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".history")).to_be_visible()
    expect(row(page, "Cash balance").locator(".e-open")).to_be_focused()


def test_nothing_is_read_before_it_is_there(reconcile: Desk) -> None:
    gate = Event()
    page = reconcile.open("/entries")
    page.route("**/api/pnl/checks", lambda route: (gate.wait(20), route.continue_())[1])
    page.locator("#tab-reconcile").click()
    expect(page.locator(".reconcile-body")).to_have_text("Reading the checks…")
    gate.set()

    expect(row(page, "Cash balance")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_reconcile_page(reconcile: Desk, theme: str, width: int) -> None:
    page = shown(reconcile, theme=theme, width=width)
    row(page, "Fed holds in December").locator(".e-open").click()
    page.wait_for_selector(".history .h-checks")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_all_sources_are_read_anew_at_once_and_what_came_of_it_is_said(reconcile: Desk) -> None:
    kept, now = reconcile.answers.kept, reconcile.company.now()
    kept.memories = (well(now), well(now, "anthropic"), well(now, "revenue.feed"))
    page = shown(reconcile)
    button, said = page.get_by_role("button", name="Check now"), page.locator("#check-said")

    retry = "**/api/pnl/sources/{}/retry"
    with ExitStack() as asked:
        for memory in kept.memories:
            asked.enter_context(page.expect_response(retry.format(memory.name)))
        button.click()
    expect(said).to_have_text("Every source is read as soon as it allows…")
    expect(button).to_be_disabled()
    kalshi, anthropic, feed = (replace(memory, served=1) for memory in kept.memories)
    kept.memories = (kalshi, replace(anthropic, error="HTTP 502"), feed)

    expect(said.locator("p").nth(0)).to_have_text("Kalshi, Revenue feed: read anew, and checked.")
    expect(said.locator("p").nth(1)).to_contain_text("and it failed: HTTP 502")
    expect(button).to_be_enabled()
    assert reconcile.complaints == []


def test_a_past_screen_is_not_checked_anew(reconcile: Desk) -> None:
    page = reconcile.open(f"/reconcile?as_of={reconcile.answers.minutes_ago(5)}")
    page.wait_for_selector(".titlebar")

    expect(page.get_by_role("button", name="Check now")).to_have_count(0)


def test_what_was_not_compared_is_not_said_to_agree(desk: Desk) -> None:
    desk.company.covered = [check("identity", "net", "waiting", reason="nothing to add up yet")]

    page = shown(desk)

    expect(page.locator("#breaks")).to_have_text("No open breaks, and nothing has been held against a source yet.")
    expect(page.locator("#breaks .icon-circle-check")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_titles_that_differ_at_their_ends_are_told_apart(desk: Desk, width: int) -> None:
    titles = [f"CPI year over year above 2.{n}% in November of the year 2026: Above 2.{n}%" for n in range(3, 7)]
    desk.company.markets = [(f"KXCPIYOY-{n}", title, "yes", 100, 40, 50, 24) for n, title in enumerate(titles)]
    desk.company.moved = [0] * len(titles)
    desk.company.covered = [
        check("I5_cash", "account", expected="18412.074904298", actual="18412.074904298"),
        *(check("I1_position", f"KXCPIYOY-{n}", expected="850.00", actual="850.00") for n in range(len(titles))),
    ]
    desk.company.tick()
    page = shown(desk, width=width)
    expect(page.locator(".k-title", has_text="CPI year")).to_have_text(titles)

    cut = page.locator(".k-title").evaluate_all(
        "all => all.filter(title => [title, title.parentNode].some(node =>"
        " node.clientWidth && (node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight + 1)))"
        ".map(title => title.textContent)"
    )
    assert cut == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
