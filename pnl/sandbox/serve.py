"""A small HTTP/1.1 server on loopback: keeps connections alive, one daemon thread each, no logs.

It answers GET only, to loopback only, and asks `Faults` before every request.
"""

import gzip
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Lock, Thread
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from pnl.clock import Clock
from pnl.errors import ConfigError
from pnl.sandbox.faults import (
    Altered,
    Fault,
    Faults,
    GzipBomb,
    Hang,
    HtmlPage,
    HugeBody,
    NanBody,
    Raw,
    RepeatedCursor,
    Reset,
    SlowDrip,
    Status,
    Truncated,
    Vendor,
)

_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_CURSORS = {"cursor", "page", "starting_after", "ending_before"}
AGAIN = "YWdhaW4"
_PHRASED = {status.value for status in HTTPStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A GET request; header names are lower case, `query` keeps order and repeats."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]

    def one(self, name: str, default: str | None = None) -> str | None:
        """Return the last value of a query parameter; `default` where it is absent."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def many(self, name: str) -> list[str]:
        """Return every value of a repeated parameter, sent as `name[]`, `name` or `name[0]`."""
        return [value for key, value in self.query if key.partition("[")[0] == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response; `body` is JSON-ready or bytes."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, separators=(",", ":")).encode()


App: TypeAlias = Callable[[Request], Answer]
Refusal: TypeAlias = Callable[[int], Answer]
"""Returns the vendor's own error body for a status."""


class Server(ThreadingHTTPServer):
    """One vendor's server. `prefix` is the API's part of the path, such as `/trade-api/v2`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(
        self,
        vendor: Vendor,
        app: App,
        refusal: Refusal,
        faults: Faults,
        clock: Clock,
        *,
        prefix: str = "",
        host: str = "127.0.0.1",
    ) -> None:
        if not ip_address(host).is_loopback:
            raise ConfigError(f"the sandbox serves loopback only, not {host}: it has no real accounts to guard")
        self.vendor, self.app, self.refusal = vendor, app, refusal
        self.faults, self.clock, self.prefix = faults, clock, prefix
        self._open: set[socket.socket] = set()
        self._ending = False
        self._lock = Lock()
        super().__init__((host, 0), _Handler)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.name = f"sandbox-{vendor}"

    @property
    def url(self) -> str:
        """The base URL, with the API's prefix."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.prefix}"

    def begin(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def end(self) -> None:
        """Stop serving and close every connection."""
        self._ending = True
        with socket.create_connection((str(self.server_address[0]), self.server_address[1])):
            self._thread.join()
        self.server_close()
        with self._lock:
            for connection in self._open:
                _shut(connection)

    def _serve(self) -> None:
        """Wait for connections without polling; `end` wakes it with one of its own."""
        while not self._ending:
            self.handle_request()

    def hold(self, connection: socket.socket) -> None:
        """Remember an open connection."""
        with self._lock:
            self._open.add(connection)

    def release(self, connection: socket.socket) -> None:
        """Forget a connection that is done."""
        with self._lock:
            self._open.discard(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a client that went away go in silence."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.hold(self.connection)

    def finish(self) -> None:
        self.server.release(self.connection)
        super().finish()

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name that is overridden
        """Say nothing: the product's logs are for the product."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        server = self.server
        request = Request(
            method="GET",
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        host = request.headers.get("host", "").rpartition(":")[0].strip("[]")
        if host not in {"127.0.0.1", "localhost", "::1"} or not ip_address(self.client_address[0]).is_loopback:
            self._send(Answer(status=421, body={"error": "the sandbox answers to loopback only"}))
            return
        fault = server.faults.meet(server.vendor, parts.path, parts.path.removeprefix(server.prefix))
        if fault is None:
            self._send(server.app(request))
        else:
            self._fail(fault, request)

    def _fail(self, fault: Fault, request: Request) -> None:  # noqa: PLR0912 — one branch a fault
        match fault:
            case Status(code=code, retry_after=retry_after):
                answer = self.server.refusal(code)
                if code == 502:
                    answer = Answer(status=502, body=_PAGE, headers={"Content-Type": "text/html"})
                if retry_after is not None:
                    answer.headers["Retry-After"] = retry_after
                self._send(answer)
            case Hang(seconds=seconds):
                self.server.faults.stopped.wait(seconds)
                self.close_connection = True
            case Reset():
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
            case SlowDrip(seconds_between=pause, size=size):
                answer = self.server.app(request)
                body = answer.encoded()
                self._head(answer, len(body))
                for start in range(0, len(body), size):
                    self.wfile.write(body[start : start + size])
                    if self.server.faults.stopped.wait(pause):
                        self.close_connection = True
                        return
            case Truncated():
                answer = self.server.app(request)
                whole = answer.encoded()
                self._send(Answer(status=answer.status, body=whole[: len(whole) // 2], headers=answer.headers))
            case HtmlPage():
                self._send(
                    Answer(body=_PAGE.replace(b"502 Bad Gateway", b"Welcome"), headers={"Content-Type": "text/html"})
                )
            case NanBody():
                self._send(Answer(body=b'{"balance": NaN, "data": [NaN], "fills": [Infinity]}'))
            case GzipBomb(unpacked=size):
                packed = gzip.compress(b'{"data": "' + b" " * size + b'"}', 9)
                self._send(Answer(body=packed, headers={"Content-Encoding": "gzip"}))
            case HugeBody(size=size):
                self._send(Answer(body=b'{"data": "' + b"x" * size + b'"}'))
            case RepeatedCursor():
                self._send(_promising(self.server.app(_first_page(request))))
            case Raw(data=data, seconds_between=pause):
                self.close_connection = True
                for piece in [data[place : place + 1] for place in range(len(data))] if pause else [data]:
                    self.wfile.write(piece)
                    if pause and self.server.faults.stopped.wait(pause):
                        return
            case Altered(old=old, new=new, times=times):
                answer = self.server.app(request)
                body = answer.encoded().replace(old, new, times)
                self._send(Answer(status=answer.status, body=body, headers=answer.headers))

    def _send(self, answer: Answer) -> None:
        body = b"" if answer.status == HTTPStatus.NOT_MODIFIED else answer.encoded()
        self._head(answer, len(body), body)

    def _head(self, answer: Answer, length: int, body: bytes = b"") -> None:
        headers = {
            "Date": format_datetime(self.server.clock.now(), usegmt=True),
            "Content-Type": "application/json",
            **answer.headers,
        }
        if answer.status != HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(length)
        phrase = HTTPStatus(answer.status).phrase if answer.status in _PHRASED else ""
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)


def _first_page(request: Request) -> Request:
    query = tuple((key, value) for key, value in request.query if key not in _CURSORS)
    return Request(method=request.method, path=request.path, query=query, headers=request.headers)


def _promising(answer: Answer) -> Answer:
    body = dict(answer.body) if isinstance(answer.body, dict) else {}
    for name in ("cursor", "next_page", "next_cursor"):
        if name in body:
            body[name] = AGAIN
    if "has_more" in body:
        body["has_more"] = True
    return Answer(status=answer.status, body=body, headers=answer.headers)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
