"""What is off unless asked for: Sentry hears of errors without secrets, a collector of requests."""

import gzip
import json
import logging
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog
from flask import Flask

from pnl.config import Settings
from pnl.desk.extras import extras
from pnl.logs import configure, redacted

CANARY = "rk_live_canary0123456789"


class Ear:
    """Keeps what it is sent, by path."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                elif self.headers.get("Content-Encoding") == "deflate":
                    body = zlib.decompress(body)
                here.heard.append((self.path, body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.close()


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_without_settings_nothing_is_sent_and_nothing_is_loaded() -> None:
    app = Flask("x")

    extras(Settings.load({}, None), app)()

    assert app.before_request_funcs == {}


def test_sentry_hears_of_an_error_without_secrets(ear: Ear, logging_as_it_was: None) -> None:
    del logging_as_it_was
    configure(json=True, secrets=[CANARY])
    close = extras(Settings.load({"PNL_SENTRY_DSN": f"http://0123abcd@{ear.address}/1"}, None), Flask("x"))
    try:
        raise ValueError(f"refused {CANARY}")
    except ValueError:
        structlog.get_logger("pnl.x").exception("it broke", token="abcdef", url=f"/x?key={CANARY}")
    close()

    told = b"".join(body for path, body in ear.heard if path == "/api/1/envelope/").decode()
    assert "ValueError" in told
    assert "[hidden]" in told
    assert CANARY not in told
    assert "abcdef" not in told
    assert "server_name" not in told


def test_a_collector_hears_of_each_request_by_its_route(ear: Ear) -> None:
    app = Flask("x")

    @app.get("/days/<day>")
    def day(day: str) -> str:
        return day

    close = extras(Settings.load({"PNL_OTLP_URL": f"http://{ear.address}"}, None), app)
    app.test_client().get(f"/days/{CANARY}?token={CANARY}")
    close()

    told = b"".join(body for path, body in ear.heard if path == "/v1/traces")
    assert b"GET /days/<day>" in told
    assert b"northstar-pnl" in told
    assert CANARY.encode() not in told


def test_what_leaves_the_process_has_no_secret_in_it(logging_as_it_was: None) -> None:
    del logging_as_it_was
    configure(json=True, secrets=[CANARY])
    given: dict[str, Any] = {"token": "x1234", "list": [f"a {CANARY}", 5], "deep": {"text": f"Bearer {CANARY}z"}}

    told = json.dumps(redacted(given))

    assert CANARY not in told
    assert "x1234" not in told
    assert '"a [hidden]"' in told
