"""The product as its user starts it: a process that is started, killed, started again and stopped."""

import csv
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

TOP = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


class Process:
    """`python app.py` on a free port and a folder of its own, on the sandbox, with a tick a second."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PNL_")}
        given = {"PNL_PORT": str(self.port), "PNL_DATA_DIR": str(folder), "PNL_INTERVAL_SECONDS": "1"}
        self.log = (folder.parent / f"{self.port}.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=TOP,
            env=inherited | given | settings,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def get(self, path: str) -> httpx.Response:
        """Return an answer."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

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


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def begin(folder: str = "data", **settings: str) -> Process:
        started.append(Process(tmp_path / folder, **settings))
        return started[-1]

    yield begin
    for process in started:
        process.end()


def test_a_kill_loses_no_snapshot_that_was_shown_and_no_record(start: Callable[..., Process]) -> None:
    first = start()
    first.until(lambda snapshot: snapshot["complete"] and snapshot["seq"] >= 3)
    shown = first.current()
    fills = first.get("/api/pnl/records?kind=fills&limit=1000").json()["records"]
    first.kill()

    second = start()
    later = second.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 1 and snapshot["complete"])

    kept = second.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert {fill["id"] for fill in fills} <= {
        fill["id"] for fill in second.get("/api/pnl/records?kind=fills&limit=1000").json()["records"]
    }
    assert later["checks"]["failed"] == 0
    assert second.stop() == 0


def test_a_stop_is_clean_and_a_gap_is_told(start: Callable[..., Process]) -> None:
    first = start()
    stopped_at = first.until(lambda snapshot: snapshot["complete"])
    assert first.stop() == 0

    second = start()
    second.until(lambda snapshot: snapshot["seq"] > stopped_at["seq"])

    gaps = second.get("/api/pnl/history").json()["gaps"]
    assert [gap["reason"] for gap in gaps] == ["the product was not running"]
    assert "Traceback" not in first.said() + second.said()


def test_a_second_product_on_the_same_data_is_refused_with_the_cure(start: Callable[..., Process]) -> None:
    first = start()
    first.until(lambda snapshot: snapshot["seq"] >= 1)

    second = start()

    assert second.process.wait(60) != 0
    assert "in use by another process" in second.said()
    assert "PNL_DATA_DIR" in second.said()
    assert "Traceback" not in second.said()
    assert first.current()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PNL_INTERVAL_SECONDS": "7"}, "PNL_INTERVAL_SECONDS=7"),
        ({"PNL_INTERVALL_SECONDS": "5"}, "did you mean PNL_INTERVAL_SECONDS"),
        ({"PNL_HOST": "0.0.0.0"}, "PNL_HOST=0.0.0.0"),
        ({"PNL_KALSHI_KEY_ID": "abc"}, "PNL_KALSHI_PRIVATE_KEY"),
        ({"PNL_KALSHI_KEY_ID": "abc", "PNL_KALSHI_PRIVATE_KEY": "nonsense"}, "PNL_KALSHI_PRIVATE_KEY"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start_with_one_line(
    start: Callable[..., Process], settings: dict[str, str], told: str
) -> None:
    process = start(**settings)

    assert process.process.wait(60) != 0
    assert told in process.said()
    assert "Traceback" not in process.said()


def test_a_port_that_is_taken_is_told(start: Callable[..., Process]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(PNL_PORT=str(taken.getsockname()[1]))

        assert process.process.wait(60) == 2
        assert "PNL_PORT" in process.said()
