"""Sends without waiting, neither for the peer nor for other threads of this process.

`socket.send` lets go of the interpreter's lock around each call, and beside a busy thread waits 5 ms to
get it back: a thousand sends of 12 µs become seconds. A send that never waits may as well keep the lock.
"""

import ctypes
import errno
import os
import socket
from collections.abc import Callable
from typing import Any, Final

Send = Callable[[socket.socket, bytes], int]
Call = Callable[[int, bytes, int, int], int]
QuickCall = Callable[[int, bytes, ctypes.c_size_t, int], int]

FLAGS: Final = getattr(socket, "MSG_DONTWAIT", 0) | getattr(socket, "MSG_NOSIGNAL", 0)
_TRY_AGAIN: Final = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR)


def plain_send(connection: socket.socket, data: bytes | memoryview) -> int:
    """Return how many bytes the kernel took.

    Raises:
        OSError: The connection is gone.
    """
    try:
        return connection.send(data)
    except BlockingIOError:
        return 0


def system_send(library: Callable[[], Any]) -> Call | None:
    """Return the C library's `send(descriptor, data, size, flags)`; None where it cannot be called."""
    try:
        call = library().send
    except (OSError, TypeError, AttributeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
    call.restype = ctypes.c_ssize_t
    found: Call = call
    return found


def bare_send(library: Callable[[], Any]) -> QuickCall | None:
    """Return the C library's `send(descriptor, data, size, flags)` as cheap as it can be called; None where it cannot.

    Without declared types an int goes as C's int and bytes go as their address, which is what `send` takes; what
    would look each of them over costs as much again. The size is wider, and so is given as what it is.
    """
    try:
        call = library().send
    except (OSError, TypeError, AttributeError):
        return None
    call.restype = ctypes.c_ssize_t
    found: QuickCall = call
    return found


def keeping_send(library: Callable[[], Any]) -> Send:
    """Return a send that keeps the interpreter's lock; the plain one where the C library cannot be called.

    Args:
        library: Opens the C library.
    """
    call = system_send(library)
    if call is None:
        return plain_send

    def send(connection: socket.socket, data: bytes) -> int:
        sent = call(connection.fileno(), data, len(data), FLAGS)
        if sent >= 0:
            return sent
        number = ctypes.get_errno()
        if number in _TRY_AGAIN:
            return 0
        raise OSError(number, os.strerror(number))

    return send


def _library() -> Any:  # noqa: ANN401 - ctypes knows no types of functions
    return ctypes.PyDLL(None, use_errno=True)


send_now = keeping_send(_library)
"""Send as much as the kernel takes, and return how much that was; raises `OSError` when the connection is gone."""
quick_send = bare_send(lambda: ctypes.PyDLL(None))
"""The same without a word about what went wrong: below 0, or less than the whole; for the loop over all clients."""
