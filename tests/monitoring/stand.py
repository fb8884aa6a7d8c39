"""Prometheus and Alertmanager as they are shipped, but quick: what is minutes in the files is seconds here."""

import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Literal, Self

import httpx
import yaml

from tests.monitoring.rules import MONITORING, program

ROUTING_KEY = "R0" * 16
START_SECONDS = 45


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Stand:
    """Both programs, in a folder, between `with` and its end.

    Args:
        folder: For their files.
        target: The port of the product.
        pagerduty: Where PagerDuty and the dead man's switch are.
        token: What Prometheus shows to the product.
    """

    def __init__(self, folder: Path, target: int, pagerduty: str, token: str) -> None:
        self._folder = folder
        self._prometheus, self._alertmanager = free_port(), free_port()
        self._commands: dict[str, tuple[str, ...]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "rules").mkdir()
        (folder / "metrics-token").write_text(token)
        (folder / "key").write_text(ROUTING_KEY)
        for path in (MONITORING / "rules").glob("*.yml"):
            self._write(f"rules/{path.name}", _hurried(yaml.safe_load(path.read_text())))
        asks = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
        asks["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        asks["scrape_configs"][0] |= {
            "scrape_timeout": "1s",
            "static_configs": [{"targets": [f"127.0.0.1:{target}"]}],
        }
        asks["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{self._alertmanager}"]}]
        self._write("prometheus.yml", asks)
        sends = yaml.safe_load((MONITORING / "alertmanager.yml").read_text())
        for route in (sends["route"], *sends["route"]["routes"]):
            route |= {"group_wait": "0s", "group_interval": "1s"}
        for receiver in sends["receivers"]:
            for one in receiver.get("pagerduty_configs", ()):
                one |= {"routing_key_file": str(folder / "key"), "url": f"{pagerduty}/v2/enqueue"}
            for one in receiver.get("webhook_configs", ()):
                one["url"] = f"{pagerduty}/dead-man"
        self._write("alertmanager.yml", sends)

    def __enter__(self) -> Self:
        self._start(
            program("alertmanager", "prometheus-alertmanager"),
            "--config.file=alertmanager.yml",
            "--storage.path=silences",
            "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{self._alertmanager}",
        )
        self._start(
            program("prometheus"),
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=series",
            "--rules.alert.resend-delay=1s",
            f"--web.listen-address=127.0.0.1:{self._prometheus}",
        )
        try:
            self._ready(self._alertmanager)
            self._ready(self._prometheus)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(20)

    def asked(self, expr: str) -> list[Any]:
        """Return what Prometheus answers to an expression."""
        answer = httpx.get(f"http://127.0.0.1:{self._prometheus}/api/v1/query", params={"query": expr}, timeout=10)
        found: list[Any] = answer.json()["data"]["result"]
        return found

    def fire(self, **labels: str) -> None:
        """Give Alertmanager an alert that Prometheus knows nothing of."""
        alert = {"labels": labels, "annotations": {"summary": "x"}}
        url = f"http://127.0.0.1:{self._alertmanager}/api/v2/alerts"
        httpx.post(url, json=[alert], timeout=10).raise_for_status()

    def alerts(self) -> list[tuple[dict[str, str], list[str]]]:
        """Return the labels of each alert that Alertmanager knows, and what mutes it."""
        found = httpx.get(f"http://127.0.0.1:{self._alertmanager}/api/v2/alerts", timeout=10).json()
        return [(one["labels"], one["status"]["inhibitedBy"]) for one in found]

    def end(self, name: Literal["prometheus", "alertmanager"]) -> None:
        """End one of the two, as a crash does."""
        process = self._running.pop(name)
        process.kill()
        process.wait(20)

    def again(self, name: Literal["prometheus", "alertmanager"]) -> None:
        """Start one that was ended, on the same files."""
        self._run(name)
        self._ready(self._prometheus if name == "prometheus" else self._alertmanager)

    def _start(self, *command: str) -> None:
        name = Path(command[0]).name.removeprefix("prometheus-")
        self._commands[name] = command
        self._run(name)

    def _run(self, name: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            command = self._commands[name]
            self._running[name] = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT)

    def _ready(self, port: int) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/-/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)  # between two looks at another process
        logs = {path.name: path.read_text()[-1500:] for path in self._folder.glob("*.log")}
        raise AssertionError(f"it did not start: {logs}")

    def _write(self, name: str, content: object) -> None:
        (self._folder / name).write_text(yaml.safe_dump(content))


def _hurried(rules: dict[str, Any]) -> dict[str, Any]:
    for group in rules["groups"]:
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = "1s"
    return rules
