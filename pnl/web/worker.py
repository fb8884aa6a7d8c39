"""The process that serves, as gunicorn makes it, with limits for clients that fall silent or never hang up."""

import errno
import math
import socket
import struct
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.http import get_parser
from gunicorn.util import write_error
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from pnl.web.arrivals import BODY_MOST, HEAD_MOST, is_there, is_too_long

SILENT_SECONDS: Final = 10
"""A client that has connected, or has begun a request, and sends nothing more for so long is given up."""
MOST_AT_ONCE: Final = 16
"""So many clients are taken in before others are heard again."""
MOST_WAITING: Final = 512
"""So many clients may be on their way with a request; for one more, the one that was silent longest is given up."""
SCARCE: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Why nobody can be taken in for now, though somebody is there."""
TOLD_EVERY_SECONDS: Final = 60
MOST_HELD: Final = 32 << 20
"""The bytes that are kept of requests on their way, in all."""


class Arrival(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A connection, and what has come of its next request."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 - as gunicorn has it
        super().__init__(*given)
        self.held = bytearray()
        self.on_its_way = False
        self.closed = False

    def close(self, graceful: bool = False) -> None:
        """Close it; whoever does so again finds nothing to do."""
        if not self.closed:
            self.closed = True
            super().close(graceful)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker of threads.

    gunicorn gives a thread to whoever connects, and the thread then waits for the request: a few dozen clients that
    say nothing, or say it slowly, would keep all others out. Here a thread is given to a request that is there; who
    is on the way waits with the one thread that hands out all connections.

    gunicorn also waits up to two seconds for a client to hang up before it closes, and does so in that same thread;
    fifteen clients that never hang up would have it killed. Here the thread that answered waits.
    """

    worker_connections: int

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - as gunicorn has it
        super().__init__(*given, **more)
        self.most_waiting = MOST_WAITING
        self.told_of_scarcity = -math.inf

    def hold(self, most: int) -> None:
        """Have no more than so many connections at one time, live ones not counted; whoever comes then waits."""
        self.worker_connections = min(self.worker_connections, most)
        self.max_keepalived = max(0, self.worker_connections - self.cfg.threads)
        self.most_waiting = min(self.most_waiting, self.worker_connections // 2)

    def init_process(self) -> None:
        """Serve until told to stop."""
        self.hides = bool(self.cfg.is_ssl)  # what has come cannot be read here
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Take clients in."""
        for _ in range(MOST_AT_ONCE):
            if self.nr_conns >= self.worker_connections or not self._take_in(listener):
                return

    def on_client_socket_readable(self, conn: Arrival, client: socket.socket) -> None:
        """Hear a client that was answered before and was kept."""
        if self.hides:
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._hear(conn)

    def on_pending_socket_readable(self, conn: Arrival, _client: socket.socket) -> None:
        """Hear more of a request that is on its way."""
        if conn.on_its_way:  # not given up since it was heard
            self._forget(conn)
            self._hear(conn)

    def finish_request(self, conn: Arrival, fs: "Future[Any]") -> None:
        """Keep a client that stays, with what it has sent of its next request already."""
        if conn.parser and not self.hides:
            conn.held += conn.parser.unreader.take_buffered()
        super().finish_request(conn, fs)
        if conn.held and conn in self.keepalived_conns:
            self.on_client_socket_readable(conn, conn.sock)

    def handle(self, conn: Arrival) -> Any:  # noqa: ANN401 - False, True, or gunicorn's mark for "later"
        """Answer one request of a connection."""
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_SECONDS, 0))
        goes_on = super().handle(conn)
        if not goes_on:
            conn.close(graceful=True)
        return goes_on

    def _cap_keepalive(self, deadline: float) -> None:
        """Wait no longer than until then, at a stop."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _take_in(self, listener: socket.socket) -> bool:
        """Take a client in; return whether more may be there."""
        try:
            client, address = listener.accept()
        except ConnectionAbortedError:
            return True
        except BlockingIOError:
            return False
        except OSError as trouble:
            if trouble.errno not in SCARCE:
                raise
            self._make_room(trouble)
            return False
        self.nr_conns += 1
        conn = Arrival(self.cfg, client, address, listener.getsockname())
        if self.hides:
            self.enqueue_req(conn)
        else:
            self._hear(conn)
        return True

    def _hear(self, conn: Arrival) -> None:
        """Take what has come of a request; once it is there, have it answered."""
        try:
            found = conn.sock.recv(HEAD_MOST)
        except BlockingIOError:
            found = None
        except OSError:
            found = b""
        if found == b"":
            self._close(conn)
            return
        conn.held += found or b""
        if is_too_long(conn.held):
            with suppress(OSError):  # one who does not listen either
                write_error(conn.sock, 431, "Request Header Fields Too Large", "the lines before the body are too long")
            self._close(conn)
        elif is_there(conn.held):
            self._hand_out(conn)
        else:
            self._wait(conn)

    def _make_room(self, trouble: OSError) -> None:
        """Give up whoever was silent longest, and take nobody in until something else has come, or a second is over."""
        if time.monotonic() > self.told_of_scarcity + TOLD_EVERY_SECONDS:
            self.told_of_scarcity = time.monotonic()
            self.log.warning(
                "Clients have to wait (%s): raise the limit of open files (ulimit -n, LimitNOFILE=).", trouble
            )
        self.set_accept_enabled(False)
        if self.pending_conns:
            self._let_go(self.pending_conns[0])

    def _wait(self, conn: Arrival) -> None:
        """Listen to a client that is on its way; the one that was silent longest comes first."""
        while len(self.pending_conns) >= self.most_waiting:
            self._let_go(self.pending_conns[0])
        if len(conn.held) > HEAD_MOST:
            while self.pending_conns and sum(len(one.held) for one in self.pending_conns) > MOST_HELD - BODY_MOST:
                self._let_go(self.pending_conns[0])
        conn.timeout = time.monotonic() + (SILENT_SECONDS if self.alive else STOP_KEEPALIVE_LINGER)
        conn.on_its_way = True
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _forget(self, conn: Arrival) -> None:
        conn.on_its_way = False
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)

    def _let_go(self, conn: Arrival) -> None:
        self._forget(conn)
        self._close(conn)

    def _close(self, conn: Arrival) -> None:
        self.nr_conns -= 1
        conn.close()

    def _hand_out(self, conn: Arrival) -> None:
        conn.parser = conn.parser or get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader.unread(bytes(conn.held))
        conn.held.clear()
        conn.data_ready = True
        self.enqueue_req(conn)
