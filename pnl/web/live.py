"""The live feed's three doors: WebSocket, Server-Sent Events, and the missed messages for who polls."""

import re
import socket
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final, NoReturn

import flask_sock
import structlog
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotImplemented as NotHere

from pnl.domain.snapshot import Json
from pnl.errors import TooManyClients
from pnl.metrics.instruments import REJECTED
from pnl.ports import Form, Hub
from pnl.web.access import caller
from pnl.web.adoption import connection_of, speaks_websocket, take
from pnl.web.answers import text_answer
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.handshake import Upgraded, UpgradeRequired, prepare
from pnl.web.problems import not_now
from pnl.web.pump import carry, give_back, has_place
from pnl.web.query import given, whole
from pnl.web.schemas import TEXT, listed, one_of, thing

log = structlog.get_logger(__name__)

flask_sock.Server = Upgraded  # it cannot be told which to make

PARAMETERS: Final = ("after", "stream", "n")
RETRY_SECONDS: Final = 10
_NEWEST: Final = 10**18
_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: text/event-stream; charset=utf-8\r\n"
    b"Cache-Control: no-store, no-transform\r\n"
    b"X-Accel-Buffering: no\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"Cross-Origin-Resource-Policy: same-origin\r\n"
    b"Connection: close\r\n\r\n"
)
_PACKED: Final = b"Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
_OPENING: Final = b"retry: 3000\n\n"

_ASKED: list[dict[str, Json]] = [
    parameter("after", "The sequence that the reader holds.", {"type": "integer", "minimum": 0}),
    parameter("stream", "The series that it is from, as a `snapshot` message names it.", TEXT),
    parameter("n", "The number of the attempt; changes nothing.", {"type": "integer", "minimum": 0}),
]
_MESSAGES: Final = "A `snapshot`, `delta`s in order, or a `beat`: see docs/reference/live-messages.md."

PATHS: dict[str, Json] = {
    "/api/pnl/stream": {
        "get": operation(
            "stream",
            "The live feed as Server-Sent Events",
            {200: content("Events without end; the `id` is the sequence. " + _MESSAGES, TEXT, "text/event-stream")},
            problems=(400, 503),
            parameters=_ASKED,
            description=(
                "`Last-Event-ID` counts as `after`, and wins over it; one that is no sequence counts as none, as a "
                "browser sends it by itself."
            ),
        )
    },
    "/api/pnl/ws": {
        "get": operation(
            "ws",
            "The live feed as a WebSocket",
            {
                101: {"description": "The connection is a WebSocket from now on. " + _MESSAGES},
                426: content("This is no WebSocket handshake.", reference("Problem"), "application/problem+json"),
            },
            problems=(400, 503),
            parameters=_ASKED,
            description='A client may send nothing but `{"t": "ping", "at": number}`, which is answered by a `pong`.',
        )
    },
    "/api/pnl/deltas": {
        "get": operation(
            "deltas",
            "What a reader of the live feed missed",
            {200: content("The messages that bring it to the newest. " + _MESSAGES, reference("Missed"))},
            problems=(400, 503),
            parameters=_ASKED,
            description=(
                "A browser cannot read why its WebSocket was refused: `full` says so while there is no place for a "
                "live connection, in `all`, or for this `address`."
            ),
        )
    },
}
SCHEMAS: dict[str, Json] = {
    "Missed": thing({"messages": listed({"type": "object"}), "full": one_of("all", "address")}, optional=("full",))
}


class _Elsewhere(Response):
    """The answer of a route whose connection the hub has: gunicorn is to write nothing more."""

    def __call__(self, *_: object, **__: object) -> NoReturn:
        raise StopIteration


class Door:
    """Lets clients in: a place is reserved before the handshake, so that one too many is told 503.

    Args:
        hub: Gives the hub that this request is for.
        name: Of the routes.
        takes: The parameters that they take.
        head: More headers of the events, as they are sent.
    """

    def __init__(
        self,
        hub: Callable[[], Hub],
        name: str = "live",
        takes: tuple[str, ...] = PARAMETERS,
        head: bytes = b"",
    ) -> None:
        self.name = name
        self._hub = hub
        self._takes = takes
        self._head = _HEAD.removesuffix(b"\r\n") + head

    def enter(self) -> None:
        """Take a place for this request, if it asks for a live connection."""
        if request.endpoint == f"{self.name}.ws":
            if not speaks_websocket(request.environ):
                REJECTED.labels("unable").inc()
                raise NotHere("The server that runs this cannot speak WebSocket: read the stream of events.")
            prepare()
        elif request.endpoint != f"{self.name}.stream" or request.method != "GET":
            return
        g.pnl_after, g.pnl_stream = _place(self._takes)
        hub = self._hub()
        if not hub.open:
            REJECTED.labels("draining").inc()
            raise not_now("This server is stopping; another takes its place.", RETRY_SECONDS)
        try:
            found = caller()
            g.pnl_seat = hub.reserve(request.remote_addr, found.grant.name if found and found.grant else "")
        except TooManyClients as error:
            REJECTED.labels("full").inc()
            raise not_now(str(error), RETRY_SECONDS) from error
        g.pnl_connection = connection_of(request.environ)
        if g.pnl_connection is None:
            if not has_place():
                REJECTED.labels("full").inc()
                raise not_now("All places for connections of this kind are taken.", RETRY_SECONDS)
            g.pnl_pumped = True

    def leave(self, _: BaseException | None) -> None:
        """Give back what this request took and did not hand on."""
        seat = g.pop("pnl_seat", None)
        if seat is not None:
            self._hub().release(seat)
        if g.pop("pnl_pumped", False):
            give_back()

    def talk(self, server: Upgraded) -> None:
        """Hand on a WebSocket whose handshake is done."""
        form: Form = "deflated" if request.environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS") else "frame"
        server.connected = False  # it is the hub that says goodbye
        if g.pnl_connection is None:
            carry(server.sock, self._far_end(form))
            return
        try:
            taken = take(g.pnl_connection)
        except OSError as error:
            log.warning("a live connection could not be taken", error=str(error))
            with suppress(OSError):  # it has hung up meanwhile
                g.pnl_connection.shutdown(socket.SHUT_RDWR)
            return
        self._adopt(taken, form)

    def stream(self) -> Response:
        """Hand on a connection on which events are told."""
        if request.method == "HEAD":
            return _events_of(())
        form: Form = "packed" if request.accept_encodings.quality("gzip") > 0 else "event"
        opening = _gzip_of(_OPENING) if form == "packed" else _OPENING
        if g.pnl_connection is None:
            end = self._far_end(form)
            made = _events_of(_read(end, opening))
            made.vary.add("Accept-Encoding")
            if form == "packed":
                made.content_encoding = "gzip"
            made.call_on_close(end.close)
            g.pop("pnl_pumped")
            made.call_on_close(give_back)
            return made
        try:
            taken = take(g.pnl_connection)
        except OSError as error:
            raise not_now(f"This server cannot take one more connection: {error.strerror}.", RETRY_SECONDS) from error
        try:
            taken.sendall(self._head + (_PACKED if form == "packed" else b"") + b"\r\n" + opening)
        except OSError:
            taken.close()  # the reader is gone already, and its place is given back
        else:
            self._adopt(taken, form)
        return _Elsewhere() if "gunicorn.socket" in request.environ else Response()

    def missed(self, **_: str) -> Response:
        """Tell what a reader who polls has missed."""
        hub = self._hub()
        full = hub.full(request.remote_addr)
        told = f',"full":"{full}"' if full else ""
        return text_answer(f'{{"messages":[{",".join(hub.missed(*_place(self._takes)))}]{told}}}')

    def _adopt(self, connection: socket.socket, form: Form) -> None:
        found = caller()
        ticket = found.ticket if found else None
        seat = g.pop("pnl_seat")
        self._hub().adopt(connection, form, seat, after=g.pnl_after, stream=g.pnl_stream, ticket=ticket)

    def _far_end(self, form: Form) -> socket.socket:
        """Return our end of a pair whose other end the hub keeps, for a connection that cannot be taken."""
        ours, theirs = socket.socketpair()
        self._adopt(theirs, form)
        return ours


def live(hub: Hub) -> Blueprint:
    """Return the routes by which clients reach the hub."""
    return doors(Door(lambda: hub), "/api/pnl", "/api/pnl/deltas")


def doors(door: Door, base: str, deltas: str) -> Blueprint:
    """Return the routes of a door: its socket and its events below `base`, and where missed messages are asked for."""
    routes = Blueprint(door.name, __name__)
    sockets = flask_sock.Sock()
    routes.register_error_handler(ConnectionError, _gone)
    routes.before_request(door.enter)
    routes.teardown_request(door.leave)

    @sockets.route(f"{base}/ws", bp=routes)  # type: ignore[untyped-decorator]  # flask-sock has no types
    def ws(server: Upgraded) -> None:
        door.talk(server)

    @routes.get(f"{base}/ws")
    def plain() -> Response:
        raise UpgradeRequired(f"This is a WebSocket: open it with one, or read {base}/stream.")

    routes.add_url_rule(f"{base}/stream", "stream", door.stream)
    routes.add_url_rule(deltas, "deltas", door.missed)
    return routes


def _place(takes: tuple[str, ...]) -> tuple[int | None, str | None]:
    """Return what the reader says it holds: the sequence, and the series it is from."""
    found = given(takes)
    whole(found, "n", 0, 0, _NEWEST)
    after = whole(found, "after", -1, 0, _NEWEST)
    seen = request.headers.get("Last-Event-ID", "")
    if re.fullmatch(r"\d{1,18}", seen, re.ASCII):
        after = int(seen)
    return (None if after < 0 else after), found.get("stream")


def _gone(_: Exception) -> Response:
    """Answer nobody: the client has hung up in the middle of its handshake."""
    return _Elsewhere(status=400) if "gunicorn.socket" in request.environ else Response(status=400)


def _events_of(body: Iterable[bytes]) -> Response:
    made = Response(body, content_type="text/event-stream; charset=utf-8")
    made.headers["Cache-Control"] = "no-store, no-transform"
    made.headers["X-Accel-Buffering"] = "no"
    return made


def _gzip_of(opening: bytes) -> bytes:
    """Return the beginning of a gzip stream that goes on with the hub's own pieces."""
    squeezer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    return squeezer.compress(opening) + squeezer.flush(zlib.Z_SYNC_FLUSH)


def _read(end: socket.socket, opening: bytes) -> Iterator[bytes]:
    yield opening
    while data := end.recv(16 * 1024):
        yield data
