"""The long way for connections that cannot be taken from their server: the server's thread carries the bytes."""

import selectors
import socket
import ssl
import threading
from typing import Final

MOST_PUMPED: Final = 200
"""How many connections may be carried so; each keeps a thread of the server."""
STALL_SECONDS: Final = 20.0
"""A peer that does not take a piece in so long is gone."""
_PIECE: Final = 16 * 1024

_places = threading.BoundedSemaphore(MOST_PUMPED)


def has_place() -> bool:
    """Take one of the places, if there is one."""
    return _places.acquire(blocking=False)


def give_back() -> None:
    """Give a place back."""
    _places.release()


def carry(connection: socket.socket, end: socket.socket) -> None:
    """Carry bytes between a client's connection and our end of a pair until one of them closes, and close both.

    One thread does it all, because a TLS session must not be read and written at the same time.
    """
    try:
        with selectors.DefaultSelector() as selector:
            for each in (connection, end):
                selector.register(each, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    source, sink = (connection, end) if key.fileobj is connection else (end, connection)
                    if not _pass_on(source, sink):
                        return
    except OSError:
        return  # one of them is gone: nothing is left to carry
    finally:
        end.close()
        _hang_up(connection)


def _pass_on(source: socket.socket, sink: socket.socket) -> bool:
    """Pass on what can be read now; False when there will be no more."""
    more = True
    while more:
        source.settimeout(0)
        try:
            data = source.recv(_PIECE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        if not data:
            return False
        sink.settimeout(STALL_SECONDS)
        sink.sendall(data)
        # TLS may hold bytes back that the descriptor does not show.
        more = isinstance(source, ssl.SSLSocket) and source.pending() > 0
    return True


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is gone already
