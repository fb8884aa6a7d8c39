"""The whole product as it runs in earnest, for a soak to break: two processes, a Redis, a sandbox outside of them.

Either process may lead. A supervisor starts whatever ended, as systemd would; nobody else lends a hand.
"""

import os
import resource
import signal
import threading
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pnl.clock import SystemClock
from pnl.sandbox import Sandbox
from tests.product.house import upstreams_of
from tests.product.process import Process
from tests.proxy import Proxy
from tests.services import RedisServer

AGAIN_SECONDS = 1.0
"""So long a supervisor waits before it starts a process anew."""


class House:
    """Everything that runs, in a folder; ends with the `with`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self._parts = ExitStack()
        self._ending = threading.Event()
        epoch = datetime.now(UTC) - timedelta(days=3)
        self.sandbox = Sandbox(seed=seed, clock=SystemClock(), epoch=epoch)
        upstreams = self.sandbox.start()
        self._parts.callback(self.sandbox.stop)
        self.redis = RedisServer()
        self._parts.callback(self.redis.remove)
        self.redis.start()
        self.proxy = self._parts.enter_context(Proxy(self.redis.port))
        self.secrets = [
            upstreams.anthropic_admin_key,
            upstreams.revenue_token,
            upstreams.stripe_key,
            *upstreams.kalshi_private_key.splitlines()[1:-1],
        ]
        settings = upstreams_of(self.sandbox) | {
            "PNL_REDIS_URL": f"redis://127.0.0.1:{self.proxy.port}/0",
        }
        self.database = folder / "data" / "pnl.db"
        self.products: list[Process] = []
        self.restarts = 0
        for _ in range(2):
            product = Process(folder / "data", **settings)
            self.products.append(product)
            self._parts.callback(product.end)
            product.ready()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor")
        self._supervisor.start()

    def close(self) -> None:
        """End everything, last first."""
        self._ending.set()
        self._supervisor.join()
        self._parts.close()

    def _supervise(self) -> None:
        while not self._ending.wait(AGAIN_SECONDS):
            for product in self.products:
                if product.process.poll() is not None:
                    self.restarts += 1
                    with suppress(ProcessLookupError):  # workers that outlived it would keep the port
                        os.killpg(product.process.pid, signal.SIGKILL)
                    product.again()

    def workers(self, product: Process) -> list[int]:
        """Return the worker processes of a product, oldest first: none while it is being started."""
        children = Path(f"/proc/{product.process.pid}/task/{product.process.pid}/children")
        with suppress(OSError):
            return [int(one) for one in children.read_text().split()]
        return []

    def limit(self, what: int, most: int | None) -> None:
        """Set a limit of every worker, or take it away."""
        for product in self.products:
            for worker in self.workers(product):
                with suppress(ProcessLookupError):
                    _, hard = resource.prlimit(worker, what)
                    resource.prlimit(worker, what, (hard if most is None else most, hard))

    def said(self) -> str:
        """Return all that was printed."""
        return "".join(product.said() for product in self.products)
