"""Connections over real sockets: what each client gets, in which order, and what becomes of it."""

import json
import threading
import zlib
from collections import deque
from collections.abc import Iterator

import pytest

from tests.live.stage import NOW, Reader, Stage
from tests.live.wire import OFFER, frame, until


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as made:
        yield made


def test_a_client_gets_the_snapshot_and_then_each_delta(stage: Stage) -> None:
    stage.publish(1)

    with stage.wire() as wire:
        first = wire.message()
        stage.publish(2)
        second = wire.message()

    assert (first["t"], first["stream"], first["data"]["net"]) == ("snapshot", "k3f9x2", "1")
    assert second == {"t": "delta", "seq": 2, "base": 1, "set": {"seq": 2, "net": "2"}}


def test_before_the_first_snapshot_a_client_gets_a_beat_and_then_the_snapshot(stage: Stage) -> None:
    with stage.wire() as wire:
        first = wire.message()
        stage.publish(7)
        second = wire.message()

    assert first == {"t": "beat", "seq": 0, "at": NOW}
    assert second["data"]["seq"] == 7


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?after=3&stream=k3f9x2", [("beat", 3)]),
        ("?after=3", [("beat", 3)]),
        ("?after=1&stream=k3f9x2&n=4", [("delta", 2), ("delta", 3)]),
        ("?after=4&stream=k3f9x2", [("snapshot", 3)]),
        ("?after=999999999999999999", [("snapshot", 3)]),
        ("?after=0", [("snapshot", 3)]),
        ("?after=2&stream=another", [("snapshot", 3)]),
        ("?stream=k3f9x2", [("snapshot", 3)]),
        ("", [("snapshot", 3)]),
    ],
)
def test_a_client_that_comes_back_gets_what_it_missed(stage: Stage, query: str, told: list[tuple[str, int]]) -> None:
    for seq in (1, 2, 3):
        stage.publish(seq)

    with stage.wire(f"/api/pnl/ws{query}") as wire:
        got = [wire.message() for _ in told]
        stage.publish(4)
        following = wire.message()

    assert [(each["t"], each.get("seq") or each["data"]["seq"]) for each in got] == told
    assert (following["seq"], following["base"]) == (4, 3)


@pytest.mark.parametrize("query", ["?after=3&stream=k3f9x2", "?after=3"])
def test_a_client_that_is_ahead_is_not_set_back(stage: Stage, query: str) -> None:
    stage.publish(1)
    stage.elsewhere = [2, 3]

    with stage.wire(f"/api/pnl/ws{query}") as wire:
        first = wire.message()
        stage.publish(4)
        following = wire.message()

    assert (first["t"], first["seq"]) == ("beat", 3)
    assert (following["seq"], following["base"]) == (4, 3)


def test_who_polls_and_is_ahead_is_not_set_back(stage: Stage) -> None:
    stage.publish(1)
    stage.elsewhere = [2, 3]

    assert [json.loads(text)["t"] for text in stage.hub.missed(3, "k3f9x2")] == ["beat"]


@pytest.mark.parametrize("query", ["", "?after=1&stream=k3f9x2", "?after=3&stream=another"])
def test_nobody_looks_elsewhere_for_who_is_not_ahead(stage: Stage, query: str) -> None:
    stage.publish(1)
    stage.elsewhere = [2, 3]

    with stage.wire(f"/api/pnl/ws{query}") as wire:
        wire.message()

    assert stage.elsewhere == [2, 3]


def test_events_carry_the_sequence_as_their_id_and_are_resumed_by_it(stage: Stage) -> None:
    stage.publish(1)
    stage.publish(2)

    with stage.wire("/api/pnl/stream?after=0", more="Last-Event-ID: 1\r\n") as wire:
        opening = wire.until(b"\n\n")
        missed = wire.event()
        told = wire.event()
        stage.publish(3)
        following = wire.event()

    assert wire.header("content-type") == "text/event-stream; charset=utf-8"
    assert opening == b"retry: 3000\n\n"
    assert (missed[0], missed[1]["base"]) == ("2", 1)
    assert (told[0], told[1]["t"], told[1]["seq"]) == (None, "beat", 2)
    assert (following[0], following[1]["base"]) == ("3", 2)


@pytest.mark.parametrize("garbage", ["x", "-1", "1" * 30, "²"])
def test_an_event_id_that_is_none_of_ours_counts_as_none(stage: Stage, garbage: str) -> None:
    stage.publish(1)

    with stage.wire("/api/pnl/stream?after=1", more=f"Last-Event-ID: {garbage}\r\n") as wire:
        wire.until(b"\n\n")
        assert wire.event()[1]["t"] == "beat"


def test_a_ping_of_either_kind_is_answered(stage: Stage) -> None:
    with stage.wire() as wire:
        wire.message()
        wire.say('{"t": "ping", "at": 12.5}')
        pong = wire.message()
        wire.send(frame(9, b"are you there"))

        assert pong == {"t": "pong", "at": 12.5, "now": NOW}
        assert wire.frame() == (0x8A, b"are you there")


@pytest.mark.parametrize("at", ["1764499999999.123456789", "-0", "1E+2", "9007199254740993", "0.10"])
def test_a_ping_gets_its_number_back_to_the_letter(stage: Stage, at: str) -> None:
    with stage.wire() as wire:
        wire.message()
        wire.say(f'{{"t": "ping", "at": {at}}}')

        assert wire.frame() == (0x81, f'{{"t":"pong","at":{at},"now":"{NOW}"}}'.encode())


def test_a_client_is_told_of_nothing_but_the_time_when_nothing_happens() -> None:
    with Stage(beat_seconds=0.05) as stage:
        stage.publish(5)
        with stage.wire() as wire, stage.wire("/api/pnl/stream") as events:
            wire.message()
            events.until(b"\n\n")
            events.event()

            assert wire.message() == {"t": "beat", "seq": 5, "at": NOW}
            assert wire.message() == {"t": "beat", "seq": 5, "at": NOW}
            assert events.event() == (None, {"t": "beat", "seq": 5, "at": NOW})


def test_a_beat_never_runs_ahead_of_the_deltas() -> None:
    with Stage(beat_seconds=0.004) as stage:
        stage.publish(1)
        reader = Reader()
        with stage.wire() as wire:
            reader.take(wire.message())
            publishing = threading.Thread(target=lambda: deque(map(stage.publish, range(2, 2001)), maxlen=0))
            publishing.start()
            while reader.seq != 2000:
                reader.take(wire.message())
            publishing.join()

    assert reader.seen == list(range(1, 2001))


def test_everybody_gets_all_in_order_whenever_they_come() -> None:
    last = 340
    readers: list[Reader] = []

    def read(stage: Stage, number: int) -> None:
        reader = Reader()
        while reader.seq is None or reader.seq < last:
            path = f"/api/pnl/ws?after={reader.seq}&stream=k3f9x2" if reader.seq else "/api/pnl/ws"
            with stage.wire(path, offer=OFFER if number % 2 else None) as wire:
                for _ in range(40 + number * 20):  # then it goes, and comes back
                    reader.take(wire.message())
                    if reader.seq == last:
                        break
        readers.append(reader)

    with Stage() as stage:
        stage.publish(1)
        reading = [threading.Thread(target=read, args=(stage, number)) for number in range(12)]
        for each in reading:
            each.start()
        until(lambda: stage.hub.counts["adopted"] >= 12)
        for seq in range(2, last + 1):
            stage.publish(seq)
        for each in reading:
            each.join(30)
        until(lambda: stage.clients == 0)

    assert [reader.document["net"] for reader in readers] == [str(last)] * 12
    for reader in readers:
        assert reader.seen == list(range(reader.seen[0], last + 1))
    assert stage.seats.taken == 0


def test_events_are_gzipped_for_who_takes_it_and_each_can_be_read_as_it_comes(stage: Stage) -> None:
    stage.publish(1, positions=5)
    with (
        stage.wire("/api/pnl/stream", more="Accept-Encoding: gzip, br\r\n") as small,
        stage.wire("/api/pnl/stream", more="Accept-Encoding: br\r\n") as plain,
    ):
        opened = zlib.decompressobj(16 + zlib.MAX_WBITS)
        read, size, told = "", 0, ""
        while '"t":"snapshot"' not in told or not told.endswith("\n\n"):
            told += plain.take(1).decode()
        while '"t":"snapshot"' not in read or not read.endswith("\n\n"):
            size += 1
            read += opened.decompress(small.take(1)).decode()
        for seq in (2, 3, 4):
            stage.publish(seq, positions=5 + seq)
            while f'"seq":{seq},"base":{seq - 1}' not in read or not read.endswith("\n\n"):
                size += 1
                read += opened.decompress(small.take(1)).decode()
        while '"seq":4,"base":3' not in told or not told.endswith("\n\n"):
            told += plain.take(1).decode()

    assert small.header("content-encoding") == "gzip"
    assert small.header("vary") == "Accept-Encoding"
    assert plain.header("content-encoding") is None
    assert read.startswith("retry: 3000\n\nid: 1\n")
    assert size < len(read) / 2
