"""A reload hands over to a worker that is there, and to no other."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product.process import Process
from tests.product.readers import until


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """Start the product, and wait for its first figures."""
    process = Process(tmp_path / "data")
    process.until(lambda snapshot: snapshot["complete"])
    yield process
    process.end()


def workers(process: Process) -> list[int]:
    """Return its workers, the oldest first."""
    found = subprocess.run(["pgrep", "-P", str(process.process.pid)], capture_output=True, text=True, check=True)
    return sorted(int(line) for line in found.stdout.split())


def test_a_fresh_worker_that_comes_up_slowly_keeps_nobody_waiting(process: Process) -> None:
    (old,) = workers(process)

    process.process.send_signal(signal.SIGHUP)
    until(lambda: len(workers(process)) == 2)
    fresh = next(one for one in workers(process) if one != old)
    os.kill(fresh, signal.SIGSTOP)
    try:
        seq = process.current()["seq"]
        process.until(lambda snapshot: snapshot["seq"] >= seq + 8)  # longer than gunicorn waits for an old worker
        assert old in workers(process)
    finally:
        os.kill(fresh, signal.SIGCONT)

    until(lambda: workers(process) == [fresh])
    seq = process.current()["seq"]
    process.until(lambda snapshot: snapshot["seq"] >= seq + 2)


def test_a_fresh_worker_that_cannot_start_leaves_the_old_one_serving(process: Process, tmp_path: Path) -> None:
    (old,) = workers(process)
    (path,) = (tmp_path / "data").glob("*.db")
    with sqlite3.connect(path) as database:
        ((ours,),) = database.execute("SELECT version_num FROM alembic_version").fetchall()
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    process.process.send_signal(signal.SIGHUP)
    until(lambda: "The fresh worker could not start: the one before it goes on." in process.said())

    assert "9999" in process.said()
    assert workers(process) == [old]
    seq = process.current()["seq"]
    process.until(lambda snapshot: snapshot["seq"] >= seq + 2)

    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (ours,))
    process.process.send_signal(signal.SIGHUP)
    until(lambda: old not in workers(process))
    process.until(lambda snapshot: snapshot["seq"] >= seq + 4)
    process.process.terminate()
    assert process.process.wait(30) == 0
