"""How much of a request is there."""

import pytest

from pnl.web.arrivals import BODY_MOST, HEAD_MOST, is_there, is_too_long

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("data", "there"),
    [
        (b"", False),
        (b"GE", False),
        (GET, False),
        (GET + b"\r\n", True),
        (GET + b"\r\nmore", True),
        (POST + b"Content-Length: 4\r\n\r\nbod", False),
        (POST + b"Content-Length: 4\r\n\r\nbody", True),
        (POST + b"cOnTeNt-lEnGtH:4\r\n\r\nbod", False),
        (POST + b"Content-Length: 4\r\nX: y\r\n\r\nbod", False),
        (POST + b"Content-Length: four\r\n\r\n", True),
        (POST + b"X: y\r\n\r\ncontent-length: 4\r\n", True),
        (POST + f"Content-Length: {BODY_MOST + 1}\r\n\r\n".encode(), True),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n", False),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", True),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"x" * (BODY_MOST + 1), True),
        (POST + b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n", True),
        (b"\x16\x03\x01\x02\x00", False),
        (b"rubbish\r\n", True),
        (b"GET / FTP/1\r\n", True),
    ],
)
def test_a_thread_has_it_once_it_can_answer_without_waiting(data: bytes, there: bool) -> None:
    assert is_there(data) is there


def test_lines_may_be_long_but_not_for_ever() -> None:
    lines = GET + b"X: " + b"y" * HEAD_MOST
    assert not is_too_long(lines[:HEAD_MOST])
    assert is_too_long(lines)
    assert not is_too_long(POST + b"\r\n" + b"x" * HEAD_MOST)
