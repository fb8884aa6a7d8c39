"""Manual entries."""

import http.client
import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer

from tests.web.fakes import FakeStore

SALE: dict[str, Any] = {"id": "inv-1", "date": "2026-11-20", "kind": "sale", "amount": "49.00"}


def test_a_new_entry_is_kept_and_told_back(client: FlaskClient, store: FakeStore) -> None:
    found = client.post("/api/pnl/entries", json={**SALE, "description": "Café = 1"})

    assert found.status_code == 201
    assert found.headers["Location"] == "/api/pnl/entries/inv-1"
    assert found.json == {
        "id": "inv-1",
        "version": 1,
        "date": "2026-11-20",
        "kind": "sale",
        "amount": "49.00",
        "currency": "USD",
        "description": "Café = 1",
        "status": "settled",
        "recurs": None,
        "updated_at": "2026-11-20T17:00:00.000Z",
    }
    assert store.trail == {"inv-1": [{"actor": "127.0.0.1", "version": 1}]}
    assert client.get("/api/pnl/entries").json == {"entries": [found.json]}
    assert client.get("/api/pnl/entries/inv-1").json == found.json


def test_the_same_entry_twice_is_one(client: FlaskClient, store: FakeStore) -> None:
    first = client.post("/api/pnl/entries", json=SALE)
    second = client.post("/api/pnl/entries", json=SALE)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert len(store.manual["inv-1"]) == 1
    assert "Location" not in second.headers


def test_an_id_that_is_taken_by_another_content_is_a_conflict(client: FlaskClient) -> None:
    client.post("/api/pnl/entries", json=SALE)

    found = client.post("/api/pnl/entries", json={**SALE, "amount": "50.00"})

    assert (found.status_code, found.content_type) == (409, "application/problem+json")
    assert found.json is not None
    assert found.json["parameter"] == "id"


def test_an_entry_is_replaced_by_whoever_knows_its_version(client: FlaskClient) -> None:
    client.post("/api/pnl/entries", json=SALE)

    changed = client.put("/api/pnl/entries/inv-1", json={**SALE, "status": "void", "version": 1})
    late = client.put("/api/pnl/entries/inv-1", json={**SALE, "amount": "1.00", "version": 1})

    assert changed.status_code == 200
    assert changed.json is not None
    assert (changed.json["version"], changed.json["status"]) == (2, "void")
    assert late.status_code == 409
    assert late.json is not None
    assert late.json["parameter"] == "version"


def test_an_edit_may_leave_out_the_id_but_not_change_it(client: FlaskClient) -> None:
    client.post("/api/pnl/entries", json=SALE)
    rest = {name: value for name, value in SALE.items() if name != "id"}

    same = client.put("/api/pnl/entries/inv-1", json={**rest, "version": 1})
    other = client.put("/api/pnl/entries/inv-1", json={**SALE, "id": "inv-2", "version": 2})

    assert (same.status_code, other.status_code) == (200, 400)
    assert other.json is not None
    assert other.json["parameter"] == "id"


def test_an_entry_whose_id_was_kept_from_before_can_still_be_voided(client: FlaskClient, store: FakeStore) -> None:
    client.post("/api/pnl/entries", json=SALE)
    turned = "inv\u200f-1"
    store.manual[turned] = [replace(one, id=turned) for one in store.manual.pop("inv-1")]

    rest = {name: value for name, value in SALE.items() if name != "id"}
    voided = client.put(f"/api/pnl/entries/{turned}", json={**rest, "status": "void", "version": 1})

    assert voided.status_code == 200
    assert store.manual[turned][-1].status == "void"


def test_who_did_what_is_told(client: FlaskClient) -> None:
    client.post("/api/pnl/entries", json=SALE)

    found = client.get("/api/pnl/entries/inv-1/audit")

    assert found.json == {"id": "inv-1", "audit": [{"actor": "127.0.0.1", "version": 1}]}


def test_the_name_that_a_sign_in_left_is_the_actor(server: Flask, store: FakeStore) -> None:
    @server.before_request
    def sign_in() -> None:
        g.actor = "ada"

    server.test_client().post("/api/pnl/entries", json=SALE)

    assert store.trail["inv-1"][0]["actor"] == "ada"


@pytest.mark.parametrize("path", ["none", "none/audit"])
def test_an_unknown_entry_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/pnl/entries/{path}").status_code == 404
    assert client.put("/api/pnl/entries/none", json={**SALE, "id": "none", "version": 1}).status_code == 404


@pytest.mark.parametrize("entry_id", ["a", "x" * 128, "Rechnung 7/2026".replace("/", "-"), "日本 é#?&%20"])
def test_an_id_finds_its_entry_again(client: FlaskClient, entry_id: str) -> None:
    made = client.post("/api/pnl/entries", json={**SALE, "id": entry_id})

    assert made.status_code == 201
    assert client.get(made.headers["Location"]).json == made.json


@pytest.mark.parametrize(
    ("kind", "amount", "currency", "told"),
    [
        ("sale", "0", "USD", "0.00"),
        ("sale", "49", "USD", "49.00"),
        ("refund", "-0.01", "USD", "-0.01"),
        ("fee", "-0.00", "USD", "0.00"),
        ("operating_cost", "-1000000000", "USD", "-1000000000.00"),
        ("adjustment", "-5.5", "USD", "-5.50"),
        ("adjustment", "5.5", "EUR", "5.50"),
        ("sale", "500", "JPY", "500"),
        ("sale", "0.125", "KWD", "0.125"),
    ],
)
def test_an_amount_is_signed_and_exact(client: FlaskClient, kind: str, amount: str, currency: str, told: str) -> None:
    found = client.post("/api/pnl/entries", json={**SALE, "kind": kind, "amount": amount, "currency": currency})

    assert found.json is not None
    assert found.json.get("amount") == told


def test_an_operating_cost_may_recur(client: FlaskClient) -> None:
    cost = {**SALE, "kind": "operating_cost", "amount": "-30.00", "recurs": "monthly"}

    found = client.post("/api/pnl/entries", json=cost)

    assert found.json is not None
    assert found.json["recurs"] == "monthly"


@pytest.mark.parametrize(
    ("change", "field", "cure"),
    [
        ({"amount": 49}, "amount", '"49.00"'),
        ({"amount": 49.5}, "amount", '"49.00"'),
        ({"amount": "49.001"}, "amount", "2 decimals"),
        ({"amount": "1.5", "currency": "JPY"}, "amount", "0 decimals"),
        ({"amount": "1,000.00"}, "amount", "1234.56"),
        ({"amount": "1e3"}, "amount", "1234.56"),
        ({"amount": "NaN"}, "amount", "1234.56"),
        ({"amount": "+1"}, "amount", "1234.56"),
        ({"amount": " 1"}, "amount", "1234.56"),
        ({"amount": "٤٩"}, "amount", "1234.56"),
        ({"amount": ""}, "amount", "1234.56"),
        ({"amount": "9999999999.99"}, "amount", "beyond"),
        ({"amount": "1000000000.01"}, "amount", "beyond"),
        ({"amount": "-49.00"}, "amount", "write 49.00"),
        ({"amount": "49.00", "kind": "refund"}, "amount", "write -49.00"),
        ({"amount": "49.00", "kind": "fee"}, "amount", "write -49.00"),
        ({"amount": "49.00", "kind": "operating_cost"}, "amount", "write -49.00"),
        ({"kind": "chargeback"}, "kind", "sale, refund, fee, adjustment, operating_cost"),
        ({"kind": None}, "kind", "sale"),
        ({"date": "20.11.2026"}, "date", "2026-11-20"),
        ({"date": "2026-02-30"}, "date", "2026-11-20"),
        ({"date": "1066-10-14"}, "date", "1970"),
        ({"date": 20261120}, "date", "2026-11-20"),
        ({"currency": "usd"}, "currency", "USD"),
        ({"currency": None}, "currency", "USD"),
        ({"status": "pending"}, "status", "settled, void"),
        ({"description": "x" * 501}, "description", "500"),
        ({"description": "a\x00b"}, "description", "control"),
        ({"description": "\ud800"}, "description", "control"),
        ({"description": None}, "description", "text"),
        ({"description": "\u202egnp.exe"}, "description", "holds U+202E, which is not seen and turns letters around"),
        ({"description": "a\u2067b"}, "description", "leave it out"),
        ({"id": "inv\u200f-1"}, "id", "holds U+200F"),
        ({"recurs": "monthly"}, "recurs", "only an operating_cost"),
        ({"recurs": "hourly", "kind": "operating_cost", "amount": "-1.00"}, "recurs", "daily"),
        ({"id": ""}, "id", "1 to 128"),
        ({"id": "x" * 129}, "id", "1 to 128"),
        ({"id": "a/b"}, "id", "slashes"),
        ({"id": ".."}, "id", "1 to 128"),
        ({"id": " a"}, "id", "blanks"),
        ({"id": "a\n"}, "id", "control"),
        ({"id": 7}, "id", "1 to 128"),
        ({"version": 1}, "version", "there is no field 'version'"),
        ({"fee": "0"}, "fee", "there is no field 'fee'"),
    ],
)
def test_a_wrong_field_is_named_with_its_cure(
    client: FlaskClient, store: FakeStore, change: dict[str, Any], field: str, cure: str
) -> None:
    found = client.post("/api/pnl/entries", data=json.dumps({**SALE, **change}), content_type="application/json")

    assert (found.status_code, found.content_type) == (400, "application/problem+json")
    assert found.json is not None
    assert found.json["parameter"] == field
    assert cure in found.json["detail"]
    assert store.manual == {}


@pytest.mark.parametrize("field", ["id", "date", "kind", "amount"])
def test_a_missing_field_is_named(client: FlaskClient, field: str) -> None:
    found = client.post("/api/pnl/entries", json={name: value for name, value in SALE.items() if name != field})

    assert found.json is not None
    assert (found.json["parameter"], found.json["detail"]) == (field, f"{field} is missing")


@pytest.mark.parametrize("version", [None, 0, -1, "1", True, 1.0, 10**30])
def test_an_edit_needs_the_version_that_it_replaces(client: FlaskClient, version: object) -> None:
    client.post("/api/pnl/entries", json=SALE)
    fields = SALE if version is None else {**SALE, "version": version}

    found = client.put("/api/pnl/entries/inv-1", json=fields)

    assert found.status_code == 400
    assert found.json is not None
    assert found.json["parameter"] == "version"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b"\xff", b"[" * 60_000, b'{"id": 1' + b"0" * 5_000 + b"}", b'{"id":"a","id":"b"}'],
)
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: bytes) -> None:
    found = client.post("/api/pnl/entries", data=body, content_type="application/json")

    assert (found.status_code, found.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(client: FlaskClient, kind: str) -> None:
    found = client.post("/api/pnl/entries", data=json.dumps(SALE), content_type=kind)

    assert (found.status_code, found.content_type) == (415, "application/problem+json")


@pytest.mark.parametrize("size", [65_537, 2_000_000])
def test_a_large_body_is_refused(client: FlaskClient, size: int) -> None:
    found = client.post("/api/pnl/entries", data=b" " * size, content_type="application/json")

    assert (found.status_code, found.content_type) == (413, "application/problem+json")


def test_a_large_body_that_does_not_say_so_is_refused(live: BaseWSGIServer, store: FakeStore) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", live.server_port)
    parts = (b" " * 1_000 for _ in range(70))
    connection.request("POST", "/api/pnl/entries", parts, {"Content-Type": "application/json"}, encode_chunked=True)
    status = connection.getresponse().status
    connection.close()

    assert (status, store.manual) == (413, {})


def test_a_database_that_is_away_loses_nothing_in_silence(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    found = client.post("/api/pnl/entries", json=SALE)

    assert (found.status_code, found.headers["Retry-After"]) == (503, "10")


def test_what_was_entered_later_is_not_among_the_entries_of_then(client: FlaskClient) -> None:
    client.post("/api/pnl/entries", json=SALE)

    then, now = (client.get(f"/api/pnl/entries?as_of=2026-11-20T{at}Z").json for at in ("16:59:59", "17:00:00"))

    assert then == {"entries": []}
    assert now == client.get("/api/pnl/entries").json
    wrong = client.get("/api/pnl/entries?as_of=yesterday")
    assert (wrong.status_code, (wrong.json or {})["parameter"]) == (400, "as_of")
