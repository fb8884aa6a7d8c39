"""What the server sends, written by hand: frames without a mask, and pieces of gzip, are the same for every client."""

import struct
import zlib
from typing import Final

from wsproto.frame_protocol import Opcode

DEFLATE_TAIL: Final = b"\x00\x00\xff\xff"
"""What ends every compressed message, and is left out on the way."""
_FINAL, _COMPRESSED = 0x80, 0x40
_LONGEST_REASON: Final = 123


def text_frame(text: str) -> bytes:
    """Return a whole text message in one frame."""
    return _frame(Opcode.TEXT, text.encode())


def deflated_frame(text: str) -> bytes:
    """Return the same message compressed, for clients that agreed to it; as it is when that is shorter."""
    payload = text.encode()
    squeezed = packed(payload).removesuffix(DEFLATE_TAIL)
    if len(squeezed) >= len(payload):
        return _frame(Opcode.TEXT, payload)
    return _frame(Opcode.TEXT, squeezed, _COMPRESSED)


def packed(payload: bytes) -> bytes:
    """Return a piece of a deflate stream that refers to nothing before it: it fits into the stream of every client."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeezer.compress(payload) + squeezer.flush(zlib.Z_SYNC_FLUSH)


def close_frame(code: int, reason: str = "") -> bytes:
    """Return the frame that ends a connection; a long reason is cut."""
    told = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
    return _frame(Opcode.CLOSE, struct.pack("!H", code) + told.encode())


def ping_frame(payload: bytes) -> bytes:
    """Return a ping, which every browser answers by itself, with the same payload."""
    return _frame(Opcode.PING, payload)


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping frame."""
    return _frame(Opcode.PONG, payload)


def _frame(opcode: int, payload: bytes, flags: int = 0) -> bytes:
    size = len(payload)
    first = _FINAL | flags | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload
