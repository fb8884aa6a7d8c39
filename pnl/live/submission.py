"""Many writes by one call of the kernel's: Linux's interface for asynchronous input and output.

A socket that never waits is written to at once, while the call is under way, so that nothing about it is
asynchronous but its name. What is saved is a call, and a way through the interpreter, for each client;
and the interpreter's lock is free for all others meanwhile.
"""

import ctypes
import errno
import os
import platform
import socket
import sys
import weakref
from array import array
from collections.abc import Callable
from typing import Any, Final, NamedTuple

MOST: Final = (4096, 512)
"""Writes in one call, of those that the kernel has for all processes: 65,536 as a rule; fewer where it has no more."""
WORDS: Final = 8
"""Of eight bytes, in a request; the kernel calls it `iocb`."""
PLACE, ADDRESS, SIZE = 0, 3, 4
"""Which word of a request is told again with its result, says where its data are, and how many bytes."""
_WRITE: Final = 1
_RESULT, _EVENT_WORDS = 2, 4

System = Callable[..., int]
"""The C library's `syscall`."""


class Numbers(NamedTuple):
    """What the kernel calls its calls on a kind of machine."""

    setup: int
    destroy: int
    submit: int
    events: int


_NUMBERS: Final = {"x86_64": Numbers(206, 207, 209, 208), "aarch64": Numbers(0, 1, 2, 4)}


class Submission:
    """Where one thread hands its writes to the kernel.

    What the kernel sets apart for it is given back by `close`, or when nobody holds it any more.

    A peer that is gone makes the kernel send SIGPIPE, as any write does: Python ignores it.

    Args:
        system: The C library's `syscall`.
        numbers: Those of this machine.
        most: Writes in one call.

    Attributes:
        most: The same.

    Raises:
        OSError: The kernel does not offer it, or not to this process, or has none left.
    """

    def __init__(self, system: System, numbers: Numbers, most: int) -> None:
        self._system, self._numbers, self.most = system, numbers, most
        self._handle = ctypes.c_ulong(0)
        if system(ctypes.c_long(numbers.setup), ctypes.c_long(most), ctypes.byref(self._handle)) < 0:
            raise _error()
        self._events = array("q", bytes(8 * _EVENT_WORDS * most))
        self._destroy = weakref.finalize(self, system, ctypes.c_long(numbers.destroy), self._handle)

    def close(self) -> None:
        """Give back what the kernel set apart; nothing can be written any more."""
        self._destroy()

    def write(self, pointers: int, count: int) -> int:
        """Begin `count` writes, at most `most`, and return how many were begun: all before one that cannot be.

        Args:
            pointers: Where the addresses of the requests are, one after the other.
        """
        number = ctypes.c_long(self._numbers.submit)
        return max(0, self._system(number, self._handle, ctypes.c_long(count), ctypes.c_void_p(pointers)))

    def short(self, begun: int, whole: int) -> list[tuple[int, int]]:
        """Wait until all that was begun has ended, and return the places of those who did not take `whole` bytes.

        Returns:
            Each with the bytes that were taken; below 0 for an error.

        Raises:
            OSError: The kernel does not tell; nobody knows who took what.
        """
        number, wanted = ctypes.c_long(self._numbers.events), ctypes.c_long(begun)
        where = ctypes.c_void_p(self._events.buffer_info()[0])
        while (told := self._system(number, self._handle, wanted, wanted, where, None)) != begun:
            if ctypes.get_errno() != errno.EINTR:
                raise _error()
        results = self._events[_RESULT : _EVENT_WORDS * told : _EVENT_WORDS]
        if results.count(whole) == told:
            return []
        places = self._events[PLACE : _EVENT_WORDS * told : _EVENT_WORDS]
        return [(place, taken) for place, taken in zip(places, results, strict=True) if taken != whole]


def request(place: int, descriptor: int) -> tuple[int, ...]:
    """Return the words of a write to a socket that does not wait, without its data.

    Args:
        place: What is told of it.
    """
    return place, 0, _WRITE | descriptor << 32, 0, 0, 0, 0, 0


def address_of(data: bytes) -> int:
    """Return where bytes are, for as long as they are."""
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


def offered(library: Callable[[], Any], machine: str | None = None) -> Submission | None:
    """Return one that has been tried; None where the system, the machine, or what fences this process in has none.

    Args:
        library: Opens the C library.
        machine: What kind of machine it is; by default this one is asked.
    """
    numbers = _NUMBERS.get(machine or platform.machine())
    if sys.platform != "linux" or sys.maxsize < 2**32 or numbers is None:
        return None
    for most in MOST:
        try:
            made = Submission(library().syscall, numbers, most)
            return made if _writes(made) else None
        except (TypeError, AttributeError):
            return None
        except OSError as error:
            if error.errno != errno.EAGAIN:
                return None
    return None


def _writes(made: Submission) -> bool:
    """Whether what is written to a socket comes out of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        data, words = b"tried", array("Q", request(7, theirs.fileno()))
        words[ADDRESS], words[SIZE] = address_of(data), len(data)
        pointers = array("Q", [words.buffer_info()[0]])
        begun = made.write(pointers.buffer_info()[0], 1)
        return begun == 1 and made.short(1, whole=0) == [(7, len(data))] and ours.recv(64) == data


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
