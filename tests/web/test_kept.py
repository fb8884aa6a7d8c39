"""What a browser is given to keep for when the server is away: every page, and no figure."""

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.web.dash_app import mount
from tests.browser.fake import MARKETS, Company, serve


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def client(company: Company) -> Iterator[FlaskClient]:
    hub = Hub(company.feed, Seats(1, 1))
    app = serve(company, hub)
    mount(app, demo=True, time_zone=company.time_zone, interval_seconds=1)
    yield app.test_client()
    hub.close()


def test_the_worker_is_a_script_at_the_root_that_a_browser_asks_for_again(client: FlaskClient) -> None:
    answer = client.get("/sw.js")

    assert answer.mimetype == "text/javascript"
    assert "class Kept" in answer.text
    assert "class Worker" in answer.text
    assert client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert "class Worker" not in client.get("/assets/all.js").text


def test_every_page_is_told_and_none_has_a_figure(client: FlaskClient, company: Company) -> None:
    answer = client.get("/kept")
    told = answer.json
    assert told

    assert answer.headers["Cache-Control"] == "no-store"
    assert sorted(page["path"] for page in told["pages"]) == [
        *("/", "/alerts", "/entries", "/history", "/history/day/<day>", "/reconcile", "/sources", "/status"),
    ]
    titles = [page["answer"]["response"]["_pages_store"]["data"]["title"] for page in told["pages"]]
    assert titles[0] == "DEMO DATA · Live P&L · NorthStar P&L"
    assert '<meta name="pnl:kept" content="">' in told["document"]
    assert "DEMO DATA" in told["document"]
    figures = json.loads(company.body)
    assert figures["net"] not in answer.text
    assert not re.search(r"\$\s?\d", answer.text)
    assert not any(market[0] in answer.text for market in MARKETS)
    assert "pnl:now" not in answer.text  # it would be of long ago
    assert "pnl:kept" not in client.get("/").text
    assert "kpi-hero" in client.get("/").text


def test_what_the_app_asks_for_as_it_starts_is_what_it_would_get(client: FlaskClient) -> None:
    told = client.get("/kept").json
    assert told

    assert told["layout"] == client.get("/_dash-layout").json
    assert told["dependencies"] == client.get("/_dash-dependencies").json


def test_it_is_told_once_for_each_version(client: FlaskClient, company: Company) -> None:
    told = client.get("/kept").json
    assert told
    company.tick()

    again = client.get(f"/kept?version={told['version']}")

    assert (again.status_code, again.data) == (204, b"")
    assert client.get("/kept?version=another").status_code == 200
