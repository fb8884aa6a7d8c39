"""Messages that are still on their way to the crowd when a client is brought to the newest."""

import json
import selectors
import socket
from collections.abc import Callable, Iterator

import pytest

from pnl.live.client import Client
from pnl.live.crowd import Crowd
from pnl.live.feed import Feed
from pnl.live.messages import Message
from pnl.live.seats import Seats
from tests.live.stage import NOW, snapshot
from tests.live.wire import PATIENCE_SECONDS

Pair = Callable[[], tuple[socket.socket, socket.socket]]


def over_tcp() -> tuple[socket.socket, socket.socket]:
    """A connection to this machine, whose first end has little room for what it does not read."""
    ours = socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours.connect(server.getsockname())
        return ours, server.accept()[0]


class Scene:
    """A crowd of one reader of events, whose messages are handed on by hand."""

    def __init__(self, stall_seconds: float = 20, pair: Pair = socket.socketpair) -> None:
        self.feed, self.seats = Feed("k3f9x2", lambda: NOW), Seats(9, 9)
        self.told: list[Message] = []
        self.selector = selectors.DefaultSelector()
        follows = self.feed.follow(self.told.append)
        self.crowd = Crowd(
            self.feed, self.seats, self.selector, beat_seconds=0, stall_seconds=stall_seconds, told=follows
        )
        self.ours, theirs = pair()
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


@pytest.mark.parametrize(
    ("stall_seconds", "sent_away", "end"),
    [(20, False, "closed"), (0, False, "stalled"), (0, True, "closed")],
    ids=["in time", "too long", "sent away"],
)
def test_who_breaks_off_with_messages_waiting_was_stalled_if_it_took_none_for_too_long(
    stall_seconds: float, sent_away: bool, end: str
) -> None:
    scene = Scene(stall_seconds)
    scene.publish(1, pad="x" * 1_000_000)
    scene.crowd.join(scene.client, None, None)
    assert scene.client.waiting
    if sent_away:
        scene.crowd.send_away("restart", 1000)
    scene.ours.close()

    scene.crowd.serve(scene.client, selectors.EVENT_WRITE)

    assert {why: count for why, count in scene.crowd.counts.items() if count} == {"adopted": 1, end: 1}
    scene.selector.close()


def test_who_is_given_up_by_the_kernel_with_messages_waiting_was_stalled() -> None:
    scene = Scene(0.2, over_tcp)
    scene.publish(1, pad="x" * 1_000_000)
    scene.crowd.join(scene.client, None, None)
    assert scene.client.waiting

    with scene.ours:
        while scene.crowd.members:  # and nobody sweeps
            events = scene.selector.select(PATIENCE_SECONDS)
            assert events, "the kernel has not given it up"
            scene.crowd.serve(scene.client, events[0][1])

    assert (scene.crowd.counts["stalled"], scene.crowd.counts["closed"]) == (1, 0)
    scene.selector.close()
