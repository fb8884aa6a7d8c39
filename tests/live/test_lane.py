"""The lane of those who keep up: who is in it, who falls out of it, and that nobody is told a message twice."""

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
from tests.live.wire import heard


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Client]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        yield ours, Client(theirs, "event", ("seat",))


def test_who_falls_out_of_the_lane_is_told_every_message_once(pair: tuple[socket.socket, Client]) -> None:
    feed, selector = Feed("k3f9x2", lambda: NOW), selectors.DefaultSelector()
    told: list[Message] = []
    crowd = Crowd(feed, Seats(9, 9), selector, beat_seconds=60, stall_seconds=20, told=feed.follow(told.append))
    ours, client = pair
    feed.publish(1, json.dumps(snapshot(1)))
    crowd.broadcast(told.pop())
    client.seat = crowd._seats.reserve(None)
    crowd.join(client, None, None)
    seqs = range(2, 60)
    before = in_lane(client)
    data = b""

    for seq in seqs:
        feed.publish(seq, json.dumps(snapshot(seq, pad=f"{seq}" + "x" * 16_000)))
        crowd.broadcast(told.pop())
        if waits(client):  # the kernel's room is full: it is out of the lane until it reads
            assert not in_lane(client)
            data += heard(ours)
            while waits(client):
                crowd.serve(client, selectors.EVENT_WRITE)
                data += heard(ours)
            assert in_lane(client)
    data += heard(ours)

    assert before
    deltas = [json.loads(line[6:]) for line in data.split(b"\n") if line.startswith(b"data: ")]
    assert [delta["seq"] for delta in deltas if delta["t"] == "delta"] == list(seqs)
    crowd.drop_all()
    selector.close()


def in_lane(client: Client) -> bool:
    return client.place is not None


def waits(client: Client) -> bool:
    return client.waiting is not None
