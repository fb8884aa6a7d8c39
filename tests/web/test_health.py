"""Liveness and readiness."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from pnl.domain.snapshot import Json, instant
from pnl.ports import StoreFacts
from pnl.web.server import create_health_server
from tests.web.fakes import FakeClock, FakeFigures, FakeStore


def test_all_is_well(client: FlaskClient) -> None:
    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.json) == (200, {"status": "ok", "detail": {}})
    assert (ready.status_code, ready.json) == (200, {"ready": True, "reasons": []})


def test_late_ticks_are_told_and_no_reason_to_restart_us(client: FlaskClient, figures: FakeFigures) -> None:
    figures.status = "failing"

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.json) == (200, {"status": "failing", "detail": {"late_seconds": 42}})
    assert (ready.status_code, ready.json) == (
        503,
        {"ready": False, "reasons": ["ticks are not made in time: see /healthz"]},
    )


def test_before_the_first_tick_it_is_alive_and_not_ready(client: FlaskClient, figures: FakeFigures) -> None:
    figures.snapshot = None

    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert ready.json == {"ready": False, "reasons": ["the first statement is not made yet"]}


def test_a_database_that_is_away_is_a_reason(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    ready = client.get("/readyz")

    assert ready.json == {"ready": False, "reasons": ["the database does not answer: StoreUnavailable"]}


def test_a_database_that_is_damaged_is_a_reason_with_its_cure(client: FlaskClient, store: FakeStore) -> None:
    store.torn = True

    ready = client.get("/readyz")

    assert ready.status_code == 503
    (reason,) = (ready.json or {})["reasons"]
    assert reason.startswith("the database is damaged (page 7): stop, and put a backup in its place")
    assert "docs/how-to/restore-at-night.md" in reason


def test_a_damaged_database_is_answered_with_503_and_what_to_do(client: FlaskClient, store: FakeStore) -> None:
    store.torn = True

    answer = client.get("/api/pnl/status")

    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert (answer.json or {})["detail"].startswith("The database is damaged.")
    assert "Retry-After" in answer.headers


def with_backups(store: FakeStore, monkeypatch: pytest.MonkeyPatch, *told: Json) -> None:
    """Have something noted of the places of backups."""
    monkeypatch.setattr(store, "about", lambda: StoreFacts(database="SQLite", bytes=1, backups=told))


def test_trouble_of_the_backups_is_a_warning(
    client: FlaskClient, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    well: Json = {"place": "s3://b", "trouble": None, "sent_at": None}
    with_backups(store, monkeypatch, {"place": "/b", "trouble": "/b: No space left on device"}, well)

    ready = client.get("/readyz")

    assert ready.status_code == 200
    assert (ready.json or {})["warnings"] == ["backups in /b: /b: No space left on device"]


@pytest.mark.parametrize(("seconds", "told"), [(285, []), (315, ["backups in /b: nothing was sent since {}"])])
def test_a_place_that_was_sent_nothing_for_five_minutes_is_a_warning(
    client: FlaskClient, store: FakeStore, monkeypatch: pytest.MonkeyPatch, seconds: int, told: list[str]
) -> None:
    sent = instant(FakeClock().now() - timedelta(seconds=seconds))
    with_backups(store, monkeypatch, {"place": "/b", "trouble": None, "sent_at": sent})

    ready = client.get("/readyz")

    assert ready.status_code == 200
    assert (ready.json or {}).get("warnings", []) == [line.format(sent) for line in told]


def test_health_is_never_kept(client: FlaskClient) -> None:
    assert client.get("/healthz").headers["Cache-Control"] == "no-store"


def test_a_process_that_only_ticks_says_so_where_there_is_nothing(figures: FakeFigures, store: FakeStore) -> None:
    app = create_health_server(figures, store, host="127.0.0.1")

    answer = app.test_client().get("/api/pnl/current")

    assert answer.status_code == 404
    assert answer.get_json()["detail"] == (
        "There is nothing at /api/pnl/current; this process makes ticks, and has /healthz, /readyz and /metrics alone: "
        "ask one that serves pages."
    )
