"""Several processes, one of which ticks: as an operator starts, kills, freezes and reloads them."""

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.product.process import Process
from tests.product.readers import Reader, leads, until, worker
from tests.services import RedisServer

Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes on one folder."""
    started: list[Process] = []

    def begin(**settings: str) -> Process:
        started.append(Process(tmp_path / "data", **settings))
        return started[-1]

    yield begin
    for process in started:
        process.end()


@pytest.fixture
def reading() -> Iterator[Callable[[Process], Reader]]:
    """Give live clients."""
    opened: list[Reader] = []

    def begin(process: Process) -> Reader:
        opened.append(Reader(process))
        return opened[-1]

    yield begin
    for reader in opened:
        reader.close()


def test_pages_are_served_by_one_process_and_ticks_made_by_another(
    start: Start, reading: Callable[[Process], Reader], redis_url: str
) -> None:
    ticking = start(PNL_ROLE="aggregator", PNL_REDIS_URL=redis_url)
    serving = start(PNL_ROLE="web", PNL_REDIS_URL=redis_url)
    shown = serving.until(lambda snapshot: snapshot["complete"] and snapshot["seq"] >= 2)
    reader = reading(serving)
    reader.until(shown["seq"] + 4)

    assert ticking.get("/healthz").json()["status"] == "ok"
    assert ticking.get("/").status_code == ticking.get("/api/pnl/current").status_code == 404
    assert not leads(serving)
    assert serving.get("/").status_code == 200
    assert serving.get("/healthz").json()["detail"]["trouble"] is None
    checks = serving.get("/api/pnl/checks").json()["checks"]
    assert {check["state"] for check in checks} <= {"ok", "waiting"}
    assert len(checks) >= 5
    every = serving.get("/api/pnl/positions?all=1").json()["positions"]
    assert len(every) > len(serving.current()["positions"])
    assert any(fill["posts"] for fill in serving.get("/api/pnl/records?kind=fills&limit=50").json()["records"])
    reader.whole()


def test_an_entry_made_at_a_process_that_serves_is_counted_by_the_one_that_ticks(start: Start, redis_url: str) -> None:
    start(PNL_ROLE="aggregator", PNL_REDIS_URL=redis_url)
    serving = start(PNL_ROLE="web", PNL_REDIS_URL=redis_url)
    before = serving.until(lambda snapshot: snapshot["complete"])
    entry = {
        "id": "inv-1",
        "date": before["day"],
        "kind": "adjustment",
        "amount": "12.34",
        "currency": "USD",
        "description": "by hand",
        "status": "settled",
        "recurs": None,
    }
    answer = httpx.post(f"http://127.0.0.1:{serving.port}/api/pnl/entries", json=entry)
    assert answer.status_code in (200, 201), answer.text

    after = serving.until(lambda snapshot: snapshot["lines"]["adjustments"] != before["lines"]["adjustments"])

    assert after["lines"]["adjustments"] == "12.34"


def test_one_that_waits_takes_over_from_one_that_is_killed_and_readers_miss_nothing(
    start: Start, reading: Callable[[Process], Reader], redis_url: str
) -> None:
    first = start(PNL_REDIS_URL=redis_url)
    first.until(lambda snapshot: snapshot["complete"])
    second = start(PNL_REDIS_URL=redis_url)
    seen = second.until(lambda snapshot: snapshot["complete"])
    assert not leads(second)
    reader = reading(second)
    reader.until(seen["seq"] + 2)

    first.kill()

    reader.until(reader.seqs[-1] + 4)
    assert leads(second)
    reader.whole()
    kept = second.exported()
    assert set(kept) >= set(range(1, reader.seqs[-1] + 1))


def test_one_that_waits_takes_over_from_one_that_is_frozen_which_then_writes_nothing(
    start: Start, redis_url: str
) -> None:
    first = start(PNL_REDIS_URL=redis_url)
    first.until(lambda snapshot: snapshot["complete"])
    second = start(PNL_REDIS_URL=redis_url)
    second.until(lambda snapshot: snapshot["complete"])
    frozen = worker(first)
    said: list[str | bytes] = []

    with connect(f"ws://127.0.0.1:{first.port}/api/pnl/ws") as reader:
        subprocess.run(["kill", "-STOP", str(frozen)], check=True)
        last = second.current()["seq"]
        second.until(lambda snapshot: snapshot["seq"] > last + 2)
        assert leads(second)
        subprocess.run(["kill", "-CONT", str(frozen)], check=True)
        until(lambda: "another process leads: ending this one" in first.said())
        with pytest.raises(ConnectionClosed) as closed:
            said.extend(reader)
    first.until(lambda snapshot: snapshot["seq"] > last + 4)

    assert json.loads(said[-1])["t"] == "bye"
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1012
    assert worker(first) != frozen
    assert first.said().count('"event": "leading"') == 1
    end = second.current()["seq"]
    assert set(second.exported()) >= set(range(1, end + 1))
    assert first.stop() == second.stop() == 0


def test_without_redis_for_a_while_the_store_is_followed(
    start: Start, reading: Callable[[Process], Reader], own_redis: RedisServer
) -> None:
    start(PNL_ROLE="aggregator", PNL_REDIS_URL=own_redis.url)
    serving = start(PNL_ROLE="web", PNL_REDIS_URL=own_redis.url)
    shown = serving.until(lambda snapshot: snapshot["complete"])
    reader = reading(serving)
    reader.until(shown["seq"] + 2)

    own_redis.kill()
    reader.until(reader.seqs[-1] + 5)
    own_redis.start()
    reader.until(reader.seqs[-1] + 5)

    assert serving.get("/healthz").status_code == 200
    kept = serving.exported()
    assert set(kept) >= set(range(1, reader.seqs[-1] + 1))
    reader.whole()


def test_readers_of_a_process_that_was_frozen_are_told_all_that_came_meanwhile(
    start: Start, reading: Callable[[Process], Reader], redis_url: str
) -> None:
    ticking = start(PNL_ROLE="aggregator", PNL_REDIS_URL=redis_url)
    serving = start(PNL_ROLE="web", PNL_REDIS_URL=redis_url)
    shown = serving.until(lambda snapshot: snapshot["complete"])
    reader = reading(serving)
    reader.until(shown["seq"] + 1)
    frozen = worker(serving)

    held = reader.seqs[-1]
    subprocess.run(["kill", "-STOP", str(frozen)], check=True)
    until(lambda: ticking.get("/healthz").json()["detail"]["seq"] >= held + 6)
    subprocess.run(["kill", "-CONT", str(frozen)], check=True)

    reader.until(held + 8)
    reader.whole()
    assert reader.codes == []


def test_a_reload_refuses_nobody_and_loses_no_reader_a_number(
    start: Start, reading: Callable[[Process], Reader]
) -> None:
    process = start()
    shown = process.until(lambda snapshot: snapshot["complete"])
    reader = reading(process)
    reader.until(shown["seq"] + 1)
    answers: list[object] = []
    ending = threading.Event()

    def ask() -> None:
        while not ending.is_set():
            try:
                answers.append(process.get("/api/pnl/current").status_code)
            except httpx.HTTPError as error:
                answers.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    before = worker(process)
    for reload in (1, 2, 3, 4):
        process.process.send_signal(signal.SIGHUP)
        until(lambda reload=reload: process.said().count('"event": "leading"') == reload + 1)  # type: ignore[misc]  # mypy knows no defaults of a lambda
        reader.until(reader.seqs[-1] + 3)
    ending.set()
    for thread in asking:
        thread.join()

    assert set(answers) == {200}
    assert worker(process) != before
    assert reader.codes == [1012] * 4
    reader.whole()
    assert "Traceback" not in process.said()
