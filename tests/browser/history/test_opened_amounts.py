"""The history page over a real archive: what it shows adds up, its address holds all of it, and it is for everybody."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from pnl.domain.snapshot import instant
from tests.browser.archive import DAYS, Archive
from tests.browser.clock import run_until
from tests.browser.narrow import outside
from tests.domain.strategies import entry, fill, mark
from tests.web.past import api

RANGE = "from=2026-11-18&to=2026-11-20"
READY = ".history-days tfoot"


def told(archive: Archive, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what the API says."""
    return archive.context("dark", 500).request.get(f"{archive.url}/api/pnl/{path}").json()


def exact(page: Page, selector: str) -> list[Decimal]:
    """Return the exact amounts behind what some elements print."""
    texts = page.eval_on_selector_all(selector, "nodes => nodes.map(node => node.dataset.exact)")
    return [Decimal(text) for text in texts if text]


def test_days_breakdown_and_strip_tell_the_same_net_as_the_api(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&by=market", READY)
    page.wait_for_selector(".history-breakdown tfoot")
    page.wait_for_selector(".history-chart .main-svg")
    page.wait_for_selector(".drove-row")
    answer = told(archive, "days?from=2026-11-18&to=2026-11-21")
    net = Decimal(answer["total"]["net"])

    days = exact(page, ".history-days tbody td:last-child [data-exact]")
    assert sorted(days) == sorted(Decimal(day["net"]) for day in answer["days"])
    assert sum(days) == net
    assert exact(page, ".history-days tfoot td:last-child [data-exact]") == [net]
    expect(page.locator(".history-days .ties")).to_contain_text("Ties out")
    assert sum(exact(page, ".history-breakdown tbody td:last-child [data-exact]")) == net
    assert exact(page, ".history-breakdown tfoot [data-exact]") == [net]
    assert (
        page.locator(".stat", has_text="Profitable days").inner_text().split("\n")[2].endswith(f"of {len(DAYS)} days")
    )
    assert not archive.complaints
    assert not archive.foreign


def test_a_link_shows_the_same_again(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.select_option("#history-by", "model")
    page.select_option("#history-compare", "none")
    page.get_by_role("button", name="Candles").click()
    page.wait_for_selector(".history-breakdown th:has-text('Model')")
    asked = parse_qs(urlsplit(page.url).query)
    chosen = {"by": ["model"], "compare": ["none"], "chart": ["candles"]}
    assert asked == {"from": ["2026-11-18"], "to": ["2026-11-20"], **chosen}

    other = archive.open(urlsplit(page.url).path + "?" + urlsplit(page.url).query, READY)
    other.wait_for_selector(".history-breakdown th:has-text('Model')")
    assert other.input_value("#history-by") == "model"
    assert other.input_value("#history-compare") == "none"
    assert other.locator("[data-chart=candles]").get_attribute("aria-pressed") == "true"
    for part in (".history-days", ".history-breakdown", ".history-stats"):
        assert other.locator(part).inner_text() == page.locator(part).inner_text()

    page.go_back()
    page.wait_for_selector("[data-chart=area][aria-pressed=true]")
    assert "chart" not in parse_qs(urlsplit(page.url).query)


def test_a_shorter_range_is_read_more_finely(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-chart .main-svg")

    for _ in range(3):
        with page.expect_response(lambda answer: "/api/pnl/history" in answer.url) as asked:
            page.get_by_role("button", name="A shorter range").click()
            page.clock.run_for(300)
    assert parse_qs(urlsplit(asked.value.url).query)["step"][0] in {"raw", "1m", "5m", "15m"}
    assert "from" in parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("path", ["/history", "/", "/history/day/2026-11-18", "/reconcile"])
def test_a_button_with_a_text_is_called_by_it(archive: Archive, path: str) -> None:
    page = archive.open(path, "main button")
    if path == "/history":
        page.wait_for_selector(READY)
        expect(page.get_by_role("button", name="24H")).to_be_visible()

    named = page.eval_on_selector_all(
        "main button[aria-label]", "found => found.map((one) => [one.innerText.trim(), one.ariaLabel])"
    )

    assert [pair for pair in named if pair[0].lower() not in pair[1].lower()] == []


@pytest.mark.parametrize("range_", ["1h", "24h"])
def test_a_step_that_is_longer_than_the_range_is_left_out_and_the_chart_is_never_empty(
    archive: Archive, range_: str
) -> None:
    page = archive.open("/history?range=90d&step=1w", READY)
    assert page.input_value("#history-step") == "1w"

    page.locator(f"[data-range='{range_}']").click()

    expect(page.get_by_role("alert")).to_contain_text("step “1w” makes too few points of this range")
    assert parse_qs(urlsplit(page.url).query) == {"range": [range_]}
    assert page.input_value("#history-step") == "auto"
    week = page.locator("#history-step option[value='1w']")
    assert (week.is_disabled(), week.inner_text()) == (True, "1 week (too few points)")
    expect(page.locator(".history-chart, .history-chart-said .empty").locator("visible=true").first).to_be_visible()
    page.go_back()
    page.wait_for_function("document.querySelector('#history-step').value === '1w'")


def test_what_a_range_of_hours_grew_by_is_opened_to_what_the_page_shows(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-19T10:00&to=2026-11-20T13:00", ".history-stats [data-explain]")
    stats = page.locator(".history-stats [data-explain]")
    shown = [stat.get_attribute("data-exact") or "" for stat in stats.all()]
    names = ("Net P&L", "highest", "lowest", "Revenue", "Trading", "Fees", "API cost", "Other", "Max drawdown")
    assert len(shown) == len(names)
    assert len(set(shown)) > 1

    for stat, exactly in zip(stats.all(), shown, strict=True):
        stat.click()
        expect(page.locator("#explain-total")).to_have_text(exactly.removeprefix("+"))
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
    assert not archive.complaints


def test_the_name_of_what_drove_the_result_opens_the_same_as_its_amount(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", ".drove-row")
    rows = page.locator(".drove-row")
    assert rows.count() > 1

    for row in rows.all():
        row.locator(".drove-amount").click()
        total = page.locator("#explain-total")
        total.wait_for()
        opened = (page.locator("#explain h2").inner_text(), total.inner_text())
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
        row.locator(".drove-name").click()
        expect(page.locator("#explain h2")).to_have_text(opened[0], use_inner_text=True)
        expect(total).to_have_text(opened[1], use_inner_text=True)
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
    assert not archive.complaints


def test_the_instant_of_a_page_of_the_past_is_told_in_the_zone_of_the_page(archive: Archive) -> None:
    for path, ready in (
        (f"/history?{RANGE}&as_of=", READY),
        ("/history/day/2026-11-19?as_of=", ".day-statement tfoot"),
    ):
        page = archive.open(f"{path}2026-11-20T15:04:05Z", ready)
        banner = page.locator(".history-banner [data-key=past]")
        expect(banner).to_contain_text("As known at Fri 20 Nov 2026, 10:04:05 ET.")
        expect(banner.locator("strong")).to_have_attribute("title", "2026-11-20T15:04:05Z")


@pytest.mark.parametrize("by", ["customer", "model", "series"])
def test_every_amount_of_a_breakdown_opens_its_own_sum(archive: Archive, by: str) -> None:
    page = archive.open(f"/history?{RANGE}&by={by}", READY)
    page.wait_for_selector(".drove-row")
    page.wait_for_selector(".history-breakdown tbody [data-explain]")
    shown = page.eval_on_selector_all(
        ".history-breakdown tbody [data-explain][data-exact], .history-drove [data-explain][data-exact]",
        "nodes => nodes.map(node => [node.dataset.explain, node.dataset.explainAt, node.dataset.exact])",
    )
    assert len({exactly for _, _, exactly in shown}) > 2

    for figure, at, exactly in shown:
        page.locator(f'[data-explain="{figure}"][data-explain-at="{at}"]').first.click()
        sign, digits = ("−", exactly[1:]) if exactly.startswith("-") else ("", exactly)
        expect(page.locator("#explain-total")).to_have_text(f"{sign}${digits}")
        page.keyboard.press("Escape")
        expect(page.locator("#explain")).not_to_be_visible()
    assert not archive.complaints


def test_the_calendars_of_a_free_range_are_walked_by_weeks_and_months(archive: Archive) -> None:
    page = archive.open("/history", READY)
    page.click("#range-button")
    page.fill("#range-from-day", "2026-10-31")
    page.focus("#range-from-day")

    for key, day in (
        ("Home", "2026-10-26"),
        ("End", "2026-11-01"),
        ("PageUp", "2026-10-01"),
        ("PageDown", "2026-11-01"),
        ("PageDown", "2026-11-20"),
    ):
        page.keyboard.press(key)
        expect(page.locator("#range-from-day")).to_have_value(day)
        expect(page.locator("#range-from")).to_have_value(day)
    assert not archive.complaints


def test_a_free_range_is_checked_before_anything_is_asked(archive: Archive) -> None:
    page = archive.open("/history", READY)
    page.click("#range-button")
    page.fill("#range-from", "2026-11-31")
    page.get_by_role("button", name="Apply").click()
    assert "“2026-11-31” is no time" in page.locator("#range-wrong").inner_text()
    assert page.locator("#range-from").get_attribute("aria-invalid") == "true"

    page.fill("#range-from", "2026-11-19")
    page.fill("#range-to", "2026-11-19")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_selector(".history-said:has-text('19 Nov 2026')")
    page.wait_for_function("() => document.querySelectorAll('.history-days tbody tr').length === 1")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_note_beside_a_figure_is_never_cut(archive: Archive, width: int) -> None:
    page = archive.open("/history?range=30d&compare=previous", READY, width=width)

    note = page.locator(".history-stats .stat-note").first
    expect(note).to_be_visible()
    note.evaluate("it => { it.textContent = '▼ 1,234.5% vs prior 30 d (2 known)' }")
    cut = "all => all.filter((it) => it.scrollWidth > it.clientWidth || it.scrollHeight > it.clientHeight).length"
    assert page.locator(".history-stats .stat-note").evaluate_all(cut) == 0


def test_an_address_may_tell_instants_as_the_api_takes_them(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-19T15:00:00Z&to=2026-11-19T19:30:00.500%2B01:00", ".history-said")

    expect(page.locator(".history-said")).to_contain_text("19 Nov 2026, 10:00 to 13:30")
    expect(page.locator(".history-stats .stat-value").first).to_be_visible()
    assert page.locator(".history-banner .banner").count() == 0


def test_an_address_that_makes_no_sense_is_told(archive: Archive) -> None:
    page = archive.open("/history?from=soon&to=later", ".history-banner .banner")

    assert "“soon” is no time" in page.locator(".history-banner").inner_text()
    expect(page.locator("#history-step option:checked")).to_have_text("Automatic")
    expect(page.locator(".history")).not_to_contain_text("Reading")
    page.get_by_role("button", name="Last 30 days").last.click()
    page.wait_for_selector(READY)


def test_an_as_of_that_is_no_instant_is_told_and_asks_for_nothing(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&as_of=yesterday", ".history-banner .banner")

    assert "“yesterday” is no instant" in page.locator(".history-banner").inner_text()
    assert page.locator(READY).count() == 0
    page.locator(".history-banner").get_by_role("button", name="Last 30 days").click()
    page.wait_for_selector(READY)
    assert "as_of" not in parse_qs(urlsplit(page.url).query)


def test_an_older_request_is_given_up_for_a_newer_range(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-breakdown tfoot")
    page.route("**/api/pnl/breakdown?*by=workspace*", lambda _route: None)

    with page.expect_event("requestfailed", lambda asked: "by=workspace" in asked.url):
        with page.expect_request("**/api/pnl/breakdown?*by=workspace*"):
            page.select_option("#history-by", "workspace")
        page.select_option("#history-by", "customer")

    page.wait_for_selector(".history-breakdown th:has-text('Customer')")


def test_a_restated_day_says_so_and_an_earlier_knowledge_does_not(archive: Archive) -> None:
    before = archive.now
    archive.correct()

    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-days tr[data-key='2026-11-18'] .mark-restated")
    then = archive.open(f"/history?{RANGE}&as_of={before.strftime('%Y-%m-%dT%H:%M:%SZ')}", READY)
    assert "As known at" in then.locator(".history-banner").inner_text()
    total = ".history-days tfoot td:last-child [data-exact]"
    assert sum(exact(page, total)) - sum(exact(then, total)) == Decimal("80.00")


@pytest.mark.parametrize(("chart", "ends"), [("area", "y"), ("candles", "close")])
def test_the_chart_ends_at_the_net_of_a_range_whose_last_day_was_restated(
    archive: Archive, chart: str, ends: str
) -> None:
    archive.correct()

    page = archive.open(f"/history?from=2026-11-18&to=2026-11-18&chart={chart}", READY)
    page.wait_for_selector(".history-chart .main-svg")
    last = page.evaluate(
        """(ends) => document.querySelector(".history-chart.js-plotly-plot, .history-chart *").data
          .filter(({ name, type }) => name === "Net P&L" || type === "candlestick").at(0)[ends].at(-1)""",
        ends,
    )

    assert round(Decimal(last), 2) == round(sum(exact(page, ".history-days tfoot td:last-child [data-exact]")), 2)


def test_a_part_that_cannot_be_read_says_so_and_is_read_again(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.route(
        "**/api/pnl/breakdown?*by=series*",
        lambda route: route.fulfill(status=503, json={"detail": "the archive is busy"}),
    )
    page.select_option("#history-by", "series")
    page.wait_for_selector(".history-breakdown:has-text('the archive is busy')")
    assert page.locator(READY).count() == 1

    page.unroute("**/api/pnl/breakdown?*by=series*")
    page.locator(".history-breakdown").get_by_role("button", name="Try again").click()
    page.wait_for_selector(".history-breakdown tfoot")


@pytest.mark.parametrize("path", [f"/history?{RANGE}", "/history?range=24h", "/history/day/2026-11-20"])
def test_nothing_at_the_right_end_of_a_chart_is_cut(archive: Archive, path: str) -> None:
    page = archive.open(path, ".history-chart .main-svg")

    after = page.evaluate(
        """() => {
          const { data, layout } = document.querySelector(".history-chart.js-plotly-plot, .history-chart *");
          const at = (x) => (typeof x === "number" ? x : Date.parse(`${x}Z`));
          const half = { bar: 9 * 3_600_000 };
          const end = ({ type, x }) => Math.max(...x.filter((one) => one !== null).map(at)) + (half[type] ?? 0);
          const [from, to] = layout.xaxis.range.map(at);
          return (to - Math.max(...data.map(end))) / (to - from);
        }"""
    )

    assert after > 0.005


@pytest.mark.parametrize("width", [390, 360])
def test_a_phone_shows_every_column_of_the_days_and_their_total(archive: Archive, width: int) -> None:
    page = archive.open(f"/history?{RANGE}", READY, width=width)

    assert outside(page, ".history-days table") == []
    cells = page.locator(".history-days tfoot td")
    assert [cells.nth(i).get_attribute("data-name") for i in range(5)] == [
        "Fills",
        "Revenue",
        "Trading",
        "Fees",
        "API cost",
    ]
    for i in range(cells.count()):
        expect(cells.nth(i)).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_for_everybody_and_fits(archive: Archive, theme: str, width: int) -> None:
    page = archive.open(f"/history?{RANGE}", READY, theme=theme, width=width)
    page.wait_for_selector(".history-chart .main-svg")
    page.wait_for_selector(".history-breakdown tfoot")
    page.wait_for_selector(".drove-row")

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert not archive.complaints


def test_the_calendar_is_walked_by_keys_and_opens_a_day(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", ".heat-day[href]")
    page.wait_for_selector(READY)
    page.focus(".heat-day[href][tabindex='0']")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("() => document.activeElement.dataset.key") == "2026-11-19"
    for key, day in (("PageUp", "18"), ("End", "20"), ("Home", "18"), ("PageDown", "20"), ("ArrowUp", "19")):
        page.keyboard.press(key)
        assert page.evaluate("() => document.activeElement.dataset.key") == f"2026-11-{day}"
    page.keyboard.press("Enter")
    page.wait_for_selector(".day-statement tfoot")
    assert urlsplit(page.url).path == "/history/day/2026-11-19"


def test_periods_are_turned_by_keys_and_by_buttons(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-18&to=2026-11-18", READY)
    expect(page.locator(".history-said")).to_contain_text("18 Nov 2026")

    page.keyboard.press("]")
    expect(page.locator(".history-said")).to_contain_text("19 Nov 2026")
    assert parse_qs(urlsplit(page.url).query)["from"] == ["2026-11-19"]
    page.keyboard.press("[")
    expect(page.locator(".history-said")).to_contain_text("18 Nov 2026")
    page.get_by_role("button", name="The period after").click()
    page.get_by_role("button", name="The period after").click()
    expect(page.locator(".history-said")).to_contain_text("20 Nov 2026")
    expect(page.get_by_role("button", name="The period after")).to_be_disabled()
    page.keyboard.press("/")
    expect(page.locator("#range-button")).to_be_focused()


@pytest.mark.parametrize("change", ["The period after", "The period before", "A longer range", "A shorter range"])
def test_the_granularity_that_was_chosen_stays_where_the_new_range_allows_it(archive: Archive, change: str) -> None:
    page = archive.open("/history?from=2026-11-19&to=2026-11-19&step=1h", READY)
    before = page.url

    page.get_by_role("button", name=change).click()
    run_until(page, lambda: page.url != before)

    assert parse_qs(urlsplit(page.url).query)["step"] == ["1h"]
    assert page.input_value("#history-step") == "1h"
    expect(page.locator(".history-banner [data-key=wrong]")).to_have_count(0)


def test_a_granularity_that_the_new_range_does_not_allow_is_left_out_in_words(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-19&to=2026-11-19&step=1d", READY)
    page.wait_for_selector(".history-chart .main-svg")
    before = page.url
    page.get_by_role("button", name="A shorter range").click()
    run_until(page, lambda: page.url != before)

    expect(page.locator(".history-banner [data-key=wrong]")).to_contain_text(
        "step “1d” makes too few points of this range: choose another one; automatic is shown."
    )
    assert page.input_value("#history-step") == "auto"


def test_times_more_than_a_week_apart_are_turned_by_the_days_that_are_shown(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-08+06:00&to=2026-11-18+18:00&step=1h", READY)

    def asked() -> dict[str, list[str]]:
        return parse_qs(urlsplit(page.url).query)

    shown = {"from": ["2026-11-08"], "to": ["2026-11-18"], "step": ["1h"]}
    expect(page.locator(".history-banner [data-key=wrong]")).to_contain_text("8 Nov to 18 Nov 2026 is shown.")
    assert asked() == shown
    page.get_by_role("button", name="The period before").click()
    expect(page.locator(".history-said")).to_contain_text("28 Oct to 7 Nov 2026")
    assert asked() == {"from": ["2026-10-28"], "to": ["2026-11-07"], "step": ["1h"]}
    page.get_by_role("button", name="The period after").click()
    expect(page.locator(".history-said")).to_contain_text("8 Nov to 18 Nov 2026")
    assert asked() == shown
    assert not archive.complaints


def test_days_are_turned_by_the_same_keys(archive: Archive) -> None:
    page = archive.open("/history/day/2026-11-19", ".day-statement tfoot")

    expect(page.locator(".day-statement .ties")).to_contain_text("Ties out")
    page.keyboard.press("[")
    page.wait_for_url("**/history/day/2026-11-18")
    page.wait_for_selector(".day-statement tfoot")
    page.keyboard.press("]")
    page.wait_for_url("**/history/day/2026-11-19")


def test_the_chart_is_to_be_had_as_a_table_and_the_calendar_says_what_its_squares_mean(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-chart .main-svg")
    told_ = page.locator(".history-chart").get_attribute("aria-label") or ""
    page.locator("#history-menu").click()
    page.get_by_role("menuitem", name="View as table").click()
    last = page.locator(".as-table tbody tr").last.locator("td").first.inner_text()

    assert re.sub(r"\.\d\d$", "", last)[:4] in told_
    for word in ("from $0 to", "at most", "at least"):
        assert word in told_
    for word in ("Loss", "Gain", "No figures", "Outside the range"):
        expect(page.locator(".heat-legend")).to_contain_text(word)


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


AS_OF = "&as_of=2026-11-19T21:30:00Z"


@pytest.mark.parametrize(
    "range_",
    [
        *(f"{RANGE}&step={step}" for step in ("1m", "1h", "4h", "1d", "1w")),
        f"{RANGE}&step=1h{AS_OF}",
        "from=2026-11-18 10:00&to=2026-11-20 18:30&step=4h",
        "from=2026-11-18 10:00&to=2026-11-20 18:30&step=15m",
        f"from=2026-11-18 10:00&to=2026-11-19 18:30&step=1h{AS_OF}",
    ],
)
def test_the_course_of_a_range_opens_into_exactly_what_the_strip_shows(archive: Archive, range_: str) -> None:
    page = archive.open(f"/history?{range_}", READY)
    page.wait_for_selector(".stat button[data-explain=max_drawdown]")
    shown = page.eval_on_selector_all(
        ".stat [data-explain]",
        """nodes => nodes.map(({ dataset }) => [dataset.explain, dataset.exact ?? null,
          northstar.place.query(northstar.place.placed(dataset.explain, dataset.explainAt))])""",
    )

    figures = {figure: (exact_, told(archive, f"explain?{query}")) for figure, exact_, query in shown}
    whole = {"profitable_days"} if ":" not in range_.partition("&as_of")[0] else {"highest_net", "lowest_net"}
    assert figures.keys() >= {"net", "revenue_total", "trading_total", "api_cost", "max_drawdown", *whole}
    for exact_, answer in figures.values():
        if answer["unit"] == "usd":
            text = exact_.replace("$", "").replace(",", "").replace("−", "-")
            assert Decimal(text) == Decimal(answer["amount"]), answer["figure"]
    assert not archive.complaints


WINTER, SUMMER = datetime(2026, 11, 25, 5, tzinfo=UTC), datetime(2027, 7, 15, 4, tzinfo=UTC)
STEPS = {"1m": timedelta(minutes=1), "5m": timedelta(minutes=5), "1h": timedelta(hours=1), "4h": timedelta(hours=4)}


def watch_midnight(archive: Archive, midnight: datetime) -> None:
    """Have every line move between the ticks on both sides of a company's midnight."""
    for number, minutes in enumerate((-200, -50, -4, -0.75, 0.25, 3, 40, 200)):
        at, day = midnight + timedelta(minutes=minutes), (midnight - timedelta(hours=minutes < 0)).date()
        archive.company.tick(
            at,
            entry("sale", f"{20 + number}.37", day, name=f"sale-{number}", fee="-0.91"),
            fill("yes", "3", "0.42", "0.0517", ticker="KXFED-1", at=at - timedelta(seconds=5), name=f"night-{number}"),
            *api(at - timedelta(seconds=5), f"{3 + number}.0123"),
            marks=[mark("KXFED-1", bid=f"0.4{number}", ask=f"0.5{number}", at=at)],
        )


@pytest.mark.parametrize("midnight", [WINTER, SUMMER], ids=["winter", "summer"])
def test_the_strip_is_its_own_explanation_from_one_step_before_midnight_on(
    archive: Archive, midnight: datetime
) -> None:
    watch_midnight(archive, midnight)
    parts = ("revenue_total", "trading_total", "trading_fees", "api_cost")
    moved: set[str] = set()
    for name, step in STEPS.items():
        since, until = midnight - step, midnight + 2 * step
        path = f"/history?from={instant(since)}&to={instant(until)}&step={name}"
        page = archive.open(path, ".stat button[data-explain=max_drawdown]")
        assert page.input_value("#history-step") == name
        shown = page.eval_on_selector_all(
            ".stat-value[data-explain]",
            """nodes => nodes.map(({ dataset }) => [dataset.explain, dataset.exact,
              northstar.place.query(northstar.place.placed(dataset.explain, dataset.explainAt))])""",
        )

        amounts = {figure: Decimal(re.sub(r"[+$,]", "", text).replace("−", "-")) for figure, text, _ in shown}
        assert amounts == {figure: Decimal(told(archive, f"explain?{query}")["amount"]) for figure, _, query in shown}
        assert sum(amounts[part] for part in parts) + amounts.get("other_total", Decimal(0)) == amounts["net"]
        moved |= {part for part in parts if amounts[part]}
        page.close()
    assert moved == set(parts)
    assert not archive.complaints


def test_hours_of_which_no_snapshots_are_kept_become_whole_days(archive: Archive) -> None:
    day = date(2026, 11, 15)
    archive.company.tick(archive.now + timedelta(seconds=10), entry("sale", "80.00", day, name="before-the-first"))
    refused: list[str] = []
    page = archive.open(f"/history?from={day}T10:00&to={day}T14:00", ".history-days tbody tr")
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)

    expect(page.locator(".history-banner")).to_contain_text(
        "No snapshots are kept of 15 Nov 2026, 10:00 to 14:00: the whole days are shown."
    )
    expect(page.locator(".stat", has_text="Revenue").locator(".stat-value")).to_have_text("$80")
    expect(page.locator(".stat", has_text="Max drawdown")).to_contain_text("never fell")
    assert parse_qs(urlsplit(page.url).query) == {"from": [f"{day}"], "to": [f"{day}"]}

    page.goto(f"{archive.url}/history?from=2026-11-14&to=2026-11-17")
    page.wait_for_selector(".history-chart .main-svg")
    page.get_by_role("button", name="A shorter range").click()
    run_until(page, lambda: parse_qs(urlsplit(page.url).query) == {"from": ["2026-11-15"], "to": ["2026-11-16"]})
    page.get_by_role("button", name="A shorter range").click()
    run_until(page, lambda: parse_qs(urlsplit(page.url).query) == {"from": ["2026-11-15"], "to": ["2026-11-16"]})
    page.wait_for_selector(".history-chart .main-svg")
    expect(page.locator(".stat", has_text="Revenue").locator(".stat-value")).to_have_text("$80")
    assert not refused
    assert not archive.complaints


def test_a_drawdown_opens_in_the_drawer_and_its_link_opens_it_again(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&step=1h", READY)
    page.locator("[data-explain=max_drawdown]").click()
    page.wait_for_selector("#explain-total")
    total = page.locator("#explain-total").inner_text()
    page.locator("#explain .term-open", has_text="Trough").click()
    page.locator("#explain .term-open", has_text="so far").first.wait_for()
    expect(page.locator(".term-breaks")).to_have_count(0)

    other = archive.open(urlsplit(page.url).path + "?" + urlsplit(page.url).query, "#explain-total")
    expect(other.locator("#explain-total")).to_have_text(total)
    other.locator("#explain .term-open", has_text="so far").first.wait_for()
    other.keyboard.press("Escape")
    other.locator("[data-explain=profitable_days]").click()
    expect(other.locator("#explain .term-sign", has_text="✓").first).to_be_visible()
    other.locator("#explain .term-open", has_text=DAYS[0]).click()
    other.locator("#explain .term-below .term-open", has_text="Revenue").wait_for()
    expect(other.locator(".term-breaks")).to_have_count(0)
    assert not archive.complaints


def test_a_figure_of_a_range_with_today_opens_as_it_was_read_and_so_does_its_link(archive: Archive) -> None:
    page = archive.open("/history?range=7d", ".history-days tfoot [data-explain=net]")
    for place in (".stat", ".history-breakdown tfoot"):
        page.wait_for_selector(f"{place} [data-explain=net]")
    shown = page.evaluate(
        """() => [".stat", ".history-days tfoot", ".history-breakdown tfoot"]
          .map(place => document.querySelector(`${place} [data-explain=net]`).dataset)
          .map(({ exact, explainAt }) => [exact, northstar.place.query(northstar.place.placed("net", explainAt))])"""
    )

    archive.correct()

    for text, query in shown:
        amount = Decimal(text.replace("$", "").replace(",", "").replace("−", "-").replace("+", ""))
        assert Decimal(told(archive, f"explain?{query}")["amount"]) == amount

    assert Decimal(told(archive, "days?from=2026-11-14")["total"]["net"]) == amount + 80
    page.locator(".stat [data-explain=net]").click()
    page.wait_for_selector("#explain-total")
    total = page.locator("#explain-total").inner_text()
    assert "as_of" not in parse_qs(urlsplit(page.url).query)
    other = archive.open(urlsplit(page.url).path + "?" + urlsplit(page.url).query, "#explain-total")
    expect(other.locator("#explain-total")).to_have_text(total)
    assert not archive.complaints


def test_what_of_an_address_is_not_taken_is_told_and_left_out(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}&by=colour&chart=pie&cmp=prev", READY)
    banner = page.locator(".history-banner [data-key=wrong]")

    expect(banner).to_contain_text("by “colour” is not one of source, market, series, model, workspace, customer")
    expect(banner).to_contain_text("chart “pie” is not one of area, candles: area is shown.")
    expect(banner).to_contain_text("“cmp” is not one of range, from, to, step, by, compare, chart, as_of: it is left")
    page.get_by_role("button", name="Leave it out").click()
    expect(banner).to_have_count(0)
    assert parse_qs(urlsplit(page.url).query) == {"from": ["2026-11-18"], "to": ["2026-11-20"]}
    assert not archive.complaints


@pytest.mark.parametrize("way", ["Escape", "back"])
def test_the_figure_that_was_opened_has_the_focus_again(archive: Archive, way: str) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".history-breakdown tfoot")
    page.wait_for_selector(".drove-row")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    figure = page.locator('.history-days tbody [data-explain="api_cost"]').nth(1)
    figure.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#explain-total")
    figure.evaluate("node => { globalThis.opened = node }")

    page.keyboard.press("Escape") if way == "Escape" else page.go_back()
    expect(page.locator("#explain")).not_to_be_visible()
    run_until(page, lambda: page.evaluate("document.activeElement === globalThis.opened"))
    page.clock.run_for(2000)
    assert page.evaluate("document.activeElement === globalThis.opened")
    assert [url for url in asked if "/api/pnl/days" in url or "/api/pnl/history" in url] == []


def length(page: Page) -> int:
    """Return how long the range is that the chart shows, in milliseconds; 0 while it is read."""
    found = page.evaluate("northstar.historyPage.page.loader.found.history?.span ?? null")
    return int(found["until"] - found["since"]) if found else 0


def test_a_double_click_shows_more_and_nothing_lies_over_the_buttons(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", ".history-chart .main-svg")
    whole = length(page)
    box = page.locator(".history-chart").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 2, y, steps=6)
    page.mouse.up()
    run_until(page, lambda: 0 < length(page) < whole)
    shorter = length(page)

    page.mouse.dblclick(x, y)
    run_until(page, lambda: length(page) > shorter)
    assert page.locator(".plotly-notifier .notifier-note").count() == 0
    assert not archive.complaints


@pytest.mark.parametrize("range_", ["", "from=2026-11-19T10:00&to=2026-11-20T13:00", RANGE])
def test_no_two_labels_of_the_time_say_the_same(archive: Archive, range_: str) -> None:
    minutes = timedelta(minutes=4)
    shortest = f"from={instant(archive.now - minutes)}&to={instant(archive.now)}"
    page = archive.open(f"/history?{range_ or shortest}", ".history-chart .xtick")

    labels = page.locator(".history-chart .xtick text").evaluate_all("all => all.map(one => one.textContent)")
    assert len(labels) > 1
    assert len(set(labels)) == len(labels), labels


UNDIVIDED = """() => {
  const strip = document.querySelector(".history-stats").getBoundingClientRect();
  const cells = [...document.querySelectorAll(".history-stats > .stat")].map((one) => one.getBoundingClientRect());
  const rows = new Map();
  for (const { top, width } of cells) rows.set(Math.round(top), (rows.get(Math.round(top)) ?? 0) + width);
  return [cells.length, ...[...rows.values()].filter((width) => Math.abs(width - strip.width) > 3)];
}"""


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize(("range_", "cells"), [(RANGE, 8), ("from=2026-11-19T14:00&to=2026-11-19T18:30", 7)])
def test_the_strip_of_figures_leaves_no_place_empty(archive: Archive, width: int, range_: str, cells: int) -> None:
    page = archive.open(f"/history?{range_}", ".history-stats .stat-value", width=width)

    assert page.evaluate(UNDIVIDED) == [cells]


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_strip_adds_up_with_other_costs_and_the_chart_names_them(archive: Archive, width: int) -> None:
    page = archive.open(f"/history?{RANGE}", ".stat[data-key=Other] button", width=width)
    page.wait_for_selector(".history-chart .main-svg")
    shown = page.locator(".stat-value[data-explain]").evaluate_all(
        "all => Object.fromEntries(all.map(({ dataset }) => [dataset.explain, dataset.exact]))"
    )
    amounts = {figure: Decimal(re.sub(r"[$,+]", "", text).replace("−", "-")) for figure, text in shown.items() if text}

    parts = ("revenue_total", "trading_total", "trading_fees", "api_cost", "other_total")
    assert amounts["other_total"] != 0
    assert sum(amounts[part] for part in parts) == amounts["net"]
    drawn = page.locator(".history-chart").evaluate(
        "chart => chart.data.filter(({ type }) => type === 'bar').map(({ name }) => name)"
    )
    assert drawn == ["Revenue", "Trading", "API cost", "Fees", "Other"]
    assert page.locator(".history-legend .history-key").all_inner_texts() == drawn
    other = page.locator(".stat[data-key=Other] .stat-value")
    other.click()
    expect(page.locator("#explain-total")).to_have_text(other.get_attribute("data-exact") or "")
    assert not archive.complaints


def busy_hour(archive: Archive) -> None:
    """Have twelve minutes pass with a tick every ten seconds, each of which brings something."""
    day = archive.company.calendar.day(archive.now)
    for number in range(72):
        at = archive.company.shown[-1].snapshot.as_of + timedelta(seconds=10)
        sale = entry("sale", f"{3 + number % 5}.10", day, name=f"sale-{number}")
        archive.company.tick(at, sale if number % 3 else entry("refund", "-4.05", day, name=f"refund-{number}"))


def test_candles_of_an_hour_hold_several_snapshots_each(archive: Archive) -> None:
    busy_hour(archive)
    page = archive.open("/history?range=1h&step=raw", ".history-chart .main-svg")
    page.get_by_role("button", name="Candles").click()
    kinds = "document.querySelector('.history-chart').data.map(({ type }) => type)"
    run_until(page, lambda: "candlestick" in page.evaluate(kinds))

    expect(page.locator(".history-banner [data-key=wrong]")).to_contain_text("step “raw” is too fine for candles")
    expect(page.locator("#history-step option:checked")).to_have_text("Automatic, 1 minute")
    raw = page.locator("#history-step option[value=raw]")
    assert (raw.is_disabled(), raw.inner_text()) == (True, "Every tick (too fine for candles)")
    high = page.locator(".history-chart").evaluate(
        """({ data }) => data.filter(({ type }) => type === "candlestick")
          .flatMap(({ high, low }) => high.map((one, i) => one > low[i]))"""
    )
    assert len(high) >= 12
    assert all(high[:12])
    page.get_by_role("button", name="Area").click()
    expect(page.locator("#history-step option:checked")).to_have_text("Automatic, every tick")
    run_until(page, lambda: "candlestick" not in page.evaluate(kinds))
    assert not archive.complaints


@pytest.mark.parametrize(
    ("range_", "width"),
    [("from=2026-11-20T18:03&to=2026-11-20T18:10", timedelta(minutes=1)), (f"{RANGE}&step=1d", timedelta(days=1))],
)
def test_the_first_and_the_last_candle_are_whole(archive: Archive, range_: str, width: timedelta) -> None:
    busy_hour(archive)
    page = archive.open(f"/history?{range_}&chart=candles", ".history-chart .main-svg")

    first, last = page.locator(".history-chart").evaluate(
        """({ data, layout }) => {
          const { x } = data.find(({ type }) => type === "candlestick");
          const [from, to] = layout.xaxis.range.map(at => typeof at === "number" ? at : Date.parse(`${at}Z`));
          return [x.at(0) - from, to - x.at(-1)];
        }"""
    )
    assert min(first, last) >= width.total_seconds() * 1000 / 2
    assert not archive.complaints


@pytest.mark.parametrize(("range_", "form"), [("1h", r"2026-11-20 1\d:\d\d:\d\d"), ("", r"2026-1\d-\d\d")])
def test_a_link_is_pinned_to_what_is_shown_while_the_address_keeps_the_preset(
    archive: Archive, range_: str, form: str
) -> None:
    page = archive.open(f"/history?{f'range={range_}&' if range_ else ''}by=market", READY)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_selector(".history-chart .main-svg")
    bar = page.url
    button = page.locator("[data-action=history-copy]")
    expect(button).to_have_attribute("title", re.compile("the stretch of time that is shown"))
    button.click()
    expect(button).to_have_text("Copied")
    links = [page.evaluate("navigator.clipboard.readText()")]
    page.locator("#history-menu").click()
    page.get_by_role("menuitem", name="Copy link").click()
    run_until(page, lambda: page.evaluate("navigator.clipboard.readText()").endswith("#history"))
    links.append(page.evaluate("navigator.clipboard.readText()"))
    page.locator(".stat [data-explain=net]").click()
    page.locator("#explain [data-explain-link]").click()
    expect(page.locator("#explain [data-explain-link]")).to_have_text("Copied")
    links.append(page.evaluate("navigator.clipboard.readText()"))
    page.keyboard.press("Escape")
    expect(page.locator("#explain")).not_to_be_visible()

    assert page.url == bar
    asked = [parse_qs(urlsplit(link).query) for link in links]
    assert [("range" in one, one["by"]) for one in asked] == [(False, ["market"])] * 3
    assert len({(one["from"][0], one["to"][0]) for one in asked}) == 1
    assert all(re.fullmatch(form, asked[0][end][0]) for end in ("from", "to"))
    said, strip = page.locator(".history-said").inner_text(), page.locator(".history-stats").inner_text()
    archive.company.tick(archive.now + timedelta(days=2))
    other = archive.open(urlsplit(links[0]).path + "?" + urlsplit(links[0]).query, READY)
    other.wait_for_selector(".history-chart .main-svg")
    assert (other.locator(".history-said").inner_text(), other.locator(".history-stats").inner_text()) == (said, strip)
    assert not archive.complaints


def test_the_time_before_the_first_snapshot_is_hatched(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-17T00:00&to=2026-11-18T18:00", ".history-chart .main-svg")

    first = page.evaluate(
        "northstar.historyPage.page.loader.found.history.series.bars.find(bar => bar.close !== null).at"
    )
    blank = page.evaluate("document.querySelector('.history-chart').data.find(trace => trace.name === 'No data').x[2]")
    assert blank == page.evaluate(
        f"northstar.zone.wall({first}, document.querySelector('meta[name=\"pnl:zone\"]').content)"
    )


def test_what_the_page_works_out_opens_its_sum_and_each_part_of_that(archive: Archive) -> None:
    page = archive.open(f"/history?{RANGE}", READY)
    page.wait_for_selector(".stat[data-key=Revenue] [data-worked]")
    note = page.locator(".stat[data-key=Revenue] [data-worked]")
    shown = note.inner_text()
    note.click()
    expect(page.locator("#explain-total")).to_have_text(shown)
    part = page.locator('#explain [data-explain="revenue_total"]')
    exactly = part.inner_text()
    part.click()
    expect(page.locator("#explain-total")).to_have_text(exactly.removeprefix("+"))
    page.keyboard.press("Escape")
    own = "document.activeElement?.matches('.stat[data-key=Revenue] [data-worked]')"
    run_until(page, lambda: page.evaluate(own))
    assert not archive.complaints


UNEXPLAINED = r"""() => {
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (!/[$¢%]\s*\d|\d\s*[¢%]/.test(text) || !element.offsetParent) continue;
    if (element.closest("[data-explain], [data-worked], svg, select, .k-title")) continue;
    found.push(`${text} in ${element.closest("[class]").className}`);
  }
  return found;
}"""


@pytest.mark.parametrize(
    "path", [f"/history?{RANGE}", "/history?from=2026-11-19T10:00&to=2026-11-20T13:00", "/reconcile"]
)
def test_no_amount_is_shown_that_does_not_open(archive: Archive, path: str) -> None:
    page = archive.open(path, ".reconcile-table" if path == "/reconcile" else ".history-stats [data-explain]")
    if path != "/reconcile":
        page.wait_for_selector(".history-breakdown tfoot")
        page.wait_for_selector(".drove-row")
        page.wait_for_selector(READY)

    assert page.evaluate(UNEXPLAINED) == []


def test_a_figure_of_days_that_has_changed_since_it_was_known_so_says_so(archive: Archive) -> None:
    known = instant(archive.now)
    before = told(archive, f"explain?figure=net&day=2026-11-18&as_of={known}")["amount"]
    archive.correct()
    now = told(archive, "explain?figure=net&day=2026-11-18")["amount"]
    assert Decimal(now) - Decimal(before) == Decimal(80)

    page = archive.open(f"/history?{RANGE}&explain=net&at=2026-11-18~{known}", "#explain-total")
    expect(page.locator("#explain .explain-newer")).to_contain_text("It has changed since")
    page.get_by_role("button", name="Show the newer").click()
    expect(page.locator("#explain .explain-newer")).to_have_count(0)
    run_until(
        page, lambda: Decimal(re.sub(r"[^0-9.]", "", page.locator("#explain-total").inner_text())) == Decimal(now)
    )
    assert not archive.complaints
