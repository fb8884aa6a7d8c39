"""How much of a request is there: whether a thread can answer it without waiting for its client."""

import re
from typing import Final

HEAD_MOST: Final = 64 * 1024
BODY_MOST: Final = 256 * 1024
"""A longer body is refused by whoever answers, before it is read."""

_END: Final = b"\r\n\r\n"
_LINE: Final = re.compile(rb"[!-~]+ [^\r\n]+ HTTP/\d")
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_ASKS_FIRST: Final = re.compile(rb"\r\nexpect:", re.IGNORECASE)


def is_there(data: bytes | bytearray) -> bool:
    """Return whether a thread should have it: the request is whole, wants an answer first, or is none at all."""
    end = data.find(_END)
    if end < 0:
        return b"\r\n" in data and not _LINE.match(data)
    head, body = bytes(data[: end + 2]), len(data) - end - len(_END)
    if _ASKS_FIRST.search(head):
        return True
    if _CHUNKED.search(head):
        return data.endswith(b"0\r\n\r\n") or body > BODY_MOST
    length = _LENGTH.search(head)
    return not length or int(length[1]) > BODY_MOST or body >= int(length[1])


def is_too_long(data: bytes | bytearray) -> bool:
    """Return whether the lines before the body go on for longer than anybody's do."""
    return len(data) > HEAD_MOST and _END not in data[: HEAD_MOST + len(_END)]
