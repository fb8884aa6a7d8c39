"""What a client may say, and what it is answered: a ping, by a pong."""

import json
import math
import time
from collections.abc import Iterator
from typing import Final

from pnl.live.client import Client
from pnl.live.feed import Feed
from pnl.live.frames import pong_frame
from pnl.live.parser import Closed, Heard, Parser
from pnl.metrics.instruments import ECHO

MOST_HEARD: Final = 20
"""Frames that a client may send in a span."""
SPAN_SECONDS: Final = 0.5
_POLICY: Final = 1008


class _Number(str):
    """A number of JSON, as it was written."""

    __slots__ = ()


def answers(client: Client, data: bytes, feed: Feed) -> Iterator[bytes]:
    """Read what a client sent, and return what is to be sent back.

    Raises:
        Closed: The client closed, or is to be closed.
    """
    if client.listens:
        count(client)  # a reader of events has nothing to say; a little is passed over
        return
    parser = client.parser or Parser(deflated=client.form == "deflated")
    client.parser = parser
    for heard in parser.feed(data):
        count(client)
        answer = _answer(client, heard, feed)
        if answer:
            yield answer
    if parser.idle:
        client.parser = None


def count(client: Client) -> None:
    """Count something that a client sent.

    Raises:
        Closed: It sends too much.
    """
    now = time.monotonic()
    if now - client.heard_since > SPAN_SECONDS:
        client.heard, client.heard_since = 0, now
    client.heard += 1
    if client.heard > MOST_HEARD:
        raise Closed(_POLICY, "too many messages")


def _answer(client: Client, heard: Heard, feed: Feed) -> bytes | None:
    if heard.ping is not None:
        return pong_frame(heard.ping)
    if heard.pong is not None and client.asked and client.asked[0] == heard.pong:
        ECHO.observe(time.perf_counter() - client.asked[1])
        client.asked = None
    if heard.text is None:
        return None
    client.speaks = True
    data: bytes = getattr(feed.pong(_at(heard.text)), client.form)
    return data


def _at(text: str) -> str:
    """Return the time that a ping tells, to the letter: read as a number it could come back as another."""
    try:
        told: object = json.loads(text, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        told = None
    at = told.get("at") if isinstance(told, dict) and told.get("t") == "ping" else None
    if not isinstance(at, _Number) or not math.isfinite(float(at)):
        raise Closed(_POLICY, 'only {"t": "ping", "at": number} is taken')
    return at
