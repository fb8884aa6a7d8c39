"""Liveness and readiness."""

from flask.testing import FlaskClient

from tests.web.fakes import FakeFigures, FakeStore


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


def test_health_is_never_kept(client: FlaskClient) -> None:
    assert client.get("/healthz").headers["Cache-Control"] == "no-store"
