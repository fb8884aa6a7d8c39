"""Messages that are still on their way to the crowd when a client is brought to the newest."""

import json
import selectors
import socket
from collections.abc import Iterator

import pytest

from pnl.live.client import Client
from pnl.live.crowd import Crowd
from pnl.live.feed import Feed
from pnl.live.messages import Message
from pnl.live.seats import Seats
from tests.live.stage import NOW, snapshot


class Scene:
    """A crowd of one reader of events, whose messages are handed on by hand."""

    def __init__(self) -> None:
        self.feed, self.seats = Feed("k3f9x2", lambda: NOW), Seats(9, 9)
        self.told: list[Message] = []
        self.selector = selectors.DefaultSelector()
        follows = self.feed.follow(self.told.append)
        self.crowd = Crowd(self.feed, self.seats, self.selector, beat_seconds=0, stall_seconds=20, told=follows)
        self.ours, theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.client = Client(theirs, "event", self.seats.reserve(None))

    def publish(self, seq: int, pad: str = "") -> None:
        self.feed.publish(seq, json.dumps(snapshot(seq, pad=pad)))

    def hand_on(self) -> None:
        while self.told:
            self.crowd.broadcast(self.told.pop(0))

    def got(self) -> list[tuple[str, int]]:
        """What the reader has been sent since the last look."""
        data = b""
        while True:
            try:
                data += self.ours.recv(65_536)
            except BlockingIOError:
                if self.client.waiting is None:
                    break
                self.crowd.serve(self.client, selectors.EVENT_WRITE)
        told = [json.loads(line[6:]) for line in data.decode().split("\n") if line.startswith("data: ")]
        return [(each["t"], each.get("seq") or each["data"]["seq"]) for each in told]


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.crowd.drop_all()
    made.ours.close()
    made.selector.close()


def test_a_client_is_not_told_again_what_it_was_brought_to(scene: Scene) -> None:
    scene.publish(1)
    scene.publish(2)

    scene.crowd.join(scene.client, None, None)
    scene.hand_on()
    scene.publish(3)
    scene.hand_on()

    assert scene.got() == [("snapshot", 2), ("beat", 2), ("delta", 3)]


def test_a_beat_tells_the_sequence_that_has_been_handed_on(scene: Scene) -> None:
    scene.publish(1)
    scene.hand_on()
    scene.crowd.join(scene.client, None, None)
    scene.publish(2)

    scene.crowd.sweep(float("inf"))
    scene.hand_on()

    assert scene.got() == [("snapshot", 1), ("beat", 1), ("beat", 1), ("delta", 2)]


def test_a_client_that_lagged_is_not_told_again_what_its_snapshot_holds(scene: Scene) -> None:
    scene.publish(1)
    scene.hand_on()
    scene.crowd.join(scene.client, None, None)
    for seq in range(2, 402):
        scene.publish(seq, pad=f"{seq}" + "x" * 1000)
        scene.hand_on()
    assert scene.client.stale
    scene.publish(402)

    told = scene.got()
    scene.hand_on()
    scene.publish(403)
    scene.hand_on()

    assert told[-1] == ("snapshot", 402)
    assert scene.got() == [("delta", 403)]
