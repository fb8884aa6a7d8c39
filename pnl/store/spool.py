"""The spool: a file beside the database, written full of zeros beforehand, that takes a tick when the database cannot.

It holds a block that names the epoch of who writes to it, then records: a mark, the epoch, the length, a CRC-32, and
a tick. Room is not asked of the disk when it is needed: it is there. A record counts once it is on the disk. One that
is torn ends what is read. What is cleared is zeros again.

Who leads writes its epoch first. Whoever led before and wakes up finds another epoch after it has written, and does
not take what it wrote for kept; a record of an older epoch behind one of a newer is not read.
"""

import fcntl
import os
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pnl.errors import Deposed, StoreError, StoreUnavailable

BLOCK = 4096
_HEAD = struct.Struct("<8sQI")
_RECORD = struct.Struct("<4sQII")
_NAME, _MARK = b"PNLSPOOL", b"TICK"
_ZEROS = b"\0" * (1 << 20)
PATIENCE_SECONDS = 2.0
"""How long to wait for somebody who is entering something by hand."""


class SpoolFull(StoreUnavailable):
    """There is no room left in the spool."""


def waits(path: Path) -> bool:
    """Tell whether something waits in a file of a spool."""
    try:
        with path.open("rb") as file:
            file.seek(BLOCK)
            return file.read(len(_MARK)) == _MARK
    except FileNotFoundError:
        return False


class Spool:
    """One file. Anybody may look whether something waits in it; who leads takes it, and alone writes to it.

    Args:
        path: The file, on a disk of this machine, best another than that of the database.
        size: Its bytes.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = max(size, 4 * BLOCK)
        self._file: int | None = None
        self._epoch = 0
        self._end = BLOCK
        self.count = 0

    @property
    def room(self) -> int:
        """Bytes that it can still take; none before it is taken."""
        return self._size - self._end if self._file is not None else 0

    def take(self, epoch: int) -> None:
        """Become the one that writes to it.

        Raises:
            StoreUnavailable: It can be neither opened nor made.
        """
        try:
            self.release()
            self._file = self._opened()
            os.pwrite(self._file, _head(epoch).ljust(BLOCK, b"\0"), 0)
            os.fdatasync(self._file)
        except OSError as error:
            self.release()
            raise StoreUnavailable(f"the spool {self._path} cannot be used: {error.strerror}") from error
        self._epoch = epoch
        self._find_end()

    def release(self) -> None:
        """Let go of the file; what is in it stays."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def append(self, tick: bytes) -> None:
        """Keep a tick: once this returns, it is on the disk.

        Raises:
            SpoolFull: There is no room.
            Deposed: Another process leads by now.
            StoreUnavailable: The disk does not take it.
        """
        if self._file is None:
            raise StoreUnavailable(f"the spool {self._path} could not be opened")
        record = _RECORD.pack(_MARK, self._epoch, len(tick), _sum(self._epoch, tick)) + tick
        if self._end + len(record) > self._size:
            raise SpoolFull(f"the spool is full: {self.count} snapshots wait in it")
        self._check()
        try:
            _write(self._file, record, self._end)
            os.fdatasync(self._file)
        except OSError as error:
            with suppress(OSError):  # so that it is not taken for kept by whoever reads it
                os.pwrite(self._file, bytes(_RECORD.size), self._end)
            raise StoreUnavailable(f"the spool does not take a snapshot: {error.strerror}") from error
        self._check()
        self._end += len(record)
        self.count += 1

    def ticks(self, skip: int = 0) -> Iterator[bytes]:
        """Give what waits, oldest first, without the first `skip`."""
        for number, (_, tick) in enumerate(self._records()):
            if number >= skip:
                yield tick

    def clear(self) -> None:
        """Have nothing wait: all of it is in the database.

        Raises:
            StoreUnavailable: The disk does not take the zeros; what waits is there twice, and is known by its number.
        """
        if self._file is None:
            return
        try:
            os.pwrite(self._file, bytes(_RECORD.size), BLOCK)
            os.fdatasync(self._file)
            self._zero(BLOCK, self._end)
            os.fdatasync(self._file)
        except OSError as error:
            raise StoreUnavailable(f"the spool cannot be cleared: {error.strerror}") from error
        self._end, self.count = BLOCK, 0

    def set_aside(self, why: str) -> Path:
        """Copy what waits to another file, which nobody deletes, and clear the spool; return that file."""
        aside = self._path.with_name(f"{self._path.name}.{why}-{time.time_ns()}")
        with aside.open("xb") as copy:
            aside.chmod(0o600)
            for start in range(0, self._end, len(_ZEROS)):
                copy.write(os.pread(self._opened_file(), min(len(_ZEROS), self._end - start), start))
            copy.flush()
            os.fsync(copy.fileno())
        self.clear()
        return aside

    @contextmanager
    def gate(self, *, alone: bool) -> Iterator[None]:
        """Keep entries by hand and what waits in the spool from overtaking each other.

        Who enters goes in with others, while nothing waits; who is about to let something wait goes in alone.

        Raises:
            StoreUnavailable: Something waits, or others do not come out in time.
        """
        try:
            opened = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield
            return
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(opened, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
                    break
                if time.monotonic() > until:
                    raise StoreUnavailable("the database cannot answer: another process is writing")
                time.sleep(0.02)
            if not alone and os.pread(opened, len(_MARK), BLOCK) == _MARK:
                raise StoreUnavailable("snapshots wait to be taken by the database: try again in a minute")
            yield
        finally:
            os.close(opened)

    def _opened(self) -> int:
        """Open the file, made full of zeros where there is none of its size."""
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            made = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                self._fill(made)
                draft.rename(self._path)
            finally:
                os.close(made)
                draft.unlink(missing_ok=True)
        opened = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        there = os.fstat(opened).st_size
        self._size = max(there, BLOCK)  # another size comes into force where it is made anew
        return opened

    def _fill(self, made: int) -> None:
        for start in range(0, self._size, len(_ZEROS)):
            _write(made, _ZEROS[: min(len(_ZEROS), self._size - start)], start)
        os.fsync(made)

    def _zero(self, start: int, end: int) -> None:
        while start < end:
            start += os.pwrite(self._opened_file(), _ZEROS[: min(len(_ZEROS), end - start)], start)

    def _records(self) -> Iterator[tuple[int, bytes]]:
        """Give every record that is whole with where it ends."""
        file, place, before = self._opened_file(), BLOCK, 0
        while place + _RECORD.size <= self._size:
            mark, epoch, length, sum_ = _RECORD.unpack(os.pread(file, _RECORD.size, place))
            if mark != _MARK or not before <= epoch <= self._epoch or place + _RECORD.size + length > self._size:
                return
            tick = os.pread(file, length, place + _RECORD.size)
            if len(tick) != length or _sum(epoch, tick) != sum_:
                return
            place, before = place + _RECORD.size + length, epoch
            yield place, tick

    def _find_end(self) -> None:
        self._end, self.count = BLOCK, 0
        for end, _ in self._records():
            self._end, self.count = end, self.count + 1
        torn = os.pread(self._opened_file(), len(_ZEROS), self._end)
        if torn.strip(b"\0"):
            with suppress(OSError):
                self._zero(self._end, min(self._end + len(torn), self._size))

    def _check(self) -> None:
        """Look whether this process still is the one that writes."""
        if os.pread(self._opened_file(), _HEAD.size, 0) != _head(self._epoch):
            raise Deposed("another process leads: nothing was put into the spool")

    def _opened_file(self) -> int:
        if self._file is None:
            raise StoreError("the spool was not taken")
        return self._file


def _head(epoch: int) -> bytes:
    return _HEAD.pack(_NAME, epoch, zlib.crc32(_NAME + epoch.to_bytes(8, "little")))


def _sum(epoch: int, tick: bytes) -> int:
    return zlib.crc32(tick, zlib.crc32(epoch.to_bytes(8, "little")))


def _write(file: int, data: bytes, place: int) -> None:
    while data:
        done = os.pwrite(file, data, place)
        data, place = data[done:], place + done
