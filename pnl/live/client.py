"""One open connection, as the hub keeps it: what waits for a reader that is slow."""

import socket
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from pnl.live.parser import Parser
from pnl.live.sending import plain_send, send_now
from pnl.ports import Form, Seat

STALL_SECONDS: Final = 20.0
"""A peer that takes not a byte for so long is gone."""
_KERNEL_BYTES: Final = 64 * 1024
"""What the kernel holds for a reader that does not read; left alone it would grow to megabytes."""
MOST_BACKLOG: Final = 64 * 1024
"""Bytes that may wait for a slow reader; one more, and it gets the newest snapshot instead of them."""


Waiting = deque[tuple[bytes | memoryview, int]]


@dataclass(slots=True, eq=False)
class Client:
    """A reader of the feed. All but the constructor belongs to the hub's thread.

    Attributes:
        connection: Its socket, not waiting.
        form: What it takes.
        seat: The name of its place, given back when it goes.
        ahead: The sequence that it was brought to when it came, or when it had lagged: it is sent newer ones only.
        parser: What it is in the middle of saying.
        waiting: What the kernel did not take yet, each with the bytes that count as backlog; None while there is none.
        backlog: How many bytes count. What must be sent does not: it is kept once for all, and bounded by itself.
        watched: Whether the hub is told when the kernel takes more.
        stale: It fell behind, and gets nothing more until what waits is gone: then the whole snapshot.
        stuck_since: When the kernel last took a byte of what waits, by the monotonic clock.
        leave_by: When it is cut off, by the monotonic clock, once it has been sent its last; None before.
        shut: Our side of the connection is closed.
        end: What its end is counted as.
        heard: Frames that it sent since `heard_since`.
        heard_since: By the monotonic clock.
        ticket: By which it came in, as long as that holds; None if it always does.
        place: Its place in the lane of those who keep up; None while it is not there.
        speaks: It has sent a ping of ours, as pages do: it may be asked whether a message has come.
        asked: What its pong is to repeat, and when the message before it was published; None while it is not asked.
    """

    connection: socket.socket
    form: Form
    seat: Seat
    fd: int = field(init=False)
    ahead: int = -1
    parser: Parser | None = None
    waiting: Waiting | None = None
    backlog: int = 0
    watched: bool = False
    stale: bool = False
    stuck_since: float = 0.0
    leave_by: float | None = None
    shut: bool = False
    end: str = "closed"
    heard: int = 0
    heard_since: float = 0.0
    ticket: str | None = None
    place: int | None = None
    speaks: bool = False
    asked: tuple[bytes, float] | None = None

    def __post_init__(self) -> None:
        self.fd = self.connection.fileno()

    @property
    def listens(self) -> bool:
        """Whether it takes events, and so has nothing to say."""
        return self.form in {"event", "packed"}

    def put(self, data: bytes, *, must: bool = False, sent: int | None = None) -> None:
        """Send `data`; what the kernel does not take waits, and when it is too much, the reader is `stale`.

        Args:
            data: One or several whole messages.
            must: They are kept however much waits: the end of a conversation, or the snapshot for a stale reader.
            sent: How much of them the kernel took already; None when that is not tried yet.

        Raises:
            OSError: The connection is gone.
        """
        counted = 0 if must else len(data)
        if self.waiting is not None:
            self._keep(self.waiting, data, counted)
            return
        if sent is None:
            sent = send_now(self.connection, data)
        if sent == len(data):
            return
        self.stuck_since = time.monotonic()
        self.waiting = deque()
        if sent:
            self.waiting.append((memoryview(data)[sent:], 0))
        else:
            self._keep(self.waiting, data, counted)

    def flush(self) -> None:
        """Send what waits, as far as the kernel takes it.

        Raises:
            OSError: The connection is gone.
        """
        while self.waiting:
            head, counted = self.waiting[0]
            sent = plain_send(self.connection, head)
            if not sent:
                return
            self.stuck_since = time.monotonic()
            self.backlog -= counted
            if sent < len(head):
                self.waiting[0] = (memoryview(head)[sent:], 0)
                return
            self.waiting.popleft()
        self.waiting = None

    def _keep(self, waiting: Waiting, data: bytes, counted: int) -> None:
        """Keep what is to be sent later; when it is too much, only the message that has begun to be sent."""
        if counted and self.stale:
            return
        if self.backlog + counted <= MOST_BACKLOG:
            waiting.append((data, counted))
            self.backlog += counted
            return
        begun = [piece for piece in waiting if isinstance(piece[0], memoryview)]
        waiting.clear()
        waiting.extend(begun)
        self.backlog = 0
        self.stale = True


def tune(connection: socket.socket, stall_seconds: float) -> None:
    """Make a connection ready to be served by the hub: never waiting, bounded, its dead peer noticed.

    Args:
        connection: That of a client.
        stall_seconds: After so long the kernel, too, gives up a peer that takes nothing of what was sent.
    """
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", 30),
        ("TCP_KEEPINTVL", 10),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", round(stall_seconds * 1000)),
    ):
        if hasattr(socket, name):  # not every system has all of them
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
