"""Pages as known at an instant: what is exported, listed and told there is of then, or says that it is not."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from pnl.domain.records import Record
from pnl.domain.snapshot import instant
from tests.browser.archive import Archive
from tests.domain.strategies import entry, record

READY = ".history-days tbody tr"


def by_hand(name: str, day: date) -> Record:
    """Return a sale that somebody entered."""
    return record(entry("sale", "5.00", day, name=name), source="manual", version=1)


def then_of(archive: Archive) -> tuple[str, int]:
    """Return an instant and its snapshot, after which sales of the first day became known: one was entered by hand."""
    company = archive.company
    day = company.calendar.day(company.shown[0].snapshot.as_of)
    company.tick(archive.now, by_hand("hand-1", day))
    last = company.shown[-1].snapshot
    archive.correct()
    company.tick(archive.now, by_hand("late-2", day))
    return instant(last.as_of + timedelta(seconds=1)) or "", last.seq


def held(archive: Archive, address: str) -> str:
    """Return what an export holds."""
    return archive.context("dark", 500).request.get(address).text()


def address_of(page: Page) -> str:
    """Return where the open menu would export from."""
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize(
    ("path", "ready", "table"),
    [
        ("/history?from=2026-11-18&to=2026-11-20", READY, "days"),
        ("/history/day/2026-11-18", ".day-statement .ties", "fills"),
        ("/entries", ".entry-table", "entries"),
    ],
)
def test_what_is_exported_is_what_the_snapshot_of_then_knew(
    archive: Archive, path: str, ready: str, table: str
) -> None:
    at, seq = then_of(archive)
    page = archive.open(f"{path}{'&' if '?' in path else '?'}as_of={at}", ready)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".export-button").click()

    expect(page.locator(".x-range")).to_contain_text(f"as known at snapshot {seq}")
    expect(page.locator("#export-box")).not_to_contain_text("known now")
    page.get_by_role("button", name="Copy address").click()
    page.wait_for_selector("[data-export-do=copy] .icon-check")
    asked = parse_qs(urlsplit(address_of(page)).query)
    assert (asked["table"], asked["last"]) == ([table], [str(seq)])
    if table == "entries":
        text = held(archive, address_of(page))
        assert ("hand-1" in text, "late-2" in text) == (True, False)
    assert not archive.complaints


def test_an_as_of_before_the_first_snapshot_exports_nothing_and_says_why(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-10&to=2026-11-12&as_of=2026-11-12T00:00:00Z", ".export-button")
    page.locator(".export-button").click()

    expect(page.locator(".x-count")).to_contain_text("as_of names no snapshot: ")
    expect(page.get_by_role("button", name="Download")).to_be_disabled()


def test_the_csv_of_an_explanation_is_as_known_as_the_explanation(archive: Archive) -> None:
    at, seq = then_of(archive)
    page = archive.open(f"/?explain=revenue&at=2026-11-18..2026-11-19~{quote(at)}", "#explain [data-export]")

    expect(page.locator(".explain-when")).to_contain_text("as known")
    sheet = page.locator("#explain [data-export]").get_attribute("href") or ""
    assert parse_qs(urlsplit(sheet).query)["last"] == [str(seq)]
    text = held(archive, archive.url + sheet)
    assert ("inv-1" in text, "late-1" in text) == (True, False)
    assert not archive.complaints


def test_entries_are_those_of_then_and_the_form_is_shut(archive: Archive) -> None:
    at, _ = then_of(archive)
    page = archive.open(f"/entries?as_of={at}", ".entry-table tbody tr")

    expect(page.locator("#past-notice strong")).to_have_text(
        re.compile(r"^As known at \w{3} \d+ Nov 2026, [\d:]+ ET\. $")
    )
    expect(page.locator("#past-notice strong")).to_have_attribute("title", at)
    expect(page.locator(".entry-table tbody tr")).to_have_count(1)
    expect(page.locator("#entry-form")).to_contain_text("entries are made on the page as it is now")
    assert page.locator("#entry-form form, .e-actions button").count() == 0

    page.get_by_role("link", name="As known now").click()
    expect(page.locator(".entry-table tbody tr")).to_have_count(2)
    expect(page.locator("#entry-amount")).to_be_visible()
    expect(page.locator("#past-notice .banner")).to_have_count(0)
    assert not archive.complaints


@pytest.mark.parametrize("path", ["/sources", "/status", "/alerts"])
def test_a_page_that_has_no_past_says_that_it_shows_now(archive: Archive, path: str) -> None:
    page = archive.open(f"{path}?as_of=2026-11-19T12:00:00Z", "#past-notice .banner")

    expect(page.locator("#past-notice")).to_contain_text(
        "This page shows now. as_of “2026-11-19T12:00:00Z” was not taken"
    )
    assert not archive.complaints
