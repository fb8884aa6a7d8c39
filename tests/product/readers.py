"""Live clients of processes that come and go, and what the log of such a process tells."""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from itertools import cycle, pairwise
from typing import Any

import httpx
from simple_websocket import Client, ConnectionClosed

from tests.product.process import PATIENCE_SECONDS, Process

SILENCE_SECONDS = 4.0
"""With a tick a second, a connection on which nothing came for so long is given up, as a page does."""


class Reader:
    """A live client that comes back as a page does, and remembers the sequences it held.

    Args:
        process: Whom it reads.
        others: To whom it goes, in turn, when that one is gone or says nothing more, as behind a balancer.
    """

    def __init__(self, process: Process, *others: Process) -> None:
        self.seqs: list[int] = []
        self.document: dict[str, Any] = {}
        self.stream = ""
        self.codes: list[int] = []
        self._ways = cycle((process, *others))
        self._patient = not others
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join(30)

    def until(self, seq: int) -> None:
        """Wait until a sequence was held."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.seqs or self.seqs[-1] < seq:
            assert time.monotonic() < end, (self.seqs, self.codes)
            self._ending.wait(0.02)

    def whole(self) -> None:
        """Assert that every sequence came, once."""
        assert all(two == one + 1 for one, two in pairwise(self.seqs)), self.seqs

    def _run(self) -> None:
        while not self._ending.is_set():
            process = next(self._ways)
            after = f"?after={self.seqs[-1]}&stream={self.stream}" if self.seqs else ""
            try:
                if not self._patient:
                    httpx.get(f"http://127.0.0.1:{process.port}/healthz", timeout=1)  # as a balancer does
                self._listen(Client(f"ws://127.0.0.1:{process.port}/api/pnl/ws{after}"))
            except ConnectionClosed as closed:
                self.codes.append(int(closed.reason or 0))
            except (OSError, Exception):  # noqa: BLE001 - whatever the client raises while nobody listens
                self._ending.wait(0.1)

    def _listen(self, socket: Client) -> None:
        heard = time.monotonic()
        while not self._ending.is_set() and (self._patient or time.monotonic() - heard < SILENCE_SECONDS):
            text = socket.receive(0.5)
            if text is None:
                continue
            heard = time.monotonic()
            message = json.loads(text)
            if message["t"] == "snapshot":
                self.stream, self.document = message["stream"], message["data"]
                self.seqs.append(self.document["seq"])
            elif message["t"] == "delta":
                assert message["base"] == self.seqs[-1]
                self.seqs.append(message["seq"])
        socket.close()


def leads(process: Process) -> bool:
    return '"event": "leading"' in process.said()


def worker(process: Process) -> int:
    found = subprocess.run(["pgrep", "-P", str(process.process.pid)], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def until(holds: Callable[[], bool]) -> None:
    """Wait for something outside this process."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)  # between two looks at another process
