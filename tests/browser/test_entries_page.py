"""The entries page in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def enter(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        control = page.locator(f"#entry-{name}")
        if name in {"kind", "recurs"}:
            control.select_option(value)
        else:
            control.fill(value)
    page.locator("#entry-form button[type=submit]").click()


def test_a_cost_is_entered_below_zero_and_listed(desk: Desk) -> None:
    page = desk.open("/entries")

    enter(page, date="2026-11-20", kind="operating_cost", amount="$1,200", description="Office rent", recurs="monthly")

    expect(page.locator("#entry-said")).to_contain_text("Added.")
    expect(page.locator(".entry-table tbody tr")).to_contain_text(["Office rent"])
    (versions,) = desk.company.entries.values()
    assert (versions[0]["amount"], versions[0]["recurs"], versions[0]["kind"]) == ("-1200", "monthly", "operating_cost")
    assert desk.complaints == []


def test_a_wrong_amount_is_told_at_its_field_and_nothing_is_sent(desk: Desk) -> None:
    page = desk.open("/entries")

    enter(page, amount="12,3")

    expect(page.locator("#entry-amount-note")).to_contain_text("Write a plain amount")
    expect(page.locator("#entry-amount")).to_be_focused()
    expect(page.locator("#entry-amount")).to_have_attribute("aria-invalid", "true")
    assert desk.company.entries == {}


def test_what_the_server_has_against_a_field_is_told_there(desk: Desk) -> None:
    page = desk.open("/entries")

    enter(page, amount="5", currency="XXX")

    expect(page.locator("#entry-currency-note")).to_contain_text("XXX is no currency")
    expect(page.locator("#entry-currency")).to_be_focused()


def test_an_edit_makes_the_next_version_and_the_trail_tells_it(desk: Desk) -> None:
    page = desk.open("/entries")
    enter(page, amount="49.00", description="Order 7")
    expect(page.locator(".e-version")).to_have_text("v1")

    page.locator('[data-action="entry-edit"]').click()
    enter(page, amount="50.00")

    expect(page.locator(".e-version")).to_have_text("v2")
    page.locator('[data-action="entry-audit"]').click()
    expect(page.locator(".trail-lines li")).to_have_count(2)


def test_an_edit_of_what_somebody_else_changed_is_refused(desk: Desk) -> None:
    page = desk.open("/entries")
    enter(page, amount="49.00", description="Order 7")
    page.locator('[data-action="entry-edit"]').click()
    (versions,) = desk.company.entries.values()
    versions.append({**versions[0], "version": 2, "amount": "48.00"})

    enter(page, amount="50.00")

    expect(page.locator("#entry-said")).to_contain_text("changed by somebody else")
    expect(page.locator(".e-version")).to_have_text("v2")


def test_a_void_asks_first_and_keeps_the_row(desk: Desk) -> None:
    page = desk.open("/entries")
    enter(page, amount="49.00", description="Order 7")

    page.locator('[data-action="entry-ask"]').click()
    page.locator('[data-action="entry-void"]').click()

    expect(page.locator(".e-status")).to_contain_text("void")
    assert next(iter(desk.company.entries.values()))[-1]["status"] == "void"


def test_a_description_kept_from_before_is_read_as_its_letters_say_it_and_can_be_voided(desk: Desk) -> None:
    """Marks of direction are refused by now, and one may be kept from before."""
    page = desk.open("/entries")
    enter(page, amount="49.00", description="Order 7")
    expect(page.locator("#entry-said")).to_contain_text("Added.")
    (versions,) = desk.company.entries.values()
    versions[-1]["description"] = "\u202egnp.exe 42"

    page.reload()

    expect(page.locator(".e-open span:not(.icon)")).to_have_text("gnp.exe 42")
    assert "\u202e" not in page.locator(".entry-table").inner_html()
    page.get_by_role("button", name="Edit: gnp.exe 42").click()
    expect(page.locator("#entry-description")).to_have_value("gnp.exe 42")
    page.get_by_role("button", name="Void: gnp.exe 42").click()
    page.locator('[data-action="entry-void"]').click()
    expect(page.locator(".e-status")).to_contain_text("void")
    assert versions[-1]["description"] == "gnp.exe 42"


def test_a_second_try_after_a_lost_answer_is_the_same_entry(desk: Desk) -> None:
    page = desk.open("/entries")
    page.route("**/api/pnl/entries", lambda route: (route.fetch(), route.abort()))
    enter(page, amount="49.00", description="Order 7")
    expect(page.locator("#entry-said")).to_contain_text("cannot be reached")
    page.unroute("**/api/pnl/entries")

    page.locator("#entry-form button[type=submit]").click()

    expect(page.locator("#entry-said")).to_contain_text("Added.")
    assert len(desk.company.entries) == 1


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_entries_page(desk: Desk, theme: str, width: int) -> None:
    page = desk.open("/entries", theme=theme, width=width)
    enter(page, amount="49.00", description="Order 7")
    page.locator('[data-action="entry-audit"]').click()
    page.wait_for_selector(".trail-lines")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
