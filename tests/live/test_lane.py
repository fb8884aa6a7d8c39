"""The lane of those who keep up: who is in it, who falls out of it, and that nobody is told a message twice."""

import json
import selectors
import socket
from collections.abc import Iterator

import pytest

from pnl.live.client import Client
from pnl.live.crowd import Crowd
from pnl.live.feed import Feed
from pnl.live.lane import Lane
from pnl.live.messages import Message
from pnl.live.seats import Seats
from pnl.live.sending import quick_send
from tests.live.stage import NOW, snapshot


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, Client]]]:
    made = []
    for _ in range(4):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        made.append((ours, Client(theirs, "event", ("seat",))))
    yield made
    for ours, client in made:
        ours.close()
        client.connection.close()


def test_who_leaves_a_lane_is_sent_nothing_and_the_others_are(pairs: list[tuple[socket.socket, Client]]) -> None:
    assert quick_send
    lane = Lane("event", quick_send)
    for _, client in pairs:
        lane.add(client)

    lane.remove(pairs[1][1])
    lane.remove(pairs[3][1])

    assert lane.send(b"figures") == []
    assert [heard(ours) for ours, _ in pairs] == [b"figures", b"", b"figures", b""]
    assert [client.place for _, client in pairs] == [0, None, 1, None]
    lane.remove(pairs[0][1])
    lane.remove(pairs[2][1])
    assert len(lane) == 0


def test_a_lane_tells_how_much_of_a_message_was_taken(pairs: list[tuple[socket.socket, Client]]) -> None:
    assert quick_send
    lane = Lane("event", quick_send)
    for _, client in pairs[:3]:
        lane.add(client)
    pairs[0][0].close()
    whole = b"x" * 10_000_000  # more than the kernel takes

    (gone, nothing), (slow, some), _ = lane.send(whole)

    assert (gone, nothing) == (pairs[0][1], -1)
    assert slow is pairs[1][1]
    assert 0 < some < len(whole)


def test_who_falls_out_of_the_lane_is_told_every_message_once(pairs: list[tuple[socket.socket, Client]]) -> None:
    feed, selector = Feed("k3f9x2", lambda: NOW), selectors.DefaultSelector()
    told: list[Message] = []
    crowd = Crowd(feed, Seats(9, 9), selector, beat_seconds=60, stall_seconds=20, told=feed.follow(told.append))
    ours, client = pairs[0]
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


def heard(ours: socket.socket) -> bytes:
    """What has arrived."""
    data = b""
    while True:
        try:
            piece = ours.recv(65_536)
        except BlockingIOError:
            return data
        if not piece:
            return data
        data += piece
