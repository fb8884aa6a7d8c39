"""What a client says and hears on the wire: the handshake, and frames, as far as a benchmark needs them."""

import struct
from typing import Final

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

_KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The one answer to our one key (the example of RFC 6455), so that the floor need not know SHA-1."""


def handshake(host: str, path: str, headers: list[str]) -> bytes:
    """Return the request that opens a WebSocket, without compression.

    Args:
        host: Name and port.
        path: With its query.
        headers: More lines, as `Name: value`; an `Origin` among them replaces the server's own.
    """
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {_KEY}",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    if not any(line.lower().startswith("origin:") for line in headers):
        lines.append(f"Origin: http://{host}")
    return "\r\n".join([*lines, "", ""]).encode()


def client_frame(opcode: int, payload: bytes) -> bytes:
    """Return a frame of less than 64 KiB, masked with zeros: that leaves the payload as it is."""
    short = len(payload) < 126
    size = bytes((0x80 | len(payload),)) if short else struct.pack("!BH", 0x80 | 126, len(payload))
    return bytes((0x80 | opcode,)) + size + bytes(4) + payload


def server_frames(data: bytes) -> tuple[list[tuple[int, bool, bytes]], bytes]:
    """Return the whole frames in `data` as opcode, whether it ends its message, and payload; and what is left over."""
    found: list[tuple[int, bool, bytes]] = []
    at, end = 0, len(data)
    while end - at >= 2:
        size, start = data[at + 1], at + 2
        if size == 126:
            start += 2
            if end < start:
                break
            (size,) = struct.unpack_from("!H", data, at + 2)
        elif size == 127:
            start += 8
            if end < start:
                break
            (size,) = struct.unpack_from("!Q", data, at + 2)
        if end - start < size:
            break
        found.append((data[at] & 0x0F, bool(data[at] & 0x80), data[start : start + size]))
        at = start + size
    return found, data[at:]
