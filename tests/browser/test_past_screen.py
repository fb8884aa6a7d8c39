"""The live page at an instant of the past: what it showed then, and nothing that moves."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Desk

AT = "2026-11-20T19:32:10Z"


def _kept(desk: Desk, page: Page) -> dict[str, str]:
    """Have the server keep the newest snapshot as that of `AT`; return it as it is."""
    _, body = desk.company.current() or (0, b"{}")

    def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)["as_of"][0]
        if asked == AT:
            route.fulfill(body=body.decode(), content_type="application/json")
        else:
            detail = f"as_of {asked} is before the first snapshot; ask for a later instant"
            route.fulfill(status=404, json={"title": "Not found", "detail": detail})

    page.route("**/api/pnl/current?*", answer)
    kept: dict[str, str] = json.loads(body)
    return kept


@pytest.mark.parametrize("width", [1440, 390])
def test_it_shows_what_was_shown_and_does_not_move(desk: Desk, width: int) -> None:
    page = desk.open(width=width)
    kept = _kept(desk, page)
    desk.tick(page)

    page.goto(f"{desk.url}/?as_of={AT}")
    page.wait_for_selector(f'#kpis[data-seq="{kept["seq"]}"]')
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_selector(".event")
    desk.company.tick()
    page.wait_for_function("() => document.querySelector('.banner')?.textContent.includes('As it was on')")

    assert page.locator("#kpis").get_attribute("data-seq") == str(kept["seq"])
    assert page.locator("#connection").inner_text().startswith("Past")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert not [url for url in asked if "/ws" in url or "/stream" in url or "/deltas" in url]
    assert {parse_qs(urlsplit(url).query).get("as_of", [""])[0] for url in asked if "/records" in url} <= {AT}
    assert not desk.complaints

    page.get_by_role("link", name="Back to now").click()
    page.wait_for_function(f"() => Number(document.querySelector('#kpis')?.dataset.seq) > {kept['seq']}")
    assert page.locator(".banner").count() == 0


@pytest.mark.parametrize("lost", ["0.0100", None])
def test_where_prices_were_thinned_it_says_so_and_not_that_positions_tie_out(desk: Desk, lost: str | None) -> None:
    page = desk.open()
    kept = json.loads((desk.company.current() or (0, b"{}"))[1])
    row = kept["positions"][0]
    row.update(value=lost, mark=lost, mark_source="bid" if lost else "none", unrealised=lost)
    thinned = {**kept, "flags": [*kept["flags"], "marks_thinned"]}
    page.route("**/api/pnl/current?*", lambda route: route.fulfill(json=thinned))

    page.goto(f"{desk.url}/?as_of={AT}")

    expect(page.locator("#banner .banner")).to_contain_text("Prices of this time were thinned to one each quarter")
    expect(page.locator('#footer [data-key="thinned"]')).to_contain_text("Positions do not tie out")
    expect(page.locator('#footer [data-key="ties"]')).to_contain_text("= net")
    if lost is None:
        expect(page.locator(f'.positions tr[data-key="{row["ticker"]}"] .c-mark')).to_contain_text("—")
    assert not desk.complaints


def test_an_instant_that_was_not_kept_is_told_with_the_cure(desk: Desk) -> None:
    page = desk.open()
    _kept(desk, page)

    page.goto(f"{desk.url}/?as_of=1999-01-01T00:00:00Z")
    banner = page.locator(".banner")
    banner.wait_for()

    assert "before the first snapshot; ask for a later instant" in banner.inner_text()
    assert page.locator("#kpis[data-seq]").count() == 0


def test_the_instant_is_chosen_in_the_company_s_time(desk: Desk) -> None:
    page = desk.open()
    kept = _kept(desk, page)

    page.click("#as-of-button")
    page.fill("#as-of-at", "2026-11-20T14:32:10")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_selector('.banner:has-text("As it was on") >> visible=true')

    assert parse_qs(urlsplit(page.url).query) == {"as_of": [AT]}
    assert page.locator("#kpis").get_attribute("data-seq") == str(kept["seq"])


def test_another_page_of_the_product_is_not_one_of_the_past(desk: Desk) -> None:
    page = desk.open()
    kept = _kept(desk, page)
    page.goto(f"{desk.url}/?as_of={AT}")
    page.wait_for_selector(f'#kpis[data-seq="{kept["seq"]}"]')

    page.click("#tab-entries")
    page.wait_for_selector("#entry-date")
    page.wait_for_function("() => document.querySelector('#connection')?.textContent.includes('Live')")
    page.go_back()
    page.wait_for_selector(f'#kpis[data-seq="{kept["seq"]}"]')

    assert page.locator("#connection").inner_text().startswith("Past")


def test_the_reconcile_page_shows_the_checks_as_they_stood(desk: Desk) -> None:
    page = desk.open()
    kept = _kept(desk, page)
    sides = {"expected": "100.00", "actual": "98.00", "difference": "-2.00", "tolerance": "0"}
    then = {"name": "I5_cash", "scope": "account", "state": "failed", "since": AT, "reason": None, **sides}
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(parse_qs(urlsplit(route.request.url).query)["as_of"][0])
        route.fulfill(json={"seq": int(kept["seq"]), "checks": [then]})

    page.route("**/api/pnl/checks?*", answer)
    page.goto(f"{desk.url}/reconcile?as_of={AT}")

    expect(page.locator(".reconcile-table tbody tr")).to_have_count(1)
    expect(page.locator(".reconcile-table .k-difference")).to_have_text("−$2.00")
    expect(page.locator("#banner")).to_contain_text("As it was on")
    assert page.locator("#connection").inner_text().startswith("Past")
    assert set(asked) == {AT}

    page.unroute("**/api/pnl/checks?*")
    page.get_by_role("link", name="Back to now").click()
    page.wait_for_url(f"{desk.url}/reconcile")
    expect(page.locator("#banner .banner")).to_have_count(0)
