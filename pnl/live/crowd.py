"""The open connections, and what is done for each of them; all of it in the hub's thread."""

import selectors
import socket
import time
from collections import Counter
from contextlib import suppress
from itertools import islice
from typing import Final

import structlog

from pnl.live.client import Client, tune
from pnl.live.fanout import Way
from pnl.live.feed import Feed
from pnl.live.frames import close_frame, ping_frame
from pnl.live.lane import Lane
from pnl.live.messages import Message, bye
from pnl.live.parser import Closed
from pnl.live.seats import Seats
from pnl.live.talk import answers
from pnl.ports import Form

log = structlog.get_logger(__name__)

FAREWELL_SECONDS: Final = 1.0
"""How long a client has to answer a close before its connection is cut."""
RESTART: Final = 1012
NOT_ALLOWED: Final = 4401
_FATES: Final = ("adopted", "closed", "refused", "stalled", "failed", "lagged")
_PIECE: Final = 4096
MOST_ASKED: Final = 16
"""So many clients are asked at a tick whether it has come; the next ones at the next tick."""
MOST_PASSED_OVER: Final = 64
"""Pieces that are still read, and passed over, from a client that was told to go."""


class Crowd:
    """The clients of this process. Each belongs to `members` from `join` until it is dropped.

    Args:
        feed: What is sent.
        seats: Where places are given back.
        selector: Tells which connections can be read or written; a client is its key's data.
        beat_seconds: After so long without a message a beat is sent.
        stall_seconds: A client that takes not a byte for so long is closed.
        told: The sequence after which messages are handed to `broadcast`.
    """

    def __init__(
        self,
        feed: Feed,
        seats: Seats,
        selector: selectors.BaseSelector,
        *,
        beat_seconds: float,
        stall_seconds: float,
        told: int,
    ) -> None:
        self.members: set[Client] = set()
        self._lanes: dict[Form, Lane] = {}
        self._way = Way()
        self._apart: set[Client] = set()
        """Those in no lane: something waits for them, they leave, or they are ahead of what was told last."""
        self._speakers: dict[Client, None] = {}
        """Those who may be asked, who was asked longest ago first."""
        self.tickets: Counter[str] = Counter()
        self.counts: Counter[str] = Counter(dict.fromkeys(_FATES, 0))
        self._feed = feed
        self._seats = seats
        self._selector = selector
        self._beat_seconds, self._stall_seconds = beat_seconds, stall_seconds
        self._told = told
        self._last_sent = time.monotonic()
        self._farewell: tuple[str, int] | None = None

    @property
    def queue(self) -> int:
        """The most bytes that wait for one client. Any thread may ask."""
        return max((client.backlog for client in tuple(self._apart)), default=0)

    def join(self, client: Client, after: int | None, stream: str | None) -> None:
        """Take a client in, and send it what it missed; while all are sent away, send it away, too."""
        self.members.add(client)
        self._apart.add(client)
        if client.ticket:
            self.tickets[client.ticket] += 1
        self.counts["adopted"] += 1
        try:
            tune(client.connection, self._stall_seconds)
            self._selector.register(client.connection, selectors.EVENT_READ, client)
            if self._farewell:
                self._leave(client, *self._farewell, RESTART)
            else:
                missed = self._feed.since(after, stream)
                # What the feed has told already may still be on its way here: it must not be sent a second time.
                client.ahead = missed[-1].seq
                if client.listens and missed[-1].marked:
                    # Who only listens learns the server's time from beats alone, and none comes while ticks do.
                    missed = [*missed, self._feed.beat(missed[-1].seq)]
                client.put(b"".join(getattr(message, client.form) for message in missed), must=True)
            self._settle(client)
        except OSError as error:
            self._lose(client, error)
        except Exception:
            self._drop(client, "failed")
            raise

    def broadcast(self, message: Message) -> None:
        """Send a message to all but those who have it."""
        self._last_sent = time.monotonic()
        self._told = message.seq
        # A beat is for whoever holds its sequence; a delta is for whoever does not yet.
        reached = message.seq if message.marked else message.seq + 1
        apart = list(self._apart)  # before others come, who have had this message
        for lane in self._lanes.values():
            if len(lane):
                data = getattr(message, lane.form)
                for client, sent in lane.send(data):
                    self._hand(client, data, sent if sent > 0 else None)
        for client in apart:
            if client.ahead < reached and client.leave_by is None:
                self._hand(client, getattr(message, client.form))
            else:
                self._sort(client)

    def ask(self, seq: int, published: float) -> None:
        """Ask a few clients whether a message has come, which they say once they have read it.

        Args:
            seq: Its sequence.
            published: When it was published, by `time.perf_counter`.
        """
        payload = str(seq).encode()
        ping = ping_frame(payload)
        for client in list(islice(self._speakers, MOST_ASKED)):
            del self._speakers[client]
            self._speakers[client] = None
            if client.waiting is None and client.leave_by is None:
                client.asked = payload, published
                self._hand(client, ping)

    def serve(self, client: Client, events: int) -> None:
        """Read from a client and write to it; a bug met there must not take every other connection with it."""
        try:
            if events & selectors.EVENT_WRITE:
                client.flush()
            if events & selectors.EVENT_READ:
                self._read(client)
            self._settle(client)
        except OSError as error:
            self._lose(client, error)
        except Exception:
            log.exception("the hub failed at a client", form=client.form)
            self._drop(client, "failed")

    def sweep(self, now: float) -> None:
        """Cut off who does not leave and who takes nothing, and send the beat that is due."""
        for client in list(self._apart):
            if client.leave_by is not None:
                if now >= client.leave_by:
                    self._drop(client, client.end)
            elif client.waiting is not None and now - client.stuck_since > self._stall_seconds:
                self._drop(client, "stalled")
        if now - self._last_sent >= self._beat_seconds and not self._farewell:
            self.broadcast(self._feed.beat(self._told))

    def send_away(self, reason: str, retry_ms: int) -> None:
        """Tell everybody to come back after about `retry_ms`, now and from now on."""
        self._farewell = reason, retry_ms
        for client in list(self.members):
            if client.leave_by is None:
                self._bid(client, reason, retry_ms, RESTART)

    def expel(self, ticket: str) -> None:
        """Send away whoever came in by a ticket, which no longer holds."""
        for client in list(self.members):
            if client.ticket == ticket and client.leave_by is None:
                self._bid(client, "not allowed", 0, NOT_ALLOWED)

    def drop_all(self) -> None:
        """Cut everybody off, for good."""
        for client in list(self.members):
            self._drop(client, client.end)
        self._way.close()

    def _hand(self, client: Client, data: bytes, sent: int | None = None) -> None:
        """Give one message to one client, of which the kernel took `sent` bytes already."""
        try:
            client.put(data, sent=sent)
            if client.waiting is not None and not client.watched:
                self._watch(client, writes=True)
            self._sort(client)
        except OSError as error:
            self._lose(client, error)

    def _sort(self, client: Client) -> None:
        """Put a client into the lane of those who keep up, or take it out."""
        keeps_up = client.waiting is None and client.leave_by is None and client.ahead <= self._told
        if self._way.fan_out is None or keeps_up == (client.place is not None):
            return
        lane = self._lanes.get(client.form)
        if lane is None:
            lane = self._lanes[client.form] = Lane(client.form, self._way.fan_out())
        if keeps_up:
            self._apart.remove(client)
            lane.add(client)
        else:
            lane.remove(client)
            self._apart.add(client)

    def _settle(self, client: Client) -> None:
        """Do what is next for a client: wait until it takes more, bring it to the newest, or end."""
        if client.waiting is None and client.stale and client.leave_by is None:
            client.stale = False
            whole = self._feed.whole()
            if whole:
                self.counts["lagged"] += 1
                client.ahead = whole.seq
                client.put(getattr(whole, client.form), must=True)
        if client.waiting is None and client.leave_by is not None and not client.shut:
            client.shut = True
            client.connection.shutdown(socket.SHUT_WR)
        if client.watched != (client.waiting is not None):
            self._watch(client, writes=not client.watched)
        self._sort(client)

    def _watch(self, client: Client, *, writes: bool) -> None:
        client.watched = writes
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writes else 0)
        self._selector.modify(client.connection, events, client)

    def _read(self, client: Client) -> None:
        try:
            data = client.connection.recv(_PIECE)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionAbortedError
        if client.leave_by is not None:
            client.heard += 1  # it may be in the middle of something; who goes on and on is cut off
            if client.heard > MOST_PASSED_OVER:
                raise ConnectionAbortedError
            return
        try:
            for answer in answers(client, data, self._feed):
                client.put(answer)
            if client.speaks:
                self._speakers.setdefault(client)
        except Closed as closed:
            client.end = "closed" if closed.theirs else "refused"
            self._say_last(client, b"" if client.listens else close_frame(closed.code, str(closed)))

    def _bid(self, client: Client, reason: str, retry_ms: int, code: int) -> None:
        try:
            self._leave(client, reason, retry_ms, code)
            self._settle(client)
        except OSError as error:
            self._lose(client, error)

    def _leave(self, client: Client, reason: str, retry_ms: int, code: int) -> None:
        last: bytes = getattr(bye(self._told, reason, retry_ms), client.form)
        self._say_last(client, last if client.listens else last + close_frame(code, reason))

    def _say_last(self, client: Client, data: bytes) -> None:
        """Send the end of the conversation; the connection is closed when the client has closed its side, or soon."""
        client.leave_by = time.monotonic() + FAREWELL_SECONDS
        if data:
            client.put(data, must=True)

    def _lose(self, client: Client, error: OSError) -> None:
        """Drop a client whose connection is gone.

        The kernel, too, gives up who takes nothing, and mostly before `sweep` does: it counts from what the client
        took last, and `sweep` from what the kernel did.
        """
        stuck = client.waiting is not None and time.monotonic() - client.stuck_since > self._stall_seconds
        stalled = client.leave_by is None and (stuck or isinstance(error, TimeoutError))
        self._drop(client, "stalled" if stalled else client.end)

    def _drop(self, client: Client, why: str) -> None:
        self.counts[why] += 1
        if client.place is None:
            self._apart.remove(client)
        else:
            self._lanes[client.form].remove(client)
        with suppress(KeyError, ValueError):  # it was never registered
            self._selector.unregister(client.connection)
        client.connection.close()
        self._seats.release(client.seat)
        self.members.remove(client)
        self._speakers.pop(client, None)
        if client.ticket:
            self.tickets[client.ticket] -= 1
            if not self.tickets[client.ticket]:
                del self.tickets[client.ticket]
