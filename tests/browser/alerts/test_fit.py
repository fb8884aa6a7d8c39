"""The alerts page is for everybody: nothing is cut, broken or turned around, at any width."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import expect

from tests.browser.alerts.standing import a_rule, alerts_of, opened, row, stand, state
from tests.browser.conftest import Desk
from tests.browser.narrow import outside


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_alerts_page(watched: Desk, theme: str, width: int) -> None:
    page = opened(watched, theme=theme, width=width)
    row(page, "=HYPERLINK").locator(".e-open").click()
    page.wait_for_selector(".trail-lines")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_amount_is_broken_into_two_lines(watched: Desk, width: int) -> None:
    large = {"amount": "-1000000000.00", "severity": "warning", "receivers": ["on-call", "desk"]}
    alerts, made = alerts_of(watched), watched.company.now() - timedelta(hours=1)
    rule = a_rule("page", name="Unrealised", figure="trading_unrealised", when="at_most", **large)
    alerts.add_rule(rule, "ann@example.com", made)
    stand(watched, (rule, state(watched, rule, value=-1_234_567_891_000_000_000)))
    page = opened(watched, width=width)
    row(page, "Unrealised").locator(".e-open").click()
    expect(page.locator(".trail-lines li").first).to_contain_text("-1000000000")

    broken = page.locator("#alert-rules").evaluate(
        r"""panel => {
          const amounts = [];
          const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
          for (let node; (node = texts.nextNode());) {
            for (const found of node.data.matchAll(/[−-]?\$?\d[\d,]*(\.\d+)?( %)?/g)) {
              const range = document.createRange();
              range.setStart(node, found.index);
              range.setEnd(node, found.index + found[0].length);
              const tops = [...range.getClientRects()].map(one => Math.round(one.top));
              amounts.push({ text: found[0], lines: new Set(tops).size });
            }
          }
          return amounts;
        }"""
    )

    told = {one["text"] for one in broken}
    assert {"−$1,234,567,891.00", "−$1,000,000,000.00", "-1000000000"} <= told
    assert [one["text"] for one in broken if one["lines"] > 1] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


CUT = """() => [...document.querySelectorAll(".alert-table .e-actions button")].flatMap((button) => {
  const [one, box] = [button, button.closest(".card")].map((node) => node.getBoundingClientRect());
  const seen = one.width > 0 && one.left >= box.left && one.right <= box.right && one.right <= innerWidth;
  return seen ? [] : [`${button.ariaLabel ?? button.innerText} from ${one.left} to ${one.right}`];
})"""


def test_what_can_be_done_about_a_rule_is_in_sight_at_every_width(watched: Desk) -> None:
    alerts, now = alerts_of(watched), watched.company.now()
    long = a_rule("page", name="W" * 80, figure="trading_fees", receivers=["on-call", "desk"], **{"for": "5m"})
    alerts.add_rule(long, "ann@example.com", now)
    stand(watched, (long, state(watched, long)))
    page = opened(watched)
    found = {}

    for width in (1440, 1281, 1280, 1180, 1100, 1080, 1024, 800, 720, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = [*page.evaluate(CUT), *outside(page, ".alert-table")]
        row(page, "WWW").get_by_role("button", name=re.compile("^Silence for a time")).click()
        expect(row(page, "WWW").get_by_role("button", name="Cancel")).to_be_visible()
        found[width] += [*page.evaluate(CUT), *outside(page, ".alert-table")]
        row(page, "WWW").get_by_role("button", name="Cancel").click()

    assert found == {key: [] for key in found}
    assert row(page, "WWW").locator(".e-open span:last-child").evaluate("name => name.scrollWidth <= name.clientWidth")


TURNED = "\u202eKalshi אבג is fine 42"
IN_ORDER = """node => {
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (text.data.includes("\u202e")) continue;
    let before = null;
    for (let i = 0; i < text.length; i += 1) {
      const range = document.createRange();
      range.setStart(text, i);
      range.setEnd(text, i + 1);
      const { left, top } = range.getBoundingClientRect();
      if (before && Math.abs(before.top - top) < 2 && left < before.left - 0.5) return text.data;
      before = { left, top };
    }
  }
  return null;
}"""


def test_a_name_that_turns_letters_around_turns_none_but_its_own(desk: Desk) -> None:
    """Such a name is refused by now, and one may be kept from before."""
    rule = replace(a_rule("page"), name=TURNED)
    alerts_of(desk).add_rule(rule, TURNED, desk.company.now() - timedelta(hours=2))
    desk.company.markets = [(f"KX-{n}", TURNED, "yes", 100, 40, 50, 24) for n in range(8)]
    stand(desk, (rule, state(desk, rule)))
    page = opened(desk)
    banner, row_ = page.locator("#alert-line p"), page.locator("[data-alert-rule]").first
    expect(banner).to_contain_text("is firing since")
    page.locator("[data-action=rule-trail]").click()
    trail = page.locator(".trail-lines")
    expect(trail).to_contain_text("Added")

    for place in (banner, row_, trail):
        assert place.evaluate(IN_ORDER) is None
    page.locator("#tab-live").click()
    expect(page.locator(".positions tbody tr")).to_have_count(8)
    for place in (page.locator("#alert-line p"), page.locator(".positions")):
        assert place.evaluate(IN_ORDER) is None
    assert page.locator(".market-title").first.evaluate("node => getComputedStyle(node).unicodeBidi") == "isolate"
