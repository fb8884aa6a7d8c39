"""The page of one company day over a real archive: as known, as shown, and down to each record."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import expect

from pnl.domain.snapshot import instant
from tests.browser.archive import Archive
from tests.browser.clock import run_until
from tests.browser.history.shown import exact, told
from tests.browser.narrow import outside
from tests.browser.test_live_page import amount, figure
from tests.domain.strategies import entry

READY = ".day-statement tfoot"
FIRST = "/history/day/2026-11-18"
TAB_NAMES = {"fills": "Fills", "settlements": "Settlements", "costs": "API costs", "revenue": "Revenue"}


def test_the_statement_adds_up_and_is_what_the_api_says(archive: Archive) -> None:
    page = archive.open(FIRST, READY)
    page.wait_for_selector(".day-breakdown tfoot")
    page.wait_for_selector(".history-chart .main-svg")
    page.wait_for_selector(".day-records tbody tr")
    (day,) = told(archive, "days?from=2026-11-18&to=2026-11-19")["days"]

    lines = exact(page, ".day-statement tbody td:nth-child(2) [data-exact]")
    assert sum(lines) == Decimal(day["net"])
    assert exact(page, ".day-statement tfoot td:nth-child(2) [data-exact]")[0] == Decimal(day["net"])
    assert exact(page, ".day-statement tfoot td:nth-child(3) [data-exact]")[0] == Decimal(day["as_seen"]["net"])
    assert exact(page, ".day-breakdown tfoot [data-exact]") == [Decimal(day["net"])]
    assert sum(exact(page, ".day-breakdown tbody td:last-child [data-exact]")) == Decimal(day["net"])
    assert page.locator("#tab-history").get_attribute("aria-current") == "page"
    assert not archive.complaints
    assert not archive.foreign


def test_the_identity_of_the_day_adds_up_on_the_screen_and_opens_as_of_the_day(archive: Archive) -> None:
    page = archive.open("/history/day/2026-11-19", READY)
    page.wait_for_selector(".day-identity .kpi-hero")
    first, second = told(archive, "days?from=2026-11-18&to=2026-11-20")["days"]

    net = figure(page, "net")
    signs = page.locator(".day-identity .operator").all_inner_texts()
    names = page.eval_on_selector_all(".day-identity .operator", "all => all.map(one => one.parentElement.dataset.key)")
    assert names[:5] == ["revenue", "realised", "unrealised", "fees", "api_cost"]
    parts = [
        -figure(page, name) if sign == "−" else figure(page, name) for name, sign in zip(names, signs, strict=True)
    ]
    assert net == sum(parts) == round(Decimal(second["net"]), 2)
    moved = round(Decimal(second["net"]) - Decimal(first["net"]), 2)
    assert first["complete"]
    assert second["complete"]
    assert f"{'▲' if moved > 0 else '▼'} ${abs(moved):,.2f} vs Wed" in page.locator(".kpi-hero .kpi-delta").inner_text()
    page.locator('[data-figure="net"]').click()
    assert round(amount(page.locator("#explain-total").inner_text()), 2) == net
    assert not archive.complaints


OVER_EACH_OTHER = """() => {
  const texts = ".kpi-note > span, .kpi-note:not(:has(span)), .kpi-label";
  const notes = [...document.querySelectorAll(`.day-identity :is(${texts})`)];
  const places = notes.map((one) => [one.innerText, one.getBoundingClientRect()]);
  const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const others = (i) => places.slice(i + 1).filter(([, place]) => over(places[i][1], place));
  return places.flatMap(([text], i) => others(i).map(([other]) => [text, other]));
}"""


@pytest.mark.parametrize("width", [360, 720, 1440])
def test_what_is_said_of_revenue_stands_below_each_other_while_it_may_change(archive: Archive, width: int) -> None:
    last = archive.company.shown[-1].snapshot.as_of
    archive.company.tick(last + timedelta(seconds=10), through=archive.company.calendar.day(last) - timedelta(days=1))
    page = archive.open("/history/day/2026-11-20", READY, width=width)
    page.wait_for_selector(".day-identity .kpi-hero")
    notes = page.locator(".day-identity [data-key='revenue'] .kpi-note")

    assert "\n".join(notes.all_inner_texts()).split("\n") == ["estimated", "net of refunds and fees"]
    assert page.evaluate(OVER_EACH_OTHER) == []


def test_what_came_late_is_told_line_by_line(archive: Archive) -> None:
    archive.correct()
    page = archive.open(FIRST, READY)

    restated = page.locator(".day-restatements")
    assert "revenue.feed" in restated.inner_text() or "late-1" in restated.inner_text()
    parts = exact(page, ".day-restatements tbody [data-exact]")
    assert Decimal("80.00") in parts
    assert sum(parts) == exact(page, ".day-restatements tfoot [data-exact]")[0]
    known, shown = (exact(page, f".day-statement tfoot td:nth-child({n}) [data-exact]")[0] for n in (2, 3))
    assert known - shown == sum(parts)
    for row in page.locator(".day-statement tr").all()[1:]:
        known_, shown_, change = [cell.inner_text() for cell in row.locator("td").all()]
        assert (change == "no change") == (known_ == shown_)
    page.locator(".day-restatements").get_by_role("button").first.click()
    page.wait_for_selector(".day-records .record-open")


def test_records_are_filtered_and_opened_to_what_the_source_sent(archive: Archive) -> None:
    page = archive.open(FIRST, ".day-records tbody tr")
    assert page.locator(".day-records tbody tr").count() == 2

    page.locator(".day-breakdown").get_by_role("button", name="KXGAS-2").click()
    page.wait_for_function("() => document.querySelectorAll('.day-records tbody tr').length === 1")
    assert parse_qs(urlsplit(page.url).query) == {"filter": ["KXGAS-2"]}
    page.locator(".day-records .record-open").click()
    dialog = page.locator("#dialog")
    assert "f2" in dialog.locator("dl").inner_text()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="API costs").click()
    page.fill("#day-filter", "no such thing")
    page.wait_for_selector(".day-records .empty")
    assert "holds “no such thing”" in page.locator(".day-records").inner_text()
    again = archive.open(f"{FIRST}?{urlsplit(page.url).query}", ".day-records .empty:has-text('holds')")
    assert again.input_value("#day-filter") == "no such thing"


def test_a_record_opens_by_a_press_anywhere_on_its_row_and_by_its_name_from_the_keyboard(archive: Archive) -> None:
    page = archive.open(FIRST, ".day-records tbody tr")
    dialog = page.locator("#dialog")
    row = page.locator(".day-records tbody tr").first

    row.locator("td.lead").click()
    expect(dialog).to_be_visible()
    told = dialog.inner_text()
    assert "Source\nKalshi\n" in told
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    row.locator(".record-open").focus()
    page.keyboard.press("Enter")

    expect(dialog).to_have_text(told, use_inner_text=True)
    assert not archive.complaints


def test_text_that_is_marked_in_a_row_opens_nothing(archive: Archive) -> None:
    page = archive.open(FIRST, ".day-records tbody tr")
    box = page.locator(".day-records tbody tr").first.locator("th .sub").bounding_box()
    assert box

    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()

    assert page.evaluate("document.getSelection().toString()") != ""
    assert "record" not in parse_qs(urlsplit(page.url).query)
    expect(page.locator("#dialog")).to_be_hidden()


def test_the_revenue_of_the_bar_says_why_it_is_not_that_of_the_statement(archive: Archive) -> None:
    page = archive.open(FIRST, ".day-identity .kpi-hero")

    expect(page.locator(".day-identity [data-key=revenue]")).to_contain_text("net of refunds and fees")


def test_a_record_that_is_open_is_in_the_address_and_closing_takes_it_out(archive: Archive) -> None:
    page = archive.open(f"{FIRST}?by=source", ".day-records tbody tr")
    dialog = page.locator("#dialog")

    def asked() -> dict[str, list[str]]:
        return parse_qs(urlsplit(page.url).query)

    page.locator(".day-records .record-open").first.click()
    expect(dialog).to_be_visible()
    named = asked()["record"][0]
    told = dialog.inner_text()
    assert named.startswith("fill:kalshi:f")
    assert asked()["by"] == ["source"]

    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "record" not in parse_qs(urlsplit(url).query))
    expect(dialog).to_be_hidden()
    page.go_forward()
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    assert asked() == {"by": ["source"]}

    link = archive.open(f"{FIRST}?record={named}", "#dialog[open]")
    expect(link.locator("#dialog")).to_have_text(told, use_inner_text=True)
    link.keyboard.press("Escape")
    link.wait_for_url(lambda url: "record" not in parse_qs(urlsplit(url).query))
    assert not archive.complaints


@pytest.mark.parametrize("named", ["fill:kalshi:nobody", "tip:jar:1"])
def test_a_record_that_is_not_there_is_told(archive: Archive, named: str) -> None:
    page = archive.open(f"{FIRST}?record={named}", "#dialog[open]")

    expect(page.locator("#dialog")).to_contain_text(f"“{named}” is not among what was kept of this day")


def test_a_time_below_the_chart_leaves_room_for_an_amount_at_its_lowest(archive: Archive) -> None:
    page = archive.open(FIRST, ".history-chart .ytick text")

    below, room = page.evaluate(
        """() => {
          const [plot, time, amount] = [".nsewdrag", ".xtick text", ".ytick text"].map((name) =>
            document.querySelector(`.history-chart ${name}`).getBoundingClientRect());
          return [time.top - plot.bottom, amount.height / 2];
        }"""
    )

    assert below >= room


def test_a_source_leads_to_its_own_kind_of_record(archive: Archive) -> None:
    page = archive.open(f"{FIRST}?by=source", ".day-breakdown tfoot")
    page.locator(".day-breakdown").get_by_role("button", name="Anthropic").click()

    page.wait_for_selector("[data-tab=costs][aria-pressed=true]")
    page.wait_for_selector(".day-records tbody tr")


def test_what_happens_today_is_listed_without_a_reload(archive: Archive) -> None:
    page = archive.open("/history/day/2026-11-20?records=revenue", ".day-records tbody tr")
    before = page.locator(".day-records tbody tr").count()
    today = archive.company.shown[-1].snapshot.day
    archive.tick(page, 10, entry("sale", "12.00", today, name="just-now"))
    page.clock.run_for(40_000)
    archive.tick(page, 40)

    run_until(page, lambda: page.locator(".day-records tbody tr").count() == before + 1)


def test_a_day_leads_back_to_the_range_that_it_was_opened_from(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-18&to=2026-11-19&by=market", ".history-days tfoot")
    page.locator(".history-days tr[data-key='2026-11-18'] a").first.click()
    page.wait_for_selector("h1:has-text('Wed 18 Nov 2026')")
    page.get_by_role("link", name="All days").click()
    page.wait_for_selector(".history-days tfoot")
    assert parse_qs(urlsplit(page.url).query) == {"from": ["2026-11-18"], "to": ["2026-11-19"], "by": ["market"]}


def test_the_way_back_from_a_day_leads_to_the_range_as_it_was(archive: Archive) -> None:
    page = archive.open("/history?from=2026-11-18&to=2026-11-19&by=market", ".history-days tfoot")
    days = page.locator(".history-days").inner_text()
    page.locator(".history-days tr[data-key='2026-11-18'] a").first.click()
    page.wait_for_selector("h1:has-text('Wed 18 Nov 2026')")

    page.go_back()

    page.wait_for_selector(".history-days tfoot")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"from": ["2026-11-18"], "to": ["2026-11-19"], "by": ["market"]}
    assert page.locator(".history-days").inner_text() == days
    assert page.input_value("#history-by") == "market"
    page.go_forward()
    page.wait_for_selector("h1:has-text('Wed 18 Nov 2026')")
    assert not archive.complaints


def test_days_follow_each_other_and_lead_back(archive: Archive) -> None:
    page = archive.open("/history/day/2026-11-20", READY)
    assert page.get_by_role("link", name="The day after").count() == 0
    page.get_by_role("link", name="The day before").click()
    page.wait_for_selector("h1:has-text('Thu 19 Nov 2026')")
    page.get_by_role("link", name="All days").click()
    page.wait_for_selector(".history-days tfoot")


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2030-01-01", "future"),
        ("2001-01-01", "Nothing is kept"),
        ("2026-02-30", "A day is written as in"),
        ("nonsense", "A day is written as in"),
        ("2026-11-18?as_of=rubbish", "“rubbish” is no instant"),
    ],
)
def test_a_day_that_is_none_says_so_with_a_way_on(archive: Archive, day: str, why: str) -> None:
    page = archive.open(f"/history/day/{day}", ".history-banner .banner")

    assert why in page.locator(".history-banner").inner_text()
    assert page.locator(".history-banner").get_by_role("link", name="All days").count() == 1


def test_a_zoomed_curve_is_read_more_finely_and_in_the_address(archive: Archive) -> None:
    page = archive.open(f"{FIRST}?from=15:00:00&to=15:20:00", READY)
    page.wait_for_selector("[data-action=day-whole]")
    with page.expect_response(lambda answer: "/api/pnl/history" in answer.url) as asked:
        page.get_by_role("button", name="The whole day").click()

    assert parse_qs(urlsplit(asked.value.url).query)["step"] == ["5m"]
    assert urlsplit(page.url).query == ""


def test_what_of_an_address_is_not_taken_is_told_and_left_out(archive: Archive) -> None:
    page = archive.open(f"{FIRST}?by=colour&as_of=2099-01-01&theme=light", READY)
    banner = page.locator(".history-banner [data-key=wrong]")

    expect(banner).to_contain_text("by “colour” is not one of market, series, model, workspace, customer, source")
    expect(banner).to_contain_text("as_of “2099-01-01” lies in the future: what is known now is shown.")
    expect(page.locator(".history-banner [data-key=past]")).to_have_count(0)
    page.get_by_role("button", name="Leave it out").click()
    expect(banner).to_have_count(0)
    assert urlsplit(page.url).query == "theme=light"
    assert not archive.complaints


def test_a_drag_over_the_curve_chooses_a_part_of_the_day_and_a_double_click_the_whole(archive: Archive) -> None:
    page = archive.open(FIRST, READY)
    plot = page.locator(".nsewdrag.drag").first
    plot.wait_for()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    page.mouse.up()
    page.wait_for_url("**from=**")
    page.wait_for_selector("[data-action=day-whole]")

    page.mouse.dblclick(box["x"] + box["width"] / 2, middle)
    page.wait_for_url(lambda url: "from=" not in url)

    assert not archive.complaints


@pytest.mark.parametrize("end", ["highest", "lowest"])
def test_an_end_of_the_day_is_opened_at_the_snapshot_that_showed_it(archive: Archive, end: str) -> None:
    page = archive.open(FIRST, f"[data-key={end}][data-explain]")
    (day,) = told(archive, "days?from=2026-11-18&to=2026-11-19")["days"]
    shown = Decimal(day["as_seen"]["high" if end == "highest" else "low"])

    page.locator(f"[data-key={end}]").click()
    page.wait_for_selector("#explain-total")

    seq = int(parse_qs(urlsplit(page.url).query)["at"][0])
    (seen,) = [one.snapshot for one in archive.company.shown if one.snapshot.seq == seq]
    assert seen.net == int(shown.scaleb(9))
    assert amount(page.locator("#explain-total").inner_text()) == shown
    assert not archive.complaints


def test_a_phone_shows_every_column_of_the_statement_and_of_each_record(archive: Archive) -> None:
    page = archive.open(FIRST, READY, width=390)
    assert outside(page, ".day-statement table") == []

    for tab, fee in (("fills", True), ("settlements", True), ("costs", False), ("revenue", False)):
        page.locator(f'[data-tab="{tab}"]').click()
        page.wait_for_selector(f'.day-records [aria-label="{TAB_NAMES[tab]}"] tbody tr, .day-records .empty')
        if page.locator(".day-records tbody tr").count() == 0:
            continue
        assert outside(page, ".day-records table") == []
        assert page.locator('.day-records tbody tr:first-child [data-name="Fee"]').count() == int(fee)
        assert page.locator(".day-records tbody tr:first-child .lead").is_visible()
    assert page.locator('.day-records [aria-label="Revenue"] tbody tr').count()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_for_everybody_and_fits(archive: Archive, theme: str, width: int) -> None:
    page = archive.open(FIRST, READY, theme=theme, width=width)
    page.wait_for_selector(".day-breakdown tfoot")
    page.wait_for_selector(".day-records tbody tr")

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert not archive.complaints


def test_the_extremes_of_a_past_day_page_are_those_known_then(archive: Archive) -> None:
    rows = [one.snapshot for one in archive.company.shown if f"{one.snapshot.day}" == "2026-11-20"]
    page = archive.open(f"/history/day/2026-11-20?as_of={instant(rows[0].as_of)}", ".day-statement tfoot")
    page.wait_for_selector("[data-explain-title='Net P&L, lowest']")
    shown = page.evaluate(
        """() => ["highest", "lowest"]
          .map(name => document.querySelector(`[data-explain-title="Net P&L, ${name}"]`).dataset)
          .map(({ exact, explainAt }) => [exact, northstar.place.query(northstar.place.placed("net", explainAt))])"""
    )

    assert len({one.net for one in rows}) > 1
    for text, query in shown:
        answer = told(archive, f"explain?{query}")
        assert answer["at"]["seq"] == rows[0].seq
        assert Decimal(answer["amount"]) == Decimal(text.replace("$", "").replace(",", "").replace("−", "-"))


def test_the_curve_of_a_day_leaves_incomplete_snapshots_out_as_its_highest_and_lowest_do(archive: Archive) -> None:
    morning = archive.company.shown[-1].snapshot.as_of + timedelta(hours=20)
    day = archive.company.calendar.day(morning)
    archive.company.tick(morning, entry("operating_cost", "-650", day, name="rent"), trading=False)
    archive.company.tick(morning + timedelta(minutes=20), entry("sale", "700", day, name="a"))
    archive.company.tick(morning + timedelta(minutes=42), entry("sale", "30", day, name="b"))
    (told_,) = told(archive, f"days?from={day}")["days"]
    assert min(Decimal(one.snapshot.net or 0) for one in archive.company.shown[-3:]) < Decimal(told_["as_seen"]["low"])

    page = archive.open(f"/history/day/{day}", READY)
    page.wait_for_selector(".history-chart .main-svg")

    drawn = page.evaluate(
        """() => document.querySelector(".history-chart .js-plotly-plot, .history-chart.js-plotly-plot").data
          .filter(({ name }) => name === "Net P&L").flatMap(({ y }) => y.filter((one) => one !== null))"""
    )
    assert drawn
    shown = [Decimal(told_["as_seen"][end]) for end in ("low", "high")]
    assert [Decimal(str(end(drawn))) for end in (min, max)] == shown


def test_the_figures_of_today_open_as_they_were_read(archive: Archive) -> None:
    page = archive.open("/history/day/2026-11-20", ".day-breakdown tfoot [data-explain=net]")
    read = page.evaluate(
        """() => [".day-statement tfoot", ".day-breakdown tfoot"]
          .map(place => document.querySelector(`${place} [data-explain=net]`).dataset)
          .map(({ exact, explainAt }) => [exact, northstar.place.query(northstar.place.placed("net", explainAt))])"""
    )

    last = archive.company.shown[-1].snapshot.as_of
    archive.company.tick(last + timedelta(seconds=10), entry("sale", "7.00", last.date(), name="later"))

    for text, query in read:
        amount_ = Decimal(text.replace("$", "").replace(",", "").replace("−", "-"))
        assert Decimal(told(archive, f"explain?{query}")["amount"]) == amount_
        assert Decimal(told(archive, "explain?figure=net&day=2026-11-20")["amount"]) == amount_ + 7
