"""The past of a figure."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.money import CENT
from pnl.domain.snapshot import instant, money
from pnl.ports import QUALITY, Gap, Series
from pnl.web.history import finest
from pnl.web.series import SECOND_US, Expected, rows
from tests.web.fakes import NOON, FakeStore, row


@pytest.fixture(autouse=True)
def _half_an_hour(store: FakeStore) -> None:
    """180 snapshots of ten seconds up to noon, the net counting up from one cent."""
    store.snapshots = [
        row(n, NOON - timedelta(minutes=30) + timedelta(seconds=10 * (n - 1)), n * CENT, api_cost=-n * CENT)
        for n in range(1, 181)
    ]


def test_a_minute_has_open_high_low_and_close(client: FlaskClient) -> None:
    found = client.get("/api/pnl/history?step=1m&from=2026-11-20T16:30:00Z&to=2026-11-20T16:32:00Z").json

    assert found == {
        "step": "1m",
        "rows": [
            {
                "at": "2026-11-20T16:30:00.000Z",
                "net": {"open": "0.01", "high": "0.06", "low": "0.01", "close": "0.06"},
                "count": 6,
                "expected": 6,
                "quality": [],
            },
            {
                "at": "2026-11-20T16:31:00.000Z",
                "net": {"open": "0.07", "high": "0.12", "low": "0.07", "close": "0.12"},
                "count": 6,
                "expected": 6,
                "quality": [],
            },
        ],
        "gaps": [],
        "next": None,
    }


def test_raw_gives_every_snapshot(client: FlaskClient) -> None:
    found = client.get("/api/pnl/history?step=raw&fields=api_cost,revenue&from=2026-11-20").json

    assert found is not None
    assert len(found["rows"]) == 180
    assert found["rows"][1] == {
        "at": "2026-11-20T16:30:10.000Z",
        "api_cost": {"open": "-0.02", "high": "-0.02", "low": "-0.02", "close": "-0.02"},
        "revenue": {"open": None, "high": None, "low": None, "close": None},
        "count": 1,
        "expected": 1,
        "quality": [],
    }


@pytest.mark.parametrize("step", ["raw", "1m", "5m"])
def test_a_long_answer_is_cut_and_goes_on_where_it_stopped(client: FlaskClient, step: str) -> None:
    whole = client.get(f"/api/pnl/history?step={step}").json
    assert whole is not None
    rows = []
    since = "2026-11-20"

    while since:
        part = client.get(f"/api/pnl/history?step={step}&limit=7&from={since}").json
        assert part is not None
        assert len(part["rows"]) <= 7
        rows += part["rows"]
        since = part["next"]

    assert rows == whole["rows"]
    assert len(rows) == {"raw": 180, "1m": 30, "5m": 6}[step]


@pytest.mark.parametrize("step", ["1h", "4h", "1d", "1w"])
def test_a_coarse_step_holds_all_snapshots(client: FlaskClient, step: str) -> None:
    found = client.get(f"/api/pnl/history?step={step}&from=2026-01-01").json

    assert found is not None
    assert [(part["count"], part["net"]["close"]) for part in found["rows"]] == [(180, "1.80")]


def test_a_range_without_a_start_begins_with_the_day_that_it_ends_in(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = [
        row(1, datetime(2026, 11, 18, 4, 59, tzinfo=UTC)),
        row(2, datetime(2026, 11, 19, 4, 59, tzinfo=UTC)),
    ]

    found = client.get("/api/pnl/history?to=2026-11-19").json

    assert found is not None
    assert [part["at"] for part in found["rows"]] == ["2026-11-19T04:59:00.000Z"]


def test_auto_gives_every_snapshot_where_they_are_few(client: FlaskClient) -> None:
    found = client.get("/api/pnl/history?from=2026-11-20T16:00:00Z").json

    assert found is not None
    assert (found["step"], len(found["rows"])) == ("raw", 180)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(hours=4), "raw"),
        (timedelta(days=1), "1m"),
        (timedelta(days=7), "15m"),
        (timedelta(days=30), "1h"),
        (timedelta(days=90), "4h"),
        (timedelta(days=365), "1d"),
        (timedelta(days=3650), "1w"),
        (timedelta(days=36500), "1w"),
        (timedelta(0), "raw"),
    ],
)
def test_auto_aims_at_fifteen_hundred_points(length: timedelta, step: str) -> None:
    assert finest(length, 10) == step


def test_gaps_stand_beside_the_rows(client: FlaskClient, store: FakeStore) -> None:
    store.holes = [Gap(since=NOON - timedelta(minutes=5), until=NOON, missed=29, reason="restart")]

    found = client.get("/api/pnl/history").json

    assert found is not None
    assert found["gaps"] == [
        {"since": "2026-11-20T16:55:00.000Z", "until": "2026-11-20T17:00:00.000Z", "missed": 29, "reason": "restart"}
    ]


def test_ten_years_by_the_minute_are_found_quickly(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = [row(1, datetime(2017, 1, 1, tzinfo=UTC)), *store.snapshots]

    found = client.get("/api/pnl/history?step=1m&from=2016-01-01&limit=10000").json

    assert found is not None
    assert len(found["rows"]) == 31


def test_a_stretch_tells_how_many_it_should_hold_and_what_was_wrong(client: FlaskClient, store: FakeStore) -> None:
    kept = [one for one in store.snapshots if one.seq not in (9, 10)]
    store.snapshots = [replace(one, quality="stale") if one.seq in (13, 14) else one for one in kept]

    found = client.get("/api/pnl/history?step=1m&from=2026-11-20T16:30:00Z&to=2026-11-20T16:33:00Z").json

    assert found is not None
    assert [(one["count"], one["expected"], one["quality"]) for one in found["rows"]] == [
        (6, 6, []),
        (4, 6, []),
        (6, 6, ["stale"]),
    ]


def test_the_first_and_the_newest_stretch_are_measured_as_far_as_they_go(client: FlaskClient) -> None:
    found = client.get("/api/pnl/history?step=4h").json

    assert found is not None
    assert [(one["at"], one["count"], one["expected"]) for one in found["rows"]] == [
        ("2026-11-20T16:00:00.000Z", 180, 180)
    ]


def test_a_stretch_of_two_paces_holds_some_of_each() -> None:
    minute = 60 * SECOND_US
    expected = Expected([(0, 10), (90 * SECOND_US, 30)], 0, 10 * minute, minute)

    assert expected.of([0, minute, 2 * minute, 10 * minute], [6, 4, 2, 1]) == [6, 4, 2, 1]


def test_the_past_is_as_it_was_known_then(client: FlaskClient) -> None:
    found = client.get("/api/pnl/history?step=1h&as_of=2026-11-20T16:30:30Z").json

    assert found is not None
    assert found["rows"] == [
        {
            "at": "2026-11-20T16:00:00.000Z",
            "count": 4,
            "expected": 4,
            "quality": [],
            "net": {"open": "0.01", "high": "0.04", "low": "0.01", "close": "0.04"},
        }
    ]
    assert client.get("/api/pnl/history?from=2026-11-20T16:40:00Z&as_of=2026-11-20T16:30:30Z").status_code == 400


def test_a_range_goes_back_to_where_its_first_stretch_begins(client: FlaskClient) -> None:
    found = client.get("/api/pnl/history?step=5m&from=2026-11-20T16:32:10Z&to=2026-11-20T16:35:10Z").json

    assert found is not None
    assert [(one["at"], one["count"]) for one in found["rows"]] == [
        ("2026-11-20T16:30:00.000Z", 30),
        ("2026-11-20T16:35:00.000Z", 30),
    ]


def test_many_fields_share_the_rows_of_an_answer(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = [row(n, NOON - timedelta(seconds=10 * (6001 - n))) for n in range(1, 6001)]

    def count(query: str) -> int:
        found = client.get(f"/api/pnl/history?step=raw&from=2026-11-19&{query}").json
        assert found is not None
        return len(found["rows"])

    assert [count(f"fields={fields}") for fields in ("net", "net,revenue", "net,revenue,refunds,api_cost")] == [
        3000,
        1500,
        1500,
    ]
    assert count("fields=net,revenue&limit=10000") == 6000


@given(st.integers(0, 7_000_000_000_000_000), st.none() | st.integers(-(2**63), 2**63 - 1), st.integers(0, 15))
def test_rows_are_written_as_everything_else_is(start: int, amount: int | None, quality: int) -> None:
    (found,) = rows(Series(figures=("net",), rows=[(start, 1, quality, amount, amount, None, 0)]), None)

    told = json.loads(found)

    assert told["at"] == instant(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=start))
    assert told["net"] == {"open": money(amount), "high": money(amount), "low": None, "close": "0"}
    assert told["quality"] == [word for place, word in enumerate(QUALITY) if quality >> place & 1]


def test_nothing_yet_is_an_empty_list(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = []

    found = client.get("/api/pnl/history?step=1m").json

    assert found == {"step": "1m", "rows": [], "gaps": [], "next": None}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("step=2m", "step"),
        ("fields=gross", "fields"),
        ("fields=net,,revenue", "fields"),
        ("limit=10001", "limit"),
        ("from=2026-11-21", "from"),
        ("resolution=1m", "resolution"),
        ("as_of=yesterday", "as_of"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused_by_name(client: FlaskClient, query: str, parameter: str) -> None:
    found = client.get(f"/api/pnl/history?{query}")

    assert found.status_code == 400
    assert found.json is not None
    assert found.json["parameter"] == parameter


def test_a_database_that_is_away_is_a_503(client: FlaskClient, store: FakeStore) -> None:
    store.away = True

    assert client.get("/api/pnl/history").status_code == 503
