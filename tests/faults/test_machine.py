"""A machine that has too little: memory that runs out, a processor that is taken away."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.breaking import starved
from tests.faults.test_process import start
from tests.product.process import Process
from tests.product.readers import until, worker

pytestmark = pytest.mark.slow
MEMORY = Path("/sys/fs/cgroup/memory")
ROOM = 60_000_000
HOG = """
import sys
print("on", flush=True)
held = []
for _ in range(1000):
    held.append(bytearray(b"x") * 4_000_000)
"""
start = start  # noqa: PLW0127 - a fixture of another module


@contextmanager
def grouped(process: int) -> Iterator[Path]:
    """Have a process, and all that it starts from now on, in a control group of their memory."""
    group = MEMORY / f"pnl-{os.getpid()}"
    group.mkdir()
    try:
        (group / "cgroup.procs").write_text(str(process))
        yield group
    finally:
        (group / "memory.limit_in_bytes").write_text("-1")
        for one in (group / "cgroup.procs").read_text().split():
            (MEMORY / "cgroup.procs").write_text(one)
        group.rmdir()


@pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="control groups of memory cannot be made here")
def test_a_worker_that_the_system_kills_for_its_memory_is_replaced_and_loses_nothing(
    start: Callable[..., Process],
) -> None:
    process = start()
    process.until(lambda snapshot: snapshot["seq"] >= 3)
    first = worker(process)
    with grouped(process.process.pid) as group:
        process.process.send_signal(signal.SIGHUP)
        until(lambda: not Path(f"/proc/{first}").exists())
        newest = process.current()["seq"]
        shown = process.until(lambda snapshot: snapshot["seq"] > newest + 2)
        before = worker(process)
        Path(f"/proc/{before}/oom_score_adj").write_text("1000")
        used = int((group / "memory.usage_in_bytes").read_text())
        (group / "memory.limit_in_bytes").write_text(str(used + ROOM))
        hog = subprocess.Popen(
            [sys.executable, "-c", HOG],
            stdout=subprocess.PIPE,
            preexec_fn=lambda: (group / "cgroup.procs").write_text(str(os.getpid())),  # noqa: PLW1509 - no threads here
        )
        until(lambda: not Path(f"/proc/{before}").exists())
        killed = int(re.findall(r"oom_kill (\d+)", (group / "memory.oom_control").read_text())[0])
        hog.kill()
        hog.communicate()

    assert killed
    later = process.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 2)
    assert worker(process) != before
    kept = process.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert process.get("/readyz").status_code == 200


def test_with_a_fifth_of_the_processor_ticks_go_on(start: Callable[..., Process]) -> None:
    process = start()
    shown = process.until(lambda snapshot: snapshot["complete"] and snapshot["seq"] >= 3)
    busy = worker(process)

    with starved([busy]):
        poor = process.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 5)
        assert process.get("/healthz").status_code == 200

    later = process.until(lambda snapshot: snapshot["complete"] and snapshot["seq"] > poor["seq"] + 3)
    assert worker(process) == busy
    kept = process.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[poor["seq"]]["net_usd"] == poor["net"]
    assert later["checks"]["failed"] == 0
