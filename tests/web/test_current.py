"""What is shown now."""

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.fakes import FakeFigures, snapshot


def test_the_newest_snapshot_is_sent_as_it_is(client: FlaskClient, figures: FakeFigures) -> None:
    found = client.get("/api/pnl/current")

    assert found.status_code == 200
    assert found.content_type == "application/json"
    assert (7, found.data) == figures.current()
    assert found.headers["ETag"] == '"7"'
    assert found.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("tag", ['"7"', 'W/"7"', '"6", "7"', "*"])
def test_a_client_that_holds_the_newest_is_told_so(client: FlaskClient, tag: str) -> None:
    found = client.get("/api/pnl/current", headers={"If-None-Match": tag})

    assert (found.status_code, found.data, found.headers["ETag"]) == (304, b"", '"7"')
    assert found.headers["Cache-Control"] == "no-cache"


def test_a_client_that_holds_an_older_one_is_sent_the_newest(client: FlaskClient, figures: FakeFigures) -> None:
    figures.snapshot = snapshot(8)

    found = client.get("/api/pnl/current", headers={"If-None-Match": '"7"'})

    assert (found.status_code, json.loads(found.data)["seq"]) == (200, 8)


@pytest.mark.parametrize("path", ["current", "positions", "positions?all=1", "checks"])
def test_before_the_first_tick_the_caller_is_told_when_to_ask_again(
    client: FlaskClient, figures: FakeFigures, path: str
) -> None:
    figures.snapshot = None

    found = client.get(f"/api/pnl/{path}")

    assert (found.status_code, found.headers["Retry-After"]) == (503, "10")
    assert found.content_type == "application/problem+json"


def test_positions_are_the_open_ones_unless_all_are_asked_for(client: FlaskClient) -> None:
    few, every = client.get("/api/pnl/positions").json, client.get("/api/pnl/positions?all=1").json

    assert few is not None
    assert every is not None
    assert [found["ticker"] for found in few["positions"]] == ["KXA-0"]
    assert [found["ticker"] for found in every["positions"]] == ["KXA-0", "KXB"]


def test_the_outcome_is_not_known_while_it_is_not_known_what_is_held(client: FlaskClient, figures: FakeFigures) -> None:
    unread = replace(snapshot(8, titles=()), missing=("trading_realised",), positions=())
    figures.snapshot = unread
    unknown = client.get("/api/pnl/positions").json
    figures.snapshot = replace(unread, missing=())
    known = client.get("/api/pnl/positions").json

    assert unknown is not None
    assert known is not None
    assert unknown["outcome"] == {"best_case": None, "worst_case": None, "expected": None, "events": []}
    assert known["outcome"] == {"best_case": "0", "worst_case": "0", "expected": "0", "events": []}


def test_checks_are_listed(client: FlaskClient) -> None:
    found = client.get("/api/pnl/checks").json

    assert found is not None
    assert (found["seq"], found["checks"][0]["name"]) == (7, "cash")


def test_all_takes_nought_or_one(client: FlaskClient) -> None:
    found = client.get("/api/pnl/positions?all=yes")

    assert found.status_code == 400
    assert found.json is not None
    assert found.json["parameter"] == "all"


def test_a_misspelt_parameter_is_refused_by_name(client: FlaskClient) -> None:
    found = client.get("/api/pnl/current?form=2026-01-01")

    assert found.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "there is no parameter 'form': this route takes as_of",
        "parameter": "form",
    }
