"""The live messages: each is written once, in each of the forms that clients take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pnl.domain.delta import Document
from pnl.live.frames import deflated_frame, packed, text_frame


@dataclass(frozen=True)
class Message:
    """One message, and its bytes for every kind of client.

    Attributes:
        seq: The sequence that a reader holds after it.
        base: For a delta, the sequence that it applies to; None for a message that needs none.
        text: The JSON text.
        marked: Whether an event carries the sequence as its id: snapshots and deltas do.
    """

    seq: int
    text: str
    base: int | None = None
    marked: bool = False

    @cached_property
    def frame(self) -> bytes:
        """The bytes of a WebSocket message."""
        return text_frame(self.text)

    @cached_property
    def deflated(self) -> bytes:
        """The bytes of a compressed WebSocket message."""
        return deflated_frame(self.text)

    @cached_property
    def event(self) -> bytes:
        """The bytes of a Server-Sent Event."""
        number = f"id: {self.seq}\n" if self.marked else ""
        return f"{number}data: {self.text}\n\n".encode()

    @cached_property
    def packed(self) -> bytes:
        """The same as a piece of a gzip stream."""
        return packed(self.event)


def snapshot(stream: str, seq: int, document: Document) -> Message:
    """Return the message that starts a reader anew, from the live form of a snapshot."""
    return Message(seq, _json({"t": "snapshot", "stream": stream, "data": document}), marked=True)


def delta(seq: int, base: int, patch: Document) -> Message:
    """Return the message of one tick."""
    return Message(seq, _json({"t": "delta", "seq": seq, "base": base, "set": patch}), base, marked=True)


def beat(seq: int, at: str) -> Message:
    """Return the message that says that nothing was missed."""
    return Message(seq, _json({"t": "beat", "seq": seq, "at": at}))


def bye(seq: int, reason: str, retry_ms: int) -> Message:
    """Return the message before the server closes."""
    return Message(seq, _json({"t": "bye", "reason": reason, "retry_ms": retry_ms}))


def pong(seq: int, at: str, now: str) -> Message:
    """Return the answer to a reader's ping; `at` is its number, as it was written."""
    return Message(seq, f'{{"t":"pong","at":{at},"now":{_json(now)}}}')


def _json(value: Mapping[str, object] | str) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
