"""The page as the server sends it: its figures are there before any script has run."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from dash import dcc, html
from dash_extensions import WebSocket
from flask.testing import FlaskClient

from pnl.domain.snapshot import Json, instant
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.panels import positions
from pnl.panels.ages import age, day_name
from pnl.panels.amounts import dollars, read
from pnl.web.dash_app import mount
from pnl.web.first_paint import html_of
from tests.browser.fake import Company, serve
from tests.fakes import StillClock


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def clock(company: Company) -> StillClock:
    return StillClock(company.at + timedelta(seconds=3))


@pytest.fixture
def client(company: Company, clock: StillClock) -> Iterator[FlaskClient]:
    hub = Hub(company.feed, Seats(1, 1))
    app = serve(company, hub)
    mount(app, demo=True, time_zone=company.time_zone, interval_seconds=1, clock=clock)
    yield app.test_client()
    hub.close()


def net_of(company: Company) -> str:
    net, _ = read(json.loads(company.body, parse_float=str))
    assert net is not None
    whole, _, cents = dollars(net, plus=True).partition(".")
    return f'{whole}<span class="cents">.{cents}</span>'


def test_a_layout_is_written_as_the_browser_would_draw_it() -> None:
    layout = html.Div(
        [
            "a < b",
            html.Label("At", htmlFor="at"),
            html.Button("Go", id="go", disabled=True, title='"now"', **{"data-x": "1"}),  # type: ignore[arg-type]
            html.Br(),
            dcc.Link("Days", href="/history", className="page-tab"),
            dcc.Interval(id="tick"),
            WebSocket(id="socket"),
            None,
            7,
        ],
        style={"--cells": 5, "maxWidth": "3px"},
    )

    assert html_of(layout) == (
        '<div style="--cells: 5; max-width: 3px">a &lt; b<label for="first-at">At</label>'
        '<button id="first-go" disabled title="&quot;now&quot;" data-x="1">Go</button><br>'
        '<a href="/history" class="page-tab">Days</a>7</div>'
    )


def test_the_document_says_once_what_letters_it_has_and_how_wide_it_is(client: FlaskClient) -> None:
    head = client.get("/").text.partition("</head>")[0]

    assert re.findall(r"<meta charset[^>]*>", head, re.IGNORECASE) == ['<meta charset="utf-8">']
    widths = re.findall(r'<meta name="viewport" content="([^"]*)">', head)
    assert widths == ["width=device-width, initial-scale=1, viewport-fit=cover"]
    assert head.index("charset") < 1024


def test_the_first_answer_says_what_time_it_is_at_the_server(client: FlaskClient, clock: StillClock) -> None:
    said = f'<meta name="pnl:now" content="{instant(clock.now())}">'

    assert said in client.get("/").text
    assert said in client.get("/history").text


def test_the_first_answer_holds_the_newest_net_and_when_it_was(client: FlaskClient, company: Company) -> None:
    page = client.get("/")

    entry = page.text.split('<div id="react-entry-point">')[1].split("<footer>")[0]
    at = company.at.astimezone(company.start().astimezone().tzinfo)
    assert net_of(company) in entry
    assert f"as of {at:%H:}"[:6] in entry
    assert " old</span>" not in entry
    assert "Loading..." not in page.text
    assert 'id="kpis"' not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_figure_that_has_grown_old_says_how_old_it_is(client: FlaskClient, clock: StillClock) -> None:
    clock.go(300)

    assert ", 5 m old</span>" in client.get("/").text


def test_an_incomplete_net_says_so_from_the_first(client: FlaskClient, company: Company) -> None:
    company.missing = ("api_cost",)
    company.tick()

    assert '<span class="pill pill-warn" title="as of ' in client.get("/").text


def test_before_the_first_tick_there_is_a_dash_and_no_time(client: FlaskClient, company: Company) -> None:
    company.empty = True

    page = client.get("/").text

    assert "as of" not in page
    assert '—<span class="cents"></span>' in page


def test_a_screen_of_the_past_carries_no_figure_of_now(client: FlaskClient, company: Company) -> None:
    assert net_of(company) not in client.get("/?as_of=2026-11-20T17:00:00Z").text


@pytest.mark.parametrize(
    ("path", "title", "heading"),
    [
        ("/", "DEMO DATA · Live P&amp;L · NorthStar P&amp;L", "Live P&amp;L"),
        ("/status?x=1&x=2", "DEMO DATA · Status · NorthStar P&amp;L", "Status"),
        ("/history/day/2026-11-20?day=1", "DEMO DATA · 2026-11-20 · NorthStar P&amp;L", "Day"),
        ("/history/day/{%25config%25}", "DEMO DATA · {&#37;config%} · NorthStar P&amp;L", "Day"),
        ("/history/day/%3Cb%3E", "DEMO DATA · &lt;b&gt; · NorthStar P&amp;L", "Day"),
    ],
)
def test_every_page_comes_with_its_title_and_its_frame(
    path: str, title: str, heading: str, client: FlaskClient
) -> None:
    page = client.get(path).text

    assert f"<title>{title}</title>" in page
    assert f"<h1>{heading}</h1>" in page


def test_the_tab_of_the_page_is_marked(client: FlaskClient) -> None:
    page = client.get("/sources").text

    assert page.count('class="page-tab" aria-current="page"') == 1
    assert '<a href="/sources" class="page-tab" aria-current="page"' in page


@pytest.mark.parametrize("path", ["/nowhere", "/history/day", "/not-found-404"])
def test_an_address_without_a_page_says_so_and_leads_on(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "<h1>No such page</h1>" in answer.text
    assert re.search(r'<a [^>]*href="/"[^>]*>The live page</a>', answer.text)


@pytest.mark.parametrize(
    ("day", "status"), [("2026-11-20", 200), ("2026-99-99", 404), ("20261120", 404), ("2026-11-20/more", 404)]
)
def test_a_day_that_the_calendar_does_not_have_is_not_found(client: FlaskClient, day: str, status: int) -> None:
    answer = client.get(f"/history/day/{day}")

    assert answer.status_code == status
    assert "<h1>Day</h1>" in answer.text


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.9, "0 s"), (59.9, "59 s"), (60, "1 m"), (7199, "1 h"), (172_799, "47 h"), (172_800, "2 d")]
)
def test_an_age_is_told_in_one_unit_and_never_rounded_up(seconds: float, said: str) -> None:
    assert age(seconds) == said


def test_a_day_is_named_as_the_browser_names_it() -> None:
    assert day_name("2026-11-01") == "Sun 1 Nov"


@pytest.mark.parametrize(
    ("missing", "status", "said"),
    [
        ([], "live", "No open positions."),
        (["trading_realised"], "down", "Not known yet: the trading history has not been read."),
        (["trading_realised"], "off", "No trading account is connected."),
    ],
)
def test_without_positions_it_is_said_whether_anything_is_known_of_them(
    missing: list[Json], status: str, said: str
) -> None:
    snapshot: dict[str, Json] = {"positions": [], "missing": missing, "sources": {"kalshi": {"status": status}}}

    assert said in html_of(positions.layout(snapshot))
