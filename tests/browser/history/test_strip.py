"""The strip of figures adds up with the days and the breakdown, and has room for every note."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.browser.archive import DAYS, Archive
from tests.browser.history.shown import RANGE, READY, exact, told


def test_days_breakdown_and_strip_tell_the_same_net_as_the_api(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&by=market", READY)
    page.wait_for_selector(".history-breakdown tfoot")
    page.wait_for_selector(".history-chart .main-svg")
    page.wait_for_selector(".drove-row")
    answer = told(archive, "days?from=2026-11-18&to=2026-11-21")
    net = Decimal(answer["total"]["net"])

    days = exact(page, ".history-days tbody td:last-child [data-exact]")
    assert sorted(days) == sorted(Decimal(day["net"]) for day in answer["days"])
    assert sum(days) == net
    assert exact(page, ".history-days tfoot td:last-child [data-exact]") == [net]
    expect(page.locator(".history-days .ties")).to_contain_text("Ties out")
    assert sum(exact(page, ".history-breakdown tbody td:last-child [data-exact]")) == net
    assert exact(page, ".history-breakdown tfoot [data-exact]") == [net]
    assert (
        page.locator(".stat", has_text="Profitable days").inner_text().split("\n")[2].endswith(f"of {len(DAYS)} days")
    )
    assert not archive.complaints
    assert not archive.foreign


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_strip_adds_up_with_other_costs_and_the_chart_names_them(archive: Archive, width: int) -> None:
    page = archive.open(f"/history?{RANGE}", ".stat[data-key=Other] button", width=width)
    page.wait_for_selector(".history-chart .main-svg")
    shown = page.locator(".stat-value[data-explain]").evaluate_all(
        "all => Object.fromEntries(all.map(({ dataset }) => [dataset.explain, dataset.exact]))"
    )
    amounts = {figure: Decimal(re.sub(r"[$,+]", "", text).replace("−", "-")) for figure, text in shown.items() if text}

    parts = ("revenue_total", "trading_total", "trading_fees", "api_cost", "other_total")
    assert amounts["other_total"] != 0
    assert sum(amounts[part] for part in parts) == amounts["net"]
    drawn = page.locator(".history-chart").evaluate(
        "chart => chart.data.filter(({ type }) => type === 'bar').map(({ name }) => name)"
    )
    assert drawn == ["Revenue", "Trading", "API cost", "Fees", "Other"]
    assert page.locator(".history-legend .history-key").all_inner_texts() == drawn
    other = page.locator(".stat[data-key=Other] .stat-value")
    other.click()
    expect(page.locator("#explain-total")).to_have_text(other.get_attribute("data-exact") or "")
    assert not archive.complaints


UNDIVIDED = """() => {
  const strip = document.querySelector(".history-stats").getBoundingClientRect();
  const cells = [...document.querySelectorAll(".history-stats > .stat")].map((one) => one.getBoundingClientRect());
  const rows = new Map();
  for (const { top, width } of cells) rows.set(Math.round(top), (rows.get(Math.round(top)) ?? 0) + width);
  return [cells.length, ...[...rows.values()].filter((width) => Math.abs(width - strip.width) > 3)];
}"""


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize(("range_", "cells"), [(RANGE, 8), ("from=2026-11-19T14:00&to=2026-11-19T18:30", 7)])
def test_the_strip_of_figures_leaves_no_place_empty(archive: Archive, width: int, range_: str, cells: int) -> None:
    page = archive.open(f"/history?{range_}", ".history-stats .stat-value", width=width)

    assert page.evaluate(UNDIVIDED) == [cells]


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_note_beside_a_figure_is_never_cut(archive: Archive, width: int) -> None:
    page = archive.open("/history?range=30d&compare=previous", READY, width=width)

    note = page.locator(".history-stats .stat-note").first
    expect(note).to_be_visible()
    note.evaluate("it => { it.textContent = '▼ 1,234.5% vs prior 30 d (2 known)' }")
    cut = "all => all.filter((it) => it.scrollWidth > it.clientWidth || it.scrollHeight > it.clientHeight).length"
    assert page.locator(".history-stats .stat-note").evaluate_all(cut) == 0
