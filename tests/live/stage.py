"""A feed, its hub and the live routes on Werkzeug's threaded server, for tests over real sockets."""

import json
import socket
import threading
from typing import Any, Self

from flask import Flask, Response, g, request
from werkzeug.serving import make_server

from pnl.access.people import Caller
from pnl.domain.delta import apply_patch
from pnl.domain.snapshot import Json
from pnl.live.client import STALL_SECONDS
from pnl.live.feed import Feed
from pnl.live.hub import BEAT_SECONDS, Hub
from pnl.live.seats import Seats
from pnl.web.live import live
from pnl.web.problems import speak_problems
from tests.live.wire import PATIENCE_SECONDS, Wire

NOW = "2026-11-20T19:32:20.004Z"


def snapshot(seq: int, *, positions: int = 1, pad: str = "") -> dict[str, Json]:
    """A snapshot whose `net` is its sequence."""
    return {
        "schema": "pnl-snapshot/1",
        "seq": seq,
        "as_of": "2026-11-20T19:32:10.004Z",
        "net": str(seq),
        "pad": pad,
        "sources": {"kalshi": {"status": "live", "as_of": "2026-11-20T19:32:10Z", "next_attempt": None}},
        "positions": [{"ticker": f"KX-{number}", "mark": "0.51", "title": "T" * 400} for number in range(positions)],
    }


class Stage:
    """The feed with its server; ends with the test."""

    def __init__(
        self,
        *,
        total: int = 1000,
        per_address: int = 1000,
        beat_seconds: float = BEAT_SECONDS,
        stall_seconds: float = STALL_SECONDS,
        ticketed: bool = False,
    ) -> None:
        self.feed = Feed("k3f9x2", lambda: NOW)
        self.seats = Seats(total, per_address)
        self.elsewhere: list[int] = []
        self.hub = Hub(
            self.feed, self.seats, catch_up=self._catch_up, beat_seconds=beat_seconds, stall_seconds=stall_seconds
        )
        self.hub.start()
        app = Flask("stage")
        if ticketed:
            app.before_request(_ticket)
        speak_problems(app, 10)
        app.register_blueprint(live(self.hub))
        app.add_url_rule("/hello", view_func=lambda: Response("hello"))

        def from_elsewhere(environ: dict[str, Any], start: Any) -> Any:  # noqa: ANN401 - a WSGI application
            environ["REMOTE_ADDR"] = environ.get("HTTP_X_TEST_ADDRESS", environ["REMOTE_ADDR"])
            return app.wsgi_app(environ, start)

        self.server = make_server("127.0.0.1", 0, from_elsewhere, threaded=True)
        self.server.log = lambda *_: None  # type: ignore[method-assign]  # its requests are no news here
        self.port = self.server.server_port
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hub.close()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()

    def _catch_up(self) -> None:
        """Take what another process has ticked: the sequences `elsewhere`."""
        while self.elsewhere:
            self.publish(self.elsewhere.pop(0))

    def publish(self, seq: int, **more: Any) -> None:  # noqa: ANN401 - as `snapshot` takes them
        """Make a tick."""
        self.feed.publish(seq, json.dumps(snapshot(seq, **more)))

    def wire(self, path: str = "/api/pnl/ws", **more: Any) -> Wire:  # noqa: ANN401 - as `Wire` takes them
        """Connect."""
        return Wire(self.port, path, **more)

    def bare(self) -> socket.socket:
        """Connect, and say nothing yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    @property
    def clients(self) -> int:
        """How many the hub has."""
        return self.hub.counts["clients"]


def _ticket() -> None:
    """Let a visitor in by the ticket that its header names."""
    ticket = request.headers.get("X-Test-Ticket")
    if ticket:
        g.caller = Caller(name=ticket, role="viewer", way="session", ticket=ticket)


class Reader:
    """Keeps the snapshot current, as a client should, and notes each sequence that it was brought to."""

    def __init__(self) -> None:
        self.document: dict[str, Json] = {}
        self.seq: int | None = None
        self.seen: list[int] = []
        self.snapshots = 0

    def take(self, message: dict[str, Any]) -> None:
        """Apply a message; one that does not fit is an error."""
        if message["t"] == "snapshot":
            self.document, self.snapshots = message["data"], self.snapshots + 1
        elif message["t"] == "delta":
            assert message["base"] == self.seq, (message["base"], self.seq)
            self.document = apply_patch(self.document, message["set"])
        else:
            assert message["t"] != "beat" or message["seq"] in (self.seq, 0) or self.seq is None
            return
        found = self.document["seq"]
        assert isinstance(found, int)
        self.seq = found
        self.seen.append(found)
