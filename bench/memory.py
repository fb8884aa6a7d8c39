"""Whether the product grows: `python -m bench.memory [minutes]`.

Starts the product on the sandbox with a tick every second, reads a page and the API as a browser
would, and prints the resident memory of its processes as time goes on.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PORT = 8961
WARM_SECONDS = 60


def resident(pid: int) -> float:
    """Return a process's resident memory in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def main() -> None:
    """Print a line a minute: seconds, megabytes of each process, megabytes in all, ticks made."""
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as folder:
        settings = {"PNL_PORT": str(PORT), "PNL_DATA_DIR": folder, "PNL_INTERVAL_SECONDS": "1", "PNL_SANDBOX": "on"}
        product = subprocess.Popen(
            [sys.executable, "app.py"], env={**os.environ, **settings}, stdout=subprocess.DEVNULL
        )
        began = time.monotonic()
        try:
            for minute in range(minutes + 1):
                while time.monotonic() - began < WARM_SECONDS * (minute + 1):
                    for path in ("/api/pnl/current", "/api/pnl/checks", "/api/pnl/records?limit=20"):
                        urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10).read() if minute else None
                    time.sleep(2)
                sizes = [resident(pid) for pid in family(product.pid)]
                print(
                    f"| {minute} min | {' + '.join(f'{size:.0f}' for size in sizes)} | {sum(sizes):.0f} MB |",
                    flush=True,
                )
        finally:
            product.send_signal(signal.SIGTERM)
            product.wait(20)


if __name__ == "__main__":
    main()
