"""Names and titles that somebody hostile wrote, in a real browser: they are shown as text, and nothing runs."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Dialog, Page, expect

from pnl.domain.records import Record
from tests.browser.archive import Archive
from tests.browser.conftest import Desk
from tests.domain.strategies import entry, record
from tests.hostile import EVERY, MARKUP, SCHEMES

AT_ONCE = 8
INJECTED = (
    "img[src='x'], iframe, svg[onload], a[href^='javascript'], a[href^='data:'], [onerror], main script, main style"
)


def watched(page: Page) -> list[str]:
    """Return what will be heard of anything that runs: a dialog's text."""
    heard: list[str] = []

    def opened(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    return heard


def visible(text: str) -> str:
    """Return what can be seen of a text: the letters as they are, without the one that is none."""
    return re.sub("[\x00\ufffd]", "", text)


def shown(page: Page, selector: str) -> str:
    return "\n".join(page.eval_on_selector_all(selector, "nodes => nodes.map(node => node.textContent)"))


def harmless(page: Page, heard: list[str]) -> None:
    assert heard == []
    assert page.locator(INJECTED).count() == 0
    assert page.evaluate("getComputedStyle(document.body).display") != "none"
    assert page.evaluate("Object.prototype.polluted") is None


@pytest.mark.parametrize("first", range(0, len(EVERY), AT_ONCE))
def test_titles_tickers_and_descriptions_are_shown_as_text_on_the_live_page(desk: Desk, first: int) -> None:
    texts = EVERY[first : first + AT_ONCE]
    company = desk.company
    company.markets = [(f"{text[:60]}{place}", text, "yes", 100, 40, 50, 24) for place, text in enumerate(texts)]
    company.markets = [*company.markets, *((f"KX{n}", "A quiet market", "no", 10, 40, 50, 24) for n in range(8))][:8]
    company.moved = [0] * len(company.markets)
    company.details = {
        "revenue": {"description": texts[0], "customer": texts[-1]},
        "costs": {"model": texts[0], "token_type": texts[-1]},
        "fills": {"ticker": texts[0]},
    }
    company.statuses["kalshi"] = "failing"
    company.trouble = texts[0]
    company.tick()

    page = desk.open()
    heard = watched(page)
    for _ in range(2):
        desk.tick(page)

    content = visible(shown(page, ".positions"))
    for text in texts:
        assert visible(text) in content, repr(text)
    assert page.locator(".positions tbody tr").count() >= len(texts)
    page.locator(".curve-chart").hover()
    page.locator(".positions tbody tr").first.hover()
    for head in page.locator(".positions th button:visible").all():
        head.click()
    page.get_by_role("button", name="Appearance").click()
    assert page.locator(".positions b, .positions br, .positions a").count() == 0
    harmless(page, heard)
    assert desk.complaints == []
    assert desk.foreign == []


@pytest.mark.parametrize("texts", [MARKUP[:6], (*MARKUP[6:], *SCHEMES)])
def test_customers_and_descriptions_are_shown_as_text_by_the_real_server_on_every_page(
    archive: Archive, texts: tuple[str, ...]
) -> None:
    last = archive.company.shown[-1].snapshot.as_of
    day = archive.company.calendar.day(last)
    sales: list[Record] = [
        record(replace(entry("sale", "1.00", day, name=f"x-{number}"), description=text, customer=text))
        for number, text in enumerate(texts)
    ]
    archive.company.tick(last + timedelta(seconds=10), *sales)

    for path, ready, where in (
        (f"/history?from={day}&to={day}&by=customer", ".history-breakdown tfoot", ".history-breakdown"),
        ("/", "#kpis[data-seq]", None),
        ("/entries", "#entry-date", None),
        ("/reconcile", "main h1, main h2", None),
        ("/sources", "main h1, main h2", None),
    ):
        page = archive.open(path, ready)
        heard = watched(page)
        if where:
            content = shown(page, where)
            assert [text for text in texts if text not in content] == []
        harmless(page, heard)
        page.close()
    assert archive.complaints == []
    assert archive.foreign == []


@pytest.mark.parametrize("path", ["/", "/history", "/entries", "/nowhere"])
def test_what_an_address_says_is_not_run(archive: Archive, path: str) -> None:
    for text in (*MARKUP[:3], SCHEMES[0]):
        query = {"as_of": text, "theme": text, "by": text, "from": text, "to": text, "chart": text, "explain": text}
        page = archive.context("dark", 1440).new_page()
        page.on("pageerror", lambda error: archive.complaints.append(str(error)))
        heard = watched(page)

        page.goto(f"{archive.url}{path}?{urlencode(query)}#{text}")

        expect(page.locator("#content")).not_to_be_empty()
        expect(page).to_have_title(re.compile("NorthStar"))
        harmless(page, heard)
        assert archive.complaints == []
        page.close()
