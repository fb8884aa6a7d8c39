"""Alerts by the API: rules with how they do, changes by editors alone, silence, tests, events."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pnl.access.decision import need
from pnl.alerts.kept import Delivery, Happened
from pnl.domain.alerts.incidents import event
from pnl.domain.alerts.rules import Rule, read
from pnl.domain.alerts.states import State
from tests.web.fake_alerts import FakeAlerts
from tests.web.fakes import NOON, FakeStore

HOSTILE = '<img src=x onerror="alert(1)"> =HYPERLINK("x")'
LOSS = {
    "name": HOSTILE,
    "figure": "net",
    "when": "below",
    "amount": "-500.50",
    "for": "5m",
    "severity": "critical",
    "receivers": ["on-call"],
}


@pytest.fixture
def alerts(store: FakeStore) -> FakeAlerts:
    store.alerting.file(on_call="pagerduty", desk="slack")
    return store.alerting


def a_rule(name: str = "Loss", origin: str = "file") -> Rule:
    return read(LOSS | {"name": name}, rule_id=f"{origin}-1", origin=origin)  # type: ignore[arg-type]  # one of its words


def a_state(rule: Rule) -> State:
    return State(
        phase="firing", since=NOON, about=rule.about, value=-501_500_000_000, seen_at=NOON, incident="i", fired_at=NOON
    )


def body(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    return dict(answer.json)


def add(client: FlaskClient, **more: object) -> TestResponse:
    return client.post("/api/pnl/alerts/rules", json=LOSS | more)


def test_a_rule_is_added_told_changed_and_removed(client: FlaskClient, alerts: FakeAlerts) -> None:
    answer = add(client)
    made = body(answer, 201)

    assert answer.headers["Location"] == f"/api/pnl/alerts/rules/{made['id']}"
    assert made == {
        "id": made["id"],
        "name": HOSTILE,
        "figure": "net",
        "figure_name": "Net of the day",
        "unit": "dollars",
        "when": "below",
        "amount": "-500.5",
        "for_seconds": 300,
        "severity": "critical",
        "receivers": ["on-call"],
        "origin": "page",
        "version": 1,
        "state": "inactive",
        "since": None,
        "value": None,
        "missing": "nobody has looked at it yet",
        "fired_at": None,
        "resolved_at": None,
        "silenced_until": None,
    }
    assert body(client.get("/api/pnl/alerts"))["rules"] == [made] == [body(client.get(answer.headers["Location"]))]
    assert body(add(client)) == made
    changed = body(client.put(answer.headers["Location"], json=LOSS | {"amount": "-600", "version": 1}))
    assert (changed["amount"], changed["version"]) == ("-600", 2)
    assert client.delete(f"{answer.headers['Location']}?version=1").status_code == 409
    assert body(client.delete(f"{answer.headers['Location']}?version=2")) == {"id": made["id"]}
    assert client.get(answer.headers["Location"]).status_code == 404
    trail = body(client.get(f"{answer.headers['Location']}/trail"))["trail"]
    assert [line["action"] for line in trail] == ["added", "changed", "removed"]
    assert trail[1]["actor"] == "127.0.0.1"
    assert (trail[1]["body"]["amount"], trail[1]["body"]["name"]) == ("-600", HOSTILE)
    assert alerts.kept == {}


def test_how_a_rule_does_is_told_with_its_value_against_its_limit(client: FlaskClient, alerts: FakeAlerts) -> None:
    rule = a_rule()
    alerts.file(rule, on_call="pagerduty")
    alerts.stand(rule, a_state(rule))
    alerts.quiet = {rule.id: NOON + timedelta(hours=1), "other": NOON - timedelta(hours=1)}

    found = body(client.get("/api/pnl/alerts"))

    (told,) = found["rules"]
    assert found["seq"] == 1
    assert (told["origin"], told["version"], told["state"]) == ("file", None, "firing")
    assert (told["value"], told["amount"], told["unit"]) == ("-501.5", "-500.5", "dollars")
    assert told["since"] == told["fired_at"] == "2026-11-20T17:00:00.000Z"
    assert told["silenced_until"] == "2026-11-20T18:00:00.000Z"
    assert {"name": "stale.kalshi", "title": "Kalshi", "unit": "flag"} in found["figures"]


def test_receivers_are_told_without_secrets_and_with_how_messages_do(client: FlaskClient, alerts: FakeAlerts) -> None:
    alerts.delivered = {"desk": Delivery(waiting=2, failed_at=NOON, error="HTTP 500")}

    found = body(client.get("/api/pnl/alerts"))

    assert found["file"] == {"configured": True, "trouble": None, "read_at": "2026-11-20T16:00:00.000Z"}
    assert set(found["receivers"][0]) == {
        "name", "kind", "waiting", "sent_at", "failed_at", "error", "test", "test_at",
    }  # fmt: skip
    assert [(one["name"], one["kind"], one["waiting"], one["error"]) for one in found["receivers"]] == [
        ("on-call", "pagerduty", 0, None), ("desk", "slack", 2, "HTTP 500"),
    ]  # fmt: skip


def test_a_file_that_was_not_taken_is_told(client: FlaskClient, alerts: FakeAlerts) -> None:
    alerts.file(trouble="alerts.toml, line 3, rule 1: figure 'nett' is not one of net")

    assert "line 3" in body(client.get("/api/pnl/alerts"))["file"]["trouble"]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"amount": "x"}, "amount", "is no plain decimal number: write it as"),
        ({"amount": 5}, "amount", "is not a decimal string"),
        ({"amount": 5.5}, "amount", "amount 5.5 is not a decimal string"),
        ({"amount": True}, "amount", "is not a decimal string"),
        ({"figure": "nett"}, "figure", "is not one of net"),
        ({"receivers": ["nobody"]}, "receivers", "there is no receiver 'nobody': there are on-call, desk"),
        ({"for": "1y"}, "for", "write 90s, 5m, 2h or 1d"),
        ({"more": 1}, "more", "there is no field 'more'"),
        ({"name": "  "}, "name", "is not 1 to 80 letters"),
        ({"name": "Loss \u2067of"}, "name", "holds U+2067, which is not seen and turns letters around: leave it out"),
    ],
)
def test_a_wrong_field_is_named_with_its_cure(
    client: FlaskClient, alerts: FakeAlerts, given: dict[str, Any], field: str, said: str
) -> None:
    answer = add(client, **given)

    told = body(answer, 400)
    assert answer.content_type == "application/problem+json"
    assert told["parameter"] == field
    assert said in told["detail"]
    assert alerts.kept == {}


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"name":"a","name":"b"}', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"name":"' + b"x" * 20_000 + b'"}', "application/json", 413),
        (b"\xff", "application/json", 400),
    ],
)
def test_a_body_that_is_none_is_refused(client: FlaskClient, raw: bytes, kind: str, status: int) -> None:
    assert client.post("/api/pnl/alerts/rules", data=raw, content_type=kind).status_code == status


def test_a_rule_of_the_file_is_changed_there_alone_and_silenced_here(client: FlaskClient, alerts: FakeAlerts) -> None:
    rule = a_rule()
    alerts.file(rule, on_call="pagerduty")

    put = client.put(f"/api/pnl/alerts/rules/{rule.id}", json=LOSS | {"version": 1})
    gone = client.delete(f"/api/pnl/alerts/rules/{rule.id}?version=1")

    assert body(put, 409)["detail"] == "'Loss' stands in the file of PNL_ALERTS_FILE: change it there."
    assert gone.status_code == 409
    assert body(add(client, name="loss"), 409)["parameter"] == "name"
    quiet = body(client.post(f"/api/pnl/alerts/rules/{rule.id}/silence", json={"for": "2h"}))
    assert quiet == {"id": rule.id, "silenced_until": "2026-11-20T19:00:00.000Z"}
    heard = body(client.post(f"/api/pnl/alerts/rules/{rule.id}/silence", json={"for": None}))
    assert heard["silenced_until"] is None
    assert alerts.quiet == {}


@pytest.mark.parametrize("given", [{}, {"for": "2"}, {"for": "31d"}, {"for": 5}, {"for": "1h", "x": 1}])
def test_a_silence_says_for_how_long(client: FlaskClient, alerts: FakeAlerts, given: dict[str, Any]) -> None:
    alerts.file(a_rule())

    assert body(client.post("/api/pnl/alerts/rules/file-1/silence", json=given), 400)["parameter"] == "for"


def test_what_there_is_not_is_404(client: FlaskClient, alerts: FakeAlerts) -> None:
    del alerts
    assert client.get("/api/pnl/alerts/rules/x").status_code == 404
    assert client.get("/api/pnl/alerts/rules/x/trail").status_code == 404
    assert client.put("/api/pnl/alerts/rules/x", json=LOSS | {"version": 1}).status_code == 404
    assert client.delete("/api/pnl/alerts/rules/x?version=1").status_code == 404
    assert client.post("/api/pnl/alerts/rules/x/silence", json={"for": "1h"}).status_code == 404
    detail = body(client.post("/api/pnl/alerts/receivers/x/test"), 404)["detail"]
    assert detail == "There is no receiver 'x': there are on-call, desk."


def test_versions_are_asked_for(client: FlaskClient, alerts: FakeAlerts) -> None:
    made = body(add(client), 201)
    where = f"/api/pnl/alerts/rules/{made['id']}"

    assert body(client.put(where, json=LOSS), 400)["parameter"] == "version"
    assert body(client.delete(where), 400)["parameter"] == "version"
    assert list(alerts.kept) == [made["id"]]


def test_a_test_is_left_for_whoever_leads(client: FlaskClient, alerts: FakeAlerts) -> None:
    asked = body(client.post("/api/pnl/alerts/receivers/on-call/test"), 202)

    assert asked == {"receiver": "on-call", "asked_at": "2026-11-20T17:00:00.000Z"}
    ((receiver, sent),) = alerts.tests
    assert (receiver, sent.action) == ("on-call", "test")
    assert sent.summary == "Test of on-call: a test, nothing is wrong"
    (told, _) = body(client.get("/api/pnl/alerts"))["receivers"]
    assert (told["test"], told["waiting"]) == ("waiting", 1)


def test_events_are_told_newest_first(client: FlaskClient, alerts: FakeAlerts) -> None:
    rule = a_rule(HOSTILE)
    for number, action in enumerate(("trigger", "resolve")):
        at = NOON + timedelta(minutes=number)
        made = event(action, rule, a_state(rule), at, demo=False)  # type: ignore[arg-type]  # one of its words
        alerts.happened.append(Happened(number=number, seq=number, event=made))

    found = body(client.get("/api/pnl/alerts/events"))["events"]

    assert [(one["action"], one["severity"]) for one in found] == [("resolved", "critical"), ("fired", "critical")]
    assert found[1]["summary"] == f"{HOSTILE}: Net of the day is −$501.50, below −$500.50"
    assert len(body(client.get("/api/pnl/alerts/events?limit=1"))["events"]) == 1
    assert len(body(client.get("/api/pnl/alerts/events?to=2026-11-20T17:00:30Z"))["events"]) == 1


def test_changing_anything_of_alerts_is_for_editors(server: Flask) -> None:
    rules = [rule for rule in server.url_map.iter_rules() if rule.rule.startswith("/api/pnl/alerts")]
    assert len(rules) >= 9
    for rule in rules:
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            asked = need(rule.rule, method)
            assert asked is not None
            assert (asked.role, asked.scope) == (("viewer", "read") if method == "GET" else ("editor", "manage"))


def test_a_database_that_is_away_is_told(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    assert client.get("/api/pnl/alerts").status_code == 503
    assert add(client).status_code == 503
