"""The whole product on PostgreSQL: it ticks, is killed, finds everything again, and outlives its server."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.product.process import Process
from tests.services import PostgresServer

Start = Callable[..., Process]
ENTRY = {
    "id": "inv-1",
    "kind": "adjustment",
    "amount": "12.34",
    "currency": "USD",
    "description": "by hand",
    "status": "settled",
    "recurs": None,
}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes, none of which has a file to keep anything in."""
    started: list[Process] = []

    def begin(url: str, **settings: str) -> Process:
        started.append(Process(tmp_path / f"none-{len(started)}", PNL_DATABASE_URL=url, **settings))
        return started[-1]

    yield begin
    for process in started:
        process.end()


def enter(process: Process, day: str) -> None:
    answer = httpx.post(f"http://127.0.0.1:{process.port}/api/pnl/entries", json=ENTRY | {"date": day})
    assert answer.status_code in (200, 201), answer.text


def adjusted(snapshot: dict[str, Any]) -> bool:
    return bool(snapshot["lines"]["adjustments"] == "12.34")


def fills(process: Process) -> set[str]:
    answer = process.get("/api/pnl/records?kind=fills&limit=1000").json()
    return {fill["id"] for fill in answer["records"]}


def test_it_is_killed_and_finds_everything_again(start: Start, postgres_url: str, tmp_path: Path) -> None:
    first = start(postgres_url)
    enter(first, first.until(lambda snapshot: snapshot["complete"])["day"])
    shown = first.until(adjusted)
    seen = fills(first)
    first.kill()

    second = start(postgres_url)
    later = second.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 1 and snapshot["complete"])

    kept = second.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert seen <= fills(second)
    assert adjusted(later)
    assert later["checks"]["failed"] == 0
    assert second.get("/").status_code == 200
    assert second.get("/api/pnl/history").json()["rows"]
    assert second.stop() == 0
    assert not list(tmp_path.glob("**/*.db*"))


def test_its_server_is_killed_and_comes_back(start: Start, own_postgres: PostgresServer) -> None:
    process = start(own_postgres.url(own_postgres.create()))
    shown = process.until(lambda snapshot: snapshot["complete"] and snapshot["seq"] >= 3)

    own_postgres.kill()
    said_so = False
    while not said_so:
        said_so = process.get("/healthz").json()["status"] == "failing"
    assert process.get("/readyz").status_code == 503
    assert process.current()["seq"] >= shown["seq"]
    own_postgres.start()

    later = process.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 3 and snapshot["complete"])
    kept = process.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert process.get("/healthz").json()["status"] == "ok"
    assert "Traceback" not in process.said()


def test_two_processes_share_it_and_outlive_its_server(
    start: Start, own_postgres: PostgresServer, redis_url: str
) -> None:
    url = own_postgres.url(own_postgres.create())
    ticking = start(url, PNL_ROLE="aggregator", PNL_REDIS_URL=redis_url)
    serving = start(url, PNL_ROLE="web", PNL_REDIS_URL=redis_url)

    enter(serving, serving.until(lambda snapshot: snapshot["complete"])["day"])
    after = serving.until(adjusted)

    exported = serving.get("/api/pnl/export.csv?table=snapshots&step=raw").text
    assert {int(row["seq"]) for row in csv.DictReader(io.StringIO(exported))} >= set(range(1, after["seq"] + 1))
    assert serving.get("/healthz").json()["detail"]["trouble"] is None

    own_postgres.kill()
    shown = serving.current()["seq"]
    own_postgres.start()

    later = serving.until(lambda snapshot: snapshot["seq"] > shown + 2)
    assert adjusted(later)
    assert ticking.said().count('"event": "leading"') == 1
    assert "Traceback" not in ticking.said() + serving.said()


def test_a_second_one_without_redis_is_refused(start: Start, postgres_url: str) -> None:
    first = start(postgres_url)
    first.until(lambda snapshot: snapshot["seq"] >= 1)

    second = start(postgres_url)

    assert second.process.wait(60) == 4  # it may have ended by the next try
    assert "another process makes the ticks (session " in second.said()
    assert "Traceback" not in second.said()


@pytest.mark.parametrize(
    ("url", "told", "code"),
    [
        ("postgresql://ann:canary@127.0.0.1:1/books", "postgresql://ann@127.0.0.1:1/books cannot be opened", 4),
        ("postgresql://ann:canary%ZZ@127.0.0.1/books", "PNL_DATABASE_URL is no address of a PostgreSQL", 2),
        ("postgresql://ann:can/canary@127.0.0.1:1/books", "PNL_DATABASE_URL is no address of a PostgreSQL", 2),
        ("postgresql://ann:can@canary@127.0.0.1:1/books", "PNL_DATABASE_URL is no address of a PostgreSQL", 2),
    ],
)
def test_a_server_that_cannot_be_reached_stops_the_start_with_one_line(
    start: Start, url: str, told: str, code: int
) -> None:
    process = start(url)

    assert process.process.wait(60) == code
    assert told in process.said()
    assert "Traceback" not in process.said()
    assert "canary" not in process.said()
