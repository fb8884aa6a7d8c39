"""The live page in a real browser."""

import json
import re
from decimal import ROUND_HALF_EVEN, Decimal

import plotly.offline  # type: ignore[import-untyped]  # it carries no types
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk

CENT = Decimal("0.01")
PANELS = ("kpis", "chips", "curve", "waterfall", "positions", "activity", "footer", "live-day")
BACKGROUNDS = {"dark": "rgb(11, 14, 19)", "light": "rgb(244, 245, 247)"}


def amount(text: str) -> Decimal:
    return Decimal(re.sub(r"[$,+]", "", text).replace("−", "-"))


def figure(page: Page, name: str) -> Decimal:
    return amount(page.locator(f'[data-figure="{name}"]').inner_text())


def test_each_figure_is_rounded_by_itself_and_a_note_says_so_where_it_shows(desk: Desk) -> None:
    page = desk.open()
    lines = {"realised": "trading_realised", "unrealised": "trading_unrealised", "fees": "trading_fees"}
    told = set()

    for _ in range(20):
        desk.tick(page)
        exact = {name: Decimal(amount or 0) / 10**9 for name, amount in desk.company.lines().items()}
        shown = {name: figure(page, name) for name in ("net", "revenue", *lines, "api_cost")}
        shown |= {"fees": -shown["fees"], "api_cost": -shown["api_cost"]}
        for name, cents in shown.items():
            if name not in {"net", "revenue"}:
                assert cents == exact[lines.get(name, name)].quantize(CENT, ROUND_HALF_EVEN)
        assert shown["net"] == sum(exact.values(), Decimal()).quantize(CENT, ROUND_HALF_EVEN)

        apart = shown.pop("net") != sum(shown.values())
        note = page.locator("#footer").get_by_text("Each figure is rounded by itself; unrounded they add up exactly.")
        expect(note).to_have_count(int(apart))
        told.add(apart)

    assert told == {True, False}


def test_the_waterfall_shows_the_same_cents_as_the_identity_bar(desk: Desk) -> None:
    page = desk.open()
    desk.tick(page)

    for name in ("net", "revenue", "realised", "unrealised"):
        assert amount(page.locator(f'[data-waterfall="{name}"]').inner_text()) == figure(page, name)
    for name in ("fees", "api_cost"):
        assert amount(page.locator(f'[data-waterfall="{name}"]').inner_text()) == -figure(page, name)


def test_every_panel_is_drawn_from_the_same_snapshot(desk: Desk) -> None:
    page = desk.open()

    seq = desk.tick(page)

    assert {page.locator(f"#{panel}").get_attribute("data-seq") for panel in PANELS} == {str(seq)}
    expect(page.locator("#footer")).to_contain_text(f"Snapshot {seq:,}")
    expect(page.locator("#footer")).to_contain_text("Ties out")


def test_other_costs_and_income_appear_when_they_are_not_zero(desk: Desk) -> None:
    desk.company.extra = {"operating_cost": -38_705_000_001, "other_income": 1_005_000_001}
    desk.company.tick()
    page = desk.open()

    parts = [figure(page, name) for name in ("revenue", "realised", "unrealised", "other_income")]
    costs = [figure(page, name) for name in ("fees", "api_cost", "other_costs")]

    assert figure(page, "net") == sum(parts) - sum(costs)
    expect(page.locator("#footer .ties")).to_contain_text(
        "Ties out: revenue + realised + unrealised − fees − API cost − other costs + other income = net"
    )


def test_what_is_missing_is_a_dash_and_the_net_says_so(desk: Desk) -> None:
    desk.company.missing = ("api_cost",)
    desk.company.statuses["anthropic"] = "down"
    desk.company.tick()
    page = desk.open()

    expect(page.locator('[data-figure="api_cost"]')).to_have_text("—")
    expect(page.locator("#incomplete")).to_have_text("incomplete: API cost")
    expect(page.locator("#chip-anthropic")).to_contain_text("down")
    assert desk.complaints == []


def test_the_pill_that_says_what_is_missing_is_never_cut(desk: Desk) -> None:
    desk.company.missing = ("revenue", "trading_realised", "trading_unrealised", "trading_fees", "api_cost")
    desk.company.tick()
    page = desk.open()

    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        pill = page.locator("#incomplete")
        expect(pill).to_have_text("incomplete: Revenue, Realised, Unrealised, Fees, API cost")
        assert pill.evaluate("pill => pill.scrollWidth <= pill.clientWidth && pill.scrollHeight <= pill.clientHeight")
        assert pill.evaluate(
            "pill => pill.getBoundingClientRect().right <= pill.parentElement.getBoundingClientRect().right"
        )


def test_nothing_is_asked_of_another_host_and_the_console_is_clean(desk: Desk) -> None:
    page = desk.open()
    desk.tick(page)
    page.locator('[data-range="1h"]').click()
    page.locator('[data-filter="costs"]').click()
    page.locator("#tab-entries").click()
    page.wait_for_selector("#entry-date")
    page.locator("#tab-live").click()
    page.wait_for_selector(".curve-chart .main-svg")

    assert desk.foreign == []
    assert desk.complaints == []
    assert page.locator(".modebar").count() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 1401, 1400, 1241, 1024, 781, 780, 721, 390, 360])
def test_the_page_is_never_wider_than_the_screen(desk: Desk, theme: str, width: int) -> None:
    page = desk.open(theme=theme, width=width)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == BACKGROUNDS[theme]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_live_page(desk: Desk, theme: str, width: int) -> None:
    page = desk.open(theme=theme, width=width)

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


def test_before_the_first_tick_the_page_waits(desk: Desk) -> None:
    desk.company.empty = True
    page = desk.open()

    expect(page.locator("#banner")).to_contain_text("No figures yet.")
    desk.company.empty = False
    desk.company.show()

    page.wait_for_selector("#kpis[data-seq]")


def test_invented_figures_say_so_on_every_page_and_in_the_title(desk: Desk) -> None:
    page = desk.open()

    expect(page.locator("#demo")).to_have_text("DEMO DATA")
    expect(page).to_have_title("DEMO DATA · Live P&L · NorthStar P&L")
    page.locator("#tab-entries").click()
    expect(page.locator("#demo")).to_have_text("DEMO DATA")
    expect(page).to_have_title("DEMO DATA · Entries · NorthStar P&L")


def test_the_positions_sort_and_their_total_is_the_sum_of_the_rows(desk: Desk) -> None:
    page = desk.open()
    page.locator('[data-column="value"]').click()

    values = [amount(text) for text in page.locator(".positions tbody .c-value").all_inner_texts()]

    assert values == sorted(values, reverse=True)
    assert amount(page.locator(".positions tfoot .c-value").inner_text()) == sum(values)
    expect(page.locator("th.c-value")).to_have_attribute("aria-sort", "descending")


def test_the_checks_open_in_a_dialog_and_escape_closes_it(desk: Desk) -> None:
    page = desk.open()
    page.locator("#chip-checks").click()

    expect(page.locator(".checks tbody tr")).to_have_count(3)
    expect(page.locator(".checks")).to_contain_text("the day is not closed")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).not_to_be_visible()


def test_a_source_chip_tells_its_last_error(desk: Desk) -> None:
    desk.company.statuses["kalshi"] = "cached"
    desk.company.tick()
    page = desk.open()
    page.locator("#chip-kalshi").click()

    expect(page.locator("#popover")).to_contain_text("connection refused")


def test_the_keyboard_changes_theme_and_page_and_shows_help(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("?")
    expect(page.locator("#dialog")).to_contain_text("Go to Entries")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("e")

    expect(page.locator("h1")).to_have_text("Entries")
    expect(page.locator("#tab-entries")).to_have_attribute("aria-current", "page")


def test_the_chosen_theme_outlives_a_reload_without_a_flash(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("t")
    page.goto(desk.url, wait_until="commit")

    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_a_title_with_markup_in_it_is_text(desk: Desk) -> None:
    snapshot = json.loads(desk.company.body)
    snapshot["positions"][0]["title"] = "<img src=x onerror=alert(1)>"
    desk.company.body = json.dumps(snapshot).encode()
    page = desk.open()

    expect(page.locator(".positions")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator(".positions img").count() == 0


def test_the_chart_library_is_of_the_version_that_the_python_package_carries(desk: Desk) -> None:
    bundled = re.search(rb"plotly\.js v(\d+)\.", plotly.offline.get_plotlyjs()[:400].encode())
    page = desk.open()

    assert bundled
    assert page.evaluate("Plotly.version").split(".")[0] == bundled[1].decode()
