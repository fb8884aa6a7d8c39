"""Run with `python -m bench.export FOLDER`: exports a year of snapshots over HTTP, beside plain CSV writers."""

import argparse
import hashlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from bench.export.watch import Peak, cpu_seconds, megabytes
from bench.history import year

HOST, PORT = "127.0.0.1", 8964
PAGE = "/api/pnl/history?from=2025-03-01&to=2025-04-01&fields=net,revenue&step=1h&limit={}"
PART = 1 << 20
BUSY = 503
TURN_SECONDS = 0.0005


def main() -> None:
    """Make the archive where it is not there yet, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the archive is made; a year takes two gigabytes")
    parser.add_argument("--snapshots", type=int, default=year.A_YEAR)
    parser.add_argument("--formats", default="csv,csv.gz,parquet")
    given = parser.parse_args()
    sys.setswitchinterval(TURN_SECONDS)  # the page's client is not to wait for the export's
    folder = given.folder.resolve()
    path = folder / f"{given.snapshots}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        year.make(path, given.snapshots)
    server = subprocess.Popen([sys.executable, "-m", "bench.export.serving", str(path), str(PORT)])
    try:
        _ready()
        _export("csv", "?last=3")
        idle = megabytes(server.pid)
        print(f"{given.snapshots:,} snapshots; the server takes {idle:.0f} MB before the first export\n")
        print(
            "| | rows | MB | seconds | CPU seconds | rows a CPU second | most memory over idle, MB |\n"
            "|---|---|---|---|---|---|---|"
        )
        for kind in given.formats.split(","):
            _measure(server.pid, kind, idle)
    finally:
        server.terminate()
        server.wait()
    for way in ("raw", "exact"):
        _beside(way, path, folder, given.snapshots)
    print()
    _pages(path)


def _measure(pid: int, kind: str, idle: float) -> None:
    began, ran = time.monotonic(), cpu_seconds(pid)
    with Peak(pid) as peak:
        size, digest = _export(kind)
    took, ran = time.monotonic() - began, cpu_seconds(pid) - ran
    with urllib.request.urlopen(f"http://{HOST}:{PORT}/api/pnl/export.manifest?format={kind}") as answer:
        told = json.load(answer)
    assert (told["bytes"], told["sha256"]) == (size, digest), f"{kind}: the manifest does not tell what came"
    print(_line(f"export.{kind}", told["rows"], size, peak.most - idle, took=took, ran=ran), flush=True)


def _beside(way: str, archive: Path, folder: Path, rows: int) -> None:
    """Write the table plainly, in a process of its own."""
    target = folder / "plain.csv"
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "bench.export.plain", way, str(archive), str(target)])
    with Peak(process.pid) as peak:
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert not process.returncode
    ran = used.ru_utime + used.ru_stime
    took = time.monotonic() - began
    print(_line(f"csv.writer, {way}", rows, target.stat().st_size, peak.most, took=took, ran=ran))
    target.unlink()


def _line(name: str, rows: int, size: int, memory: float, *, took: float, ran: float) -> str:
    return f"| {name} | {rows:,} | {size / 1e6:.0f} | {took:.0f} | {ran:.1f} | {rows / ran:,.0f} | {memory:.0f} |"


def _pages(path: Path) -> None:
    """Ask for a month of history again and again, alone and beside one and four exports."""
    server = subprocess.Popen([sys.executable, "-m", "bench.export.serving", str(path), str(PORT)])
    try:
        _ready()
        print("| a month of history, never asked before | p50, ms | p99, ms |\n|---|---|---|")
        for number, exports in enumerate((0, 1, 4)):
            stop = threading.Event()
            running = [threading.Thread(target=_export, args=("csv", "", stop)) for _ in range(exports)]
            for one in running:
                one.start()
            took = sorted(_page(800 + number * 300 + place) for place in range(300))
            stop.set()
            for one in running:
                one.join()
            print(f"| beside {exports} exports | {statistics.median(took):.1f} | {took[297]:.1f} |", flush=True)
    finally:
        server.terminate()
        server.wait()


def _page(number: int) -> float:
    time.sleep(0.02)
    began = time.perf_counter()
    with urllib.request.urlopen(f"http://{HOST}:{PORT}{PAGE.format(number)}") as answer:
        answer.read()
    return (time.perf_counter() - began) * 1000


def _export(kind: str, query: str = "", stop: threading.Event | None = None) -> tuple[int, str]:
    """Fetch an export; return how many bytes there were, and their SHA-256."""
    connection = http.client.HTTPConnection(HOST, PORT, timeout=600)
    connection.request("GET", f"/api/pnl/export.{kind}{query}")
    answer = connection.getresponse()
    if stop and answer.status == BUSY:  # one that was cut short still gives its place back
        connection.close()
        time.sleep(0.1)
        return _export(kind, query, stop)
    assert answer.status == 200, answer.read()
    size, digest = 0, hashlib.sha256()
    while (part := answer.read1(PART)) and not (stop and stop.is_set()):
        size += len(part)
        digest.update(part)
    connection.close()
    return size, digest.hexdigest()


def _ready() -> None:
    for _ in range(600):
        try:
            _page(1_999)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not come up")


if __name__ == "__main__":
    main()
