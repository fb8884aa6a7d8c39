"""What was known at an earlier instant, and what was restated since."""

import re
from decimal import Decimal

from playwright.sync_api import expect

from pnl.domain.snapshot import instant
from tests.browser.archive import Archive
from tests.browser.history.shown import RANGE, READY, exact, told


def test_the_instant_of_a_page_of_the_past_is_told_in_the_zone_of_the_page(archive: Archive) -> None:
    for path, ready in (
        (f"/history?{RANGE}&as_of=", READY),
        ("/history/day/2026-11-19?as_of=", ".day-statement tfoot"),
    ):
        page = archive.open(f"{path}2026-11-20T15:04:05Z", ready)
        banner = page.locator(".history-banner [data-key=past]")
        expect(banner).to_contain_text("As known at Fri 20 Nov 2026, 10:04:05 ET.")
        expect(banner.locator("strong")).to_have_attribute("title", "2026-11-20T15:04:05Z")


def test_a_restated_day_says_so_and_an_earlier_knowledge_does_not(archive: Archive) -> None:
    before = archive.now
    archive.correct()

    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-days tr[data-key='2026-11-18'] .mark-restated")
    then = archive.open(f"/history?{RANGE}&as_of={before.strftime('%Y-%m-%dT%H:%M:%SZ')}", READY)
    assert "As known at" in then.locator(".history-banner").inner_text()
    total = ".history-days tfoot td:last-child [data-exact]"
    assert sum(exact(page, total)) - sum(exact(then, total)) == Decimal("80.00")


def test_a_screen_of_the_past_shows_the_outcome_and_the_month_of_then(archive: Archive) -> None:
    shown = next(one.snapshot for one in archive.company.shown if one.snapshot.positions)
    at = (instant(shown.as_of) or "").replace("Z", "999Z")
    page = archive.open(f"/?as_of={at}", '[data-burn="month"]')
    outcome = told(archive, f"positions?as_of={at}")["outcome"]
    month = told(archive, f"economics?as_of={at}")

    assert page.locator("#outcome").get_attribute("data-seq") == str(shown.seq)
    assert month["seq"] == shown.seq
    for name in ("best_case", "worst_case"):
        printed = page.locator(f'[data-outcome="{name}"]').inner_text().replace("−", "-")
        assert Decimal(re.sub(r"[$,+]", "", printed)) == round(Decimal(outcome[name]), 2)
    cost = page.locator('[data-burn="month"]').inner_text()
    assert Decimal(re.sub(r"[$,]", "", cost)) == round(Decimal(month["cost"]["month"]), 2)
    assert not archive.complaints
