"""The alerts page tells the rules with their state, value and limit, and follows the ticks."""

from playwright.sync_api import expect

from tests.browser.alerts.standing import HOSTILE, a_rule, alerts_of, opened, row, stand, state
from tests.browser.conftest import Desk


def test_rules_are_told_with_state_value_and_limit_those_that_fire_first(watched: Desk) -> None:
    page = opened(watched)

    rows = page.locator("[data-alert-rule]")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Loss of the day")
    expect(rows.nth(0).locator(".a-state")).to_have_text("Firing")
    expect(rows.nth(0).locator(".a-value")).to_contain_text("−$501.50")
    expect(rows.nth(0).locator(".a-value")).to_contain_text("limit −$500.00")
    expect(rows.nth(0).locator(".a-since")).to_contain_text("4 m")
    expect(rows.nth(1).locator(".a-state")).to_have_text("Pending")
    expect(rows.nth(2).locator(".a-value")).to_contain_text("there is no budget: set PNL_BUDGET_API_MONTHLY")
    expect(page.locator("#alert-rules .panel-note")).to_have_text("3 rules, 1 firing")
    assert watched.complaints == []


def test_what_people_wrote_stays_text(watched: Desk) -> None:
    page = opened(watched)

    expect(row(page, "=HYPERLINK").locator(".e-open")).to_have_text(HOSTILE)
    assert page.locator("main img").count() == 0
    assert page.title() != "1"


def test_a_file_that_was_not_taken_says_what_is_wrong(watched: Desk) -> None:
    said = "alerts.toml, line 3, rule 1 'Loss': figure 'nett' is not one of net"
    alerts_of(watched).file(a_rule(), trouble=said)

    page = opened(watched)

    expect(page.locator("#alert-rules").get_by_role("alert")).to_contain_text(f"the rules before stay in force. {said}")


def test_the_page_follows_the_ticks(watched: Desk) -> None:
    page = opened(watched)
    expect(row(page, "Loss of the day").locator(".a-state")).to_have_text("Firing")
    loss = a_rule()

    stand(watched, (loss, state(watched, loss, "resolved", 0)))

    expect(row(page, "Loss of the day").locator(".a-state")).to_have_text("Resolved")
    expect(row(page, "Loss of the day").locator(".a-value")).to_contain_text("$0.00")
    expect(page.locator(".alert-badge")).to_have_count(0)
    expect(page.locator(".alert-banner")).to_have_count(0)


def test_without_a_rule_the_page_says_how_to_begin(desk: Desk) -> None:
    page = desk.open("/alerts")

    expect(page.locator("#alert-rules")).to_contain_text("No rule yet.")
    expect(page.locator("#alert-receivers")).to_contain_text("docs/how-to/alert-somebody.md says how.")
    assert desk.complaints == []


def test_alerts_that_cannot_be_read_are_asked_for_again(watched: Desk) -> None:
    watched.answers.broken["/api/pnl/alerts"] = (503, "The store does not answer.")
    page = watched.open("/alerts")
    expect(page.locator("#alert-rules").get_by_role("alert")).to_contain_text("The store does not answer.")
    del watched.answers.broken["/api/pnl/alerts"]

    page.locator("#alert-rules").get_by_role("button", name="Try again").click()

    expect(row(page, "Loss of the day")).to_be_visible()
