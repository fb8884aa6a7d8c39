"""The message that every server of the benchmark sends: 300 bytes that say when they were published."""

import re
import time

BYTES = 300
_PUBLISHED = re.compile(rb'"ns\\?":(\d+)')  # Socket.IO sends the text quoted once more


def text(number: int) -> str:
    """Return message `number`, published now: by the monotonic clock, which all processes of a machine share."""
    start = f'{{"t":"bench","seq":{number},"ns":{time.monotonic_ns()},"pad":"'
    return start + "x" * (BYTES - len(start) - 2) + '"}'


def published_ns(payload: bytes) -> int | None:
    """Return when a message was published, in nanoseconds of the monotonic clock; None if it does not say."""
    found = _PUBLISHED.search(payload)
    return int(found[1]) if found else None
