"""Narrower views of the live figures, each with a hub of its own: who watches one panel is sent no other's figures."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from pnl.domain.snapshot import Json
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats

Snapshot = dict[str, Json]
Narrow = Callable[[Snapshot], Snapshot]


class Views:
    """The hubs of views; one is opened when somebody first asks for it, and then stays.

    Args:
        narrow: By the name of a view, what makes a snapshot one of that view.
        current: Gives the newest sequence and snapshot; None before the first.
        stream: The name of the series of sequence numbers.
        now: The time in RFC 3339, for beats.
        seats: Shared with all other live connections.
        catch_up: See `Hub`.
    """

    def __init__(
        self,
        narrow: Mapping[str, Narrow],
        current: Callable[[], tuple[int, bytes] | None],
        *,
        stream: str,
        now: Callable[[], str],
        seats: Seats,
        catch_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._narrow: Final = dict(narrow)
        self._current = current
        self._stream, self._now, self._seats, self._catch_up = stream, now, seats, catch_up
        self._lock = threading.Lock()
        self._feeds: dict[str, Feed] = {}
        self._hubs: dict[str, Hub] = {}
        self._leaving = False

    def publish(self, seq: int, snapshot: str) -> None:
        """Take the newest snapshot, as its JSON text, and send it on in every view that is open."""
        with self._lock:
            feeds = list(self._feeds.items())
        if feeds:
            whole = json.loads(snapshot)
            for name, feed in feeds:
                feed.publish(seq, json.dumps(self._narrow[name](whole)))

    def hub(self, name: str) -> Hub:
        """Return the hub of a view."""
        with self._lock:
            found = self._hubs.get(name)
            if found:
                return found
            feed = Feed(self._stream, self._now)
            made = Hub(feed, self._seats, catch_up=self._catch_up)
            self._feeds[name], self._hubs[name] = feed, made
            if self._leaving:
                made.drain()
            made.start()
        newest = self._current()
        if newest:
            seq, body = newest
            feed.publish(seq, json.dumps(self._narrow[name](json.loads(body))))
        return made

    @property
    def counts(self) -> Mapping[str, int]:
        """How many clients all of them have, and what became of others; see `Hub.counts`."""
        told: Counter[str] = Counter()
        for hub in self._open():
            told.update(hub.counts)
        return told

    @property
    def queue(self) -> int:
        """The most bytes that wait for one client."""
        return max((hub.queue for hub in self._open()), default=0)

    def tickets(self) -> tuple[str, ...]:
        """Return the tickets by which clients came in who are there."""
        return tuple({ticket for hub in self._open() for ticket in hub.tickets()})

    def expel(self, ticket: str) -> None:
        """Send away whoever came in by a ticket."""
        for hub in self._open():
            hub.expel(ticket)

    def drain(self) -> None:
        """Send everybody away, to come back soon; safe in a signal handler."""
        self._leaving = True
        for hub in list(self._hubs.values()):
            hub.drain()

    def close(self) -> None:
        """Send everybody away and end."""
        self._leaving = True
        hubs = self._open()
        for hub in hubs:
            hub.drain()
        for hub in hubs:
            hub.close()

    def _open(self) -> list[Hub]:
        with self._lock:
            return list(self._hubs.values())
