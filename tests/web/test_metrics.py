"""`/metrics` over HTTP: who may read it, and that nobody makes it grow."""

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from pnl.access.keys import Keys
from pnl.access.ways import Cookie, Nobody
from pnl.live.hub import Hub
from pnl.metrics.instruments import AUTH_FAILURES, REJECTED, REQUESTS
from pnl.store.accounts import SqlAccounts
from pnl.web.access import Access
from pnl.web.server import create_health_server
from tests.web.doors import served, sign_in
from tests.web.fakes import FakeFigures, FakeStore


def failures(reason: str) -> float:
    return float(AUTH_FAILURES.labels(reason)._value.get())


def test_prometheus_can_read_it(client: FlaskClient) -> None:
    client.get("/api/pnl/current")

    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    asked = [s for s in families["pnl_http_requests"].samples if s.labels.get("handler") == "/api/pnl/current"]
    assert asked
    assert asked[0].value >= 1


def test_where_people_sign_in_a_token_of_its_own_scope_or_a_person_reads_it(
    figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys
) -> None:
    app = served(figures, store, hub, Access(entrance=Cookie(keys), keys=keys, accounts=accounts))
    token = keys.make_token("prometheus", frozenset(["metrics"]), 30, "ann")[1]
    reads = keys.make_token("script", frozenset(["read"]), 30, "ann")[1]
    viewer, _ = sign_in(app, "ann")

    def asked(text: str) -> int:
        return app.test_client().get("/metrics", headers={"Authorization": f"Bearer {text}"}).status_code

    before = failures("token"), failures("scope")
    assert asked(token) == 200
    assert asked(reads) == 403
    assert asked("pnl_wrong") == 401
    assert (failures("token"), failures("scope")) == (before[0] + 1, before[1] + 1)
    assert viewer.get("/metrics").status_code == 200
    answer = app.test_client().get("/api/pnl/current", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_nobody_reads_it_without_a_token_where_people_sign_in(
    figures: FakeFigures, store: FakeStore, hub: Hub, accounts: SqlAccounts, keys: Keys
) -> None:
    app = served(figures, store, hub, Access(entrance=Cookie(keys), keys=keys, accounts=accounts))

    answer = app.test_client().get("/metrics")

    assert answer.status_code in (303, 401)
    assert "pnl_" not in answer.text.replace("pnl_…", "")


def test_a_process_that_only_ticks_shows_it_to_a_token(
    figures: FakeFigures, store: FakeStore, accounts: SqlAccounts, keys: Keys
) -> None:
    del accounts
    access = Access(entrance=Nobody(), keys=keys)
    app = create_health_server(figures, store, host="10.0.0.5", hosts=["ticker"], access=access)
    token = keys.make_token("prometheus", frozenset(["metrics"]), 30, "ann")[1]
    client = app.test_client()

    assert client.get("/metrics").status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}", "Host": "ticker:8050"})
    assert answer.status_code == 200
    assert "pnl_tick_duration_seconds" in answer.text
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("method", ["BREW", "X" * 40])
def test_a_method_that_nobody_knows_makes_no_metric_of_its_own(client: FlaskClient, method: str) -> None:
    before = sum(sample.value for sample in _requests() if sample.labels["method"] == "other")

    client.open("/api/pnl/current", method=method)

    assert sum(sample.value for sample in _requests() if sample.labels["method"] == "other") == before + 1
    assert not [sample for sample in _requests() if sample.labels["method"] == method]


def _requests() -> list:  # type: ignore[type-arg]  # the library's samples
    return [sample for metric in REQUESTS.collect() for sample in metric.samples if sample.name.endswith("_total")]


def test_a_live_connection_of_another_site_is_counted(client: FlaskClient) -> None:
    before = REJECTED.labels("origin")._value.get()

    refused = client.get("/api/pnl/stream", headers={"Origin": "https://elsewhere.example"})

    assert refused.status_code == 403
    assert REJECTED.labels("origin")._value.get() == before + 1


def test_a_live_connection_too_many_is_counted(client: FlaskClient, hub: Hub) -> None:
    before = REJECTED.labels("full")._value.get()
    for number in range(3):
        hub.reserve(f"10.0.0.{number}")

    assert client.get("/api/pnl/stream").status_code == 503
    assert REJECTED.labels("full")._value.get() == before + 1


def test_a_parameter_is_refused(client: FlaskClient) -> None:
    assert client.get("/metrics?name=x").status_code == 400
