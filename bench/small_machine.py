"""What a machine of 1 GB has to do: `python -m bench.small_machine ARCHIVE.db [CLIENTS]`.

The archive is one that `python -m bench.history FOLDER` makes, and the product grows it. The product runs in a control
group of one processor and 512 MB, as `compose.yaml` gives it, with real settings and a tick every ten seconds; its
sources and its live clients are outside. Root's rights are needed. The group's memory includes the page cache that it
has filled, which the kernel takes back when it is short.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.live.crowd import allow_files
from bench.live.measure import Load, measure_url
from bench.memory import family, resident
from bench.start import answered
from pnl.clock import SystemClock
from pnl.sandbox import Sandbox
from tests.deploy.small_machine import SmallMachine, small_machine
from tests.product.house import upstreams_of
from tests.product.process import Process

MEMORY = 512 << 20
CLIENTS = 500
TICKS = 12
INTERVAL = 10
LIMIT_MB = 500


def held(product: Process) -> str:
    """Return what the product's processes hold."""
    return " + ".join(f"{resident(pid):.0f}" for pid in family(product.process.pid)) + " MB"


def report(product: Process, machine: SmallMachine, clients: int, began: float) -> None:
    """Print how it does, a line a figure."""
    while not answered(product.port):
        time.sleep(0.005)
    print(f"| start to the first answer | {time.monotonic() - began:.2f} s |")
    product.until(lambda snapshot: snapshot["complete"])
    print(f"| memory at rest | {held(product)} |", flush=True)
    allow_files(clients + 100)
    url = f"ws://127.0.0.1:{product.port}/api/pnl/ws"
    run = measure_url(url, clients, 0, Load(TICKS, INTERVAL, 100), pid=product.process.pid)
    whole = sum(1 for one in run.messages if len(one.reached) == run.connected)
    print(f"| with {run.connected} clients | {held(product)} |")
    print(f"| ticks that reached every client | {whole} of {len(run.messages)} |")
    print(f"| a tick from the first to the last client, longest | {max(run.done_ms):.0f} ms |")
    print(f"| the most of the group (limit {LIMIT_MB} MB) | {machine.most / 1e6:.0f} MB |")
    print(f"| times that memory was short | {machine.short} |")


def main() -> None:
    """Print a table."""
    archive, clients = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else CLIENTS
    sandbox = Sandbox(seed=7, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=2))
    sandbox.start()
    with tempfile.TemporaryDirectory() as folder, small_machine(memory_bytes=MEMORY) as machine:
        given = upstreams_of(sandbox) | {"PNL_DATABASE_URL": f"sqlite:///{archive}"}
        given |= {"PNL_INTERVAL_SECONDS": str(INTERVAL), "PNL_MAX_CLIENTS_PER_ADDRESS": str(clients + 100)}
        print("| | |\n|---|---|")
        began = time.monotonic()
        product = Process(Path(folder) / "product", **given)
        try:
            machine.take_in(product.process.pid)
            report(product, machine, clients, began)
            product.stop()
        finally:
            product.end()
    sandbox.stop()


if __name__ == "__main__":
    main()
