"""Sources as the API tells them, their cures, and the wish to read one at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pnl.ports import SourceChange
from pnl.web.cures import CONNECTIONS, cure
from pnl.web.server import create_server
from tests.store.test_sources import MEMORY
from tests.web.fake_past import history_of
from tests.web.fakes import NOON, FakeClock, FakeFigures, FakeHub, FakeStore


@pytest.fixture
def client(figures: FakeFigures, store: FakeStore) -> FlaskClient:
    """A server that reads Kalshi and revenue from a file."""
    past = history_of(store)
    app: Flask = create_server(
        figures,
        store,
        FakeHub(),
        host="127.0.0.1",
        port=8050,
        clock=FakeClock(),
        time_zone="America/New_York",
        interval_seconds=10,
        past=past,
        ledgers=past.ledgers,
        alerting=store.alerts(),
        configured={"kalshi", "revenue.csv"},
    )
    return app.test_client()


def row(client: FlaskClient, name: str) -> dict[str, Any]:
    answer = client.get("/api/pnl/sources")
    assert answer.status_code == 200
    assert answer.json
    (found,) = [one for one in answer.json["sources"] if one["name"] == name]
    return dict(found)


def test_every_source_that_there_can_be_is_told_with_what_it_needs(client: FlaskClient) -> None:
    answer = client.get("/api/pnl/sources")

    assert answer.json
    assert [one["name"] for one in answer.json["sources"]] == list(CONNECTIONS)
    assert [one["status"] for one in answer.json["sources"]] == ["down", "off", "off", "off", "down"]
    assert row(client, "anthropic")["settings"] == ["PNL_ANTHROPIC_ADMIN_KEY"]


def test_a_source_is_told_as_it_was_kept(client: FlaskClient, store: FakeStore) -> None:
    store.memories = (replace(MEMORY, facts={"calls": "5", "refused": "yes"}), replace(MEMORY, name="anthropic"))
    store.wished = {"kalshi": 5}

    found = row(client, "kalshi")

    assert found == {
        "name": "kalshi",
        "status": "cached",
        "as_of": "2026-11-02T15:00:09.000Z",
        "complete_through": "2026-11-01",
        "caught_up": True,
        "every_seconds": 0,
        "stale_seconds": 30,
        "last_attempt": "2026-11-02T15:00:08.000Z",
        "next_attempt": "2026-11-02T15:00:18.000Z",
        "failures": 2,
        "error": "kalshi: HTTP 502",
        "trouble": {
            "text": "kalshi: HTTP 502",
            "at": "2026-11-02T15:00:08.000Z",
            "cure": "Nothing to do here: the trouble is on its side. It is tried again by itself.",
        },
        "facts": {"calls": "5"},
        "traffic": {
            "since": "2026-11-02T15:00:01.000Z",
            "calls": 7,
            "failed": 2,
            "p50_ms": 12,
            "p95_ms": 40,
            "longest_ms": None,
            "skew_ms": -3,
        },
        "wishes": 5,
        "served": 4,
        "settings": ["PNL_KALSHI_KEY_ID", "PNL_KALSHI_PRIVATE_KEY"],
        "guide": "docs/how-to/connect-kalshi.md",
    }
    assert row(client, "anthropic")["as_of"] is None  # its key was taken away: what was kept of it tells nothing now


def test_a_wish_is_counted_and_told(client: FlaskClient, store: FakeStore) -> None:
    first, second = (client.post("/api/pnl/sources/kalshi/retry") for _ in range(2))

    assert (first.status_code, first.json) == (202, {"name": "kalshi", "wish": 1})
    assert second.json == {"name": "kalshi", "wish": 2}
    assert store.wishes() == {"kalshi": 2}


def test_what_cannot_be_read_again_is_told_with_its_cure(client: FlaskClient, store: FakeStore) -> None:
    unknown, off = (client.post(f"/api/pnl/sources/{name}/retry") for name in ("nobody", "revenue.stripe"))

    assert unknown.status_code == 404
    assert off.status_code == 409
    assert off.json
    assert off.json["detail"] == "revenue.stripe is not configured: set PNL_STRIPE_KEY and start again."
    assert store.wishes() == {}


def test_another_site_s_page_may_not_wish(client: FlaskClient, store: FakeStore) -> None:
    answer = client.post("/api/pnl/sources/kalshi/retry", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert store.wishes() == {}


def test_the_history_is_of_a_week_where_nothing_else_is_asked(client: FlaskClient, store: FakeStore) -> None:
    old, new = (
        SourceChange(seq=seq, at=NOON - timedelta(days=days), complete_through=None, error=error)
        for seq, days, error in ((1, 8, "HTTP 502"), (2, 6, None))
    )
    store.notes = {"kalshi": [old, new]}

    week = client.get("/api/pnl/sources/history?name=kalshi&to=2026-11-21")
    longer = client.get("/api/pnl/sources/history?name=kalshi&from=2026-11-01&to=2026-11-21")

    assert week.json
    assert longer.json
    assert [one["seq"] for one in week.json["changes"]] == [2]
    assert [one["error"] for one in longer.json["changes"]] == ["HTTP 502", None]


@pytest.mark.parametrize(
    ("query", "parameter"), [("", "name"), ("?name=stripe", "name"), ("?name=kalshi&from=x", "from")]
)
def test_a_history_of_nothing_that_there_is_names_the_parameter(
    client: FlaskClient, query: str, parameter: str
) -> None:
    answer = client.get(f"/api/pnl/sources/history{query}")

    assert answer.status_code == 400
    assert answer.json
    assert answer.json["parameter"] == parameter


def test_a_database_that_is_away_is_told(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    assert client.get("/api/pnl/sources").status_code == 503
    assert client.post("/api/pnl/sources/kalshi/retry").status_code == 503


@pytest.mark.parametrize("source", CONNECTIONS)
@pytest.mark.parametrize(
    "kind",
    [
        "SourceRefused", "SourceUnreachable", "SourceRejected", "SourceBusy", "SourceBroken", "SourceGarbled", None,
    ],
)  # fmt: skip
def test_every_error_has_a_cure(source: str, kind: str | None) -> None:
    said = cure(source, kind, "HTTP 500")

    assert said.endswith((".", "?"))
    if kind in ("SourceRefused", "SourceUnreachable"):
        assert any(name in said for name in (*CONNECTIONS[source].settings, CONNECTIONS[source].address))


@pytest.mark.parametrize("source", [name for name in CONNECTIONS if name != "revenue.csv"])
def test_a_refused_key_is_cured_without_a_start_where_it_is_kept_elsewhere(source: str) -> None:
    said = cure(source, "SourceRefused", "HTTP 401")

    assert "In a file, Vault or AWS Secrets Manager it is taken up by itself" in said
    assert said.endswith("with one in the environment or .env, start again.")


def test_a_refused_token_is_cured_by_a_token_and_not_by_an_address() -> None:
    for source, wanted in (
        ("kalshi", "Give a key that may read in PNL_KALSHI_KEY_ID and PNL_KALSHI_PRIVATE_KEY. "),
        ("anthropic", "Give a key that may read in PNL_ANTHROPIC_ADMIN_KEY. "),
        ("revenue.feed", "Give a token that may read in PNL_REVENUE_TOKEN. "),
        ("revenue.stripe", "Give a key that may read in PNL_STRIPE_KEY. "),
    ):
        assert cure(source, "SourceRefused", "h.example/r/entries: HTTP 401").startswith(wanted)


def test_a_cure_that_the_error_brings_is_the_one_that_is_told() -> None:
    text = "kalshi.example/portfolio: HTTP 401, timestamp; check this machine's clock: it is 40 s ahead"

    assert cure("kalshi", "SourceRefused", text) == "Check this machine's clock: it is 40 s ahead."
