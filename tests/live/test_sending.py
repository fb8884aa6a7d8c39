"""Sends that do not wait, and the room for the connections that are sent to."""

import ctypes
import resource
import socket
import subprocess
import sys

import pytest

from pnl.live.sending import keeping_send, plain_send, send_now


def absent() -> object:
    raise OSError("no such library")


def typeless() -> object:
    raise TypeError("a name is needed here")


@pytest.mark.parametrize("library", [absent, typeless, object])
def test_without_the_c_library_the_plain_send_is_taken(library: type) -> None:
    assert keeping_send(library) is plain_send


def test_the_c_library_is_there() -> None:
    assert hasattr(ctypes.PyDLL(None), "send")
    assert send_now is not plain_send


@pytest.mark.parametrize("send", [send_now, plain_send])
def test_a_send_takes_what_fits_then_nothing_and_fails_when_the_peer_is_gone(send: type[object]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        sent = [send(ours, b"\0" * 100_000) for _ in range(50)]

        assert sent[0]
        assert sent[-1] == 0
        theirs.close()
        with pytest.raises(BrokenPipeError):
            send(ours, b"x")


ROOM = """
import resource, sys
from pnl.live.descriptors import room_for
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(room_for({clients}), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "clients", "said"),
    [
        (256, 2000, 1000, "1000 1256 2000"),
        (256, 1000, 1000, "744 1000 1000"),
        (2000, 2000, 1000, "1000 2000 2000"),
        (100, 100, 1000, "1 100 100"),
    ],
)
def test_room_is_made_up_to_what_the_system_allows(soft: int, hard: int, clients: int, said: str) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] not in (-1, resource.RLIM_INFINITY):
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= hard

    done = subprocess.run(
        [sys.executable, "-c", ROOM.format(soft=soft, hard=hard, clients=clients)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert done.stdout.strip().endswith(said)
    assert ("too few file descriptors" in done.stdout + done.stderr) == (int(said.split()[0]) < clients)
