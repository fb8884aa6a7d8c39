"""A server may say the same words again and again: each time is a message of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from bench.live.crowd import Crowd
from bench.live.greeting import NONE
from bench.live.wire import ACCEPT

CLIENTS = 2
FRAME = b"\x81\x04same"


@contextmanager
def repeating() -> Iterator[str]:
    """Serve so many WebSockets on loopback, and say the same to all of them every twentieth of a second."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_repeat, args=(door, over))
        thread.start()
        yield f"ws://127.0.0.1:{door.getsockname()[1]}/"
        over.set()
        thread.join()


def _repeat(door: socket.socket, over: threading.Event) -> None:
    connections = []
    for _ in range(CLIENTS):
        connection, _ = door.accept()
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n" + ACCEPT + b"\r\n\r\n")
        connections.append(connection)
    with suppress(ConnectionError):
        while not over.wait(0.2):
            for connection in connections:
                connection.sendall(FRAME)
    for connection in connections:
        connection.close()


def test_the_same_words_again_are_another_message_and_nobody_has_one_twice() -> None:
    with repeating() as url:
        crowd = Crowd(url, [], NONE)
        crowd.connect(CLIENTS, 100)

        sent = crowd.listen(3, 10)
        crowd.close()

    assert [(len(one.reached), one.receipts) for one in sent] == [(CLIENTS, CLIENTS)] * 3


def test_a_host_that_is_not_found_is_named() -> None:
    with pytest.raises(SystemExit, match=r"nowhere\.invalid is not found"):
        Crowd("ws://nowhere.invalid/", [], NONE)
