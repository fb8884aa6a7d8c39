"""Sends that do not wait."""

import ctypes
import socket
from collections.abc import Callable

import pytest

from pnl.live.sending import Send, keeping_send, plain_send, send_now


def absent() -> object:
    raise OSError("no such library")


def typeless() -> object:
    raise TypeError("a name is needed here")


@pytest.mark.parametrize("library", [absent, typeless, object])
def test_without_the_c_library_the_plain_send_is_taken(library: Callable[[], object]) -> None:
    assert keeping_send(library) is plain_send


def test_the_c_library_is_there() -> None:
    assert hasattr(ctypes.PyDLL(None), "send")
    assert send_now is not plain_send


@pytest.mark.parametrize("send", [send_now, plain_send])
def test_a_send_takes_what_fits_then_nothing_and_fails_when_the_peer_is_gone(send: Send) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        sent = [send(ours, b"\0" * 100_000) for _ in range(50)]

        assert sent[0]
        assert sent[-1] == 0
        theirs.close()
        with pytest.raises(BrokenPipeError):
            send(ours, b"x")
