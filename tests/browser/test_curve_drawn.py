"""The chart of the day, and that of a range: how often it is drawn, and that its line hides neither high nor low."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.archive import Archive
from tests.browser.conftest import Desk
from tests.domain.strategies import entry

COUNT = """() => {
  window.drawn = [];
  for (const name of ["react", "redraw"]) {
    const own = Plotly[name];
    Plotly[name] = (chart, ...rest) => {
      if (chart.classList.contains("curve-chart")) window.drawn.push(name);
      return own(chart, ...rest);
    };
  }
}"""


def test_another_range_is_drawn_once_and_a_tick_is_drawn_into_the_chart_that_is_there(desk: Desk) -> None:
    page = desk.open()
    page.evaluate(COUNT)

    at_once = page.evaluate(
        "() => { document.querySelector('[data-range=\"1h\"]').click(); return [...window.drawn]; }"
    )
    paths = page.evaluate_handle("document.querySelector('.curve-chart .scatterlayer')")
    desk.tick(page)
    page.wait_for_function("() => window.drawn.length > 1")

    assert at_once == ["react"]
    assert set(page.evaluate("window.drawn.slice(1)")) == {"redraw"}
    assert paths.evaluate("(layer) => layer.isConnected")


def extremes(page: Page, chart: str, name: str) -> dict[str, Any]:
    """Return of a line that is drawn its highest, its lowest, how far it falls, and of how many points it is."""
    found: dict[str, Any] = page.evaluate(
        """([chart, name]) => {
          const y = document.querySelector(chart).data.find((trace) => trace.name === name).y;
          let [top, fall] = [-Infinity, 0];
          for (const value of y.filter((one) => one !== null)) {
            top = Math.max(top, value);
            fall = Math.min(fall, value - top);
          }
          return { high: top, low: Math.min(...y.filter((one) => one !== null)), fall, points: y.length };
        }""",
        [chart, name],
    )
    return {key: value if key == "points" else round(value, 2) for key, value in found.items()}


def test_the_line_of_the_day_passes_its_highest_and_lowest_and_falls_as_far_as_the_drawdown_says(desk: Desk) -> None:
    last = len(desk.company.history(desk.company.start(), ["net"])["rows"]) - 1  # type: ignore[arg-type]  # a list
    desk.company.swings = {
        last // 16: (-40_000_000_000, 500_000_000),
        last // 8: (-2_000_000_000_000, 3_000_000_000_000),
        last // 8 + 1: (0, 7_000_000_000),
    }
    rows: Any = desk.company.history(desk.company.start(), ["net"])["rows"]

    page = desk.open()

    drawn, pane = extremes(page, ".curve-chart", "Today"), extremes(page, ".curve-chart", "Drawdown")
    assert drawn["high"] == max(round(float(row["net"]["high"]), 2) for row in rows)
    assert drawn["low"] == min(round(float(row["net"]["low"]), 2) for row in rows)
    assert drawn["fall"] == pane["low"]
    assert f"max −${-pane['low']:,.0f}" in page.locator(".curve-caption").inner_text()
    assert max(drawn["points"], pane["points"]) <= 1600
    assert desk.complaints == []


def test_the_lowest_of_a_minute_opens_as_the_snapshot_that_showed_it(desk: Desk) -> None:
    last = len(desk.company.history(desk.company.start(), ["net"])["rows"]) - 1  # type: ignore[arg-type]  # a list
    desk.company.swings = {last // 8: (-2_000_000_000_000, 0)}
    page = desk.open()

    page.evaluate(
        """() => {
          const chart = document.querySelector(".curve-chart");
          const curveNumber = chart.data.findIndex((trace) => trace.name === "Today");
          const { y } = chart.data[curveNumber];
          chart.emit("plotly_click", { points: [{ curveNumber, pointIndex: y.indexOf(Math.min(...y)) }] });
        }"""
    )
    page.wait_for_selector("#explain-total")

    read = [parse_qs(urlsplit(path).query)["from"][0] for path in desk.answers.asked if "step=raw" in path]
    within = desk.company.start() + timedelta(minutes=last // 8)
    assert within.strftime("%Y-%m-%dT%H:%M:%S.000Z") in read


SWINGS = ("300", "-500", "700", "-650", "100")


@pytest.mark.parametrize("query", ["from=2026-11-18&to=2026-11-20&step=4h", "from=now-1h&to=now&step=1m"])
def test_the_line_of_a_range_passes_the_highest_the_lowest_and_the_largest_fall_that_are_told(
    archive: Archive, query: str
) -> None:
    company = archive.company
    last = company.shown[-1].snapshot.as_of
    for number, amount in enumerate(SWINGS):
        at = last + timedelta(seconds=5 + 5 * number)
        kind = "refund" if amount.startswith("-") else "sale"
        company.tick(at, entry(kind, amount, company.calendar.day(at), name=f"swing-{number}"))  # type: ignore[arg-type]  # one of its words

    page = archive.open(f"/history?{query}", ".stat[data-key='Max drawdown'] [data-exact]")
    page.wait_for_selector(".history-chart .main-svg")

    drawn = extremes(page, ".history-chart", "Net P&L")
    fall = page.locator(".stat[data-key='Max drawdown'] .stat-value").get_attribute("data-exact") or ""
    assert drawn["fall"] == float(fall.replace("−", "-").replace("$", "").replace(",", ""))
    assert drawn["fall"] == -650
    told = page.evaluate("document.querySelector('.history-chart').getAttribute('aria-label')")
    for name, word in (("high", "at most "), ("low", "at least ")):
        assert f"{word}{'−' if drawn[name] < 0 else '+'}${abs(drawn[name]):,.0f}" in told
    assert not archive.complaints
