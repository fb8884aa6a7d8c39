"""The alerts page in a real browser, and what every page shows of what fires."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Locator, Page, expect

from pnl.alerts.kept import Delivery, Happened
from pnl.domain.alerts.board import Board, Look, shown
from pnl.domain.alerts.incidents import event
from pnl.domain.alerts.rules import Rule, read
from pnl.domain.alerts.states import State
from tests.browser.conftest import Desk
from tests.browser.narrow import outside
from tests.web.fake_alerts import FakeAlerts

HOSTILE = '<img src=x onerror="document.title=1"> =HYPERLINK("x")'
LOSS = {"name": "Loss of the day", "figure": "net", "when": "below", "amount": "-500", "severity": "critical"}


def a_rule(origin: str = "file", **more: object) -> Rule:
    given = LOSS | {"receivers": ["on-call"]} | more
    return read(given, rule_id=f"{origin}-{given['name']}", origin=origin)  # type: ignore[arg-type]  # one of its words


def alerts_of(desk: Desk) -> FakeAlerts:
    return desk.answers.kept.alerting


def state(desk: Desk, rule: Rule, phase: str = "firing", value: int | None = -501_500_000_000) -> State:
    now = desk.company.now()
    return State(
        phase=phase,  # type: ignore[arg-type]  # one of its words
        since=now - timedelta(minutes=4),
        about=rule.about,
        value=value,
        missing=None if value is not None else "net is not known",
        incident="i-1",
        fired_at=now - timedelta(minutes=4),
    )


def stand(desk: Desk, *standing: tuple[Rule, State]) -> None:
    """Have rules do as they are said to, in the snapshot too."""
    alerts = alerts_of(desk)
    for rule, one in standing:
        alerts.stand(rule, one)
    found = Look(board=Board(standing=alerts.standing, changed=alerts.changed), silenced=alerts.quiet)
    desk.company.alerts = shown(found)
    desk.company.tick()


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """A critical rule of the file fires, one of the page waits, one cannot be known."""
    loss, fees = a_rule(), a_rule("page", name=HOSTILE, figure="trading_fees", severity="warning", **{"for": "5m"})
    budget = a_rule(name="API budget", figure="api_budget", when="at_least", amount="80", severity="warning")
    alerts = alerts_of(desk)
    alerts.file(loss, budget, on_call="pagerduty", desk="slack")
    alerts.add_rule(fees, "ann@example.com", desk.company.now() - timedelta(hours=2))
    alerts.delivered = {"desk": Delivery(waiting=1, failed_at=desk.company.now(), error="HTTP 404: no_service")}
    why = "there is no budget: set PNL_BUDGET_API_MONTHLY"
    unknown = replace(state(desk, budget, "inactive", None), missing=why)
    stand(desk, (loss, state(desk, loss)), (fees, state(desk, fees, "pending")), (budget, unknown))
    return desk


def opened(desk: Desk, *, theme: str = "dark", width: int = 1440) -> Page:
    page = desk.open("/alerts", theme=theme, width=width)
    page.wait_for_selector("[data-alert-rule]")
    return page


def row(page: Page, name: str) -> Locator:
    return page.locator("[data-alert-rule]", has_text=name)


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


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_amount_is_broken_into_two_lines(watched: Desk, width: int) -> None:
    large = {"amount": "-1000000000.00", "severity": "warning", "receivers": ["on-call", "desk"]}
    alerts, made = alerts_of(watched), watched.company.now() - timedelta(hours=1)
    rule = a_rule("page", name="Unrealised", figure="trading_unrealised", when="at_most", **large)
    alerts.add_rule(rule, "ann@example.com", made)
    stand(watched, (rule, state(watched, rule, value=-1_234_567_891_000_000_000)))
    page = opened(watched, width=width)
    row(page, "Unrealised").locator(".e-open").click()
    expect(page.locator(".trail-lines li").first).to_contain_text("-1000000000")

    broken = page.locator("#alert-rules").evaluate(
        r"""panel => {
          const amounts = [];
          const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
          for (let node; (node = texts.nextNode());) {
            for (const found of node.data.matchAll(/[−-]?\$?\d[\d,]*(\.\d+)?( %)?/g)) {
              const range = document.createRange();
              range.setStart(node, found.index);
              range.setEnd(node, found.index + found[0].length);
              const tops = [...range.getClientRects()].map(one => Math.round(one.top));
              amounts.push({ text: found[0], lines: new Set(tops).size });
            }
          }
          return amounts;
        }"""
    )

    told = {one["text"] for one in broken}
    assert {"−$1,234,567,891.00", "−$1,000,000,000.00", "-1000000000"} <= told
    assert [one["text"] for one in broken if one["lines"] > 1] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_people_wrote_stays_text(watched: Desk) -> None:
    page = opened(watched)

    expect(row(page, "=HYPERLINK").locator(".e-open")).to_have_text(HOSTILE)
    assert page.locator("main img").count() == 0
    assert page.title() != "1"


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


def test_every_page_shows_how_many_fire_and_names_what_is_critical(watched: Desk) -> None:
    page = watched.open("/")
    expect(page.get_by_role("link", name="1 alert is firing, 1 critical")).to_be_visible()
    expect(page.locator(".alert-banner")).to_contain_text("Loss of the day is firing since")
    more = a_rule(name=HOSTILE)

    stand(watched, (more, state(watched, more)))

    expect(page.locator(".alert-badge")).to_have_text("2")
    expect(page.locator(".alert-banner")).to_contain_text("and 1 more alert is critical.")
    page.get_by_role("link", name="2 alerts are firing, 2 critical").click()
    expect(row(page, "Loss of the day")).to_be_visible()
    expect(page.get_by_role("link", name="Alerts", exact=True)).to_have_attribute("aria-current", "page")
    assert watched.complaints == []


@pytest.mark.parametrize("width", [1440, 1401, 1400, 1000, 781, 780, 390, 360])
def test_the_count_makes_no_page_wider_than_the_screen(watched: Desk, width: int) -> None:
    page = watched.open("/", width=width)
    expect(page.locator(".alert-badge")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") == width


NAMED = """way => {
  const name = '<span class="who-name">ann.longest-name@accounting.example.com</span>';
  const out = '<button type="submit" class="icon-button"><span class="icon icon-log-out"></span></button>';
  const who = way === "proxy" ? `<span class="who">${name}</span>` : `<form class="who">${name}${out}</form>`;
  document.getElementById("connection").insertAdjacentHTML("afterend", who);
}"""
"""Who is signed in, as the shell tells it."""

ROOM = """() => {
  const row = document.querySelector(".topbar-row");
  const inner = row.getBoundingClientRect().right - parseFloat(getComputedStyle(row).paddingRight);
  return inner - document.getElementById("theme-button").getBoundingClientRect().right;
}"""
"""How much is left between the last button and the gutter; below zero it stands in it."""


@pytest.mark.parametrize("way", ["proxy", "session"])
def test_the_bar_has_room_for_a_long_name_beside_what_fires(watched: Desk, way: str) -> None:
    page = watched.open("/alerts", width=1440)
    expect(page.locator(".alert-badge")).to_be_visible()
    expect(page.locator(".badge-age")).to_be_attached()
    page.evaluate(NAMED, way)
    found = {}

    for width in (1680, 1601, 1600, 1440, 1401, 1400, 1241, 1240, 1024, 1001, 1000, 781, 780, 431, 430, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = (page.evaluate("document.documentElement.scrollWidth") - width, page.evaluate(ROOM) >= 0)

    assert found == dict.fromkeys(found, (0, True))


CUT = """() => [...document.querySelectorAll(".alert-table .e-actions button")].flatMap((button) => {
  const [one, box] = [button, button.closest(".card")].map((node) => node.getBoundingClientRect());
  const seen = one.width > 0 && one.left >= box.left && one.right <= box.right && one.right <= innerWidth;
  return seen ? [] : [`${button.ariaLabel ?? button.innerText} from ${one.left} to ${one.right}`];
})"""


def test_what_can_be_done_about_a_rule_is_in_sight_at_every_width(watched: Desk) -> None:
    alerts, now = alerts_of(watched), watched.company.now()
    long = a_rule("page", name="W" * 80, figure="trading_fees", receivers=["on-call", "desk"], **{"for": "5m"})
    alerts.add_rule(long, "ann@example.com", now)
    stand(watched, (long, state(watched, long)))
    page = opened(watched)
    found = {}

    for width in (1440, 1281, 1280, 1180, 1100, 1080, 1024, 800, 720, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = [*page.evaluate(CUT), *outside(page, ".alert-table")]
        row(page, "WWW").get_by_role("button", name=re.compile("^Silence for a time")).click()
        expect(row(page, "WWW").get_by_role("button", name="Cancel")).to_be_visible()
        found[width] += [*page.evaluate(CUT), *outside(page, ".alert-table")]
        row(page, "WWW").get_by_role("button", name="Cancel").click()

    assert found == {key: [] for key in found}
    assert row(page, "WWW").locator(".e-open span:last-child").evaluate("name => name.scrollWidth <= name.clientWidth")


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080), (1366, 768)])
def test_a_wall_screen_that_says_what_fires_is_as_high_as_the_screen_and_has_nothing_to_press(
    watched: Desk, size: tuple[int, int]
) -> None:
    page = watched.context("dark", size[0]).new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    watched.company.show()
    page.goto(watched.url + "/?kiosk=1")
    page.wait_for_selector(".curve-chart .main-svg")
    expect(page.locator("#alert-line")).to_contain_text("is firing since")

    page.wait_for_function("() => document.documentElement.scrollHeight === innerHeight")
    chart = "document.querySelector('.curve-chart')"
    page.wait_for_function(f"() => {chart}.querySelector('.main-svg').clientHeight === {chart}.clientHeight")
    foot = page.locator(".curve-chart .xtick text").first.bounding_box()

    assert foot
    assert foot["y"] + foot["height"] <= size[1]
    assert page.locator(":is(main .button, main .icon-button):visible").count() == 0


def test_what_fired_and_what_was_over_is_in_the_activity(watched: Desk) -> None:
    loss = a_rule(name=HOSTILE)
    for number, action in enumerate(("trigger", "resolve")):
        at = watched.company.now() - timedelta(seconds=3 - number)
        made = event(action, loss, state(watched, loss), at, demo=True)  # type: ignore[arg-type]  # one of its words
        alerts_of(watched).happened.append(Happened(number=number, seq=1, event=made))

    page = watched.open("/")

    events = page.locator(".event", has_text="=HYPERLINK")
    expect(events).to_have_count(2)
    expect(events.nth(0)).to_contain_text("Resolved")
    expect(events.nth(1)).to_contain_text("Net of the day is −$501.50, below −$500.00")
    assert page.locator(".activity img").count() == 0
    assert watched.complaints == []


def test_two_keys_lead_to_the_alerts(watched: Desk) -> None:
    page = watched.open("/")
    page.keyboard.press("g")
    page.keyboard.press("a")

    expect(row(page, "Loss of the day")).to_be_visible()


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


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_alerts_page(watched: Desk, theme: str, width: int) -> None:
    page = opened(watched, theme=theme, width=width)
    row(page, "=HYPERLINK").locator(".e-open").click()
    page.wait_for_selector(".trail-lines")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_viewer_looks_and_is_offered_nothing_to_change(watched: Desk) -> None:
    page = opened(watched)
    expect(page.locator("#alert-form")).to_be_visible()

    page.evaluate("document.querySelector('.shell').dataset.role = 'viewer'")

    expect(page.locator("#alert-form")).to_be_hidden()
    expect(page.get_by_role("button", name="Silence for a time: Loss of the day")).to_be_hidden()
    expect(page.get_by_role("button", name="Send a test to on-call")).to_be_hidden()
    expect(row(page, "Loss of the day").locator(".a-value")).to_be_visible()


TURNED = "\u202eKalshi אבג is fine 42"
IN_ORDER = """node => {
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (text.data.includes("\u202e")) continue;
    let before = null;
    for (let i = 0; i < text.length; i += 1) {
      const range = document.createRange();
      range.setStart(text, i);
      range.setEnd(text, i + 1);
      const { left, top } = range.getBoundingClientRect();
      if (before && Math.abs(before.top - top) < 2 && left < before.left - 0.5) return text.data;
      before = { left, top };
    }
  }
  return null;
}"""


def test_a_name_that_turns_letters_around_turns_none_but_its_own(desk: Desk) -> None:
    """Such a name is refused by now, and one may be kept from before."""
    rule = replace(a_rule("page"), name=TURNED)
    alerts_of(desk).add_rule(rule, TURNED, desk.company.now() - timedelta(hours=2))
    desk.company.markets = [(f"KX-{n}", TURNED, "yes", 100, 40, 50, 24) for n in range(8)]
    stand(desk, (rule, state(desk, rule)))
    page = opened(desk)
    banner, row_ = page.locator("#alert-line p"), page.locator("[data-alert-rule]").first
    expect(banner).to_contain_text("is firing since")
    page.locator("[data-action=rule-trail]").click()
    trail = page.locator(".trail-lines")
    expect(trail).to_contain_text("Added")

    for place in (banner, row_, trail):
        assert place.evaluate(IN_ORDER) is None
    page.locator("#tab-live").click()
    expect(page.locator(".positions tbody tr")).to_have_count(8)
    for place in (page.locator("#alert-line p"), page.locator(".positions")):
        assert place.evaluate(IN_ORDER) is None
    assert page.locator(".market-title").first.evaluate("node => getComputedStyle(node).unicodeBidi") == "isolate"
