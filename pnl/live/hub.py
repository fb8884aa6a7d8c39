"""Keeps every open connection in one thread, and hands each message to all of them.

A message is the same bytes for every client of a kind, so a broadcast is one `send` a client. A client
that does not keep up never delays another: what the kernel does not take waits, bounded, and is
replaced by the newest snapshot when it grows too long; who takes nothing for twenty seconds is closed.
"""

import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import structlog

from pnl.live.client import STALL_SECONDS, Client
from pnl.live.crowd import FAREWELL_SECONDS, Crowd
from pnl.live.feed import Feed
from pnl.live.messages import Message
from pnl.live.seats import Seats
from pnl.live.sending import send_now
from pnl.metrics.instruments import DELIVERY
from pnl.ports import Form, Full, Seat

log = structlog.get_logger(__name__)

BEAT_SECONDS: Final = 10.5
"""After so long without a message a beat is sent; the half second lets a tick of ten seconds come first."""
SWEEP_SECONDS: Final = 0.5


class Hub:
    """The open connections of this process; implements `pnl.ports.Hub`.

    Args:
        feed: What is sent.
        seats: How many may come.
        catch_up: Looks for newer snapshots where others make them; asked when a reader comes who holds one.
        beat_seconds: After so long without a message a beat is sent.
        stall_seconds: A client that takes not a byte for so long is closed.
    """

    def __init__(
        self,
        feed: Feed,
        seats: Seats,
        *,
        catch_up: Callable[[], None] = lambda: None,
        beat_seconds: float = BEAT_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._feed = feed
        self._seats = seats
        self._catch_up = catch_up
        self._sweep_seconds = min(SWEEP_SECONDS, beat_seconds / 4, stall_seconds / 4)
        self._selector = selectors.DefaultSelector()
        self._inbox: deque[Callable[[], None]] = deque()
        self._bell, self._ear = socket.socketpair()
        for end in (self._bell, self._ear):
            end.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._draining = False
        self._ending = threading.Event()
        self._door = threading.Lock()
        self._gone = False
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._crowd = Crowd(
            feed,
            seats,
            self._selector,
            beat_seconds=beat_seconds,
            stall_seconds=stall_seconds,
            told=feed.follow(self._published),
        )

    @property
    def open(self) -> bool:
        """False once clients are being sent away: new ones should come back later."""
        return not self._draining

    @property
    def counts(self) -> Mapping[str, int]:
        """How many clients are there, how many were adopted, and how they ended or lagged.

        `closed` (gone, or sent away), `refused` (broke the rules), `stalled` (took nothing for too long: it does not
        read, or its machine is gone without a word), `failed` (a bug), and `lagged`: the times that a slow reader was
        given a snapshot in place of what it had missed.
        """
        return {**self._crowd.counts, "clients": len(self._crowd.members)}

    @property
    def queue(self) -> int:
        """The most bytes that wait for one client."""
        return self._crowd.queue

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def reserve(self, address: str | None, opened_by: str = "") -> Seat:
        """Take a place for a client; see `Seats.reserve`."""
        return self._seats.reserve(address, opened_by)

    def full(self, address: str | None) -> Full | None:
        """Return why a client from an address would get no place now; see `Seats.full`."""
        return self._seats.full(address)

    def release(self, seat: Seat) -> None:
        """Give a place back that no connection was adopted for."""
        self._seats.release(seat)

    def missed(self, after: int | None, stream: str | None) -> list[str]:
        """Return the texts of the messages that a reader who holds `after` needs to be at the newest."""
        if self._feed.lacks(after, stream):
            self._catch_up()
        return [message.text for message in self._feed.since(after, stream)]

    def adopt(
        self,
        connection: socket.socket,
        form: Form,
        seat: Seat,
        *,
        after: int | None,
        stream: str | None,
        ticket: str | None = None,
    ) -> None:
        """Keep a connection from now on, and send it what it missed.

        Args:
            connection: A connection whose handshake is done; the hub closes it.
            form: What it takes.
            seat: What `reserve` gave; the hub releases it.
            after: The sequence that the reader holds.
            stream: The series that it is from.
            ticket: By which it came in, where that may end.
        """
        if self._feed.lacks(after, stream):
            self._catch_up()
        client = Client(connection, form, seat, ticket=ticket)
        with self._door:
            if not self._gone:
                self._ask(lambda: self._crowd.join(client, after, stream))
                return
        connection.close()
        self._seats.release(seat)

    def tickets(self) -> tuple[str, ...]:
        """Return the tickets by which clients came in who are there."""
        return tuple(self._crowd.tickets)

    def expel(self, ticket: str) -> None:
        """Send away whoever came in by a ticket: it no longer holds."""
        self._ask(lambda: self._crowd.expel(ticket))

    def drain(self, reason: str = "restart", retry_ms: int = 3000) -> None:
        """Send everybody away, to come back after about `retry_ms`; returns at once, safe in a signal handler."""
        self._draining = True
        self._ask(lambda: self._crowd.send_away(reason, retry_ms))

    def close(self) -> None:
        """Send everybody away and end; returns when all are gone, or soon after. Once is enough."""
        self.drain()
        self._ending.set()
        self._ring()
        if self._thread.ident is None:
            self._finish()
        else:
            self._thread.join(timeout=2 * FAREWELL_SECONDS + 1)

    def _published(self, message: Message) -> None:
        published = time.perf_counter()
        if not self._gone:
            self._ask(lambda: self._broadcast(message, published))

    def _broadcast(self, message: Message, published: float) -> None:
        self._crowd.broadcast(message)
        if self._crowd.members:
            DELIVERY.observe(time.perf_counter() - published)
            self._crowd.ask(message.seq, published)

    def _ask(self, action: Callable[[], None]) -> None:
        self._inbox.append(action)
        self._ring()

    def _ring(self) -> None:
        try:
            send_now(self._bell, b"!")  # keeps the interpreter's lock: who holds the door does not wait in it
        except OSError:
            return  # the thread has ended

    # What follows runs in the hub's thread.

    def _run(self) -> None:
        sweep_at = 0.0
        leave_by: float | None = None
        while leave_by is None or (self._crowd.members and time.monotonic() < leave_by):
            until = sweep_at if leave_by is None else min(sweep_at, leave_by)
            for key, events in self._selector.select(max(0.0, until - time.monotonic())):
                if key.data is None:
                    self._hear_bell()
                elif key.data in self._crowd.members:  # not one that has just been dropped
                    self._crowd.serve(key.data, events)
            now = time.monotonic()
            if now >= sweep_at:
                sweep_at = now + self._sweep_seconds
                _safely(lambda: self._crowd.sweep(now))  # noqa: B023 - called at once
            if self._ending.is_set() and leave_by is None:
                leave_by = now + FAREWELL_SECONDS
        self._finish()

    def _finish(self) -> None:
        """Let go of everything; who is at the door is told to come back."""
        with self._door:
            if self._gone:
                return
            self._gone = True
        while self._inbox:
            self._hear_all()
        self._crowd.drop_all()
        self._selector.close()
        self._bell.close()
        self._ear.close()

    def _hear_bell(self) -> None:
        with suppress(BlockingIOError):
            self._ear.recv(4096)
        self._hear_all()

    def _hear_all(self) -> None:
        """Do what was asked up to now; who asks without a pause must not keep the thread from all else."""
        for _ in range(len(self._inbox)):
            _safely(self._inbox.popleft())


def _safely(action: Callable[[], None]) -> None:
    """Do it; a bug met there must not end the thread that keeps all connections."""
    try:
        action()
    except Exception:
        log.exception("the hub failed at a task")
