"""How many may come, how fast they may speak, and what is told to those beyond."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from pnl.errors import TooManyClients
from pnl.live.seats import Seats
from pnl.live.talk import SPAN_SECONDS
from tests.live.stage import Reader, Stage
from tests.live.wire import OFFER, Wire, frame, until


def test_exactly_as_many_get_in_as_there_are_places_however_they_push() -> None:
    with Stage(total=20) as stage:
        stage.publish(1)
        together = threading.Barrier(30)

        def push(number: int) -> Wire:
            together.wait(10)
            return stage.wire("/api/pnl/stream" if number % 3 else "/api/pnl/ws")

        for _ in range(3):
            with ThreadPoolExecutor(30) as crowd:
                wires = list(crowd.map(push, range(30)))
            refused = [wire for wire in wires if wire.status == 503]
            assert len(refused) == 10
            assert {wire.header("retry-after") for wire in refused} == {"10"}
            assert {wire.header("content-type") for wire in refused} == {"application/problem+json"}
            until(lambda: stage.clients == 20)
            for wire in wires:
                wire.socket.close()
            until(lambda: stage.clients == 0)
            assert stage.seats.taken == 0


def test_one_address_gets_no_more_than_its_share_and_this_machine_has_none() -> None:
    with Stage(per_address=2) as stage:

        def status(address: str) -> int:
            wire = stage.wire("/api/pnl/stream", more=f"X-Test-Address: {address}\r\n")
            wires.append(wire)
            return wire.status

        wires: list[Wire] = []

        assert [status("192.0.2.7") for _ in range(3)] == [200, 200, 503]
        assert [status("::ffff:192.0.2.7"), status("192.0.2.8")] == [503, 200]
        assert [status(f"2001:db8:0:1::{number}") for number in range(3)] == [200, 200, 503]
        assert status("2001:db8:0:2::1") == 200
        assert [status("127.0.0.9") for _ in range(5)] + [status("::1")] == [200] * 6
        wires[0].socket.close()
        until(lambda: stage.hub.counts["closed"] == 1)
        assert status("192.0.2.7") == 200
        for wire in wires:
            wire.socket.close()
        until(lambda: stage.clients == 0)


def test_who_polls_is_told_why_there_is_no_place_as_long_as_there_is_none() -> None:
    with Stage(total=3, per_address=1) as stage:

        def full(address: str) -> str | None:
            asked = f"http://127.0.0.1:{stage.port}/api/pnl/deltas"
            told: str | None = httpx.get(asked, headers={"X-Test-Address": address}).json().get("full")
            return told

        assert full("192.0.2.7") is None
        wires = [stage.wire("/api/pnl/stream", more="X-Test-Address: 192.0.2.7\r\n")]
        assert (full("192.0.2.7"), full("192.0.2.8"), full("127.0.0.1")) == ("address", None, None)
        wires += [stage.wire("/api/pnl/stream") for _ in range(2)]
        assert (full("192.0.2.7"), full("192.0.2.8"), full("127.0.0.1")) == ("all",) * 3
        for wire in wires:
            wire.socket.close()
        until(lambda: stage.clients == 0)
        assert full("192.0.2.7") is None


def test_a_place_is_given_back_under_the_name_that_it_was_taken_by() -> None:
    seats = Seats(3, 1)

    first = seats.reserve("192.0.2.7")
    with pytest.raises(TooManyClients, match=r"192\.0\.2\.7 has 1 live connections already"):
        seats.reserve("192.0.2.7")
    seats.release(first)
    names = [seats.reserve("192.0.2.7"), seats.reserve(None), seats.reserve("unix:")]
    with pytest.raises(TooManyClients, match="All 3 places"):
        seats.reserve("192.0.2.8")
    for name in names:
        seats.release(name)

    assert seats.taken == 0


def test_of_a_network_that_counts_as_one_the_refusal_names_the_network() -> None:
    seats = Seats(3, 1)
    seats.reserve("2001:db8::1")

    with pytest.raises(TooManyClients, match=r"2001:db8::/64 has 1 live connections already"):
        seats.reserve("2001:db8::2")


def test_a_link_has_its_own_limit_and_gives_back_both_of_its_counts() -> None:
    seats = Seats(9, 9, per_link=2)

    held = [seats.reserve("192.0.2.7", "link a"), seats.reserve("127.0.0.1", "link a")]
    with pytest.raises(TooManyClients, match=r"This link has 2 live connections already"):
        seats.reserve("192.0.2.9", "link a")
    held += [seats.reserve("192.0.2.9", "link b"), seats.reserve("192.0.2.9")]
    seats.release(held.pop(0))
    held.append(seats.reserve("192.0.2.9", "link a"))
    for seat in held:
        seats.release(seat)

    assert seats.taken == 0
    assert not seats._taken


@pytest.mark.parametrize("flood", [frame(9), frame(10), frame(1, b'{"t":"ping","at":1}'), frame(1, first=0)])
def test_who_says_too_much_too_fast_is_closed_and_nobody_notices(flood: bytes) -> None:
    with Stage() as stage:
        stage.publish(1)
        with stage.wire() as quiet, stage.wire() as loud:
            quiet.message()
            loud.send(flood * 600)
            begun = time.monotonic()
            quiet.say('{"t":"ping","at":1}')

            assert quiet.message()["t"] == "pong"
            assert time.monotonic() - begun < 1
            assert loud.last_code() in (1008, 1002)
        until(lambda: stage.clients == 0)
        assert stage.hub.counts["refused"] == 1


def test_a_reader_of_events_that_talks_is_closed() -> None:
    with Stage() as stage, stage.wire("/api/pnl/stream") as wire:
        until(lambda: stage.clients == 1)
        with pytest.raises(ConnectionError):
            wire.send(b"x" * 100_000_000)
        until(lambda: stage.clients == 0)
        assert stage.hub.counts["refused"] == 1


def test_a_ping_now_and_then_is_welcome_for_ever() -> None:
    with Stage() as stage, stage.wire(offer=OFFER) as wire:
        wire.message()
        for number in range(40):
            wire.say(f'{{"t":"ping","at":{number}}}')
            assert wire.message()["at"] == number
            if number % 15 == 14:
                counted_until = time.monotonic() + SPAN_SECONDS
                until(lambda: time.monotonic() > counted_until)  # noqa: B023 - called at once


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rubbish",
        "[]",
        "null",
        '{"t":"ping"}',
        '{"t":"ping","at":"1"}',
        '{"t":"ping","at":true}',
        '{"t":"ping","at":NaN}',
        '{"t":"ping","at":1e999}',
        '{"t":"subscribe","at":1}',
        "[" * 1000,
    ],
)
def test_anything_but_a_ping_is_refused(text: str) -> None:
    with Stage() as stage, stage.wire() as wire:
        wire.say(text)

        assert wire.ended() == 1008


def test_three_hundred_that_were_sent_away_come_back_and_miss_nothing() -> None:
    with Stage() as first:
        for seq in range(1, 11):
            first.publish(seq)
        wires, readers = [first.wire() for _ in range(300)], [Reader() for _ in range(300)]
        for wire, reader in zip(wires, readers, strict=True):
            reader.take(wire.message())
        first.hub.drain()
        for wire in wires:
            with wire:
                assert wire.ended() == 1012

        with Stage() as second:
            for seq in range(1, 21):
                second.publish(seq)

            def again(reader: Reader) -> None:
                with second.wire(f"/api/pnl/ws?after={reader.seq}&stream=k3f9x2&n=1") as wire:
                    while reader.seq != 20:
                        reader.take(wire.message())

            with ThreadPoolExecutor(30) as crowd:
                list(crowd.map(again, readers))
            until(lambda: second.clients == 0)

        assert [reader.seen for reader in readers] == [list(range(10, 21))] * 300
        assert second.seats.taken == 0
