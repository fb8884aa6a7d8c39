"""Relays for tests, and an ear that waits for what they bring."""

import threading
import time
from collections.abc import Callable

from pnl.live.relay import Bell, Relay
from tests.services import RedisServer

STREAM = "k3f9x2"
WAIT_SECONDS = 15

Make = Callable[..., Relay]
"""Makes a relay to a URL, on the stream `STREAM` or another; it is closed after the test."""


class Ear:
    """Hears what a relay brings, and waits for it."""

    def __init__(self) -> None:
        self.bells: list[Bell] = []
        self.outages = 0
        self._news = threading.Condition()

    def received(self, bell: Bell) -> None:
        with self._news:
            self.bells.append(bell)
            self._news.notify_all()

    def lost(self) -> None:
        with self._news:
            self.outages += 1
            self._news.notify_all()

    @property
    def seqs(self) -> list[int]:
        """The sequences that came, in order."""
        return [bell.seq for bell in self.bells]

    def wait(self, until: Callable[[], bool]) -> None:
        """Return once `until` is true, which news may make it."""
        with self._news:
            assert self._news.wait_for(until, WAIT_SECONDS), f"heard {self.seqs[-10:]}, {self.outages} outages"

    def heard_soon(self, seq: int) -> bool:
        """Return whether a bell of at least that sequence has come, or comes in a tenth of a second."""
        with self._news:
            return self._news.wait_for(lambda: bool(self.bells) and self.bells[-1].seq >= seq, 0.1)

    def wait_for(self, seq: int) -> None:
        """Return once a bell of that sequence has come."""
        self.wait(lambda: seq in self.seqs)


def hearing(relay: Relay) -> Ear:
    """Return an ear that hears what the relay brings from now on."""
    ear = Ear()
    relay.listen(ear.received, ear.lost)
    return ear


def kept(redis_server: RedisServer) -> int:
    """Return how many entries Redis holds."""
    with redis_server.client() as client:
        return int(client.xlen(f"pnl:{{{STREAM}}}:live"))


def ring(relay: Relay, *seqs: int, epoch: int = 1) -> None:
    """Send a bell for each sequence."""
    for seq in seqs:
        relay.send(seq, seq - 1, epoch, f'{{"seq":{seq}}}')


def ring_until(relay: Relay, ear: Ear, first: int, *, epoch: int = 1) -> int:
    """Send bells from `first` on, as ticks do, until one is heard; return its sequence."""
    deadline = time.monotonic() + WAIT_SECONDS
    seq = first
    while time.monotonic() < deadline:
        ring(relay, seq, epoch=epoch)
        if ear.heard_soon(first):
            return ear.seqs[-1]
        seq += 1
    raise AssertionError(f"no bell from {first} to {seq} was heard")


def wait_until(true: Callable[[], bool]) -> None:
    """Return once `true` gives True, for what tells nobody when it changes."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)
