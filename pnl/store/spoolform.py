"""How a spool is written: a block that names who writes to it and whose it is, then ticks; and what of it is whole."""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 4096
MARK = b"TICK"
PIECE = 1 << 20
_NAME = b"PNLSPOOL"
_HEAD = struct.Struct("<8sQI")
_RECORD = struct.Struct("<4sQII")
_SERIES = struct.Struct("<32sI")
_SERIES_AT = 64
HEAD, RECORD = _HEAD.size, _RECORD.size


@dataclass(frozen=True, slots=True)
class Found:
    """A tick that is whole: from where to where it lies, who wrote it, and what it is."""

    start: int
    end: int
    epoch: int
    tick: bytes


def head(epoch: int) -> bytes:
    """Return what names who writes."""
    return _HEAD.pack(_NAME, epoch, zlib.crc32(_NAME + epoch.to_bytes(8, "little")))


def epoch_of(path: Path) -> int:
    """Return the epoch of who last wrote to a file; 0 where there is none."""
    with_head = _first(path)[:HEAD]
    epoch: int = _HEAD.unpack(with_head)[1] if len(with_head) == HEAD else 0
    return epoch if with_head == head(epoch) else 0


def series_of(path: Path) -> str:
    """Return the series of the archive that a file lies beside; empty where it does not say."""
    place = _first(path)[_SERIES_AT : _SERIES_AT + _SERIES.size]
    if len(place) < _SERIES.size:
        return ""
    name, sum_ = _SERIES.unpack(place)
    return name.rstrip(b"\0").decode("ascii", "replace") if name.strip(b"\0") and zlib.crc32(name) == sum_ else ""


def sign(file: int, series: str) -> None:
    """Write whose it is."""
    name = series.encode("ascii").ljust(32, b"\0")
    os.pwrite(file, _SERIES.pack(name, zlib.crc32(name)), _SERIES_AT)


def record(epoch: int, tick: bytes) -> bytes:
    """Return a tick as it is written."""
    return _RECORD.pack(MARK, epoch, len(tick), _sum(epoch, tick)) + tick


def in_order(file: int, size: int) -> Iterator[Found]:
    """Give every tick that is whole, up to one that is torn, or that a leader wrote behind one of its successor."""
    place, before = BLOCK, 0
    while (found := _at(file, place, size)) and found.epoch >= before:
        place, before = found.end, found.epoch
        yield found


def behind(file: int, place: int, size: int) -> Iterator[Found]:
    """Give every tick that is whole from a place on, wherever it begins."""
    while (mark := _mark(file, place, size)) is not None:
        found = _at(file, mark, size)
        place = found.end if found else mark + 1
        if found:
            yield found


def holds(path: Path) -> bool:
    """Tell whether there is a tick in a file that is whole."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return next(behind(file, BLOCK, os.fstat(file).st_size), None) is not None
    finally:
        os.close(file)


def _at(file: int, place: int, size: int) -> Found | None:
    if place + RECORD > size:
        return None
    mark, epoch, length, sum_ = _RECORD.unpack(os.pread(file, RECORD, place))
    if mark != MARK or place + RECORD + length > size:
        return None
    tick = os.pread(file, length, place + RECORD)
    whole = len(tick) == length and _sum(epoch, tick) == sum_
    return Found(place, place + RECORD + length, epoch, tick) if whole else None


def _mark(file: int, place: int, size: int) -> int | None:
    """Return where the next mark is."""
    while place < size:
        piece = os.pread(file, PIECE, place)
        if (there := piece.find(MARK)) >= 0:
            return place + there
        if len(piece) < len(MARK):
            return None
        place += len(piece) - len(MARK) + 1
    return None


def _first(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_SERIES_AT + _SERIES.size)
    except FileNotFoundError:
        return b""


def _sum(epoch: int, tick: bytes) -> int:
    return zlib.crc32(tick, zlib.crc32(epoch.to_bytes(8, "little")))
