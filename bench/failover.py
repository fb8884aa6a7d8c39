"""How long nobody makes ticks when the leader is lost: `python -m bench.failover [ROUNDS]`.

Two whole nodes with a tick a second, on a SQLite file and on a PostgreSQL, with a Redis. In each round the one that
leads is killed, or stopped as a machine that hangs is, just after a tick; what is timed goes from then until the other
serves a newer snapshot. Then the lost one comes back, and follows.
"""

import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pnl.clock import SystemClock
from pnl.sandbox import Sandbox
from tests.product.house import upstreams_of
from tests.product.process import Process
from tests.services import PostgresServer, RedisServer

ROUNDS = 10


def kill(node: Process) -> None:
    """End a node as the loss of its machine would."""
    node.kill()


def freeze(node: Process) -> None:
    """Stop all processes of a node."""
    os.killpg(node.process.pid, signal.SIGSTOP)


def bring_back(node: Process, seq: int) -> None:
    """Have a lost node serve again what the other one ticks."""
    if node.process.poll() is None:
        os.killpg(node.process.pid, signal.SIGCONT)
    else:
        node.again()
    node.until(lambda snapshot: snapshot["seq"] > seq and ticked_elsewhere(node))


def ticked_elsewhere(node: Process) -> bool:
    """Tell whether a node follows; it may still answer for a moment after it thawed."""
    return not node.get("/api/pnl/status").json()["process"]["leads"]


def lost(leading: Process, waiting: Process, lose: Callable[[Process], None]) -> float:
    """Return how many seconds nobody ticked."""
    seq = leading.current()["seq"]
    leading.until(lambda snapshot: snapshot["seq"] > seq)
    held = waiting.until(lambda snapshot: snapshot["seq"] > seq)["seq"]
    lose(leading)
    began = time.monotonic()
    found = waiting.until(lambda snapshot: snapshot["seq"] > held)
    took = time.monotonic() - began
    bring_back(leading, found["seq"])
    return took


def main() -> None:
    """Print a line for each database and each kind of loss."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        sandbox = Sandbox(seed=7, clock=SystemClock(), epoch=datetime.now(UTC) - timedelta(days=2))
        sandbox.start()
        parts.callback(sandbox.stop)
        redis, postgres = RedisServer(), PostgresServer()
        for server in (redis, postgres):
            parts.callback(server.remove)
            server.start()
        print("| database | the leader is | median, s | longest, s |\n|---|---|---|---|")
        for database in ("PostgreSQL", "SQLite"):
            url = postgres.url(postgres.create()) if database == "PostgreSQL" else f"sqlite:///{folder / 'pnl.db'}"
            shared = upstreams_of(sandbox) | {"PNL_DATABASE_URL": url, "PNL_REDIS_URL": redis.url}
            with ExitStack() as running:
                nodes = []
                for name in ("one", "two"):
                    node = Process(folder / f"{database}-{name}", **shared)
                    running.callback(node.end)
                    node.until(lambda snapshot: snapshot["complete"])
                    nodes.append(node)
                for kind, lose in (("killed", kill), ("frozen", freeze)):
                    took = []
                    for _ in range(rounds):
                        leading, waiting = sorted(nodes, key=ticked_elsewhere)
                        took.append(lost(leading, waiting, lose))
                    print(f"| {database} | {kind} | {statistics.median(took):.1f} | {max(took):.1f} |", flush=True)


if __name__ == "__main__":
    main()
