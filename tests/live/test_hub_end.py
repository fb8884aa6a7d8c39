"""How connections end: by the client, by the server, by a bug; and that nothing of them is left."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from tests.live.stage import NOW, Stage, snapshot
from tests.live.wire import OFFER, Ended, Wire, descriptors, frame, until


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as made:
        yield made


def test_a_connection_that_is_let_go_leaves_nothing_behind(stage: Stage) -> None:
    before = descriptors()
    for path in ("/api/pnl/ws", "/api/pnl/stream") * 5:
        with stage.wire(path) as wire:
            until(lambda: stage.clients == 1)
            wire.socket.shutdown(socket.SHUT_WR)
            wire.drained()
        until(lambda: stage.clients == 0)

    assert stage.seats.taken == 0
    until(lambda: descriptors() <= before)


def test_a_client_that_says_goodbye_is_answered_with_its_own_code(stage: Stage) -> None:
    for payload, code in ((b"", 1000), (b"\x03\xe9", 1001), (b"\x0f\xa0away", 4000)):
        with stage.wire() as wire:
            wire.send(frame(8, payload))

            assert wire.ended() == code
    until(lambda: stage.hub.counts["closed"] == 3)
    assert stage.hub.counts["refused"] == 0


def test_when_the_server_goes_everybody_is_told_when_to_come_back(stage: Stage) -> None:
    stage.publish(1)
    with stage.wire() as wire, stage.wire("/api/pnl/stream") as events, stage.wire(offer=OFFER) as small:
        until(lambda: stage.clients == 3)

        stage.hub.drain("shutdown", 1234)

        told = {"t": "bye", "reason": "shutdown", "retry_ms": 1234}
        for each in (wire, small):
            each.message()
            assert each.message() == told
            assert each.ended() == 1012
        events.until(b"\n\n")
        assert [events.event()[1]["t"] for _ in range(2)] == ["snapshot", "beat"]
        assert events.event() == (None, told)
        with pytest.raises(Ended):
            events.take(1)
    with Wire(stage.port) as late:
        assert (late.status, late.header("retry-after")) == (503, "10")


def test_who_is_at_the_door_when_the_server_goes_is_told_too() -> None:
    feed, seats = Feed("k3f9x2", lambda: NOW), Seats(9, 9)
    hub = Hub(feed, seats)
    ours, theirs = socket.socketpair()
    hub.adopt(theirs, "event", hub.reserve(None), after=None, stream=None)

    hub.close()  # it was never started
    hub.close()

    with ours:
        assert b'"t":"bye"' in ours.recv(4096)
        assert ours.recv(1) == b""
    assert (seats.taken, hub.counts["clients"]) == (0, 0)


def test_a_hub_that_is_closed_keeps_nobody() -> None:
    feed, seats = Feed("k3f9x2", lambda: NOW), Seats(9, 9)
    hub = Hub(feed, seats)
    hub.start()
    hub.close()
    ours, theirs = socket.socketpair()

    hub.adopt(theirs, "frame", hub.reserve(None), after=None, stream=None)
    feed.publish(1, json.dumps(snapshot(1)))

    with ours:
        assert ours.recv(1) == b""
    assert seats.taken == 0


def test_closing_is_quick_also_when_nobody_answers_and_messages_go_on(stage: Stage) -> None:
    stage.publish(1)
    wires = [stage.wire() for _ in range(20)]
    stop = threading.Event()

    def tick() -> None:
        seq = 1
        while not stop.wait(0.001):  # a thousand a second
            seq += 1
            stage.publish(seq)

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        until(lambda: stage.clients == 20)

        stage.hub.close()

        assert stage.clients == 0
        assert stage.seats.taken == 0
    finally:
        stop.set()
        ticking.join()
    for wire in wires:
        with wire:
            assert wire.ended() == 1012


def test_a_bug_met_at_one_client_ends_that_one_alone(stage: Stage) -> None:
    ours, theirs = socket.socketpair()
    stage.publish(1)
    with stage.wire() as wire:
        wire.message()

        stage.hub.adopt(theirs, "nonsense", stage.hub.reserve(None), after=None, stream=None)  # type: ignore[arg-type]

        with ours:
            assert ours.recv(1) == b""
        stage.publish(2)
        assert wire.message()["seq"] == 2
    assert stage.hub.counts["failed"] == 1


def test_a_bug_met_while_reading_ends_that_client_alone() -> None:
    bugs: list[str] = []

    def now() -> str:
        if bugs:
            raise RuntimeError(bugs[0])
        return NOW

    feed, seats = Feed("k3f9x2", now), Seats(9, 9)
    hub = Hub(feed, seats)
    feed.publish(1, json.dumps(snapshot(1)))
    hub.start()
    pairs = [socket.socketpair() for _ in range(2)]
    for _, theirs in pairs:
        hub.adopt(theirs, "event" if theirs is pairs[1][1] else "frame", hub.reserve(None), after=None, stream=None)
    (loud, _), (quiet, _) = pairs

    with loud, quiet:
        assert b"snapshot" in loud.recv(4096)
        assert b"snapshot" in quiet.recv(4096)
        bugs.append("a bug")
        loud.sendall(frame(1, b'{"t":"ping","at":1}'))
        assert loud.recv(1) == b""
        feed.publish(2, json.dumps(snapshot(2)))
        assert b'"seq":2' in quiet.recv(4096)
        assert hub.counts["failed"] == 1
        hub.close()
    assert seats.taken == 0


def test_whoever_comes_while_all_are_sent_away_is_sent_away_too(stage: Stage) -> None:
    stage.hub.drain("shutdown", 50)
    ours, theirs = socket.socketpair()

    stage.hub.adopt(theirs, "event", stage.hub.reserve(None), after=None, stream=None)

    with ours:
        assert ours.recv(4096) == b'data: {"t":"bye","reason":"shutdown","retry_ms":50}\n\n'
        assert ours.recv(1) == b""


def test_goodbye_is_said_once(stage: Stage) -> None:
    stage.publish(1)
    with stage.wire() as wire:
        wire.message()
        stage.hub.drain("shutdown", 50)
        stage.hub.drain()

        assert wire.message()["reason"] == "shutdown"
        assert wire.ended() == 1012
        wire.drained()
        stage.publish(2)
    until(lambda: stage.clients == 0)
