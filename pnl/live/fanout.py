"""Ways to send the same bytes to many descriptors, of which none may wait."""

import ctypes
from array import array
from collections.abc import Callable
from ctypes import c_size_t
from typing import Any, Protocol

from pnl.live.sending import FLAGS, QuickCall, quick_send
from pnl.live.submission import ADDRESS, PLACE, SIZE, WORDS, Submission, address_of, offered, request


class FanOut(Protocol):
    """Descriptors by their places, 0 and on."""

    def add(self, descriptor: int) -> None:
        """Take one in, behind the others."""

    def remove(self, place: int) -> None:
        """Let one go; the last one takes its place."""

    def send(self, data: bytes) -> list[tuple[int, int]]:
        """Send `data` to all.

        Returns:
            The places of those who did not take the whole, each with how many bytes the kernel took; below 0 for an
            error, of which a send to that one alone tells more.
        """


class OneByOne:
    """A call for each.

    Args:
        send: The C library's `send`.
    """

    def __init__(self, send: QuickCall) -> None:
        self._send = send
        self._descriptors = array("i")

    def add(self, descriptor: int) -> None:
        """See `FanOut`."""
        self._descriptors.append(descriptor)

    def remove(self, place: int) -> None:
        """See `FanOut`."""
        last = self._descriptors.pop()
        if place < len(self._descriptors):
            self._descriptors[place] = last

    def send(self, data: bytes) -> list[tuple[int, int]]:
        """See `FanOut`."""
        send, whole, size = self._send, len(data), c_size_t(len(data))
        return [
            (place, sent)
            for place, descriptor in enumerate(self._descriptors)
            if (sent := send(descriptor, data, size, FLAGS)) != whole
        ]


class Together:
    """A call for thousands.

    Args:
        submission: That of the thread that sends.
    """

    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._requests = array("Q")
        self._pointers = array("Q")

    def add(self, descriptor: int) -> None:
        """See `FanOut`."""
        self._requests.extend(request(len(self._requests) // WORDS, descriptor))

    def remove(self, place: int) -> None:
        """See `FanOut`."""
        last = self._requests[-WORDS:]
        del self._requests[-WORDS:]
        if place * WORDS < len(self._requests):
            last[PLACE] = place
            self._requests[place * WORDS : (place + 1) * WORDS] = last

    def send(self, data: bytes) -> list[tuple[int, int]]:
        """See `FanOut`."""
        count = len(self._requests) // WORDS
        self._requests[ADDRESS::WORDS] = array("Q", [address_of(data)]) * count
        self._requests[SIZE::WORDS] = array("Q", [len(data)]) * count
        pointers = self._point(count)
        short: list[tuple[int, int]] = []
        place = 0
        while place < count:
            begun = self._submission.write(pointers + 8 * place, min(self._submission.most, count - place))
            if begun:
                short += self._submission.short(begun, len(data))
                place += begun
            else:
                short.append((place, -1))
                place += 1
        return short

    def _point(self, count: int) -> int:
        """Return where the addresses of the requests are; they move when there are more of them."""
        first, size = self._requests.buffer_info()[0], 8 * WORDS
        if len(self._pointers) < count or (count and self._pointers[0] != first):
            self._pointers = array("Q", range(first, first + size * count, size))
        return self._pointers.buffer_info()[0]


class Way:
    """The best way for one thread to send to many: together where the kernel offers that, one by one where it does not.

    Args:
        library: Opens the C library; its calls let go of the interpreter's lock.

    Attributes:
        fan_out: Returns a fan-out without descriptors; None where there is no way but to ask each connection.
    """

    def __init__(self, library: Callable[[], Any] = lambda: ctypes.CDLL(None, use_errno=True)) -> None:
        self._submission = offered(library)
        self.fan_out = self._best()

    def close(self) -> None:
        """Give back what the kernel set apart."""
        if self._submission is not None:
            self._submission.close()

    def _best(self) -> Callable[[], FanOut] | None:
        submission, call = self._submission, quick_send
        if submission is not None:
            return lambda: Together(submission)
        return None if call is None else lambda: OneByOne(call)
