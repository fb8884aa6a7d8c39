"""A WebSocket and event client on bare sockets, that can also do what no honest client does."""

import json
import socket
import ssl
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATIENCE_SECONDS = 10.0
OFFER = "permessage-deflate; client_max_window_bits"
"""What Chrome offers."""
TAIL = b"\x00\x00\xff\xff"


class Ended(Exception):
    """The other side closed.

    Attributes:
        code: The code of its close frame; None where there was none.
    """

    def __init__(self, code: int | None) -> None:
        super().__init__(str(code))
        self.code = code


def frame(opcode: int, payload: bytes = b"", *, first: int = 0x80, mask: bytes | None = b"\x01\x02\x03\x04") -> bytes:
    """A client's frame; `first` holds the bits beside the opcode."""
    size = len(payload)
    bit = 0x80 if mask is not None else 0
    if size < 126:
        head = struct.pack("!BB", first | opcode, bit | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first | opcode, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first | opcode, bit | 127, size)
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def deflated(text: str | bytes) -> bytes:
    """A payload as permessage-deflate has it."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    payload = text.encode() if isinstance(text, str) else text
    return (squeezer.compress(payload) + squeezer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


class Wire:
    """A connection to the live feed.

    Args:
        port: Of the server, on this machine.
        path: With the query.
        offer: The extensions to ask for.
        behind: Bytes that are sent together with the request.
        buffer: Bytes that our kernel takes before the application reads; small ones make a slow reader.
        more: More headers.
        tls: Whom to trust, where the server speaks TLS.
    """

    def __init__(
        self,
        port: int,
        path: str = "/api/pnl/ws",
        *,
        offer: str | None = None,
        behind: bytes = b"",
        buffer: int | None = None,
        more: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect(("127.0.0.1", port))
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        asked = (
            ""
            if "/stream" in path
            else (
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            )
        )
        asked += f"Sec-WebSocket-Extensions: {offer}\r\n" if offer else ""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{asked}{more}\r\n".encode() + behind)
        self.unread = b""
        self.head = self.until(b"\r\n\r\n").decode()
        self.status = int(self.head.split()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.socket.close()

    def header(self, name: str) -> str | None:
        """A header of the answer."""
        lines = (line.partition(": ") for line in self.head.split("\r\n"))
        return next((value for key, _, value in lines if key.lower() == name.lower()), None)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def say(self, text: str) -> None:
        """Send a text message."""
        self.send(frame(1, text.encode()))

    def take(self, size: int) -> bytes:
        """Read exactly so many bytes."""
        while len(self.unread) < size:
            self._more()
        data, self.unread = self.unread[:size], self.unread[size:]
        return data

    def until(self, mark: bytes) -> bytes:
        """Read until a mark has come."""
        while mark not in self.unread:
            self._more()
        data, _, self.unread = self.unread.partition(mark)
        return data + mark

    def frame(self) -> tuple[int, bytes]:
        """Read a frame: its first byte and its payload."""
        first, size = self.take(2)
        if size == 126:
            (size,) = struct.unpack("!H", self.take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.take(8))
        return first, self.take(size)

    def message(self) -> dict[str, Any]:
        """Read a message; raises `Ended` at a close frame."""
        first, payload = self.frame()
        while first & 0x0F == 9:  # asks whether we have read so far, as any client may be
            first, payload = self.frame()
        if first & 0x0F == 8:
            raise Ended(struct.unpack("!H", payload[:2])[0] if payload else None)
        assert first & 0x0F == 1, first
        if first & 0x40:
            payload = zlib.decompressobj(-15).decompress(payload + TAIL)
        told: dict[str, Any] = json.loads(payload)
        return told

    def event(self) -> tuple[str | None, dict[str, Any]]:
        """Read an event: its id and its message."""
        lines = self.until(b"\n\n").decode().strip().split("\n")
        fields = dict(line.split(": ", 1) for line in lines)
        return fields.get("id"), json.loads(fields.get("data", "{}"))

    def ended(self) -> int | None:
        """Read up to the end, and return the code that it ends with."""
        try:
            while True:
                self.message()
        except Ended as ended:
            return ended.code

    def last_code(self) -> int | None:
        """Read all that comes, of whatever kind, and return the code of the close frame, if there is one."""
        try:
            while True:
                first, payload = self.frame()
                if first & 0x0F == 8:
                    code: int = struct.unpack("!H", payload[:2])[0]
                    return code
        except Ended:
            return None

    def drained(self) -> None:
        """Read all that comes, up to the end."""
        try:
            while True:
                self._more()
        except Ended:
            self.unread = b""

    def _more(self) -> None:
        try:
            data = self.socket.recv(65_536)
        except ConnectionError:
            data = b""
        if not data:
            raise Ended(None)
        self.unread += data


def until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something that is about to come about in another thread or process."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.002)  # between two looks


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def heard(ours: socket.socket) -> bytes:
    """Return what has arrived on a socket that does not wait."""
    data = b""
    while True:
        try:
            piece = ours.recv(65_536)
        except BlockingIOError:
            return data
        if not piece:
            return data
        data += piece
