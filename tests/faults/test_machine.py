"""A machine that has too little: memory that runs out, a processor that is taken away."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.breaking import starved
from tests.faults.test_process import start
from tests.product.process import Process
from tests.product.test_roles import worker

pytestmark = pytest.mark.slow
MEMORY = Path("/sys/fs/cgroup/memory")
HOG = """
import sys
print("on", flush=True)
held = []
for _ in range(1000):
    held.append(bytearray(b"x") * 4_000_000)
"""
start = start  # noqa: PLW0127 - a fixture of another module


@contextmanager
def limited(processes: list[int], room: int) -> Iterator[Path]:
    """Hold processes to so many bytes beyond what they have, by a control group."""
    group = MEMORY / f"pnl-{os.getpid()}"
    group.mkdir()
    try:
        for process in processes:
            (group / "cgroup.procs").write_text(str(process))
            (group / "memory.move_charge_at_immigrate").write_text("3")
        used = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * 4096 for one in processes)
        (group / "memory.limit_in_bytes").write_text(str(used + room))
        yield group
    finally:
        for process in (group / "cgroup.procs").read_text().split():
            (MEMORY / "cgroup.procs").write_text(process)
        group.rmdir()


@pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="control groups of memory cannot be made here")
def test_a_worker_that_the_system_kills_for_its_memory_is_replaced_and_loses_nothing(
    start: Callable[..., Process],
) -> None:
    process = start()
    shown = process.until(lambda snapshot: snapshot["seq"] >= 3)
    before = worker(process)
    Path(f"/proc/{before}/oom_score_adj").write_text("1000")
    Path(f"/proc/{process.process.pid}/oom_score_adj").write_text("-1000")

    with limited([process.process.pid, before], 100_000_000) as group:
        hog = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"import os; os.setpgid(0, 0)\nopen('/proc/self/oom_score_adj', 'w').write('-900')\n{HOG}",
            ],
            stdout=subprocess.PIPE,
            preexec_fn=lambda: (group / "cgroup.procs").write_text(str(os.getpid())),  # noqa: PLW1509 - no threads here
        )
        end = time.monotonic() + 60
        while Path(f"/proc/{before}").exists() and time.monotonic() < end:
            time.sleep(0.05)  # between two looks at another process
        killed = not Path(f"/proc/{before}").exists()
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
