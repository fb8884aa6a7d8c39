"""The past over HTTP, kept: its name, who is not sent it again, and that nothing stale is served."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from pnl.domain.money import CENT
from tests.web.fakes import NOON, FakeStore, row


@pytest.fixture(autouse=True)
def _half_an_hour(store: FakeStore) -> None:
    """180 snapshots of ten seconds up to noon."""
    store.snapshots = [
        row(n, NOON - timedelta(minutes=30) + timedelta(seconds=10 * (n - 1)), n * CENT) for n in range(1, 181)
    ]


def tick(client: FlaskClient, store: FakeStore) -> None:
    """Let a snapshot come, and the product say so."""
    last = store.snapshots[-1]
    store.snapshots = [*store.snapshots, row(last.seq + 1, last.as_of + timedelta(seconds=10), 5000 * CENT)]
    client.application.extensions["pnl.newest"].head.forget()


def test_an_answer_has_a_name_and_is_not_sent_to_who_has_it(client: FlaskClient) -> None:
    first = client.get("/api/pnl/history?step=1m")

    again = client.get("/api/pnl/history?step=1m", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "no-cache"


def test_a_tick_gives_the_answer_of_now_another_name(client: FlaskClient, store: FakeStore) -> None:
    before = client.get("/api/pnl/history?step=1m")

    tick(client, store)
    after = client.get("/api/pnl/history?step=1m", headers={"If-None-Match": before.headers["ETag"]})

    assert after.status_code == 200
    assert after.json is not None
    assert after.json["rows"][-1]["net"]["close"] == "50.00"


def test_what_is_over_keeps_its_name(client: FlaskClient, store: FakeStore) -> None:
    over = "/api/pnl/history?step=1m&from=2026-11-20T16:30:00Z&to=2026-11-20T16:40:00Z"
    before = client.get(over)

    tick(client, store)
    after = client.get(over)

    assert after.headers["ETag"] == before.headers["ETag"]
    assert after.data == before.data
    assert before.json is not None
    assert len(before.json["rows"]) == 10


@pytest.mark.parametrize(
    "other", ["step=5m", "fields=equity", "limit=3", "from=2026-11-20T16:45:00Z", "as_of=2026-11-20T16:45:00Z"]
)
def test_another_question_has_another_name(client: FlaskClient, other: str) -> None:
    names = {client.get(f"/api/pnl/history?{asked}").headers["ETag"] for asked in ("step=1m", other)}

    assert len(names) == 2


def test_what_was_known_then_is_asked_of_the_store_once(client: FlaskClient, store: FakeStore) -> None:
    asked = "/api/pnl/history?step=1m&as_of=2026-11-20T16:45:00Z"
    first = client.get(asked)

    store.snapshots = [row(1, NOON)]  # whoever asks again is not told by the store
    again = client.get(asked)

    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])


def test_a_store_that_is_away_is_said_so_and_nothing_is_kept(client: FlaskClient, store: FakeStore) -> None:
    store.away = True
    assert client.get("/api/pnl/history?step=1m").status_code == 503

    store.away = False
    assert client.get("/api/pnl/history?step=1m").status_code == 200


def test_a_range_that_begins_between_the_newest_snapshot_and_now_is_empty(client: FlaskClient) -> None:
    found = client.get(f"/api/pnl/history?step=raw&from={NOON - timedelta(seconds=3):%Y-%m-%dT%H:%M:%SZ}")

    assert found.status_code == 200
    assert found.json is not None
    assert found.json["rows"] == []
