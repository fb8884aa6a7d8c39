"""What no other page has: outcomes at settlement, what a dollar costs, what moved, and a page that stands still."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from pnl.domain.outcome import CASES, outcomes, stakes, to_json
from tests.browser.conftest import Desk
from tests.browser.narrow import outside

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
NET = '[data-figure="net"]'


CENT = Decimal("0.01")
"""By which two figures may seem not to fit, since each is rounded by itself."""


def amount(text: str) -> Decimal:
    return Decimal(re.sub(r"[$,+¢]", "", text).replace("−", "-"))


def shown(page: Page, selector: str) -> Decimal:
    return amount(page.locator(selector).inner_text())


def rows(desk: Desk) -> Any:  # noqa: ANN401 - JSON
    return json.loads(desk.company.body)["positions"]


def ready(desk: Desk, **how: Any) -> Page:  # noqa: ANN401 - passed on
    page = desk.open(**how)
    page.wait_for_selector('[data-burn="month"]')
    return page


def test_the_outcome_at_settlement_moves_with_the_snapshot_and_is_what_the_server_says(desk: Desk) -> None:
    page = ready(desk)

    for _ in range(3):
        seq = desk.tick(page)
        told = to_json(outcomes(stakes(rows(desk))))

        assert page.locator("#outcome").get_attribute("data-seq") == str(seq)
        for case in CASES:
            assert shown(page, f'[data-outcome="{case}"]') == amount(str(told[case]))
    page.locator('[data-action="outcome-more"]').click()
    expect(page.locator(".outcomes tbody tr")).to_have_count(len(told["events"]))  # type: ignore[arg-type]  # a list


def test_two_outcomes_of_one_event_are_counted_once(desk: Desk) -> None:
    page = ready(desk)
    held = [row for row in rows(desk) if row["event"] == "KXINX-26NOV20H1600"]

    row = page.locator('.outcomes [data-key="KXINX-26NOV20H1600"]')
    best = max(Decimal(one["best_case"]) + Decimal(other["worst_case"]) for one, other in (held, held[::-1]))

    assert len(held) == 2
    expect(row.locator(".ticker")).to_contain_text("2 markets, at most one resolves YES")
    assert amount(row.locator(".o-best").inner_text()) == best
    assert amount(row.locator(".o-worst").inner_text()) == sum(Decimal(one["worst_case"]) for one in held)


CUT = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText)"""


@pytest.mark.parametrize("width", [360, 390, 800, 1440])
def test_what_an_event_is_called_and_what_it_brings_is_all_to_be_read_at_any_width(desk: Desk, width: int) -> None:
    page = ready(desk, width=width)
    page.locator('[data-action="outcome-more"]').click()

    assert page.evaluate(CUT, ".outcomes :is(.market-title, .ticker, button)") == []
    assert outside(page, ".outcomes") == []
    for cell in page.locator(".outcomes :is(thead, tbody) .o-expected").all():
        assert cell.is_visible()
    for one in page.locator(".outcomes tbody tr").all():
        assert amount(one.locator(".o-worst").inner_text()) <= amount(one.locator(".o-best").inner_text())


def test_a_case_opens_its_explanation(desk: Desk) -> None:
    page = ready(desk)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator('[data-outcome="worst_case"] button').click()
    page.wait_for_selector(".drawer")

    assert [url for url in asked if "figure=outcome.worst_case" in url]


def test_the_month_is_the_days_before_and_today_of_the_same_snapshot(desk: Desk) -> None:
    page = ready(desk)
    before = page.evaluate("() => fetch('/api/pnl/economics').then((answer) => answer.json())")["before_today"]

    for _ in range(3):
        desk.tick(page)
        cost = -(desk.company.lines()["api_cost"] or 0)

        assert shown(page, '[data-burn="today"]') == shown(page, '[data-figure="api_cost"]')
        whole = Decimal(before["cost"] or 0) + Decimal(cost).scaleb(-9)
        assert abs(shown(page, '[data-burn="month"]') - whole) <= Decimal("0.005")


def test_the_page_and_the_route_agree_on_every_figure_of_the_month(desk: Desk) -> None:
    page = ready(desk)
    desk.tick(page)
    told = page.evaluate("() => fetch('/api/pnl/economics').then((answer) => answer.json())")
    page_says = page.evaluate(
        """(told) => {
          const found = northstar.economics.economics(told, northstar.store.snapshot, "America/New_York");
          const text = (key, value) => (typeof value === "bigint" ? northstar.money.decimal(value) : value);
          return JSON.parse(JSON.stringify(found, text));
        }""",
        told,
    )

    cost = told["cost"]
    pairs = [
        (page_says["month"], cost["month"]),
        (page_says["projected"], cost["projected"]),
        (page_says["perDay"], cost["per_day"]),
        (page_says["used"], cost["used"]),
        (page_says["projectedUse"], cost["projected_use"]),
    ]
    for key, name in (("perTrading", "per_trading"), ("perRevenue", "per_revenue")):
        for span in ("today", "month"):
            pairs += [(page_says[key][span][part], told[name][span][part]) for part in ("cost", "result", "ratio")]
            assert page_says[key][span]["reason"] == told[name][span]["reason"]
    for mine, theirs in pairs:
        assert (mine is None) == (theirs is None)
        assert mine is None or Decimal(mine) == Decimal(theirs)
    assert (page_says["course"], page_says["usedUpOn"]) == (cost["course"], cost["used_up_on"])


def test_a_ratio_of_a_loss_is_a_dash_with_its_reason(desk: Desk) -> None:
    desk.company.extra = {"trading_realised": -900_000_000_000, "trading_unrealised": 0}
    desk.company.tick()
    page = ready(desk, width=390)

    cell = page.locator('[data-ratio="trading.today"]')
    expect(cell).to_contain_text("—")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(cell).to_contain_text("zero or a loss")


def test_a_dash_in_the_place_of_a_ratio_says_of_how_many_days_it_is(desk: Desk) -> None:
    desk.company.extra = {"trading_realised": -9_000_000_000_000_000, "trading_unrealised": 0}
    desk.company.tick()
    page = ready(desk)

    days = page.evaluate("fetch('/api/pnl/economics').then((told) => told.json())")["per_trading"]["month"]["days"]
    said = "of one day" if days == 1 else f"of {days} days"
    expect(page.locator('[data-ratio="trading.month"] .sub')).to_have_text(f"the result is zero or a loss, {said}")
    expect(page.locator('[data-ratio="trading.today"] .sub')).to_have_text("the result is zero or a loss")


def test_a_page_that_is_paused_stands_still_and_says_what_was_missed(desk: Desk) -> None:
    page = ready(desk)
    before = desk.tick(page)
    page.keyboard.press("p")
    expect(page.locator("#banner")).to_contain_text("Paused at")
    net = page.locator(NET).inner_text()

    desk.company.extra = {"revenue": 9_000_000_000_000}
    for _ in range(3):
        desk.company.tick()
    expect(page.locator("#banner")).to_contain_text("3 snapshots came since.")
    expect(page.locator("#connection")).to_contain_text("Paused")
    assert page.locator(NET).inner_text() == net
    for panel in ("kpis", "waterfall", "positions", "outcome", "economics", "footer"):
        assert page.locator(f"#{panel}").get_attribute("data-seq") == str(before)

    page.keyboard.press("p")
    page.wait_for_selector(f'#kpis[data-seq="{desk.company.seq}"]')
    expect(page.locator("#since")).to_contain_text("Since")
    assert abs(shown(page, '[data-since="total"]') - (shown(page, NET) - amount(net))) <= CENT
    expect(page.locator("#connection")).to_contain_text("Live")


def test_a_page_that_is_paused_goes_on_telling_how_old_its_figures_are(desk: Desk) -> None:
    page = ready(desk)
    desk.tick(page)
    page.keyboard.press("p")
    net = page.locator(NET).inner_text()
    grown = re.compile(r"([4-9]|\d\d) s")

    desk.company.tick()

    expect(page.locator("#banner")).to_contain_text(re.compile(f"The figures are {grown.pattern} old"))
    expect(page.locator("#chip-kalshi")).to_have_class("chip chip-paused")
    expect(page.locator("#chip-kalshi .chip-age")).to_have_text(grown)
    expect(page.locator("#connection .badge-age")).to_have_text(grown)
    assert page.locator(NET).inner_text() == net


def moved_adds_up(page: Page) -> None:
    parts = [
        amount(text)
        for text in page.locator(".since-part:not([data-since='came']) span:not([data-since])").all_inner_texts()
    ]
    assert parts
    off = abs(sum(parts) - shown(page, '[data-since="total"]'))
    assert off <= len(parts) * CENT / 2 + CENT / 2
    assert not off or page.locator("[data-since='rounded']").count() == 1


def test_who_comes_back_is_told_what_moved_and_it_adds_up_on_every_snapshot(desk: Desk) -> None:
    page = ready(desk)
    desk.tick(page)
    then = shown(page, NET)
    page.evaluate("Date.now = ((now) => () => now() + (globalThis.later ?? 0))(Date.now)")
    page.evaluate(HIDE, True)
    desk.company.extra = {"trading_realised": 8_000_000_000_000, "refunds": -1_234_567_890}
    desk.company.tick()
    page.evaluate("globalThis.later = 90_000")
    page.evaluate(HIDE, False)
    page.wait_for_selector(".since")

    for _ in range(3):
        desk.tick(page)
        assert abs(shown(page, '[data-since="total"]') - (shown(page, NET) - then)) <= CENT
        moved_adds_up(page)
    expect(page.locator('[data-since="came"]')).to_contain_text("fill")
    page.locator('[data-action="since-dismiss"]').click()
    expect(page.locator(".since")).to_have_count(0)


def test_who_was_away_for_a_moment_is_told_nothing(desk: Desk) -> None:
    page = ready(desk)
    page.evaluate(HIDE, True)
    desk.company.extra = {"trading_realised": 8_000_000_000_000}
    desk.company.tick()
    page.evaluate(HIDE, False)
    desk.tick(page)

    assert page.locator(".since").count() == 0


@pytest.mark.parametrize(("days", "words"), [(0, "from"), (1, "with the days between")])
def test_a_new_visit_begins_with_what_moved_since_the_last(desk: Desk, days: int, words: str) -> None:
    page = ready(desk)
    desk.tick(page)
    page.evaluate(
        """(days) => {
          northstar.store.save();
          const kept = JSON.parse(localStorage.getItem("pnl.snapshot"));
          kept.data.as_of = new Date(Date.parse(kept.data.as_of) - 120_000 - days * 86_400_000).toISOString();
          kept.data.day = northstar.zone.dayAfter(kept.data.day, -days);
          kept.data.seq -= 2;
          kept.data.lines.revenue = "10.00";
          const names = Object.keys(kept.data.lines);
          kept.data.net = northstar.money.decimal(northstar.statement.sumOf(kept.data.lines, names));
          globalThis.northstar.store.memory = null;
          localStorage.setItem("pnl.snapshot", JSON.stringify(kept));
        }""",
        days,
    )
    page.goto(desk.url)
    page.wait_for_selector(".since")

    expect(page.locator(".since")).to_contain_text(words)
    moved_adds_up(page)
    assert desk.complaints == []


def test_the_curve_and_the_waterfall_are_to_be_had_as_tables(desk: Desk) -> None:
    page = ready(desk)
    page.locator("#waterfall-menu").click()
    page.get_by_role("menuitem", name="View as table").click()
    cells = page.locator(".as-table tbody tr:last-child td").all_inner_texts()

    assert [amount(text) for text in cells] == [shown(page, NET), shown(page, NET)]
    page.keyboard.press("Escape")
    page.locator("#curve-menu").click()
    page.get_by_role("menuitem", name="View as table").click()
    last = page.locator(".as-table tbody tr").last.locator("td").first
    assert amount(last.inner_text()) == shown(page, NET)
    for part in ("from", "lowest", "highest"):
        assert part in (page.locator(".curve-chart").get_attribute("aria-label") or "")
    assert "lowest" in (page.locator(".waterfall-rows").get_attribute("aria-label") or "")


def test_a_figure_is_explained_by_a_key_and_the_filter_found_by_another(desk: Desk) -> None:
    page = ready(desk)
    page.keyboard.press("/")
    expect(page.locator('[data-filter="all"]')).to_be_focused()
    page.locator(NET).focus()
    page.keyboard.press(".")
    page.wait_for_selector(".drawer")
    page.keyboard.press("Escape")
    page.keyboard.press("?")

    for key in ("p", "/", ".", "[", "]"):
        expect(page.locator(".help kbd", has_text=re.compile(f"^{re.escape(key)}$"))).to_have_count(1)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(desk: Desk, theme: str, width: int) -> None:
    page = ready(desk, theme=theme, width=width)
    desk.tick(page)
    page.keyboard.press("p")
    desk.company.extra = {"revenue": 9_000_000_000_000}
    desk.company.tick()
    page.keyboard.press("p")
    page.wait_for_selector(".since")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert desk.complaints == []


def test_titles_have_room_and_the_waterfall_is_no_wider_than_it_reads_well(desk: Desk) -> None:
    page = ready(desk)

    assert page.locator(".positions tbody .c-fees").first.is_hidden()
    cut = page.locator(".positions .market-title").evaluate_all(
        "all => all.filter((e) => e.scrollWidth > e.clientWidth)"
    )
    assert cut == []
    tablet = ready(desk, width=1100)
    assert tablet.locator(".waterfall-body").bounding_box()["width"] <= 520  # type: ignore[index]  # it is shown
