"""What a client says, frame by frame; the frames are wsproto's, or broken on purpose."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol

from pnl.live.frames import close_frame, deflated_frame, text_frame
from pnl.live.parser import MOST_BYTES, Closed, Heard, Parser
from tests.live.wire import deflated, frame


def heard(data: bytes, *, deflated: bool = False, piece: int = 100_000) -> list[Heard]:
    parser = Parser(deflated=deflated)
    found = [each for at in range(0, len(data), piece) for each in parser.feed(data[at : at + piece])]
    assert parser.idle
    return found


def test_a_text_a_ping_and_a_pong_are_heard() -> None:
    data = frame(1, b"hello") + frame(9, b"?") + frame(10, b"!")

    assert heard(data) == [Heard(text="hello"), Heard(ping=b"?"), Heard(pong=b"!")]


def test_a_frame_that_comes_byte_by_byte_is_heard() -> None:
    data = frame(1, "grün".encode() * 60) + frame(9)

    assert heard(data, piece=1) == [Heard(text="grün" * 60), Heard(ping=b"")]


def test_control_frames_may_come_between_the_parts_of_a_message() -> None:
    data = frame(1, b"he", first=0) + frame(9, b"?") + frame(0, b"ll", first=0) + frame(10) + frame(0, b"o")

    assert [each.text or each.ping for each in heard(data, piece=3) if each not in (Heard(), Heard(pong=b""))] == [
        b"?",
        "hello",
    ]


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_a_compressed_message_may_come_in_parts_with_a_ping_between(piece: int) -> None:
    squeezed = deflated("hello " * 50)
    data = frame(1, squeezed[:4], first=0x40) + frame(9, b"?") + frame(0, squeezed[4:])

    assert heard(data + frame(1, b"plain"), deflated=True, piece=piece) == [
        Heard(),
        Heard(ping=b"?"),
        Heard(text="hello " * 50),
        Heard(text="plain"),
    ]


@given(st.lists(st.text(max_size=300), min_size=1, max_size=4), st.booleans(), st.integers(1, 50))
def test_whatever_a_client_of_wsproto_says_is_heard(texts: list[str], squeeze: bool, piece: int) -> None:
    extension = PerMessageDeflate(client_no_context_takeover=True)
    extension.finalize("permessage-deflate; client_no_context_takeover")
    client = FrameProtocol(client=True, extensions=[extension] if squeeze else [])
    data = b"".join(client.send_data(text) for text in texts)

    assert [each.text for each in heard(data, deflated=squeeze, piece=piece)] == texts


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(frame(1, b"x", mask=None), 1002, id="no mask"),
        pytest.param(frame(1, b"x", first=0xC0), 1002, id="compressed, though not agreed"),
        pytest.param(frame(1, b"x", first=0xA0), 1002, id="a reserved bit"),
        pytest.param(frame(3, b"x"), 1002, id="a reserved opcode"),
        pytest.param(frame(11), 1002, id="a reserved control opcode"),
        pytest.param(frame(0, b"x"), 1002, id="a continuation of nothing"),
        pytest.param(frame(1, b"x", first=0) + frame(1, b"y"), 1002, id="a message within a message"),
        pytest.param(frame(9, b"x", first=0), 1002, id="a ping in parts"),
        pytest.param(frame(9, b"x" * 126), 1002, id="a long ping"),
        pytest.param(frame(8, b"x"), 1002, id="half a close code"),
        pytest.param(frame(8, struct.pack("!H", 1005)), 1002, id="a close code that is never sent"),
        pytest.param(b"\x81\xfe\x00\x05\0\0\0\0hello", 1002, id="a length told with too many bytes"),
        pytest.param(frame(1, b"\xff"), 1007, id="no UTF-8"),
        pytest.param(frame(1, b"\xc3"), 1007, id="half a letter"),
        pytest.param(frame(8, struct.pack("!H", 1000) + b"\xff"), 1007, id="a close reason that is no UTF-8"),
        pytest.param(frame(1, b"x" * (MOST_BYTES + 1)), 1009, id="too long"),
        pytest.param(frame(1, b"x" * 600, first=0) + frame(0, b"x" * 600), 1009, id="too long in parts"),
        pytest.param(frame(1, first=0) + frame(0, first=0) * 64, 1009, id="parts without end"),
        pytest.param(b"\x81\xff" + struct.pack("!Q", 1 << 62), 1009, id="exabytes to come"),
        pytest.param(frame(2, b"x"), 1003, id="binary"),
    ],
)
def test_what_breaks_the_protocol_is_told_so(data: bytes, code: int) -> None:
    for piece in (1, 10_000):
        with pytest.raises(Closed) as closed:
            heard(data, piece=piece)

        assert (closed.value.code, closed.value.theirs) == (code, False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(frame(1, deflated("x" * 1_000_000), first=0xC0), 1009, id="a bomb"),
        pytest.param(frame(1, b"\xff\xff\xff", first=0xC0), 1007, id="no deflate"),
        pytest.param(frame(9, b"x", first=0xC0), 1002, id="a compressed ping"),
        pytest.param(frame(1, b"x", first=0) + frame(0, b"x", first=0xC0), 1002, id="compressed from the second part"),
        pytest.param(frame(1, deflated(b"\xff\xfe"), first=0xC0), 1007, id="no UTF-8 within"),
        pytest.param(frame(2, deflated("x"), first=0xC0), 1003, id="binary"),
    ],
)
def test_what_breaks_the_rules_of_compression_is_told_so(data: bytes, code: int) -> None:
    with pytest.raises(Closed) as closed:
        heard(data, deflated=True)

    assert closed.value.code == code


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(frame(1, b"\xff"), "no UTF-8", id="no UTF-8"),
        pytest.param(frame(8, struct.pack("!H", 1000) + b"\xff"), "no UTF-8", id="a close reason that is no UTF-8"),
        pytest.param(frame(1, b"\xff\xff\xff", first=0xC0), "it does not unpack", id="no deflate"),
        pytest.param(frame(1, deflated(b"\xff\xfe"), first=0xC0), "no UTF-8", id="no UTF-8 within"),
        pytest.param(frame(1, deflated("x" * 1_000_000), first=0xC0), "too long", id="a bomb"),
        pytest.param(frame(1, b"x" * (MOST_BYTES + 1)), "too long", id="too long"),
    ],
)
def test_who_cannot_be_read_is_told_why_in_plain_words(data: bytes, reason: str) -> None:
    with pytest.raises(Closed) as closed:
        heard(data, deflated=True)

    assert str(closed.value) == reason


@pytest.mark.parametrize(("payload", "code"), [(b"", 1000), (b"\x03\xe8", 1000), (b"\x0f\xa0bye", 4000)])
def test_a_goodbye_is_answered_with_its_own_code(payload: bytes, code: int) -> None:
    with pytest.raises(Closed) as closed:
        heard(frame(8, payload))

    assert (closed.value.code, closed.value.theirs) == (code, True)


@given(st.text(max_size=200), st.sampled_from([1, 5000]))
def test_our_frames_are_read_by_wsproto(text: str, times: int) -> None:
    extension = PerMessageDeflate(server_no_context_takeover=True)
    extension.finalize("permessage-deflate; server_no_context_takeover")
    client = FrameProtocol(client=True, extensions=[extension])
    text = text * times

    client.receive_bytes(deflated_frame(text) + text_frame(text) + close_frame(1012, "ü" * 200))
    frames = list(client.received_frames())

    texts = "".join(each.payload for each in frames if isinstance(each.payload, str))
    assert texts == text * 2
    assert frames[-1].payload == (1012, "ü" * 61)
