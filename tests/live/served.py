"""The live routes on gunicorn's gthread worker, as `app.py` sets it up: `python -m tests.live.served PORT THREADS`."""

import json
import signal
import sys
from types import FrameType
from typing import Any

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication

from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.web.live import live
from tests.live.stage import NOW, snapshot


class Served(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with a feed that ticks when it is asked to."""

    def __init__(self, port: int, threads: int, more: dict[str, str]) -> None:
        self._port, self._threads, self._more = port, threads, more
        self.feed = Feed("k3f9x2", lambda: NOW)
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        for name, value in {
            "bind": f"127.0.0.1:{self._port}",
            "worker_class": "pnl.web.worker.Worker",
            "threads": self._threads,
            "graceful_timeout": 5,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_worker_init": lambda _worker: self._started(),
            "worker_exit": lambda _server, _worker: self.hub.close(),
            **self._more,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Put it together in the worker."""
        self.hub = Hub(self.feed, Seats(1000, 1000))
        self.feed.publish(1, json.dumps(snapshot(1)))
        app = Flask("served")
        app.register_blueprint(live(self.hub))
        app.add_url_rule("/hello", "hello", lambda: Response("hello"))
        app.add_url_rule("/counts", "counts", lambda: dict(self.hub.counts))
        app.add_url_rule("/tick", "tick", self._tick)
        return app

    def _tick(self) -> Response:
        seq = request.args.get("seq", type=int) or 0
        self.feed.publish(seq, json.dumps(snapshot(seq)))
        return Response(str(seq))

    def _started(self) -> None:
        self.hub.start()
        stop = signal.getsignal(signal.SIGTERM)

        def told(number: int, frame: FrameType | None) -> None:
            self.hub.drain()
            if callable(stop):
                stop(number, frame)

        signal.signal(signal.SIGTERM, told)


if __name__ == "__main__":
    sys.argv, (port, threads, *more) = sys.argv[:1], sys.argv[1:]
    Served(int(port), int(threads), dict(each.split("=", 1) for each in more)).run()
