"""Thousands of clients that break the protocol, in ways that a seed chooses: nothing of them is left over."""

import json
import struct
from collections.abc import Callable
from random import Random

from tests.live.stage import Stage
from tests.live.wire import OFFER, deflated, descriptors, frame, until

CONNECTIONS = 1000
FRAMES = 10
HONEST = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 4000, None}


def noise(random: Random) -> bytes:
    """A frame that is somewhat wrong, or right at the wrong time."""
    payload = random.choice(
        (
            b"",
            b'{"t":"ping","at":1}',
            json.dumps(
                {"t": random.choice(("ping", "pong", None)), "at": random.choice((1, None, "x", True))}
            ).encode(),
            random.randbytes(random.choice((1, 5, 125, 126, 300, 1025))),
            deflated("x" * random.choice((1, 100, 100_000))),
            struct.pack("!H", random.choice((999, 1000, 1001, 1005, 1006, 1015, 2999, 4000, 65_535))),
            b"[" * 1000,
        )
    )
    first = random.choice((0x80, 0x80, 0x80, 0x00, 0xC0, 0x40, 0xA0, 0x90, 0xF0))
    opcode = random.choice((1, 1, 1, 0, 2, 8, 9, 10, random.randrange(16)))
    made = frame(opcode, payload, first=first, mask=random.choice((b"\0\0\0\0", random.randbytes(4), None)))
    damage = random.randrange(10)
    if damage == 0:
        return made[: random.randrange(len(made))]
    if damage == 1:
        place = random.randrange(len(made))
        return made[:place] + random.randbytes(1) + made[place + 1 :]
    if damage == 2:
        return random.randbytes(random.randrange(1, 64))
    return made


def test_ten_thousand_broken_frames_leave_nothing_behind() -> None:
    random = Random(20_261_120)
    codes: set[int | None] = set()
    with Stage() as stage:
        stage.publish(1)
        with stage.wire() as honest:
            honest.message()
            before = descriptors()

            for _ in range(CONNECTIONS):
                with stage.wire(offer=random.choice((None, OFFER))) as wire:
                    data = b"".join(noise(random) for _ in range(FRAMES))
                    cut = random.randrange(len(data)) if random.random() < 0.5 else 0
                    for piece in (data[:cut], data[cut:]):
                        if piece and not _sent(wire.send, piece):
                            break
                    if not _sent(wire.send, frame(8, b"\x03\xe8")) or random.random() < 0.1:
                        continue  # it is gone without a goodbye
                    wire.socket.shutdown(1)
                    codes.add(wire.last_code())
            until(lambda: stage.clients == 1)

            stage.publish(2)
            while (told := honest.message())["t"] == "beat":
                assert told["seq"] == 1
            assert told["seq"] == 2
            with stage.wire(offer=OFFER) as following:
                assert following.message()["t"] == "snapshot"
                following.say('{"t":"ping","at":7}')
                assert following.message()["at"] == 7
        until(lambda: stage.clients == 0)
        until(lambda: descriptors() <= before)
        assert stage.seats.taken == 0
        assert stage.hub.counts["failed"] == 0
        assert stage.hub.counts["refused"] > CONNECTIONS * 0.8

    assert codes <= HONEST
    assert codes >= {1002, 1003, 1007, 1008, 1009}


def _sent(send: Callable[[bytes], None], data: bytes) -> bool:
    try:
        send(data)
    except ConnectionError:
        return False
    return True


def test_broken_requests_leave_nothing_behind() -> None:
    random = Random(7)
    good = (
        b"GET /api/pnl/ws?after=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with Stage() as stage:
        before = descriptors()
        for _ in range(300):
            place = random.randrange(4, len(good) - 4)
            data = good[:place] + random.choice((b"", random.randbytes(1), b"\r\n", b";", b" ")) + good[place + 1 :]
            with stage.bare() as wire:
                wire.sendall(data)
                wire.shutdown(1)
                answer = b""
                while piece := wire.recv(65_536):
                    answer += piece
                assert b" 500 " not in answer.split(b"\r\n")[0], data
        until(lambda: stage.clients == 0)
        until(lambda: descriptors() <= before)
        assert stage.seats.taken == 0
