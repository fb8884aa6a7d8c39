"""The export menu in a real browser: what is chosen, how it goes, and what ends up on the disk."""

import hashlib
import re
from pathlib import Path
from threading import Event, Semaphore
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def menu(page: Page) -> None:
    page.locator(".export-button").first.click()
    expect(page.locator(".x-count")).to_have_text(re.compile(r"^[\d,]+ rows"))


def download(page: Page) -> tuple[str, bytes]:
    with page.expect_download() as found:
        page.get_by_role("button", name="Download").click()
    return found.value.suggested_filename, Path(found.value.path()).read_bytes()


def exported(desk: Desk, method: str = "") -> list[dict[str, list[str]]]:
    """Return the queries of the exports that were asked for."""
    asked = [path for path in desk.answers.asked if urlsplit(path).path.startswith("/api/pnl/export.csv")]
    return [parse_qs(urlsplit(path).query) for path in asked if method in path]


def test_what_is_downloaded_is_the_server_s_file_to_the_byte_and_its_sum_is_shown(desk: Desk) -> None:
    page = desk.open()
    menu(page)

    name, body = download(page)

    assert body == desk.answers.body()
    assert name == "northstar_snapshots.csv"
    expect(page.locator(".x-done")).to_contain_text("4,000 rows")
    expect(page.locator(".x-sum")).to_have_text(hashlib.sha256(body).hexdigest())
    assert desk.complaints == []


def test_the_live_page_exports_its_company_day_and_the_entries_page_everything(desk: Desk) -> None:
    page = desk.open()
    menu(page)
    assert exported(desk)[-1]["table"] == ["snapshots"]
    assert exported(desk)[-1]["from"] == [desk.company.start().date().isoformat()]
    page.keyboard.press("Escape")

    page.locator("#tab-entries").click()
    page.wait_for_selector("#entry-date")
    menu(page)

    assert exported(desk)[-1] == {"table": ["entries"]}


def test_a_connection_that_breaks_is_gone_on_with_after_the_last_whole_row(desk: Desk) -> None:
    arrived = Semaphore(0)
    desk.answers.cut = [1500, 700]
    # What is on its way when a connection breaks may be lost: it breaks once the browser has the rows.
    desk.answers.before_cut = lambda: _taken(arrived)
    page = desk.open()
    menu(page)

    with page.expect_download() as found:
        page.get_by_role("button", name="Download").click()
        for rows in ("1,500", "2,200"):
            expect(page.locator(".x-job")).to_contain_text(f"{rows} of 4,000 rows")
            arrived.release()

    assert Path(found.value.path()).read_bytes() == desk.answers.body()
    asked = [query for query in exported(desk) if "after" in query]
    assert [query["after"] for query in asked] == [["1500"], ["2200"]]
    assert all(query["header"] == ["absent"] and query["last"] == [str(desk.company.seq)] for query in asked)


def _taken(signal: Semaphore) -> None:
    assert signal.acquire(timeout=20)


def test_a_file_that_is_not_the_announced_one_is_told_and_not_saved(desk: Desk) -> None:
    desk.answers.wrong_sum = True
    page = desk.open()
    saved: list[str] = []
    page.on("download", lambda found: saved.append(found.suggested_filename))
    menu(page)
    page.get_by_role("button", name="Download").click()

    expect(page.locator(".x-failed")).to_contain_text("not the one that was announced")
    assert saved == []


def test_what_the_server_refuses_is_told_and_tried_again(desk: Desk) -> None:
    desk.answers.broken["/api/pnl/export.manifest"] = (503, "4 exports are running, which is all that run at once.")
    page = desk.open()
    menu(page)
    page.get_by_role("button", name="Download").click()
    expect(page.locator(".x-failed")).to_contain_text("4 exports are running")

    desk.answers.broken.clear()
    with page.expect_download() as found:
        page.get_by_role("button", name="Go on after 4,000 rows").click()

    assert Path(found.value.path()).read_bytes() == desk.answers.body()


def test_it_shows_how_far_it_is_goes_on_on_another_page_and_can_be_cancelled(desk: Desk) -> None:
    going, halfway = Event(), Event()

    def hold() -> None:
        if not going.is_set():
            halfway.set()
            going.wait(20)

    page = desk.open()
    menu(page)
    desk.answers.gate = hold
    page.get_by_role("button", name="Download").click()
    halfway.wait(20)
    expect(page.locator("progress.x-bar")).to_be_visible()
    expect(page.locator(".x-job")).to_contain_text("of 4,000 rows")
    page.keyboard.press("Escape")
    page.locator("#tab-entries").click()
    page.wait_for_selector("#entry-date")
    expect(page.locator(".export-button")).to_contain_text("Exporting")

    page.locator(".export-button").click()
    page.get_by_role("button", name="Cancel").click()
    going.set()

    expect(page.locator(".x-job")).to_have_text("Cancelled. Nothing was saved.")
    expect(page.locator(".export-button")).to_have_text("Export")


def test_formats_that_do_not_fit_a_table_cannot_be_chosen(desk: Desk) -> None:
    page = desk.open()
    menu(page)
    expect(page.locator('input[value="xlsx"]')).to_be_disabled()
    page.locator('[data-export-field="table"]').select_option("days")
    page.locator('input[value="beancount"]').check()
    expect(page.locator('[data-export-field="excel"]')).to_have_count(0)

    page.locator('[data-export-field="table"]').select_option("fills")

    expect(page.locator('input[value="beancount"]')).to_be_disabled()
    expect(page.locator('input[value="csv"]')).to_be_checked()
    expect(page.locator('[data-export-field="step"]')).to_have_count(0)


def test_days_that_are_chosen_are_asked_for_half_open_and_wrong_ones_are_told(desk: Desk) -> None:
    page = desk.open()
    menu(page)
    page.locator('[data-export-field="range"]').select_option("days")
    page.locator('[data-export-field="to"]').fill("2026-11-10")
    page.locator('[data-export-field="from"]').fill("2026-11-12")
    expect(page.locator(".x-count")).to_have_text("The first day is after the last one.")
    expect(page.get_by_role("button", name="Download")).to_be_disabled()
    page.locator('[data-export-field="from"]').fill("2026-11-02")
    page.locator('[data-export-field="excel"]').check()
    page.locator('[data-export-field="local"]').check()
    page.locator('[data-export-field="step"]').select_option("1h")
    expect(page.locator(".x-range")).to_have_text("Mon 2 Nov 2026 to Tue 10 Nov 2026")
    download(page)

    asked = exported(desk)[-1]
    assert (asked["from"], asked["to"]) == (["2026-11-02"], ["2026-11-11"])
    assert (asked["dialect"], asked["tz"], asked["step"]) == (["excel"], ["America/New_York"], ["1h"])


def test_the_keyboard_opens_it_chooses_and_gives_the_focus_back(desk: Desk) -> None:
    page = desk.open()
    page.locator(".export-button").focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-export-field="table"]')).to_be_focused()
    expect(page.locator(".export-button")).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("Escape")

    expect(page.locator(".export-button")).to_be_focused()
    expect(page.locator(".export-button")).to_have_attribute("aria-expanded", "false")
    chosen = page.locator("#export-box select").first.input_value()
    page.keyboard.press("e")
    expect(page.locator("#export-box")).to_be_visible()
    expect(page.locator("#export-box select").first).to_have_value(chosen)


def test_a_second_press_on_the_button_closes_it(desk: Desk) -> None:
    page = desk.open()
    menu(page)
    page.locator(".export-button").click()

    expect(page.locator("#export-box")).not_to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_the_open_menu(desk: Desk, theme: str, width: int) -> None:
    page = desk.open(theme=theme, width=width)
    menu(page)
    download(page)
    page.wait_for_selector(".x-done")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    box = page.locator("#popover").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
