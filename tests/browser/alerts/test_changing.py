"""Rules are added, changed, removed and silenced on the alerts page, and a test is sent."""

from datetime import timedelta

from playwright.sync_api import expect

from pnl.alerts.kept import Delivery
from tests.browser.alerts.standing import HOSTILE, alerts_of, opened, row
from tests.browser.conftest import Desk


def test_rules_of_the_file_are_silenced_here_and_changed_there(watched: Desk) -> None:
    page = opened(watched)
    loss = row(page, "Loss of the day")
    expect(loss.locator(".a-origin")).to_have_text("file")
    expect(loss.get_by_role("button", name="Change")).to_have_count(0)

    loss.get_by_role("button", name="Silence for a time: Loss of the day").click()
    loss.get_by_role("button", name="8 h").click()

    expect(loss.locator(".a-state")).to_contain_text("silenced until")
    (until,) = alerts_of(watched).quiet.values()
    assert timedelta(hours=7.9) < until - watched.company.now() <= timedelta(hours=8)
    loss.get_by_role("button", name="Let it be heard: Loss of the day").click()
    expect(loss.locator(".a-state")).to_have_text("Firing")
    assert alerts_of(watched).quiet == {}


def test_a_rule_is_added_and_what_is_wrong_is_said_at_its_field(watched: Desk) -> None:
    page = opened(watched)
    page.fill("#rule-name", "Drawdown of the day")
    page.select_option("#rule-figure", "drawdown")
    page.select_option("#rule-when", "above")
    page.select_option("#rule-for", "1m")

    page.fill("#rule-amount", "12,3")
    page.get_by_role("button", name="Add rule").click()
    expect(page.locator("#rule-amount-note")).to_contain_text("Write a plain amount")
    expect(page.locator("#rule-amount")).to_be_focused()
    page.fill("#rule-amount", "$1,400.50")
    page.locator("#alert-form").get_by_label("on-call").check()
    page.get_by_role("button", name="Add rule").click()

    expect(page.locator("#rule-said")).to_contain_text("Added.")
    expect(row(page, "Drawdown of the day")).to_contain_text("above $1,400.50 for 1m")
    made = next(one.rule for one in alerts_of(watched).rules() if one.rule.figure == "drawdown")
    assert (made.amount, made.receivers, made.severity) == (1_400_500_000_000, ("on-call",), "warning")


def test_what_the_server_has_against_a_field_is_told_there(watched: Desk) -> None:
    page = opened(watched)
    page.fill("#rule-name", "loss of the day")
    page.fill("#rule-amount", "-1")

    page.get_by_role("button", name="Add rule").click()

    expect(page.locator("#rule-name-note")).to_contain_text("the file has a rule of the name")
    expect(page.locator("#rule-name")).to_be_focused()


def test_a_yes_or_no_asks_for_no_amount(watched: Desk) -> None:
    page = opened(watched)
    page.fill("#rule-name", "Kalshi is stale")

    page.select_option("#rule-figure", "stale.kalshi")

    expect(page.locator("#rule-amount")).to_have_count(0)
    page.get_by_role("button", name="Add rule").click()
    expect(row(page, "Kalshi is stale").first).to_be_visible()


def test_a_rule_is_changed_and_removed_and_its_trail_tells_who_did_it(watched: Desk) -> None:
    page = opened(watched)
    fees = row(page, "=HYPERLINK")

    fees.get_by_role("button", name="Change").click()
    expect(page.locator("#rule-name")).to_have_value(HOSTILE)
    page.fill("#rule-amount", "-700")
    page.get_by_role("button", name="Save the rule").click()
    expect(fees.locator(".a-origin")).to_have_text("this pagev2")
    fees.locator(".e-open").click()
    expect(page.locator(".trail-lines li")).to_contain_text(["Added by ann@example.com", "Changed by 127.0.0.1"])
    fees.get_by_role("button", name="Remove").click()
    fees.get_by_role("button", name="Keep").click()
    assert len(alerts_of(watched).kept) == 1
    fees.get_by_role("button", name="Remove").click()
    fees.get_by_role("button", name="Remove it").click()

    expect(fees).to_have_count(0)
    assert alerts_of(watched).kept == {}
    assert watched.complaints == []


def test_a_test_is_sent_and_what_became_of_it_is_told(watched: Desk) -> None:
    page = opened(watched)
    one = page.locator('[data-receiver-row="on-call"]')
    expect(page.locator('[data-receiver-row="desk"]')).to_contain_text(
        "HTTP 404: no_service; 1 on the way, tried again"
    )

    one.get_by_role("button", name="Send a test to on-call").click()
    expect(one.get_by_role("status")).to_have_text("1 on the way…")
    expect(one.get_by_role("button")).to_be_disabled()
    ((name, sent),) = alerts_of(watched).tests
    alerts_of(watched).delivered["on-call"] = Delivery(test="sent", test_at=sent.at, sent_at=sent.at)

    expect(one.get_by_role("status")).to_contain_text("Took the test of")
    expect(one.get_by_role("button")).to_be_enabled()
    assert name == "on-call"


def test_a_viewer_looks_and_is_offered_nothing_to_change(watched: Desk) -> None:
    page = opened(watched)
    expect(page.locator("#alert-form")).to_be_visible()

    page.evaluate("document.querySelector('.shell').dataset.role = 'viewer'")

    expect(page.locator("#alert-form")).to_be_hidden()
    expect(page.get_by_role("button", name="Silence for a time: Loss of the day")).to_be_hidden()
    expect(page.get_by_role("button", name="Send a test to on-call")).to_be_hidden()
    expect(row(page, "Loss of the day").locator(".a-value")).to_be_visible()
