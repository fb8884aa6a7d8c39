"""The candles of a range hold several snapshots each, and the first and the last are whole."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.archive import Archive
from tests.browser.clock import run_until
from tests.browser.history.shown import RANGE
from tests.domain.strategies import entry


def busy_hour(archive: Archive) -> None:
    """Have twelve minutes pass with a tick every ten seconds, each of which brings something."""
    day = archive.company.calendar.day(archive.now)
    for number in range(72):
        at = archive.company.shown[-1].snapshot.as_of + timedelta(seconds=10)
        sale = entry("sale", f"{3 + number % 5}.10", day, name=f"sale-{number}")
        archive.company.tick(at, sale if number % 3 else entry("refund", "-4.05", day, name=f"refund-{number}"))


def test_candles_of_an_hour_hold_several_snapshots_each(archive: Archive) -> None:
    busy_hour(archive)
    page = archive.open("/history?range=1h&step=raw", ".history-chart .main-svg")
    page.get_by_role("button", name="Candles").click()
    kinds = "document.querySelector('.history-chart').data.map(({ type }) => type)"
    run_until(page, lambda: "candlestick" in page.evaluate(kinds))

    expect(page.locator(".history-banner [data-key=wrong]")).to_contain_text("step “raw” is too fine for candles")
    expect(page.locator("#history-step option:checked")).to_have_text("Automatic, 1 minute")
    raw = page.locator("#history-step option[value=raw]")
    assert (raw.is_disabled(), raw.inner_text()) == (True, "Every tick (too fine for candles)")
    high = page.locator(".history-chart").evaluate(
        """({ data }) => data.filter(({ type }) => type === "candlestick")
          .flatMap(({ high, low }) => high.map((one, i) => one > low[i]))"""
    )
    assert len(high) >= 12
    assert all(high[:12])
    page.get_by_role("button", name="Area").click()
    expect(page.locator("#history-step option:checked")).to_have_text("Automatic, every tick")
    run_until(page, lambda: "candlestick" not in page.evaluate(kinds))
    assert not archive.complaints


@pytest.mark.parametrize(
    ("range_", "width"),
    [("from=2026-11-20T18:03&to=2026-11-20T18:10", timedelta(minutes=1)), (f"{RANGE}&step=1d", timedelta(days=1))],
)
def test_the_first_and_the_last_candle_are_whole(archive: Archive, range_: str, width: timedelta) -> None:
    busy_hour(archive)
    page = archive.open(f"/history?{range_}&chart=candles", ".history-chart .main-svg")

    first, last = page.locator(".history-chart").evaluate(
        """({ data, layout }) => {
          const { x } = data.find(({ type }) => type === "candlestick");
          const [from, to] = layout.xaxis.range.map(at => typeof at === "number" ? at : Date.parse(`${at}Z`));
          return [x.at(0) - from, to - x.at(-1)];
        }"""
    )
    assert min(first, last) >= width.total_seconds() * 1000 / 2
    assert not archive.complaints
