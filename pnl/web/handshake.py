"""The WebSocket handshake: what it asks for, its version and how messages may be compressed, and its answer."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final

from flask import request
from simple_websocket import Server
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed
from wsproto.utilities import generate_accept_token

VERSION: Final = "13"
_KEY_BYTES: Final = 16
_AGREED: Final = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
"""Without a context on either side, a compressed frame depends on nothing but its message, and serves every client."""
_FULL_WINDOW: Final = "15"
_WINDOWS: Final = tuple(str(bits) for bits in range(8, 16))


class UpgradeRequired(HTTPException):
    """The route speaks WebSocket, of one version only."""

    code = 426

    def get_headers(self, *args: Any, **more: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as werkzeug has it
        """Return the headers that say what to ask for."""
        asked = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", VERSION)]
        return [*super().get_headers(*args, **more), *asked]


class _NoThread:
    """Stands where simple-websocket would start a reading thread: the hub does the reading."""

    name = "(_thread)"

    def __init__(self, target: Callable[[], None] | None = None) -> None:
        del target

    def start(self) -> None:
        """Start nothing."""


class Upgraded(Server):  # type: ignore[misc]  # simple-websocket has no types
    """A WebSocket of a request that `prepare` has read.

    simple-websocket would write the request down once more and have h11 read it; that takes a quarter of all that it
    costs to take a client in.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ, thread_class=_NoThread)

    def handshake(self) -> None:
        """Answer the handshake.

        Raises:
            OSError: The client is gone.
        """
        accept = generate_accept_token(self.environ["HTTP_SEC_WEBSOCKET_KEY"].encode()).decode()
        agreed = self.environ["HTTP_SEC_WEBSOCKET_EXTENSIONS"]
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {accept}",
            *([f"Sec-WebSocket-Extensions: {agreed}"] if agreed else []),
        ]
        self.sock.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        self.connected = True


def prepare() -> None:
    """Check the handshake of this request, and narrow its offer to compress to what is agreed to.

    Raises:
        UpgradeRequired: It is of a version that there is not.
        MethodNotAllowed: It is no GET.
        BadRequest: Its key is none, it names no host, or it is of HTTP/1.0.
    """
    if request.method != "GET":
        raise MethodNotAllowed(["GET"])
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        raise BadRequest("A WebSocket handshake is of HTTP/1.1; this one is of HTTP/1.0.")
    if not request.headers.get("Host"):
        raise BadRequest("A WebSocket handshake names the host that it is for: Host is missing.")
    if request.headers.get("Sec-WebSocket-Version") != VERSION:
        raise UpgradeRequired(f"Only version {VERSION} of the WebSocket protocol is spoken here.")
    if not _is_key(request.headers.get("Sec-WebSocket-Key", "")):
        raise BadRequest("The Sec-WebSocket-Key of a handshake is 16 bytes in base64.")
    offered = request.environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS", "")
    request.environ["HTTP_SEC_WEBSOCKET_EXTENSIONS"] = narrow(offered)


def _is_key(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def narrow(offered: str) -> str:
    """Return the first offer of a Sec-WebSocket-Extensions header that can be agreed to, narrowed; empty if none can.

    >>> narrow("permessage-deflate; client_max_window_bits")
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover'
    """
    for offer in offered.split(","):
        name, *parameters = (part.strip() for part in offer.lower().split(";"))
        if name == "permessage-deflate" and (more := _demanded(parameters)) is not None:
            return _AGREED + more
    return ""


def _demanded(parameters: list[str]) -> str | None:
    """Return what the answer to an offer must repeat (RFC 7692, section 7.1); None if the offer must be declined."""
    seen: dict[str, str] = {}
    for parameter in parameters:
        name, _, quoted = (part.strip() for part in parameter.partition("="))
        value = quoted[1:-1] if len(quoted) > 1 and quoted[0] == quoted[-1] == '"' else quoted
        fits = {
            "server_no_context_takeover": not value,
            "client_no_context_takeover": not value,
            "client_max_window_bits": not value or value in _WINDOWS,
            # Our frames are made once, with the full window: who has room for less gets them as they are.
            "server_max_window_bits": value == _FULL_WINDOW,
        }
        if name in seen or not fits.get(name, False):
            return None
        seen[name] = value
    return f"; server_max_window_bits={_FULL_WINDOW}" if "server_max_window_bits" in seen else ""
