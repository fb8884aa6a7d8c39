"""This product's live feed with a message of the benchmark's: `python -m bench.live.ours PORT SECONDS`.

The feed, the hub and the routes are the product's own, on gunicorn as `app.py` sets it up; only the
aggregator and the pages are left out. Publishing includes telling the difference to the last snapshot.
"""

import gc
import json
import secrets
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app import THREADS, TURN_SECONDS
from bench.live.message import BYTES
from pnl.domain.snapshot import instant
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.web.live import live


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, with the feed and nothing else."""

    def __init__(self, port: int, seconds: float) -> None:
        self._port, self._seconds = port, seconds
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        for name, value in {
            "bind": f"127.0.0.1:{self._port}",
            "worker_class": "pnl.web.worker.Worker",
            "workers": 1,
            "threads": THREADS,
            "control_socket_disable": True,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Put the feed together in the process that serves it, and begin to publish."""
        sys.setswitchinterval(TURN_SECONDS)
        feed = Feed(secrets.token_hex(4), _now)
        hub = Hub(feed, Seats(1_000_000, 1_000_000))
        hub.start()
        threading.Thread(target=_publish, args=(feed, self._seconds), daemon=True).start()
        server = Flask(__name__)
        server.register_blueprint(live(hub))
        gc.freeze()  # as the desk does
        return server


def _publish(feed: Feed, seconds: float) -> None:
    number = 10_000
    feed.publish(number, _snapshot(number, 0))
    while True:
        time.sleep(seconds)
        number += 1
        now = time.monotonic_ns()
        room = BYTES - len(_delta(number, now, ""))
        feed.publish(number, _snapshot(number, now, "xy"[number % 2] * room))


def _snapshot(number: int, now: int, pad: str = "") -> str:
    """Return a small snapshot, of which all but the empty tables changes every time."""
    return json.dumps({"seq": number, "as_of": _now(), "sources": {}, "positions": [], "ns": now, "pad": pad})


def _delta(number: int, now: int, pad: str) -> str:
    changed = {"seq": number, "as_of": _now(), "ns": now, "pad": pad}
    return json.dumps({"t": "delta", "seq": number, "base": number - 1, "set": changed}, separators=(",", ":"))


def _now() -> str:
    return instant(datetime.now(UTC)) or ""


if __name__ == "__main__":
    sys.argv, (port, seconds) = sys.argv[:1], sys.argv[1:]
    Server(int(port), float(seconds)).run()
