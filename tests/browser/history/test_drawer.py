"""What is opened into the drawer: part by part, by its link, as it was read, and closed again."""

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from pnl.domain.snapshot import instant
from tests.browser.archive import DAYS, Archive
from tests.browser.clock import run_until
from tests.browser.history.shown import RANGE, READY, told


def test_the_name_of_what_drove_the_result_opens_the_same_as_its_amount(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", ".drove-row")
    rows = page.locator(".drove-row")
    assert rows.count() > 1

    for row in rows.all():
        row.locator(".drove-amount").click()
        total = page.locator("#explain-total")
        total.wait_for()
        opened = (page.locator("#explain h2").inner_text(), total.inner_text())
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
        row.locator(".drove-name").click()
        expect(page.locator("#explain h2")).to_have_text(opened[0], use_inner_text=True)
        expect(total).to_have_text(opened[1], use_inner_text=True)
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
    assert not archive.complaints


def test_a_drawdown_opens_in_the_drawer_and_its_link_opens_it_again(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&step=1h", READY)
    page.locator("[data-explain=max_drawdown]").click()
    page.wait_for_selector("#explain-total")
    total = page.locator("#explain-total").inner_text()
    page.locator("#explain .term-open", has_text="Trough").click()
    page.locator("#explain .term-open", has_text="so far").first.wait_for()
    expect(page.locator(".term-breaks")).to_have_count(0)

    other = archive.open(urlsplit(page.url).path + "?" + urlsplit(page.url).query, "#explain-total")
    expect(other.locator("#explain-total")).to_have_text(total)
    other.locator("#explain .term-open", has_text="so far").first.wait_for()
    other.keyboard.press("Escape")
    other.locator("[data-explain=profitable_days]").click()
    expect(other.locator("#explain .term-sign", has_text="✓").first).to_be_visible()
    other.locator("#explain .term-open", has_text=DAYS[0]).click()
    other.locator("#explain .term-below .term-open", has_text="Revenue").wait_for()
    expect(other.locator(".term-breaks")).to_have_count(0)
    assert not archive.complaints


def test_a_figure_of_a_range_with_today_opens_as_it_was_read_and_so_does_its_link(archive: Archive) -> None:
    page = archive.open("/history?range=7d", ".history-days tfoot [data-explain=net]")
    for place in (".stat", ".history-breakdown tfoot"):
        page.wait_for_selector(f"{place} [data-explain=net]")
    shown = page.evaluate(
        """() => [".stat", ".history-days tfoot", ".history-breakdown tfoot"]
          .map(place => document.querySelector(`${place} [data-explain=net]`).dataset)
          .map(({ exact, explainAt }) => [exact, northstar.place.query(northstar.place.placed("net", explainAt))])"""
    )

    archive.correct()

    for text, query in shown:
        amount = Decimal(text.replace("$", "").replace(",", "").replace("−", "-").replace("+", ""))
        assert Decimal(told(archive, f"explain?{query}")["amount"]) == amount

    assert Decimal(told(archive, "days?from=2026-11-14")["total"]["net"]) == amount + 80
    page.locator(".stat [data-explain=net]").click()
    page.wait_for_selector("#explain-total")
    total = page.locator("#explain-total").inner_text()
    assert "as_of" not in parse_qs(urlsplit(page.url).query)
    other = archive.open(urlsplit(page.url).path + "?" + urlsplit(page.url).query, "#explain-total")
    expect(other.locator("#explain-total")).to_have_text(total)
    assert not archive.complaints


def test_a_figure_of_days_that_has_changed_since_it_was_known_so_says_so(archive: Archive) -> None:
    known = instant(archive.now)
    before = told(archive, f"explain?figure=net&day=2026-11-18&as_of={known}")["amount"]
    archive.correct()
    now = told(archive, "explain?figure=net&day=2026-11-18")["amount"]
    assert Decimal(now) - Decimal(before) == Decimal(80)

    page = archive.open(f"/history?{RANGE}&explain=net&at=2026-11-18~{known}", "#explain-total")
    expect(page.locator("#explain .explain-newer")).to_contain_text("It has changed since")
    page.get_by_role("button", name="Show the newer").click()
    expect(page.locator("#explain .explain-newer")).to_have_count(0)
    run_until(
        page, lambda: Decimal(re.sub(r"[^0-9.]", "", page.locator("#explain-total").inner_text())) == Decimal(now)
    )
    assert not archive.complaints


@pytest.mark.parametrize("way", ["Escape", "back"])
def test_the_figure_that_was_opened_has_the_focus_again(archive: Archive, way: str) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-breakdown tfoot")
    page.wait_for_selector(".drove-row")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    figure = page.locator('.history-days tbody [data-explain="api_cost"]').nth(1)
    figure.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#explain-total")
    figure.evaluate("node => { globalThis.opened = node }")

    page.keyboard.press("Escape") if way == "Escape" else page.go_back()
    expect(page.locator("#explain")).not_to_be_visible()
    run_until(page, lambda: page.evaluate("document.activeElement === globalThis.opened"))
    page.clock.run_for(2000)
    assert page.evaluate("document.activeElement === globalThis.opened")
    assert [url for url in asked if "/api/pnl/days" in url or "/api/pnl/history" in url] == []


def test_what_the_page_works_out_opens_its_sum_and_each_part_of_that(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".stat[data-key=Revenue] [data-worked]")
    note = page.locator(".stat[data-key=Revenue] [data-worked]")
    shown = note.inner_text()
    note.click()
    expect(page.locator("#explain-total")).to_have_text(shown)
    part = page.locator('#explain [data-explain="revenue_total"]')
    exactly = part.inner_text()
    part.click()
    expect(page.locator("#explain-total")).to_have_text(exactly.removeprefix("+"))
    page.keyboard.press("Escape")
    own = "document.activeElement?.matches('.stat[data-key=Revenue] [data-worked]')"
    run_until(page, lambda: page.evaluate(own))
    assert not archive.complaints
