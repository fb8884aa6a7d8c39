"""The dead man's switch hears from the real Alertmanager once a minute; here a minute is two seconds."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from statistics import median

import httpx
import pytest
import yaml

from tests.monitoring.rules import MONITORING, program
from tests.monitoring.stand import START_SECONDS, free_port

QUICK = 30
BEATS = 5
FAR_SECONDS = 0.1


class Switch:
    """Notes when it hears something, on loopback."""

    def __init__(self) -> None:
        self.heard: list[float] = []
        self._more = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def wait(self, beats: int) -> list[float]:
        """Return when the first beats came, once so many did."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.heard) >= beats, START_SECONDS), self.heard
            return self.heard[:beats]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(FAR_SECONDS)  # the way to a service on the internet
                self.send_response(200)
                self.end_headers()
                with here._more:
                    here.heard.append(time.monotonic())
                    here._more.notify_all()

            def log_message(self, *_: object) -> None:
                return

        return Handler


@pytest.fixture
def switch() -> Iterator[Switch]:
    found = Switch()
    yield found
    found.close()


def quicker(duration: str) -> str:
    """Return a duration of a file, divided."""
    number, unit = re.fullmatch(r"(\d+)([smh])", duration).groups()  # type: ignore[union-attr]  # ours are so
    return f"{int(number) * {'s': 1, 'm': 60, 'h': 3600}[unit] * 1000 // QUICK}ms"


def test_the_dead_mans_switch_hears_from_us_every_minute(tmp_path: Path, switch: Switch) -> None:
    sends = yaml.safe_load((MONITORING / "alertmanager.yml").read_text(encoding="utf-8"))
    for route in (sends["route"], *sends["route"]["routes"]):
        route |= {
            name: quicker(route[name]) for name in ("group_wait", "group_interval", "repeat_interval") if name in route
        }
    (dead_man,) = (one for one in sends["receivers"] if one["name"] == "dead-man")
    dead_man["webhook_configs"][0]["url"] = switch.url
    (tmp_path / "key").write_text("R0" * 16)
    for one in sends["receivers"]:
        for pager in one.get("pagerduty_configs", ()):
            pager["routing_key_file"] = str(tmp_path / "key")
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(sends))
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(
            [
                program("alertmanager", "prometheus-alertmanager"),
                "--config.file=alertmanager.yml",
                "--storage.path=silences",
                "--cluster.listen-address=",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            cwd=tmp_path,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        fire(port, running, tmp_path / "log")

        heard = switch.wait(BEATS)
    finally:
        running.terminate()
        running.wait(20)
    seconds = median(later - before for before, later in pairwise(heard)) * QUICK

    assert 45 <= seconds <= 75, heard


def fire(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    """Tell Alertmanager of the alert that always fires, once it listens."""
    alert = {"labels": {"alertname": "PnlWatchdog", "severity": "none"}, "annotations": {"summary": "x"}}
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.post(f"http://127.0.0.1:{port}/api/v2/alerts", json=[alert], timeout=5).raise_for_status()
        except httpx.HTTPError:
            assert running.poll() is None and time.monotonic() < end, log.read_text()  # noqa: PT018 - one story
            time.sleep(0.05)  # between two tries at another process
        else:
            return
