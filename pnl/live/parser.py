"""Reads the WebSocket frames that a client sends; wsproto knows the protocol, this adds our limits."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wsproto.extensions import Extension
from wsproto.frame_protocol import CloseReason, Frame, FrameDecoder, FrameProtocol, Opcode, ParseFailed, RsvBits

from pnl.live.frames import DEFLATE_TAIL

MOST_BYTES: Final = 1024
"""The longest message that a client may send; all it has to say is a ping."""
_MOST_PARTS: Final = 64
_TOO_LONG: Final = "too long"
_CONTROL, _MASKED = 0x08, 0x80


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame of a client.

    Attributes:
        text: The text of the message that it completes.
        ping: For a ping, the bytes to answer with.
        pong: For a pong, the bytes that it answers.
    """

    text: str | None = None
    ping: bytes | None = None
    pong: bytes | None = None


class Closed(Exception):
    """The client closed, or must be closed with `code`.

    Attributes:
        code: What the server answers: the client's own, if it had one.
        theirs: Whether the client said goodbye itself.
    """

    def __init__(self, code: int, reason: str = "", *, theirs: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.theirs = theirs


class Parser:
    """Reads the frames of one client. Between two messages nothing of it is needed, so it can be let go then.

    Args:
        deflated: Whether the client may compress.
    """

    def __init__(self, *, deflated: bool) -> None:
        self._frames = FrameProtocol(client=False, extensions=[_Inflate()] if deflated else [])
        self._unread = b""
        self._parts: list[str] = []
        self._open = False

    @property
    def idle(self) -> bool:
        """True between two messages."""
        return not self._unread and not self._open

    def feed(self, data: bytes) -> Iterator[Heard]:
        """Read `data`, and return each frame that it completes as soon as it is read.

        Raises:
            Closed: The client closed, or broke the protocol.
        """
        self._unread += data
        while size := _first_frame(self._unread):
            frame, self._unread = self._unread[:size], self._unread[size:]
            try:
                self._frames.receive_bytes(frame)
                read = list(self._frames.received_frames())
            except ParseFailed as error:
                raise Closed(int(error.code), _reason(error)) from None
            for each in read:
                yield self._take(each)

    def _take(self, frame: Frame) -> Heard:
        payload = frame.payload
        if isinstance(payload, tuple):
            code = int(payload[0])
            raise Closed(1000 if code == CloseReason.NO_STATUS_RCVD else code, theirs=True)
        if frame.opcode is Opcode.PING:
            return Heard(ping=bytes(payload))  # type: ignore[arg-type]  # a ping's are bytes
        if frame.opcode is Opcode.PONG:
            return Heard(pong=bytes(payload))  # type: ignore[arg-type]  # and so are a pong's
        if not isinstance(payload, str):
            raise Closed(CloseReason.UNSUPPORTED_DATA, "text only")
        self._parts.append(payload)
        self._open = not frame.message_finished
        if len(self._parts) > _MOST_PARTS or sum(map(len, self._parts)) > MOST_BYTES:
            raise Closed(CloseReason.MESSAGE_TOO_BIG, _TOO_LONG)
        if self._open:
            return Heard()
        text, self._parts = "".join(self._parts), []
        return Heard(text=text)


class _Inflate(Extension):
    """Compression without a context (RFC 7692), as the server agreed to it: no more comes out than a message may have.

    wsproto's own forgets that a message is compressed when a control frame comes between its parts, and
    unpacks a kilobyte into a megabyte.
    """

    name = "permessage-deflate"

    def __init__(self) -> None:
        self._control = False
        self._inflater: zlib._Decompress | None = None

    def offer(self) -> bool:
        """False: a server offers nothing."""
        return False

    def enabled(self) -> bool:
        """True: it is only made for connections that agreed to it."""
        return True

    def frame_inbound_header(
        self,
        proto: FrameDecoder | FrameProtocol,  # noqa: ARG002 - the interface is wsproto's
        opcode: Opcode,
        rsv: RsvBits,
        payload_length: int,  # noqa: ARG002 - as above
    ) -> CloseReason | RsvBits:
        """Note whether a message that begins is compressed; only its first frame says so."""
        begins = opcode in (Opcode.TEXT, Opcode.BINARY)
        if rsv.rsv1 and not begins:
            return CloseReason.PROTOCOL_ERROR
        self._control = opcode.iscontrol()
        if begins:
            self._inflater = zlib.decompressobj(-zlib.MAX_WBITS) if rsv.rsv1 else None
        return RsvBits(True, False, False)

    def frame_inbound_payload_data(
        self,
        proto: FrameDecoder | FrameProtocol,  # noqa: ARG002 - the interface is wsproto's
        data: bytes,
    ) -> bytes | CloseReason:
        """Unpack a part of a message."""
        return data if self._control or self._inflater is None else _inflated(self._inflater, data)

    def frame_inbound_complete(
        self,
        proto: FrameDecoder | FrameProtocol,  # noqa: ARG002 - the interface is wsproto's
        fin: bool,
    ) -> bytes | CloseReason | None:
        """Unpack the end of a message."""
        if self._control or not fin or self._inflater is None:
            return None
        inflater, self._inflater = self._inflater, None
        return _inflated(inflater, DEFLATE_TAIL)


def _inflated(inflater: "zlib._Decompress", data: bytes) -> bytes | CloseReason:
    try:
        found = inflater.decompress(data, MOST_BYTES + 1)
    except zlib.error:
        return CloseReason.INVALID_FRAME_PAYLOAD_DATA
    return CloseReason.MESSAGE_TOO_BIG if len(found) > MOST_BYTES else found


def _reason(error: ParseFailed) -> str:
    """Return why a frame cannot be read: of what is in a message wsproto says it in Python's words, or not at all."""
    if error.code is CloseReason.MESSAGE_TOO_BIG:
        return _TOO_LONG
    if error.code is CloseReason.INVALID_FRAME_PAYLOAD_DATA:
        return "no UTF-8" if isinstance(error.__context__, UnicodeDecodeError) else "it does not unpack"
    return str(error)


def _first_frame(data: bytes) -> int:
    """Return the length of the whole frame that `data` begins with, 0 while it is not all there.

    Raises:
        Closed: It is longer than any that a client has reason to send.
    """
    if len(data) < 2:
        return 0
    size, head = data[1] & 0x7F, 2
    if size > 125 and data[0] & _CONTROL:
        return len(data)  # no control frame is so long: wsproto says so
    if size == 126:
        size, head = int.from_bytes(data[2:4], "big"), 4
    elif size == 127:
        size, head = int.from_bytes(data[2:10], "big"), 10
    if len(data) < head:
        return 0
    if size > MOST_BYTES:
        raise Closed(CloseReason.MESSAGE_TOO_BIG, _TOO_LONG)
    whole = head + (4 if data[1] & _MASKED else 0) + size
    return whole if len(data) >= whole else 0
