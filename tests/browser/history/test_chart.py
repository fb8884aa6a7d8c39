"""The chart of the history page: whole to both ends, legible, and to be had as a table."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from pnl.domain.snapshot import instant
from tests.browser.archive import Archive
from tests.browser.clock import run_until
from tests.browser.history.shown import RANGE, READY, exact


@pytest.mark.parametrize("path", [f"/history?{RANGE}", "/history?range=24h", "/history/day/2026-11-20"])
def test_nothing_at_the_right_end_of_a_chart_is_cut(archive: Archive, path: str) -> None:
    page = archive.open(path, ".history-chart .main-svg")

    after = page.evaluate(
        """() => {
          const { data, layout } = document.querySelector(".history-chart.js-plotly-plot, .history-chart *");
          const at = (x) => (typeof x === "number" ? x : Date.parse(`${x}Z`));
          const half = { bar: 9 * 3_600_000 };
          const end = ({ type, x }) => Math.max(...x.filter((one) => one !== null).map(at)) + (half[type] ?? 0);
          const [from, to] = layout.xaxis.range.map(at);
          return (to - Math.max(...data.map(end))) / (to - from);
        }"""
    )

    assert after > 0.005


@pytest.mark.parametrize(("chart", "ends"), [("area", "y"), ("candles", "close")])
def test_the_chart_ends_at_the_net_of_a_range_whose_last_day_was_restated(
    archive: Archive, chart: str, ends: str
) -> None:
    archive.correct()

    page = archive.open(f"/history?from=2026-11-18&to=2026-11-18&chart={chart}", READY)
    page.wait_for_selector(".history-chart .main-svg")
    last = page.evaluate(
        """(ends) => document.querySelector(".history-chart.js-plotly-plot, .history-chart *").data
          .filter(({ name, type }) => name === "Net P&L" || type === "candlestick").at(0)[ends].at(-1)""",
        ends,
    )

    assert round(Decimal(last), 2) == round(sum(exact(page, ".history-days tfoot td:last-child [data-exact]")), 2)


def length(page: Page) -> int:
    """Return how long the range is that the chart shows, in milliseconds; 0 while it is read."""
    found = page.evaluate("northstar.historyPage.page.loader.found.history?.span ?? null")
    return int(found["until"] - found["since"]) if found else 0


def test_a_double_click_shows_more_and_nothing_lies_over_the_buttons(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", ".history-chart .main-svg")
    whole = length(page)
    box = page.locator(".history-chart").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 2, y, steps=6)
    page.mouse.up()
    run_until(page, lambda: 0 < length(page) < whole)
    shorter = length(page)

    page.mouse.dblclick(x, y)
    run_until(page, lambda: length(page) > shorter)
    assert page.locator(".plotly-notifier .notifier-note").count() == 0
    assert not archive.complaints


@pytest.mark.parametrize("range_", ["", "from=2026-11-19T10:00&to=2026-11-20T13:00", RANGE])
def test_no_two_labels_of_the_time_say_the_same(archive: Archive, range_: str) -> None:
    minutes = timedelta(minutes=4)
    shortest = f"from={instant(archive.now - minutes)}&to={instant(archive.now)}"
    page = archive.open(f"/history?{range_ or shortest}", ".history-chart .xtick")

    labels = page.locator(".history-chart .xtick text").evaluate_all("all => all.map(one => one.textContent)")
    assert len(labels) > 1
    assert len(set(labels)) == len(labels), labels


def test_the_time_before_the_first_snapshot_is_hatched(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-17T00:00&to=2026-11-18T18:00", ".history-chart .main-svg")

    first = page.evaluate(
        "northstar.historyPage.page.loader.found.history.series.bars.find(bar => bar.close !== null).at"
    )
    blank = page.evaluate("document.querySelector('.history-chart').data.find(trace => trace.name === 'No data').x[2]")
    assert blank == page.evaluate(
        f"northstar.zone.wall({first}, document.querySelector('meta[name=\"pnl:zone\"]').content)"
    )


def test_the_chart_is_to_be_had_as_a_table_and_the_calendar_says_what_its_squares_mean(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-chart .main-svg")
    told_ = page.locator(".history-chart").get_attribute("aria-label") or ""
    page.locator("#history-menu").click()
    page.get_by_role("menuitem", name="View as table").click()
    last = page.locator(".as-table tbody tr").last.locator("td").first.inner_text()

    assert re.sub(r"\.\d\d$", "", last)[:4] in told_
    for word in ("from $0 to", "at most", "at least"):
        assert word in told_
    for word in ("Loss", "Gain", "No figures", "Outside the range"):
        expect(page.locator(".heat-legend")).to_contain_text(word)
