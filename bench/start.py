"""How long a start takes until it serves: `python -m bench.start ARCHIVE.db [TIMES] [DAYS]`.

The archive is one that `python -m bench.history FOLDER` makes: a year of snapshots. The product is started on it as its
user does, again and again, with real settings whose sources are a sandbox in this process, with so many days of records
(365), all of which are in the archive after the first start. Timed is the first answer of `/`, with the figures in it;
beside it stands how much of the processor the product used until then.
"""

import os
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pnl.clock import SystemClock
from pnl.sandbox import Sandbox
from tests.product.house import upstreams_of
from tests.product.process import Process

TIMES = 7
DAYS = 365
LOOK_SECONDS = 0.005


def answered(port: int) -> bool:
    """Return whether the page is there, whole."""
    try:
        with socket.create_connection(("127.0.0.1", port), 30) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            whole = b"".join(iter(lambda: connection.recv(65_536), b""))
    except OSError:
        return False
    return whole.startswith(b"HTTP/1.1 200") and whole.rstrip().endswith(b"</html>")


def used(pid: int) -> float:
    """Return the seconds of the processor that a process and its children have used so far."""
    family = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    ticks = sum(
        sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:13])) for one in family
    )
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print a line."""
    archive = Path(sys.argv[1]).resolve()
    times = int(sys.argv[2]) if len(sys.argv) > 2 else TIMES
    days = int(sys.argv[3]) if len(sys.argv) > 3 else DAYS
    sandbox = Sandbox(seed=7, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=days))
    sandbox.start()
    took, worked = [], []
    with tempfile.TemporaryDirectory() as folder:
        given = upstreams_of(sandbox) | {"PNL_DATABASE_URL": f"sqlite:///{archive}", "PNL_INTERVAL_SECONDS": "10"}
        for number in range(times + 1):
            began = time.monotonic()
            product = Process(Path(folder) / "product", **given)
            while not answered(product.port):
                time.sleep(LOOK_SECONDS)
            if number:  # the first one warms what the system keeps of files
                took.append(time.monotonic() - began)
                worked.append(used(product.process.pid))
            product.until(lambda snapshot: snapshot["complete"])
            product.stop()
            product.end()
    sandbox.stop()
    idle = os.getloadavg()[0]
    reader = sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)
    with closing(reader):
        (records,) = reader.execute("SELECT count(*) FROM record").fetchone()
    print(f"{records:,} records")
    print(
        "| first answer, median | shortest | longest | processor, median | load of the machine |\n|---|---|---|---|---|"
    )
    seconds = (statistics.median(took), min(took), max(took), statistics.median(worked))
    print("".join(f"| {one:.2f} s " for one in seconds) + f"| {idle:.1f} |")


if __name__ == "__main__":
    main()
