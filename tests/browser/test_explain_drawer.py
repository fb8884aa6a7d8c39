"""The drawer that answers "why this number?", in a real browser."""

import json
import re
from datetime import datetime
from decimal import Decimal
from threading import Event
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_live_page import amount


def drawer(page: Page) -> Locator:
    return page.locator("dialog#explain")


def why(page: Page, figure: str) -> None:
    """Open the explanation of a figure of the identity bar, and wait until it is there."""
    page.locator(f'#kpis button[data-explain="{figure}"]').click()
    page.wait_for_selector("#explain-total")


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def total(page: Page) -> Decimal:
    return amount(page.locator("#explain-total").inner_text())


def test_every_figure_of_the_live_page_opens_its_own_explanation(desk: Desk) -> None:
    page = desk.open()
    buttons = page.locator("main button[data-explain]")
    figures = buttons.evaluate_all("all => all.map((one) => one.dataset.explain)")

    assert {
        "net",
        "revenue_total",
        "trading_realised",
        "trading_unrealised",
        "trading_fees",
        "api_cost",
        "cash",
        "positions_value",
        "equity",
        "positions.value",
        "positions.unrealised",
        "positions.realised",
        "positions.fees",
        "position.KXFEDDECISION-26DEC-H0.average_price",
        "position.KXFEDDECISION-26DEC-H0.mark",
        "position.KXFEDDECISION-26DEC-H0.position",
    } <= set(figures)
    for place in (0, len(figures) // 2, len(figures) - 1):
        buttons.nth(place).click()
        expect(drawer(page)).to_be_visible()
        assert asked(page)["explain"] == [figures[place]]
        page.keyboard.press("Escape")
        expect(drawer(page)).not_to_be_visible()


@pytest.mark.parametrize("figure", ["net", "revenue_total", "trading_realised", "api_cost"])
def test_its_parts_and_its_records_add_up_to_what_the_page_shows(desk: Desk, figure: str) -> None:
    page = desk.open()
    shown = amount(page.locator(f'#kpis button[data-explain="{figure}"]').inner_text())
    why(page, figure)
    if figure == "net":
        page.get_by_role("button", name="List them, newest first").click()
    page.wait_for_selector(".explain-table")
    if figure == "net":
        page.get_by_role("button", name=re.compile("^Show .* more of")).click()

    signs = page.locator(".terms > .term > .term-line > .term-sign").all_inner_texts()
    parts = page.locator(".terms > .term > .term-line > .term-amount").all_inner_texts()
    records = page.locator(".explain-table tbody td:nth-child(3)").all_inner_texts()
    running = page.locator(".explain-table .r-running").all_inner_texts()

    whole = total(page)
    assert abs(whole) - abs(shown) < Decimal("0.01")
    assert (
        sum((-amount(part) if sign == "−" else amount(part)) for sign, part in zip(signs, parts, strict=True)) == whole
    )
    assert sum(amount(record) for record in records) == whole
    assert amount(running[0]) == whole
    assert desk.complaints == []


def test_enter_opens_it_escape_closes_it_and_the_focus_comes_back(desk: Desk) -> None:
    page = desk.open()
    opener = page.locator('#kpis button[data-explain="trading_realised"]')
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#explain-title")).to_be_focused()
    expect(page.locator("#explain-title")).to_have_text(re.compile(r"^Why is realised [+−]\$[\d,.]+\?$"))

    desk.tick(page)
    page.keyboard.press("Escape")

    expect(drawer(page)).not_to_be_visible()
    expect(opener).to_be_focused()
    page.wait_for_url(f"{desk.url}/")


def test_it_says_of_when_it_is_and_that_the_figure_has_moved_since(desk: Desk) -> None:
    page = desk.open()
    why(page, "net")
    seq = desk.company.seq
    expect(page.locator(".explain-when")).to_have_text(
        re.compile(rf"^As shown at [\d:]+ E[SD]?T on .* snapshot {seq:,}$")
    )
    before = total(page)

    newest = desk.tick(page)
    expect(page.locator(".explain-newer")).to_contain_text("It has changed since")
    assert total(page) == before
    page.get_by_role("button", name="Show the newer").click()

    expect(page.locator(".explain-when")).to_contain_text(f"snapshot {newest:,}")
    assert asked(page)["at"] == [str(newest)]


def test_a_node_is_read_when_it_is_opened_and_shows_the_source_s_own_ids(desk: Desk) -> None:
    page = desk.open()
    why(page, "trading_realised")
    ticker = "KXFEDDECISION-26DEC-H0"
    page.locator(f'[data-explain-node="{ticker}"]').click()
    leaf = page.locator(f'[data-explain-node^="{ticker}/"]').first
    leaf.click()

    record = page.locator(".term .record").first
    expect(record).to_contain_text("tra_dec-h0-0")
    expect(record).to_contain_text("Kalshi · fill · version 1")
    expect(record).to_contain_text(ticker)
    facts = record.locator("dt").all_inner_texts(), record.locator("dd").all_inner_texts()
    told = dict(zip(*facts, strict=True))
    assert (told["Fee"], told["Price"]) == ("$0.85", "$0.67")
    assert "$" in told["Brings"]
    assert any(f"node={ticker}" in path for path in desk.answers.asked)
    leaf.click()
    expect(page.locator(".term .record")).to_have_count(0)


def test_a_link_to_it_opens_it_again_with_the_same_node_open(desk: Desk) -> None:
    page = desk.open()
    why(page, "trading_realised")
    page.locator('[data-explain-node="KXHIGHNY-26NOV20-B52.5"]').click()
    page.wait_for_selector('[data-explain-node^="KXHIGHNY-26NOV20-B52.5/"]')
    seen = total(page)
    page.evaluate("navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("globalThis.copied")
    assert parse_qs(urlsplit(link).query) == {
        "explain": ["trading_realised"],
        "at": [str(desk.company.seq)],
        "node": ["KXHIGHNY-26NOV20-B52.5"],
    }

    other = desk.open(link.removeprefix(desk.url))

    expect(drawer(other)).to_be_visible()
    expect(other.locator('[data-explain-node^="KXHIGHNY-26NOV20-B52.5/"]').first).to_be_visible()
    assert total(other) == seen
    other.keyboard.press("Escape")
    expect(drawer(other)).not_to_be_visible()
    other.wait_for_url(f"{desk.url}/")


def test_back_closes_it_and_forward_opens_it_again(desk: Desk) -> None:
    page = desk.open()
    why(page, "net")
    page.go_back()
    expect(drawer(page)).not_to_be_visible()
    page.wait_for_selector(".curve-chart .main-svg")

    page.go_forward()

    expect(drawer(page)).to_be_visible()
    expect(page.locator("#explain-total")).to_be_visible()


def test_the_checks_that_cover_it_are_told_with_their_breaks_first(desk: Desk) -> None:
    since = desk.answers.minutes_ago(200)
    check = {"scope": "account", "tolerance": "0", "since": since, "reason": None}
    sums = {"expected": "100.00", "actual": "100.00", "difference": "0"}
    desk.company.covering = [
        {**check, **sums, "name": "I6_equity", "state": "ok"},
        {**check, "name": "I5_cash", "expected": "100.00", "actual": "99.40", "difference": "0.60", "state": "failed"},
        {**check, "name": "api_cost", "expected": "64.02", "actual": None, "difference": None, "state": "waiting"},
        {**check, **sums, "name": "revenue_read", "scope": "feed", "state": "ok"},
    ]
    page = desk.open()
    why(page, "net")

    verdicts = page.locator(".verdict")
    expect(verdicts).to_have_count(4)
    expect(verdicts.nth(0)).to_contain_text("Does not match Kalshi")
    expect(verdicts.nth(0)).to_contain_text("+$0.60")
    expect(verdicts.nth(1)).to_contain_text("Waits for the next reading")
    expect(verdicts.nth(2)).to_contain_text("Matches Kalshi to the cent")
    expect(verdicts.nth(3)).to_contain_text("Matches the source to the cent")
    assert page.locator(".verdict .icon").count() == 4


def test_while_it_is_read_it_says_so_and_what_fails_is_told_with_a_way_on(desk: Desk) -> None:
    gate = Event()

    def hold() -> None:
        gate.wait(20)

    desk.answers.gate = hold
    page = desk.open()
    page.locator('#kpis button[data-explain="net"]').click()
    expect(page.locator(".explain-wait")).to_contain_text("Reading the sum behind it")
    gate.set()
    page.wait_for_selector("#explain-total")
    page.keyboard.press("Escape")

    desk.answers.broken["/api/pnl/explain"] = (503, "The first statement is being made; ask again shortly.")
    page.locator('#kpis button[data-explain="net"]').click()
    expect(page.locator(".explain-trouble")).to_contain_text("ask again shortly")
    desk.answers.broken.clear()
    page.get_by_role("button", name="Try again").click()

    expect(page.locator("#explain-total")).to_be_visible()


def test_a_node_that_cannot_be_read_keeps_the_rest_and_is_tried_again(desk: Desk) -> None:
    page = desk.open()
    page.route("**/api/pnl/explain?*node=*", lambda route: route.abort())
    why(page, "trading_realised")
    page.locator('[data-explain-node="KXFEDDECISION-26DEC-H0"]').click()
    expect(page.locator(".term .explain-trouble")).to_contain_text("cannot be reached")
    expect(page.locator("#explain-total")).to_be_visible()

    page.unroute("**/api/pnl/explain?*node=*")
    page.locator(".term .explain-trouble button").click()

    expect(page.locator('[data-explain-node^="KXFEDDECISION-26DEC-H0/"]')).to_have_count(3)


def test_records_that_are_no_longer_those_of_the_figure_are_told_and_read_again(desk: Desk) -> None:
    page = desk.open()
    why(page, "net")
    desk.company.extra = {"trading_fees": -5_000_000_000}
    page.get_by_role("button", name="List them, newest first").click()
    expect(page.locator(".explain-trouble")).to_contain_text("The figure changed while its records were read")
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="List them, newest first").click()
    page.wait_for_selector(".explain-table")

    expect(page.locator(".explain-trouble")).to_have_count(0)
    assert amount(page.locator(".explain-table .r-running").first.inner_text()) == total(page)


def test_a_figure_that_is_not_known_says_why(desk: Desk) -> None:
    desk.company.missing = ("api_cost",)
    desk.company.tick()
    page = desk.open()
    page.locator('#kpis button[data-explain="api_cost"]').click()

    expect(page.locator("#explain-title")).to_have_text("Why is API cost not known?")
    expect(drawer(page)).to_contain_text("its source has not answered")


def test_any_later_element_of_any_page_that_names_a_figure_opens_it(desk: Desk) -> None:
    page = desk.open("/entries")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
          '<button id="later" data-explain="net" data-explain-at="day=2026-11-20">+$1</button>')"""
    )
    with page.expect_response(lambda answer: "figure=net&day=2026-11-20" in answer.url):
        page.locator("#later").click()

    expect(drawer(page)).to_be_visible()
    assert asked(page)["explain"] == ["net"]


def test_arrows_go_from_figure_to_figure_of_the_positions(desk: Desk) -> None:
    page = desk.open()
    first = page.locator(".positions tbody tr").first.locator(".c-unrealised button")
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".positions tbody tr").first.locator(".c-realised button")).to_be_focused()
    page.keyboard.press("ArrowDown")

    expect(page.locator(".positions tbody tr").nth(1).locator(".c-realised button")).to_be_focused()


def test_a_product_shows_contracts_times_price_and_the_quote(desk: Desk) -> None:
    page = desk.open()
    page.locator('button[data-explain="position.KXFEDDECISION-26DEC-H0.value"]').click()
    page.wait_for_selector("#explain-total")

    expect(page.locator(".terms .term-sign").nth(1)).to_have_text("×")
    page.locator('[data-explain-node="mark"]').click()
    expect(page.locator(".term .record")).to_contain_text("best bid of the side that is held")


def test_a_title_with_markup_in_it_is_text(desk: Desk) -> None:
    snapshot = json.loads(desk.company.body)
    desk.company.covering = [
        {
            "name": "I3_realised",
            "scope": "<img src=x onerror=alert(1)>",
            "expected": "1",
            "actual": "2",
            "difference": "-1",
            "tolerance": "0",
            "state": "failed",
            "since": snapshot["as_of"],
            "reason": None,
        }
    ]
    page = desk.open()
    why(page, "net")

    expect(drawer(page)).to_contain_text("<img src=x")
    assert drawer(page).locator("img").count() == 0


def test_an_event_of_the_activity_opens_its_record_and_gives_the_focus_back(desk: Desk) -> None:
    page = desk.open()
    event = page.locator(".event", has_text="Bought 120 YES").locator(".event-amount")
    event.click()

    expect(page.locator("#explain-title")).to_have_text("Bought 120 YES @ 67¢")
    expect(page.locator(".record")).to_contain_text("fills-0")
    expect(page.locator("#explain-total")).to_have_text("−$80.40")
    assert asked(page) == {}
    page.get_by_role("button", name="As the source sent it").click()
    expect(page.locator(".raw")).to_be_visible()
    page.keyboard.press("Escape")
    expect(event).to_be_focused()
    assert desk.complaints == []


def test_a_mark_shows_its_quote_and_a_position_its_market(desk: Desk) -> None:
    page = desk.open()
    page.route(
        "**/api/pnl/explain?figure=position*",
        lambda route: route.fulfill(
            json={
                "figure": "position.KXFEDDECISION-26DEC-H0.mark",
                "text": "The price at which a contract that is held could be sold.",
                "at": {"seq": desk.company.seq, "as_of": "2026-11-20T17:00:00.000Z", "day": "2026-11-20"},
                "as_seen": True,
                "node": "",
                "title": "Mark",
                "amount": "0.68",
                "unit": "usd",
                "rule": "mark",
                "count": 0,
                "note": "",
                "children": [],
                "mark": {
                    "ticker": "KXFEDDECISION-26DEC-H0",
                    "at": "2026-11-20T16:59:58.000Z",
                    "side": "yes",
                    "price": "0.68",
                    "source": "bid",
                },
                "checks": [],
                "next": None,
            }
        ),
    )
    page.locator('button[data-explain="position.KXFEDDECISION-26DEC-H0.mark"]').click()

    expect(page.locator(".explain-market")).to_have_text("Fed holds in DecemberKXFEDDECISION-26DEC-H0")
    expect(page.locator(".explain-box .record")).to_contain_text("best bid of the side that is held")
    expect(page.locator(".explain-table")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_the_open_drawer(desk: Desk, theme: str, width: int) -> None:
    page = desk.open(theme=theme, width=width)
    page.locator('[data-waterfall="realised"]').click()
    page.wait_for_selector(".explain-table")
    page.locator('[data-explain-node="KXFEDDECISION-26DEC-H0"]').click()
    page.locator("[data-explain-row]").first.click()

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    box = drawer(page).bounding_box()
    assert box
    assert box["width"] == (390 if width == 390 else 520)
    assert page.evaluate(
        "(() => { const box = document.getElementById('explain-body'); return box.scrollWidth <= box.clientWidth; })()"
    )


def test_a_point_of_the_curve_opens_the_net_of_then(desk: Desk) -> None:
    page = desk.open()
    chart = page.locator(".curve-chart .nsewdrag").first
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    page.wait_for_selector(".curve-chart .hoverlayer .legend, .curve-chart .hoverlayer .hovertext")
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)

    expect(page.locator("#explain-total")).to_be_visible()
    opened = next(path for path in desk.answers.asked if path.startswith("/api/pnl/explain"))
    moment = parse_qs(urlsplit(opened).query)["as_of"][0]
    assert desk.company.start() < datetime.fromisoformat(moment) < desk.company.now()
    assert asked(page) == {"explain": ["net"], "at": [str(desk.company.seq)]}
