"""The description of the API is true."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from pnl.access.decision import need
from pnl.alerts.kept import Happened
from pnl.domain.alerts.incidents import event
from pnl.domain.records import Record
from pnl.ports import Gap, SeenDay
from tests.web.fakes import NOON, FakeFigures, FakeStore, row
from tests.web.test_alerts import a_rule, a_state
from tests.web.test_records import COST, CREDIT, FILL, SETTLEMENT, TRANSFER, USAGE, entry

SALE = {"id": "inv-1", "date": "2026-11-20", "kind": "sale", "amount": "49.00"}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found = client.get("/api/openapi.json").json
    assert found is not None
    return dict(found)


@pytest.fixture(autouse=True)
def _something_of_everything(store: FakeStore) -> None:
    store.snapshots = [row(n, net=n) for n in range(-100, 0)]
    store.holes = [Gap(since=NOON, until=NOON, missed=1, reason="restart")]
    facts = {
        "fill": FILL,
        "settlement": SETTLEMENT,
        "cost": COST,
        "transfer": TRANSFER,
        "credit": CREDIT,
        "usage": USAGE,
        "revenue": entry("r1"),
    }
    store.records = [
        Record(source="x", kind=kind, id=kind, effective_at=NOON, fact=fact, raw="[1]", recorded_at=NOON)  # type: ignore[arg-type]  # the keys are kinds
        for kind, fact in facts.items()
    ]
    rule = a_rule()
    store.alerting.file(rule, on_call="pagerduty")
    store.alerting.stand(rule, a_state(rule))
    fired = event("trigger", rule, a_state(rule), NOON, demo=False)
    store.alerting.happened = [Happened(number=1, seq=1, event=fired)]


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_route_is_described_and_every_description_has_a_route(server: Flask, document: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in server.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}

    assert routes == described


def test_where_somebody_must_be_known_the_401_and_the_ways_are_described(
    server: Flask, document: dict[str, Any]
) -> None:
    asks = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in server.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if need(rule.rule, method)
    }
    told = {(path, method): one for path, methods in document["paths"].items() for method, one in methods.items()}

    assert asks == {at for at, one in told.items() if "401" in one["responses"]}
    assert asks == {at for at, one in told.items() if {"token": []} in one["security"]}
    assert ("/healthz", "get") not in asks


def test_every_parameter_that_is_described_is_taken(
    client: FlaskClient, store: FakeStore, document: dict[str, Any]
) -> None:
    sensible = {"kind": "fills", "fields": "net", "limit": "5", "cursor": "0", "after": "0", "all": "1", "n": "1"}
    sensible |= {"from": "2026-11-20", "to": "2026-11-21", "table": "days", "step": "raw", "stream": "k3f9x2"}
    sensible |= {
        "as_of": "2026-11-21",
        "by": "source",
        "figure": "net",
        "day": "2026-11-20",
        "node": "",
        "key": "kalshi",
    }
    sensible |= {
        "name": "identity",
        "scope": "net",
        "format": "csv",
        "dialect": "excel",
        "tz": "UTC",
        "header": "absent",
    }
    range_ = {"from": ("to", "name", "scope"), "to": ("from", "name", "scope")}
    also = {**range_, "name": ("scope",), "scope": ("name",)}
    share = {"by": ("key", "day"), "key": ("by", "day")}
    shown = row(int(client.get("/api/pnl/current").json["seq"]), NOON)  # type: ignore[index]  # it has a body
    store.snapshots = [shown]
    store.seen = [SeenDay(day=shown.day, first=shown.seq, last=shown, count=1, high=0, low=0, quality="ok")]
    sensible |= {"at": str(shown.seq), "last": str(shown.seq)}
    of_days = {"/api/pnl/export.xlsx": {"table": "days"}, "/api/pnl/export.beancount": {"table": "days"}}
    for path, methods in document["paths"].items():
        if path == "/api/pnl/ws":
            continue  # it takes no plain request
        known = [one for one in methods.get("get", {}).get("parameters", []) if one["in"] == "query"]
        names = [one["name"] for one in known]
        always = {one["name"] for one in known if one.get("required")}

        for name in names:
            together = share if path == "/api/pnl/explain" and name in share else also
            asked = {name, *always, *(other for other in together.get(name, ()) if other in names)}
            values = {one: sensible[one] for one in asked} | of_days.get(path, {})
            if path in of_days and name == "after":
                values["after"] = "2026-11-20"
            if path == "/api/pnl/explain" and name == "step":
                values |= {"figure": "max_drawdown", "from": sensible["from"], "to": sensible["to"], "step": "1d"}
            if path == "/api/pnl/sources/history":
                values["name"] = "kalshi"
            with client.get(path, query_string=values) as found:
                wanted = 404 if together is share else 200  # the question makes sense, and nothing is known of it
                if values.get("figure") == "max_drawdown":
                    wanted = 400  # the step is taken, and of these days no net is known
                    assert found.get_json()["detail"].startswith("nothing is known of the net from 2026-11-20")
                assert found.status_code == wanted, (path, asked, found.get_data(as_text=True))


@pytest.mark.parametrize(
    ("method", "url", "path", "status"),
    [
        ("GET", "/api/pnl/current", "", 200),
        ("GET", "/api/pnl/current?x=1", "/api/pnl/current", 400),
        ("GET", "/api/pnl/positions?all=1", "/api/pnl/positions", 200),
        ("GET", "/api/pnl/checks", "", 200),
        (
            "GET",
            "/api/pnl/records?kind=fills,settlements,costs,revenue,transfers,credits,usage",
            "/api/pnl/records",
            200,
        ),
        ("GET", "/api/pnl/records?limit=0", "/api/pnl/records", 400),
        ("GET", "/api/pnl/history?step=1m&fields=net,revenue,net_realised", "/api/pnl/history", 200),
        ("GET", "/api/pnl/history?step=raw&limit=2", "/api/pnl/history", 200),
        ("GET", "/api/pnl/export.csv?step=1x", "/api/pnl/export.csv", 400),
        ("GET", "/api/pnl/days?limit=5", "/api/pnl/days", 200),
        ("GET", "/api/pnl/days?limit=0", "/api/pnl/days", 400),
        ("GET", "/api/pnl/alerts", "", 200),
        ("GET", "/api/pnl/alerts/events?limit=5", "/api/pnl/alerts/events", 200),
        ("GET", "/api/pnl/alerts/rules/file-1", "/api/pnl/alerts/rules/{rule_id}", 200),
        ("GET", "/api/pnl/entries", "", 200),
        ("POST", "/api/pnl/entries", "", 201),
        ("GET", "/api/pnl/entries/old", "/api/pnl/entries/{entry_id}", 200),
        ("GET", "/api/pnl/entries/none", "/api/pnl/entries/{entry_id}", 404),
        ("PUT", "/api/pnl/entries/old", "/api/pnl/entries/{entry_id}", 400),
        ("GET", "/api/pnl/entries/old/audit", "/api/pnl/entries/{entry_id}/audit", 200),
        ("GET", "/healthz", "", 200),
        ("GET", "/readyz", "", 200),
        ("GET", "/api/openapi.json", "", 200),
    ],
)
def test_what_is_answered_is_what_was_described(
    *, client: FlaskClient, document: dict[str, Any], method: str, url: str, path: str, status: int
) -> None:
    client.post("/api/pnl/entries", json={**SALE, "id": "old"})

    found = client.open(url, method=method, json=SALE if method != "GET" else None)

    assert found.status_code == status
    described = document["paths"][path or url][method.lower()]["responses"][str(status)]
    schema = described["content"][found.content_type]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(found.json)


@pytest.mark.parametrize(
    ("method", "url", "path"),
    [
        ("GET", "/api/pnl/current", ""),
        ("GET", "/api/pnl/records", ""),
        ("GET", "/api/pnl/history", ""),
        ("GET", "/api/pnl/export.csv", ""),
        ("POST", "/api/pnl/entries", ""),
        ("GET", "/readyz", ""),
    ],
)
def test_what_is_answered_when_nothing_works_was_described(
    *,
    client: FlaskClient,
    document: dict[str, Any],
    figures: FakeFigures,
    store: FakeStore,
    method: str,
    url: str,
    path: str,
) -> None:
    figures.snapshot, store.away = None, True

    found = client.open(url, method=method, json=SALE if method != "GET" else None)

    described = document["paths"][path or url][method.lower()]["responses"]["503"]
    schema = described["content"][found.content_type]["schema"]
    assert found.status_code == 503
    Draft202012Validator({**schema, "components": document["components"]}).validate(found.json)
