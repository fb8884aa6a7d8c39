"""The series of snapshots as messages: the newest state, and the deltas that led to it."""

import json
import threading
from collections import deque
from collections.abc import Callable

from pnl.domain.delta import Document, live_form, merge_patch
from pnl.live import messages
from pnl.live.messages import Message

DEPTH = 360
MOST_BYTES = 4_000_000
"""The ring holds so many deltas, or fewer where they are large: an hour at ten seconds, usually."""

MOST_REPLAYED = 64 * 1024
"""Deltas longer than this are replayed only where the snapshot is longer still."""


class Feed:
    """Makes each snapshot a message once, and remembers enough of them for readers who come back.

    Any thread may ask; whoever makes or receives the ticks publishes, one at a time.

    Args:
        stream: The name of the series of sequence numbers: another store's is another series.
        now: The time in RFC 3339, for beats.
    """

    def __init__(self, stream: str, now: Callable[[], str]) -> None:
        self.stream = stream
        self._now = now
        self._lock = threading.Lock()
        self._seq = 0
        self._document: Document | None = None
        self._whole: Message | None = None
        self._ring: deque[Message] = deque()
        self._bytes = 0
        self._listeners: list[Callable[[Message], None]] = []

    @property
    def seq(self) -> int:
        """The newest sequence; 0 before the first."""
        return self._seq

    def follow(self, listener: Callable[[Message], None]) -> int:
        """Have every later message handed to `listener`, in order, and return the sequence that they begin after.

        The listener must return at once.
        """
        with self._lock:
            self._listeners.append(listener)
            return self._seq

    def publish(self, seq: int, snapshot: str) -> Message | None:
        """Take the newest snapshot, as the JSON text of `/api/pnl/current`.

        Args:
            seq: Its sequence. One that is not newer than what is held is left out.
            snapshot: Its text.

        Returns:
            What readers were sent: a delta, or for the first snapshot of all the whole.
        """
        document = live_form(json.loads(snapshot))
        with self._lock:
            held, before = self._seq, self._document
            if seq <= held:
                return None
            if before is None:
                message = messages.snapshot(self.stream, seq, document)
                self._whole = message
            else:
                message = messages.delta(seq, held, merge_patch(before, document))
                self._whole = None
                self._remember(message)
            self._seq, self._document = seq, document
            for listener in self._listeners:
                listener(message)
            return message

    def recall(self, past: list[Message]) -> None:
        """Take up deltas that were made before this process came, oldest first, where they lead to what is held."""
        with self._lock:
            oldest = self._ring[0].base if self._ring else self._seq
            for message in reversed(past):
                if message.seq != oldest or message.base is None:
                    continue
                if len(self._ring) == DEPTH or self._bytes + len(message.text) > MOST_BYTES:
                    return
                self._ring.appendleft(message)
                self._bytes += len(message.text)
                oldest = message.base

    def lacks(self, after: int | None, stream: str | None = None) -> bool:
        """Return whether a reader holds a newer snapshot of this series than there is here."""
        return after is not None and after > self._seq and stream in (None, self.stream)

    def since(self, after: int | None, stream: str | None = None) -> list[Message]:
        """Return what a reader who holds the sequence `after` needs to be at the newest.

        The deltas that it missed, a beat if it missed none, or the whole snapshot: without `after`, when it
        comes from another series, when the ring does not reach back so far, or when the deltas are many and
        longer than the snapshot. A beat at 0 before the first snapshot.
        """
        with self._lock:
            known = after is not None and stream in (None, self.stream)
            if self._document is None or (known and after == self._seq):
                return [messages.beat(self._seq, self._now())]
            missed = self._after(after) if known and after is not None else []
            size = sum(len(message.text) for message in missed)
            if not missed or (size > MOST_REPLAYED and size > len(self._newest().text)):
                return [self._newest()]
            return missed

    def whole(self) -> Message | None:
        """Return the newest snapshot as one message; None before the first."""
        with self._lock:
            return self._newest() if self._document is not None else None

    def beat(self, seq: int) -> Message:
        """Return a beat for readers who hold the sequence `seq`."""
        return messages.beat(seq, self._now())

    def pong(self, at: str) -> Message:
        """Return the answer to a reader's ping; `at` is its number, as it was written."""
        return messages.pong(self._seq, at, self._now())

    def _after(self, seq: int) -> list[Message]:
        """Return the deltas that lead from `seq` to what is held; none where the ring does not hold them all."""
        found = [message for message in self._ring if message.base is not None and message.base >= seq]
        return found if found and found[0].base == seq else []

    def _newest(self) -> Message:
        if self._whole is None:
            self._whole = messages.snapshot(self.stream, self._seq, self._document or {})
        return self._whole

    def _remember(self, message: Message) -> None:
        self._ring.append(message)
        self._bytes += len(message.text)
        while len(self._ring) > DEPTH or self._bytes > MOST_BYTES:
            self._bytes -= len(self._ring.popleft().text)
