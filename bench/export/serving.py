"""A server of the export and of a page's data over an archive: `python -m bench.export.serving ARCHIVE PORT`.

It is the product's own server, without ticks and live connections, which would only add to the noise.
"""

import sys
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app import THREADS, TURN_SECONDS
from pnl.cache import open_cache
from pnl.clock import SystemClock
from pnl.store import open_store
from pnl.web.compression import compress
from pnl.web.export import export
from pnl.web.guard import guard
from pnl.web.history import history
from pnl.web.newest import Newest
from pnl.web.problems import speak_problems
from pnl.web.query import Days

ZONE = "America/New_York"


class Serving(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One worker process with the product's threads."""

    def __init__(self, archive: Path, port: int) -> None:
        self._archive, self._port = archive, port
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        told = {"bind": f"127.0.0.1:{self._port}", "worker_class": "gthread", "workers": 1, "threads": THREADS}
        for name, value in {**told, "loglevel": "warning", "control_socket_disable": True}.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Put the server together, in the process that serves."""
        sys.setswitchinterval(TURN_SECONDS)
        store, clock, days = open_store(f"sqlite:///{self._archive}", demo=False), SystemClock(), Days(ZONE)
        cache = open_cache(None, stream=store.stream(), settings="bench", clock=clock)
        app = Flask("bench")
        app.config.update(PNL_HOST="127.0.0.1", PNL_PORT=self._port)
        speak_problems(app, 10)
        compress(app)
        guard(app, "127.0.0.1", ())
        app.register_blueprint(history(store, clock, days, 10, cache, Newest(store, clock, 10)))
        app.register_blueprint(export(store, clock, days, cache, lambda *_: ()))
        return app


if __name__ == "__main__":
    Serving(Path(sys.argv[1]), int(sys.argv[2])).run()
