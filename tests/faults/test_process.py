"""The product as a process, and what befalls processes."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pnl.live.descriptors import SPARE
from tests.faults.test_recovery import name_in_the_schema
from tests.live.wire import Wire
from tests.product.process import Process
from tests.product.readers import worker

PRLIMIT = pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
GIVE_UP = """
import asyncio, sys
from pathlib import Path
from pnl.aggregator.farewell import Farewell
from pnl.aggregator.schedule import Schedule
from tests.fakes import StillClock

class Hanging:
    async def tick(self):
        print("began", flush=True)
        await asyncio.Event().wait()
    async def close(self):
        pass
    def give_up(self):
        Farewell(Path(sys.argv[1])).write(7)

clock = StillClock()
schedule = Schedule(Hanging(), clock=clock, interval_seconds=1)
schedule.start()
clock.go(1000)
schedule._thread.join()
"""


def handshake(port: int) -> str:
    shake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    return f"GET /api/pnl/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{shake}Sec-WebSocket-Key: {'A' * 22}==\r\n\r\n"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def begin(folder: str = "data", **settings: str) -> Process:
        started.append(Process(tmp_path / folder, **settings))
        return started[-1]

    yield begin
    for process in started:
        process.end()


def test_a_tick_that_hangs_for_ever_ends_the_process_with_70_and_leaves_word(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", GIVE_UP, str(tmp_path)], capture_output=True, timeout=60, check=False)

    assert done.returncode == 70
    assert any(path.read_text().strip() == "7" for path in tmp_path.iterdir())


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_loses_nothing(start: Callable[..., Process]) -> None:
    process = start()
    shown = process.until(lambda snapshot: snapshot["seq"] >= 3)
    before = worker(process)

    os.kill(before, signal.SIGKILL)
    later = process.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 2)

    assert worker(process) != before
    kept = process.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert process.stop() == 0


@PRLIMIT
@pytest.mark.slow
def test_without_a_descriptor_to_spare_ticks_go_on_and_pages_come_back(start: Callable[..., Process]) -> None:
    process = start()
    process.until(lambda snapshot: snapshot["seq"] >= 3)
    busy = worker(process)
    there = len(list(Path(f"/proc/{busy}/fd").iterdir()))
    subprocess.run(["prlimit", f"--pid={busy}", f"--nofile={there + 12}:{there + 12}"], check=True)
    before = process.current()["seq"]

    idle = [socket.create_connection(("127.0.0.1", process.port)) for _ in range(60)]
    for one in idle:
        one.close()

    after = process.until(lambda snapshot: snapshot["seq"] > before + 4)
    assert set(process.exported()) >= set(range(1, after["seq"] + 1))
    assert process.get("/healthz").status_code == 200
    assert worker(process) == busy


@PRLIMIT
@pytest.mark.slow
def test_a_crowd_beyond_all_places_is_refused_and_whoever_has_one_keeps_it(start: Callable[..., Process]) -> None:
    process = start()
    limit = SPARE + 150
    subprocess.run(["prlimit", f"--pid={process.process.pid}", f"--nofile={limit}:{limit}"], check=True)
    process.until(lambda snapshot: snapshot["seq"] >= 2)
    busy = worker(process)

    with ExitStack() as open_ones:
        inside = [open_ones.enter_context(Wire(process.port)) for _ in range(limit - SPARE)]
        outside = []
        for _ in range(2 * SPARE):
            outside.append(open_ones.enter_context(socket.create_connection(("127.0.0.1", process.port), 60)))
            outside[-1].sendall(handshake(process.port).encode())
        told = [one.recv(65_536).decode() for one in outside]
        later = process.until(lambda snapshot: snapshot["seq"] > 3)["seq"]

        assert {one.status for one in inside} == {101}
        assert {head.split()[1] for head in told} == {"503"}
        assert all("Retry-After: 10" in head for head in told)
        for one in inside:
            while one.message().get("seq", 0) < later:
                pass
        assert worker(process) == busy


@PRLIMIT
@pytest.mark.slow
def test_a_disk_that_is_full_for_a_while_loses_no_snapshot_and_needs_no_hand(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    process = start()
    process.until(lambda snapshot: snapshot["seq"] >= 3)
    busy = worker(process)
    database = tmp_path / "data" / "demo.db"
    room = database.with_name("demo.db-wal").stat().st_size // 2
    subprocess.run(["prlimit", f"--pid={busy}", f"--fsize={max(room, 4096)}:unlimited"], check=True)
    spool = database.with_name("demo.db.spool")
    assert spool.stat().st_size == 1 << 20  # laid by before; writing into it at its beginning asks for no room

    waiting = process.until(lambda _snapshot: "warnings" in process.get("/readyz").json())
    shown = process.until(lambda snapshot: snapshot["seq"] > waiting["seq"] + 3)
    assert process.get("/readyz").status_code == 200
    subprocess.run(["prlimit", f"--pid={busy}", "--fsize=unlimited:unlimited"], check=True)
    process.until(lambda snapshot: snapshot["seq"] > shown["seq"] and "warnings" not in process.get("/readyz").json())

    kept = process.exported()
    assert set(kept) >= set(range(1, shown["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert worker(process) == busy


@PRLIMIT
@pytest.mark.slow
def test_a_gap_says_that_nothing_could_be_kept_also_where_the_process_was_killed_meanwhile(
    start: Callable[..., Process],
) -> None:
    process = start()
    shown = process.until(lambda snapshot: snapshot["seq"] >= 3)
    # Neither the log of the database nor a tick in the spool begins below 4,096 bytes; a note that was laid by does.
    subprocess.run(["prlimit", f"--pid={worker(process)}", "--fsize=4096:unlimited"], check=True)
    process.until(lambda _snapshot: process.said().count("tick not kept") >= 4)
    process.kill()

    process.again()
    process.until(lambda snapshot: snapshot["seq"] > shown["seq"] and bool(process.get("/readyz").is_success))

    gaps = process.get("/api/pnl/history").json()["gaps"]
    assert "no snapshot could be kept, and then the product was not running" in {gap["reason"] for gap in gaps}


def zeros(path: Path) -> None:
    """Leave a page of zeros of the file."""
    path.write_bytes(b"\0" * 4096)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [zeros, name_in_the_schema], ids=lambda damage: damage.__name__)
def test_what_a_lost_disk_had_comes_back_from_the_backups(
    start: Callable[..., Process], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    place = str(tmp_path / "backups")
    process = start(PNL_BACKUP_FOLDER=place)
    process.until(lambda _snapshot: process.get("/api/pnl/status").json()["backups"][:1] != [])
    process.until(lambda _snapshot: list((tmp_path / "backups").rglob("*.json")) != [])
    shown = process.current()
    assert process.stop() == 0  # which sends the last ticks
    database = tmp_path / "data" / "demo.db"
    damage(database)

    again = start(PNL_BACKUP_FOLDER=place)
    later = again.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 1)

    status = again.get("/api/pnl/status").json()
    assert status["restored"]["seq"] >= shown["seq"] - 61
    reasons = {gap["reason"] for gap in again.get("/api/pnl/history").json()["gaps"]}
    assert "the archive was restored from a backup that ends here" in reasons
    assert later["seq"] > status["restored"]["seq"]
    assert len(list(database.parent.glob("demo.db.damaged-*"))) >= 1
