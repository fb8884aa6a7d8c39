"""How the product does, as the API tells it."""

from dataclasses import replace

from flask.testing import FlaskClient

from pnl import __version__
from pnl.web.status import MEASURES
from tests.store.test_sources import MEMORY
from tests.web.fakes import FakeStore, row


def test_a_process_tells_how_it_does(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = [row(1), row(2)]
    client.get("/api/pnl/current")

    answer = client.get("/api/pnl/status")

    assert answer.status_code == 200
    told = answer.json
    assert told
    assert [measure["name"] for measure in told["measures"]] == list(MEASURES)
    assert told["store"] == {"database": "SQLite 3.99", "bytes": 4096, "snapshots": 2, "records": 0, "backed_up": None}
    assert (told["backups"], told["restored"]) == ([], None)
    assert told["cache"]["redis"] == "off"
    assert told["process"]["role"] == "all"
    assert told["process"]["memory"] > 10_000_000
    assert told["versions"]["northstar"] == __version__
    assert told["clients"]["clients"] == 0


def test_measures_are_whole_numbers_of_their_unit(client: FlaskClient) -> None:
    client.get("/api/pnl/current")

    answer = client.get("/api/pnl/status")

    assert answer.json
    measures = {measure["name"]: measure for measure in answer.json["measures"]}
    assert measures["api"]["unit"] == "microseconds"
    assert (measures["api"]["warning"], measures["api"]["critical"]) == (500_000, 1_000_000)
    assert 0 < measures["api"]["value"] < 500_000
    assert (measures["disk"]["unit"], measures["disk"]["warning"], measures["disk"]["more"]) == ("ppm", 200_000, True)
    assert all(type(measure["value"]) in (int, type(None)) for measure in measures.values())


def test_a_source_that_fails_is_one_whose_breaker_is_open(client: FlaskClient, store: FakeStore) -> None:
    store.memories = (replace(MEMORY, failures=3), replace(MEMORY, name="anthropic", failures=0))

    answer = client.get("/api/pnl/status")

    assert answer.json
    assert answer.json["breakers"] == [
        {"name": "kalshi", "state": "open", "failures": 3},
        {"name": "anthropic", "state": "closed", "failures": 0},
    ]


def test_a_database_that_does_not_answer_is_said(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    answer = client.get("/api/pnl/status")

    assert answer.status_code == 503


def test_a_request_of_what_is_not_there_is_counted_under_no_address(client: FlaskClient) -> None:
    from pnl.metrics.instruments import REQUESTS

    before = REQUESTS.labels("none", "GET", "404")._value.get()
    client.get("/api/pnl/of-nothing")

    assert REQUESTS.labels("none", "GET", "404")._value.get() == before + 1
