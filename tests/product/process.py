"""The product as a process: `python app.py` on a free port, in a folder of its own."""

import csv
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

TOP = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


class Process:
    """`python app.py` on a free port and a folder of its own, on the sandbox, with a tick a second."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PNL_")}
        given = {"PNL_PORT": str(self.port), "PNL_DATA_DIR": str(folder)}
        given |= {"PNL_INTERVAL_SECONDS": "1", "PNL_SPOOL_MB": "1"}
        self.log = (folder.parent / f"{self.port}.log").open("w+")
        self.environment = inherited | given | settings
        self.again()

    def again(self) -> None:
        """Start it, also after it has ended, on the same port and folder."""
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=TOP,
            env=self.environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def get(self, path: str) -> httpx.Response:
        """Return an answer."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def ready(self) -> None:
        """Wait until it has figures, which needs no name to be asked."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                if self.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)  # between two looks at another process
        raise AssertionError(f"it did not become ready: {self.said()}")

    def current(self) -> dict[str, Any]:
        """Return the newest snapshot; nothing while there is none."""
        try:
            answer = self.get("/api/pnl/current")
        except httpx.TransportError:
            return {}
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
        return found

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a snapshot of which something holds."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            snapshot = self.current()
            if snapshot and holds(snapshot):
                return snapshot
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)  # between two looks at another process
        raise AssertionError(f"it did not come about: {self.said()}")

    def exported(self) -> dict[int, dict[str, str]]:
        """Return every snapshot that was kept, by sequence."""
        text = self.get("/api/pnl/export.csv?table=snapshots&step=raw").text
        return {int(row["seq"]): row for row in csv.DictReader(io.StringIO(text))}

    def said(self) -> str:
        """Return what the process printed."""
        self.log.flush()
        return Path(self.log.name).read_text()

    def kill(self) -> None:
        """Kill it and its children, as a crash of the machine would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def end(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.kill()
        self.log.close()
