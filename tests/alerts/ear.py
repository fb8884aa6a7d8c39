"""A real HTTP receiver on loopback, which answers as it is told to and remembers what it heard."""

import hashlib
import hmac
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

PATIENCE_SECONDS = 30
KEY = "0123456789abcdef0123456789ABCDEF"
SECRET = "a secret that both sides know"
Reply = tuple[int, dict[str, str]] | str
"""A status with headers; `hang` never answers, `close` ends the connection without an answer."""


class Ear:
    """The receiver: `replies` are given in turn, then 202 for ever."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.replies: deque[Reply] = deque()
        self.heard: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.raw: list[bytes] = []
        self.news = threading.Condition()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def hear(self, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Take a request in, and return what to answer."""
        with self.news:
            self.raw.append(body)
            self.heard.append((path, json.loads(body), headers))
            self.news.notify_all()
            return self.replies.popleft() if self.replies else (202, {})

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what was heard."""
        with self.news:
            assert self.news.wait_for(holds, PATIENCE_SECONDS), self.heard

    def bodies(self) -> list[dict[str, Any]]:
        """Return what was heard, in order."""
        return [body for _, body, _ in self.heard]


@contextmanager
def listening() -> Iterator[Ear]:
    """Give a receiver that listens."""
    ear = Ear(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = ear.hear(self.path, body, dict(self.headers.items()))
            if reply == "hang":
                ear.over.wait(PATIENCE_SECONDS)
            if isinstance(reply, str):
                self.close_connection = True
                return
            status, headers = reply
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ear.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield ear
    ear.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def assert_pagerduty_takes(body: dict[str, Any]) -> None:
    """Hold a body against what the Events API v2 documents."""
    assert set(body) <= {
        "routing_key",
        "event_action",
        "dedup_key",
        "payload",
        "client",
        "client_url",
        "links",
        "images",
    }
    assert re.fullmatch(r"[A-Za-z0-9]{32}", body["routing_key"])
    assert body["event_action"] in ("trigger", "acknowledge", "resolve")
    assert 0 < len(body["dedup_key"]) <= 255
    if body["event_action"] == "resolve":
        return
    payload = body["payload"]
    assert {"summary", "source", "severity"} <= set(payload)
    assert set(payload) <= {
        "summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details",
    }  # fmt: skip
    assert 0 < len(payload["summary"]) <= 1024
    assert payload["severity"] in ("critical", "error", "warning", "info")
    assert datetime.fromisoformat(payload["timestamp"]).tzinfo
    assert isinstance(payload["custom_details"], dict)
    for link in body["links"]:
        assert set(link) <= {"href", "text"}
        assert link["href"].startswith("http")


def assert_signed(raw: bytes, headers: dict[str, str], secret: str = SECRET) -> None:
    """Check a signature as a receiver would."""
    at, digest = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-NorthStar-Signature"]).groups()  # type: ignore[union-attr]  # it fails here if there is none
    made = hmac.new(secret.encode(), at.encode() + b"." + raw, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(made, digest)


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Give a receiver."""
    with listening() as made:
        yield made
