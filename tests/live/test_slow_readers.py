"""Readers that are slow or gone: what they get, and that nobody else notices."""

import socket
import struct
import time
from collections.abc import Iterator

import pytest

from pnl.live.client import MOST_BACKLOG, Client
from tests.live.stage import Reader, Stage
from tests.live.wire import OFFER, Wire, until

PAD = "0123456789abcdef" * 256


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as made:
        yield made


def stalled(stage: Stage) -> Wire:
    """A reader that has its snapshot, and then reads nothing."""
    wire = stage.wire(buffer=4096)
    wire.message()
    return wire


def test_fast_readers_see_every_message_while_five_are_stalled(stage: Stage) -> None:
    stage.publish(1)
    slow = [stalled(stage) for _ in range(5)]
    fast, readers = [stage.wire() for _ in range(10)], [Reader() for _ in range(10)]
    longest = 0.0

    for seq in range(2, 202):
        begun = time.monotonic()
        stage.publish(seq, pad=f"{seq}{PAD}")
        for wire, reader in zip(fast, readers, strict=True):
            while reader.seq != seq:
                reader.take(wire.message())
        longest = max(longest, time.monotonic() - begun)

    assert [reader.seen[-200:] for reader in readers] == [list(range(2, 202))] * 10
    assert [reader.snapshots for reader in readers] == [1] * 10
    assert longest < 2
    for wire in slow:
        # It has what was on its way when it stopped reading, then the newest as a whole.
        with wire:
            reader = Reader()
            reader.seq = 1
            while reader.seq != 201:
                reader.take(wire.message())
            assert reader.snapshots == 1
            assert reader.document["net"] == "201"
    assert stage.hub.counts["lagged"] == 5
    for wire in fast:
        wire.socket.close()


def test_no_more_waits_for_a_slow_reader_than_the_backlog() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        client = Client(theirs, "frame", ())
        most = 0

        for _ in range(3000):
            client.put(b"x" * 500)
            most = max(most, sum(len(piece) for piece, _ in client.waiting or ()))

        assert most <= MOST_BACKLOG + 500
        assert client.stale
        assert len(client.waiting or ()) <= 1


def test_a_large_snapshot_on_a_slow_line_is_followed_by_the_deltas(stage: Stage) -> None:
    stage.publish(1, positions=500)
    with stage.wire(buffer=4096) as wire:
        until(lambda: stage.clients == 1)
        for seq in range(2, 60):
            stage.publish(seq, positions=500)
        reader = Reader()
        while reader.seq != 59:
            reader.take(wire.message())

    assert len(reader.document["positions"]) == 500  # type: ignore[arg-type]  # it is an object
    assert reader.seen == list(range(1, 60))
    assert stage.hub.counts["lagged"] == 0


@pytest.mark.parametrize("offer", [None, OFFER])
def test_a_frame_longer_than_two_bytes_can_tell_arrives_whole(stage: Stage, offer: str | None) -> None:
    stage.publish(1, positions=500, pad=PAD * 20)

    with stage.wire(offer=offer) as wire:
        data = wire.message()["data"]

    assert len(data["positions"]) == 500
    assert data["pad"] == PAD * 20


def test_a_reader_that_takes_nothing_is_closed() -> None:
    with Stage(stall_seconds=0.3) as stage:
        stage.publish(1)
        with stalled(stage), stage.wire() as other:
            other.message()
            seq = 1
            while stage.hub.counts["stalled"] == 0:
                seq += 1
                stage.publish(seq, pad=f"{seq}{PAD}")
                while other.message().get("seq") != seq:
                    pass

            until(lambda: stage.clients == 1)
            assert stage.seats.taken == 1


def test_a_reader_that_never_reads_is_counted_as_stalled_though_all_that_waits_is_in_the_kernel() -> None:
    with Stage(stall_seconds=1) as stage:
        stage.publish(1)
        with stalled(stage):
            for seq in range(2, 8):
                stage.publish(seq, pad=f"{seq}{PAD}")
            until(lambda: stage.clients == 0)

            assert (stage.hub.counts["stalled"], stage.hub.counts["closed"]) == (1, 0)


def test_a_reader_whose_machine_is_gone_is_let_go(stage: Stage) -> None:
    stage.publish(1)
    wires = [stage.wire() for _ in range(10)]
    for wire in wires:
        wire.message()
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.socket.close()  # with a reset, not a goodbye

    stage.publish(2)

    until(lambda: stage.clients == 0)
    assert stage.seats.taken == 0


def test_who_asks_much_and_reads_nothing_costs_no_more_than_any_slow_reader() -> None:
    with Stage() as stage:
        stage.publish(1, positions=500)
        with stalled(stage) as wire:
            for _ in range(15):
                wire.say('{"t":"ping","at":1}')
            stage.publish(2, positions=500)
            while wire.message()["t"] != "delta":
                pass
        until(lambda: stage.clients == 0)
