"""Every amount of the history page opens, and into exactly what is shown."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from pnl.domain.snapshot import instant
from tests.browser.archive import Archive
from tests.browser.history.shown import RANGE, READY, told
from tests.domain.strategies import entry, fill, mark
from tests.web.past import api

UNEXPLAINED = r"""() => {
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (!/[$¢%]\s*\d|\d\s*[¢%]/.test(text) || !element.offsetParent) continue;
    if (element.closest("[data-explain], [data-worked], svg, select, .k-title")) continue;
    found.push(`${text} in ${element.closest("[class]").className}`);
  }
  return found;
}"""


@pytest.mark.parametrize(
    "path", [f"/history?{RANGE}", "/history?from=2026-11-19T10:00&to=2026-11-20T13:00", "/reconcile"]
)
def test_no_amount_is_shown_that_does_not_open(archive: Archive, path: str) -> None:
    page = archive.open(path, ".reconcile-table" if path == "/reconcile" else ".history-stats [data-explain]")
    if path != "/reconcile":
        page.wait_for_selector(".history-breakdown tfoot")
        page.wait_for_selector(".drove-row")
        page.wait_for_selector(READY)

    assert page.evaluate(UNEXPLAINED) == []


def test_what_a_range_of_hours_grew_by_is_opened_to_what_the_page_shows(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-19T10:00&to=2026-11-20T13:00", ".history-stats [data-explain]")
    stats = page.locator(".history-stats [data-explain]")
    shown = [stat.get_attribute("data-exact") or "" for stat in stats.all()]
    names = ("Net P&L", "highest", "lowest", "Revenue", "Trading", "Fees", "API cost", "Other", "Max drawdown")
    assert len(shown) == len(names)
    assert len(set(shown)) > 1

    for stat, exactly in zip(stats.all(), shown, strict=True):
        stat.click()
        expect(page.locator("#explain-total")).to_have_text(exactly.removeprefix("+"))
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
    assert not archive.complaints


@pytest.mark.parametrize("by", ["customer", "model", "series"])
def test_every_amount_of_a_breakdown_opens_its_own_sum(archive: Archive, by: str) -> None:
    page = archive.open(f"/history?{RANGE}&by={by}", READY)
    page.wait_for_selector(".drove-row")
    page.wait_for_selector(".history-breakdown tbody [data-explain]")
    shown = page.eval_on_selector_all(
        ".history-breakdown tbody [data-explain][data-exact], .history-drove [data-explain][data-exact]",
        "nodes => nodes.map(node => [node.dataset.explain, node.dataset.explainAt, node.dataset.exact])",
    )
    assert len({exactly for _, _, exactly in shown}) > 2

    for figure, at, exactly in shown:
        page.locator(f'[data-explain="{figure}"][data-explain-at="{at}"]').first.click()
        sign, digits = ("−", exactly[1:]) if exactly.startswith("-") else ("", exactly)
        expect(page.locator("#explain-total")).to_have_text(f"{sign}${digits}")
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
    assert not archive.complaints


AS_OF = "&as_of=2026-11-19T21:30:00Z"


@pytest.mark.parametrize(
    "range_",
    [
        *(f"{RANGE}&step={step}" for step in ("1m", "1h", "4h", "1d", "1w")),
        f"{RANGE}&step=1h{AS_OF}",
        "from=2026-11-18 10:00&to=2026-11-20 18:30&step=4h",
        "from=2026-11-18 10:00&to=2026-11-20 18:30&step=15m",
        f"from=2026-11-18 10:00&to=2026-11-19 18:30&step=1h{AS_OF}",
    ],
)
def test_the_course_of_a_range_opens_into_exactly_what_the_strip_shows(archive: Archive, range_: str) -> None:
    page = archive.open(f"/history?{range_}", READY)
    page.wait_for_selector(".stat button[data-explain=max_drawdown]")
    shown = page.eval_on_selector_all(
        ".stat [data-explain]",
        """nodes => nodes.map(({ dataset }) => [dataset.explain, dataset.exact ?? null,
          northstar.place.query(northstar.place.placed(dataset.explain, dataset.explainAt))])""",
    )

    figures = {figure: (exact_, told(archive, f"explain?{query}")) for figure, exact_, query in shown}
    whole = {"profitable_days"} if ":" not in range_.partition("&as_of")[0] else {"highest_net", "lowest_net"}
    assert figures.keys() >= {"net", "revenue_total", "trading_total", "api_cost", "max_drawdown", *whole}
    for exact_, answer in figures.values():
        if answer["unit"] == "usd":
            text = exact_.replace("$", "").replace(",", "").replace("−", "-")
            assert Decimal(text) == Decimal(answer["amount"]), answer["figure"]
    assert not archive.complaints


WINTER, SUMMER = datetime(2026, 11, 25, 5, tzinfo=UTC), datetime(2027, 7, 15, 4, tzinfo=UTC)
STEPS = {"1m": timedelta(minutes=1), "5m": timedelta(minutes=5), "1h": timedelta(hours=1), "4h": timedelta(hours=4)}


def watch_midnight(archive: Archive, midnight: datetime) -> None:
    """Have every line move between the ticks on both sides of a company's midnight."""
    for number, minutes in enumerate((-200, -50, -4, -0.75, 0.25, 3, 40, 200)):
        at, day = midnight + timedelta(minutes=minutes), (midnight - timedelta(hours=minutes < 0)).date()
        archive.company.tick(
            at,
            entry("sale", f"{20 + number}.37", day, name=f"sale-{number}", fee="-0.91"),
            fill("yes", "3", "0.42", "0.0517", ticker="KXFED-1", at=at - timedelta(seconds=5), name=f"night-{number}"),
            *api(at - timedelta(seconds=5), f"{3 + number}.0123"),
            marks=[mark("KXFED-1", bid=f"0.4{number}", ask=f"0.5{number}", at=at)],
        )


@pytest.mark.parametrize("midnight", [WINTER, SUMMER], ids=["winter", "summer"])
def test_the_strip_is_its_own_explanation_from_one_step_before_midnight_on(
    archive: Archive, midnight: datetime
) -> None:
    watch_midnight(archive, midnight)
    parts = ("revenue_total", "trading_total", "trading_fees", "api_cost")
    moved: set[str] = set()
    for name, step in STEPS.items():
        since, until = midnight - step, midnight + 2 * step
        path = f"/history?from={instant(since)}&to={instant(until)}&step={name}"
        page = archive.open(path, ".stat button[data-explain=max_drawdown]")
        assert page.input_value("#history-step") == name
        shown = page.eval_on_selector_all(
            ".stat-value[data-explain]",
            """nodes => nodes.map(({ dataset }) => [dataset.explain, dataset.exact,
              northstar.place.query(northstar.place.placed(dataset.explain, dataset.explainAt))])""",
        )

        amounts = {figure: Decimal(re.sub(r"[+$,]", "", text).replace("−", "-")) for figure, text, _ in shown}
        assert amounts == {figure: Decimal(told(archive, f"explain?{query}")["amount"]) for figure, _, query in shown}
        assert sum(amounts[part] for part in parts) + amounts.get("other_total", Decimal(0)) == amounts["net"]
        moved |= {part for part in parts if amounts[part]}
        page.close()
    assert moved == set(parts)
    assert not archive.complaints
