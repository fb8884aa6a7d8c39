"""The process that serves, as gunicorn makes it, with limits for clients that fall silent or never hang up."""

import socket
import struct
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

SILENT_SECONDS: Final = 10
"""A client that has begun a request and sends nothing more for so long is given up: it holds a thread."""


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker of threads.

    gunicorn waits up to two seconds for a client to hang up before it closes, and does so in the one thread
    that hands out all connections; fifteen clients that never hang up would have it killed. Here the thread
    that answered waits.
    """

    def handle(self, conn: TConn) -> Any:  # noqa: ANN401 - False, True, or gunicorn's mark for "later"
        """Answer one request of a connection."""
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_SECONDS, 0))
        goes_on = super().handle(conn)
        if not goes_on:
            conn.close(graceful=True)
            conn.sock = socket.socket()  # what gunicorn closes once more
        return goes_on
