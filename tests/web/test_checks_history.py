"""How checks came out over time, over HTTP."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from pnl.domain.money import CENT
from pnl.ports import CheckChange
from pnl.web import checks
from tests.web.fakes import NOON, FakeStore, row

CASH = ("I5_cash", "account")
FEES = ("I2_fees", "KXRAIN")


def change(seq: int, at: datetime, state: str, difference: str | None = "0") -> CheckChange:
    return CheckChange(
        seq=seq,
        at=at,
        state=state,
        expected="10.00",
        actual="10.00",
        difference=difference,
        tolerance="0",
        reason="one fill is missing" if state == "failed" else None,
    )


@pytest.fixture(autouse=True)
def _two_days(store: FakeStore) -> None:
    """A snapshot an hour for two days up to noon; cash once differed, and fees began to be checked lately."""
    store.snapshots = [row(n, NOON - timedelta(hours=48 - n), n * CENT) for n in range(1, 49)]
    store.changes = {
        CASH: [
            change(2, NOON - timedelta(hours=46), "ok"),
            change(30, NOON - timedelta(hours=18), "failed", "-0.55"),
            change(31, NOON - timedelta(hours=17), "ok"),
        ],
        FEES: [change(40, NOON - timedelta(hours=8), "ok")],
    }


def test_a_check_that_is_named_tells_each_of_its_changes_whole(client: FlaskClient) -> None:
    found = client.get("/api/pnl/checks/history?name=I5_cash&scope=account").json

    assert found is not None
    assert (found["name"], found["scope"]) == CASH
    assert [one["state"] for one in found["changes"]] == ["ok", "failed", "ok"]
    assert found["changes"][1] == {
        "seq": 30,
        "at": "2026-11-19T23:00:00.000Z",
        "state": "failed",
        "expected": "10.00",
        "actual": "10.00",
        "difference": "-0.55",
        "tolerance": "0",
        "reason": "one fill is missing",
    }


def test_a_range_of_it_may_be_asked_for(client: FlaskClient) -> None:
    found = client.get(
        "/api/pnl/checks/history?name=I5_cash&scope=account&from=2026-11-19T20:00:00Z&to=2026-11-20T00:00:00Z"
    ).json

    assert found is not None
    assert [one["seq"] for one in found["changes"]] == [30]


def test_one_that_is_not_known_has_no_changes(client: FlaskClient) -> None:
    found = client.get("/api/pnl/checks/history?name=I1_position&scope=KXSNOW").json

    assert found == {"name": "I1_position", "scope": "KXSNOW", "changes": []}


def test_without_a_name_all_that_changed_in_the_last_day_is_told_by_its_states(client: FlaskClient) -> None:
    found = client.get("/api/pnl/checks/history").json

    assert found == {
        "from": "2026-11-19T17:00:00.000Z",
        "to": "2026-11-20T17:00:00.000Z",
        "whole": True,
        "checks": [
            {
                "name": "I2_fees",
                "scope": "KXRAIN",
                "changes": [{"seq": 40, "at": "2026-11-20T09:00:00.000Z", "state": "ok"}],
            },
            {
                "name": "I5_cash",
                "scope": "account",
                "changes": [
                    {"seq": 30, "at": "2026-11-19T23:00:00.000Z", "state": "failed"},
                    {"seq": 31, "at": "2026-11-20T00:00:00.000Z", "state": "ok"},
                ],
            },
        ],
    }


def test_a_list_that_is_cut_off_says_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST", 2)

    found = client.get("/api/pnl/checks/history").json

    assert found is not None
    assert found["whole"] is False
    assert sum(len(one["changes"]) for one in found["checks"]) == 2


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("name=I5_cash", "scope"),
        ("scope=account", "name"),
        ("to=2026-11-20", "to"),
        ("from=yesterday", "from"),
        ("names=I5_cash", "names"),
    ],
)
def test_what_is_asked_wrongly_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    answer = client.get(f"/api/pnl/checks/history?{query}")

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["parameter"] == parameter


def test_a_store_that_does_not_answer_is_told(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    answer = client.get("/api/pnl/checks/history?name=I5_cash&scope=account")

    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"


def test_an_answer_has_a_name_and_a_tick_gives_it_another(client: FlaskClient, store: FakeStore) -> None:
    path = "/api/pnl/checks/history?name=I5_cash&scope=account"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304

    store.snapshots = [*store.snapshots, row(49, NOON + timedelta(hours=1))]
    store.changes[CASH].append(change(49, NOON + timedelta(hours=1), "failed", "-1.00"))
    client.application.extensions["pnl.newest"].head.forget()

    after = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert after.json is not None
    assert after.json["changes"][-1]["state"] == "failed"
