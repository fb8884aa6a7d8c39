"""The whole product beside a crowd: `python -m bench.live.whole [ARCHIVE.db] [CLIENTS]`.

The archive is one that `python -m bench.history FOLDER` makes; the product works on a copy. Its sources are a sandbox
in a process of its own, given as the real ones are, so that what is counted is the product and nothing else. Printed is
how it answers others alone, beside the crowd, and beside the crowd and an export; then what its processes hold.
"""

import multiprocessing
import shutil
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from bench.live.beside import beside
from bench.live.crowd import allow_files
from bench.live.processes import memory_kib
from pnl.clock import SystemClock
from pnl.sandbox import Sandbox
from tests.product.house import upstreams_of
from tests.product.process import Process

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = 10_000
LIMIT_MB = 250
RATE = 500
LOOK_SECONDS = 2


def _play(told: Connection) -> None:
    sandbox = Sandbox(seed=7, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=2))
    sandbox.start()
    told.send(upstreams_of(sandbox))
    told.recv()
    sandbox.stop()


@contextmanager
def upstreams() -> "Iterator[dict[str, str]]":
    """Play the sources in a process of their own; yield the settings that name them."""
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    player = fresh.Process(target=_play, args=(theirs,))
    player.start()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        player.join()


class Memory:
    """What a family of processes holds, looked at all the time."""

    def __init__(self, pid: int) -> None:
        self.pid, self.at_rest, self.most = pid, self._now(pid), 0.0
        self._over = threading.Event()
        self._looks = threading.Thread(target=self._look, daemon=True)
        self._looks.start()

    @staticmethod
    def _now(pid: int) -> float:
        return memory_kib(pid) * 1024 / 1e6

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.most = max(self.most, self._now(self.pid))

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._looks.join()


def main() -> None:
    """Print two tables."""
    given = sys.argv[1:]
    clients = int(given.pop()) if given and given[-1].isdigit() else CLIENTS
    allow_files(clients + 1_000)
    with tempfile.TemporaryDirectory() as folder, upstreams() as settings:
        home = Path(folder) / "product"
        home.mkdir()
        if given:
            shutil.copy(given[0], home / "pnl.db")
            settings |= {"PNL_DATABASE_URL": f"sqlite:///{home / 'pnl.db'}"}
        settings |= {"PNL_INTERVAL_SECONDS": "10", "PNL_SPOOL_MB": "16"}
        settings |= {"PNL_MAX_CLIENTS": str(clients + 1_000), "PNL_MAX_CLIENTS_PER_ADDRESS": str(clients + 1_000)}
        product = Process(home, **settings)
        try:
            product.ready()
            time.sleep(LOOK_SECONDS)
            memory = Memory(product.process.pid)
            print("\n".join(beside(f"http://127.0.0.1:{product.port}", clients, RATE, [])), flush=True)
            memory.stop()
            print("\n| memory of both processes | MB |\n|---|---|")
            print(f"| at rest | {memory.at_rest:.0f} |")
            print(f"| the most, with {clients:,} clients and an export (limit {LIMIT_MB}) | {memory.most:.0f} |")
            product.stop()
        finally:
            product.end()


if __name__ == "__main__":
    main()
