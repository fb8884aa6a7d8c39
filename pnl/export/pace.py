"""Manners of long readings: they rest as long as they work, since pages and live connections come first."""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator

from pnl.export.archive import Part

_REST = 1.0
"""How long a reading rests, in times of how long this thread worked."""
_GZIP, _FAST = 16 + zlib.MAX_WBITS, 1


def unhurried(parts: Iterable[Part], rest: Callable[[float], None] = time.sleep) -> Iterator[Part]:
    """Give parts with a rest between them, for the work of the one before; after the last nobody is kept waiting."""
    since, worked = time.thread_time(), 0.0
    for part in parts:
        rest(worked * _REST)
        yield part
        now = time.thread_time()
        since, worked = now, now - since


def gzipped(parts: Iterable[Part]) -> Iterator[Part]:
    """Give parts as one gzip stream, the same for the same parts; each counts the rows that it was made of."""
    packer = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
    waiting = 0
    for rows, text in parts:
        waiting += rows
        if packed := packer.compress(text):
            yield waiting, packed
            waiting = 0
    yield waiting, packer.flush()
