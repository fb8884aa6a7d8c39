"""Snapshots as CSV."""

import csv
import http.client
import io
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import overload

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer

from pnl.domain.snapshot import LINES
from pnl.errors import StoreUnavailable
from pnl.ports import SnapshotRow
from pnl.web.server import create_server
from tests.web.fake_past import history_of
from tests.web.fakes import NOON, FakeClock, FakeFigures, FakeHub, FakeStore, row

HEADER = (
    "seq,as_of_utc,revenue_usd,refunds_usd,processor_fees_usd,adjustments_usd,api_cost_usd,operating_cost_usd,"
    "trading_realised_usd,trading_unrealised_usd,trading_fees_usd,other_income_usd,net_usd,net_realised_usd,"
    "complete,quality,day,cumulative_net_usd,cash_usd,positions_value_usd,exposure_usd,equity_usd,finality,flags\r\n"
)
REST = ",2026-11-20,,,,,,,\r\n"


class Many(Sequence[SnapshotRow]):
    """Rows that are made when they are looked at, and kept by nobody."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> SnapshotRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SnapshotRow]: ...
    def __getitem__(self, index: int | slice) -> SnapshotRow | Sequence[SnapshotRow]:
        if isinstance(index, slice) or not -self._count <= index < self._count:
            raise IndexError(index)
        index %= self._count
        return replace(row(index + 1, net=-index), lines=dict.fromkeys(LINES, index * 1_234_567))


def test_the_file_is_exact_to_the_letter(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = [
        row(1, net=-1_500_000_000, revenue=0, api_cost=-64_130_000_001),
        row(2, net=None, quality="incomplete+stale"),
    ]

    found = client.get("/api/pnl/export.csv")

    assert found.data.decode() == (
        HEADER
        + "1,2026-11-20T17:00:10.000Z,0.00,,,,-64.130000001,,,,,,-1.50,-1.50,true,ok"
        + REST
        + "2,2026-11-20T17:00:20.000Z,,,,,,,,,,,,,false,incomplete+stale"
        + REST
    )


def test_the_headers_tell_what_it_is_and_what_it_is_called(client: FlaskClient) -> None:
    found = client.get("/api/pnl/export.csv?from=2026-11-20&to=2026-11-20T12:30:00Z")

    assert found.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["X-Accel-Buffering"] == "no"
    name = "northstar_snapshots_20261120T050000Z_20261120T123000Z_raw.csv"
    assert found.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_no_rows_still_have_a_header(client: FlaskClient) -> None:
    found = client.get("/api/pnl/export.csv?table=snapshots&step=raw")

    assert found.data.decode() == HEADER
    assert "northstar_snapshots_start_20261120T170000Z_raw.csv" in found.headers["Content-Disposition"]


def test_an_export_goes_on_after_a_sequence_and_within_a_range(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = [row(n) for n in range(1, 10)]

    after = client.get("/api/pnl/export.csv?after=7").data.decode()
    within = client.get("/api/pnl/export.csv?from=2026-11-20T17:00:20Z&to=2026-11-20T17:00:40Z").data.decode()

    assert [found["seq"] for found in csv.DictReader(io.StringIO(after))] == ["8", "9"]
    assert [found["seq"] for found in csv.DictReader(io.StringIO(within))] == ["2", "3"]


@pytest.mark.parametrize(
    ("query", "parameter", "named"),
    [
        ("table=marks", "table", "settlements"),
        ("step=1y", "step", "15m"),
        ("table=fills&step=1d", "step", "snapshots"),
        ("table=costs&after=2026-11-20", "after", "whole number"),
        ("table=costs&after=9", "after", "no record 9"),
        ("table=days&after=9", "after", "2026-11-20"),
        ("step=1d&after=9", "after", "2026-11-20T19:32:00Z"),
        ("last=77", "last", "the newest is 3"),
        ("last=x", "last", "whole number"),
        ("dialect=lotus", "dialect", "excel"),
        ("tz=Mars/Olympus", "tz", "Europe/Berlin"),
        ("tz=../etc/passwd", "tz", "Europe/Berlin"),
        ("header=none", "header", "absent"),
        ("after=-1", "after", "0"),
        ("after=x", "after", "0"),
        ("from=x", "from", "RFC 3339"),
        ("format=xlsx", "format", "table, step, from, to, after, last"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    client: FlaskClient, store: FakeStore, query: str, parameter: str, named: str
) -> None:
    store.snapshots = [row(1), row(2), row(3)]

    found = client.get(f"/api/pnl/export.csv?{query}")

    assert found.status_code == 400
    assert found.json is not None
    assert found.json["parameter"] == parameter
    assert named in found.json["detail"]


def test_ten_thousand_rows_are_sent_in_flat_memory(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = Many(10_000)
    tracemalloc.start()

    found = client.get("/api/pnl/export.csv", buffered=False)
    rows, size = -1, 0
    for part in found.response:
        assert isinstance(part, bytes)
        rows += part.count(b"\r\n")
        size += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found.close()

    assert rows == 10_000
    assert size > 1_500_000
    assert peak < 1_000_000


def test_four_exports_run_at_once_and_the_fifth_is_told_to_wait(client: FlaskClient, store: FakeStore) -> None:
    store.snapshots = Many(10_000)
    running = [client.get("/api/pnl/export.csv", buffered=False) for _ in range(4)]

    fifth = client.get("/api/pnl/export.csv")
    running.pop().close()
    sixth = client.get("/api/pnl/export.csv?from=2026-11-21T20:40:00Z")
    for found in running:
        found.close()

    assert (fifth.status_code, fifth.headers["Retry-After"]) == (503, "15")
    assert sixth.status_code == 200


def test_asking_for_the_headers_takes_no_place(client: FlaskClient) -> None:
    found = [client.head("/api/pnl/export.csv") for _ in range(9)]

    assert {(one.status_code, one.data) for one in found} == {(200, b"")}


class Read(FakeStore):
    """A store whose readings are plain iterators, or say when they were let go."""

    plain = False
    let_go = 0

    def rows(self, since: datetime | None, until: datetime | None, after: int = 0) -> Iterator[SnapshotRow]:
        found = super().rows(since, until, after)
        return iter(list(found)) if self.plain else self._watched(found)

    def _watched(self, rows: Iterator[SnapshotRow]) -> Iterator[SnapshotRow]:
        try:
            yield from rows
        finally:
            self.let_go += 1


@pytest.mark.parametrize("plain", [True, False])
def test_a_reading_that_is_left_half_done_is_let_go(plain: bool) -> None:
    store = Read(Many(2_000))
    store.plain = plain
    past = history_of(store)
    server = create_server(
        FakeFigures(store),
        store,
        FakeHub(),
        host="::1",
        port=1,
        clock=FakeClock(),
        time_zone="UTC",
        interval_seconds=1,
        past=past,
        ledgers=past.ledgers,
        alerting=store.alerts(),
    )

    found = server.test_client().get("/api/pnl/export.csv", buffered=False)
    next(iter(found.response))
    found.close()

    assert store.let_go == (0 if plain else 1)


def test_failed_exports_give_their_place_back(client: FlaskClient, store: FakeStore) -> None:
    store.away = True
    for _ in range(9):
        assert client.get("/api/pnl/export.csv").headers["Retry-After"] == "10"
    store.away = False

    assert client.get("/api/pnl/export.csv").status_code == 200


@pytest.mark.parametrize("error", [StoreUnavailable("disk I/O error"), RuntimeError("a bug")])
def test_a_failure_on_the_way_breaks_the_connection(live: BaseWSGIServer, store: FakeStore, error: Exception) -> None:
    store.snapshots, store.breaks_after, store.breaks_with = Many(10_000), 2_500, error
    connection = http.client.HTTPConnection("127.0.0.1", live.server_port)
    connection.request("GET", "/api/pnl/export.csv")
    answer = connection.getresponse()

    with pytest.raises(http.client.IncompleteRead) as broken:
        answer.read()
    connection.close()

    assert answer.status == 200
    assert broken.value.partial.startswith(HEADER.encode())
    assert broken.value.partial.count(b"\r\n") == 2_501
    assert b"<!doctype" not in broken.value.partial.lower()


def test_a_whole_file_ends_well_on_a_real_connection(live: BaseWSGIServer, store: FakeStore) -> None:
    store.snapshots = Many(3_000)
    connection = http.client.HTTPConnection("127.0.0.1", live.server_port)
    connection.request("GET", "/api/pnl/export.csv", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()

    assert body.count(b"\r\n") == 3_001
    assert answer.getheader("Content-Encoding") is None


def test_clients_that_go_away_give_their_place_back(live: BaseWSGIServer, store: FakeStore) -> None:
    store.snapshots = Many(30_000)
    for _ in range(6):
        connection = http.client.HTTPConnection("127.0.0.1", live.server_port)
        connection.request("GET", "/api/pnl/export.csv")
        connection.getresponse().read(10)
        connection.close()

    store.snapshots = [row(1, NOON + timedelta(days=9))]
    tries = 0
    status = 503
    while status == 503 and tries < 2_000:
        connection = http.client.HTTPConnection("127.0.0.1", live.server_port)
        connection.request("GET", "/api/pnl/export.csv")
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
        connection.close()
        tries += 1

    assert (status, body.count(b"\r\n")) == (200, 2)
