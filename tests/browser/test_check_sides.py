"""The reconcile page over a real archive: both sides of every check open what is behind them."""

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.archive import Archive

SIDES = '.reconcile-table [data-explain^="check."]'


def told(archive: Archive, query: str) -> Any:  # noqa: ANN401 - JSON
    return archive.context("dark", 500).request.get(f"{archive.url}/api/pnl/explain?{query}").json()


@pytest.mark.parametrize("as_of", ["", "2026-11-20T20:00:20Z"])
def test_both_sides_of_every_check_open_what_the_row_shows(archive: Archive, as_of: str) -> None:
    page = archive.open(f"/reconcile?as_of={as_of}" if as_of else "/reconcile", SIDES)
    shown = page.eval_on_selector_all(
        ".reconcile-table [data-explain]", "nodes => nodes.map(node => [node.dataset.explain, node.textContent])"
    )

    rows = page.locator(".reconcile-table tbody tr").count()
    assert len(shown) == 2 * rows
    for figure, text in shown:
        if figure.startswith("check."):
            answer = told(archive, f"figure={figure}" + (f"&as_of={as_of}" if as_of else ""))
            assert Decimal(re.sub(r"[$,+]", "", text).replace("−", "-")) == Decimal(answer["amount"]), figure
            assert answer["children"] or answer["note"]
    assert not archive.complaints


def test_a_side_of_a_check_opens_in_the_drawer_and_by_its_link(archive: Archive) -> None:
    page = archive.open("/reconcile", SIDES)
    page.locator('[data-explain="check.I5_cash.actual.account"]').first.click()
    expect(page.locator(".explain-note")).to_contain_text("Kalshi GET /portfolio/balance, read at")
    expect(page.locator("#explain-title")).to_have_text("Cash balance: what Kalshi says")

    other = archive.open(page.url.removeprefix(archive.url), ".explain-note")
    expect(other.locator(".explain-note")).to_contain_text("Kalshi GET /portfolio/balance, read at")
    other.keyboard.press("Escape")
    other.locator('[data-explain="check.I5_cash.expected.account"]').first.click()
    expect(other.locator("#explain .term-open", has_text="Deposits and withdrawals")).to_be_visible()
    expect(other.locator(".term-breaks")).to_have_count(0)
    assert not archive.complaints
