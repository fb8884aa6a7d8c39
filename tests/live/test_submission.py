"""What the kernel tells of many writes: waited for to the end, and not guessed at where it does not tell."""

import ctypes
import errno
from array import array

import pytest

from pnl.live.submission import Numbers, Submission

SETUP, DESTROY, SUBMIT, EVENTS = 1, 2, 3, 4
WHOLE = 300


class Kernel:
    """The C library's way into a kernel that answers as it was told, and fills in what it is given room for.

    Args:
        told: What it answers when it is asked for events: a failure by its number, or how many there are.
    """

    def __init__(self, *told: int) -> None:
        self._told = list(told)
        self.destroyed = 0

    def __call__(self, number: ctypes.c_long, *given: object) -> int:
        if number.value == DESTROY:
            self.destroyed += 1
        if number.value != EVENTS:
            return 0
        told = self._told.pop(0)
        if told < 0:
            ctypes.set_errno(-told)
            return -1
        room = given[3]
        assert isinstance(room, ctypes.c_void_p)
        assert room.value
        for place in range(told):
            event = array("q", [place, 0, WHOLE if place != 1 else -errno.EPIPE, 0]).tobytes()
            ctypes.memmove(room.value + len(event) * place, event, len(event))
        return told


def made(kernel: Kernel) -> Submission:
    return Submission(kernel, Numbers(SETUP, DESTROY, SUBMIT, EVENTS), most=8)


def test_who_is_interrupted_asks_again_and_hears_of_those_who_took_less() -> None:
    submission = made(Kernel(-errno.EINTR, 3))

    assert submission.short(3, WHOLE) == [(1, -errno.EPIPE)]


def test_a_kernel_that_does_not_tell_is_an_error() -> None:
    submission = made(Kernel(-errno.EINVAL))

    with pytest.raises(OSError, match="Invalid argument"):
        submission.short(3, WHOLE)


def test_what_was_set_up_is_given_back_with_the_last_who_holds_it() -> None:
    kernel = Kernel()
    submission = made(kernel)
    assert kernel.destroyed == 0

    del submission

    assert kernel.destroyed == 1


def test_what_was_set_up_is_given_back_once_when_it_is_closed() -> None:
    kernel = Kernel()
    submission = made(kernel)

    submission.close()
    submission.close()

    assert kernel.destroyed == 1
