"""The spool: a file beside the database, written full of zeros beforehand, that takes a tick when the database cannot.

Room is not asked of the disk when it is needed: it is there. A record counts once it is on the disk. One that is torn
ends what is read, and what is whole behind it is given by itself. What is cleared is zeros again.

Who leads writes its epoch first. Whoever led before and wakes up finds another epoch after it has written, and does
not take what it wrote for kept; a record of an older epoch behind one of a newer is not read.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pnl.errors import Deposed, StoreError, StoreUnavailable
from pnl.store import spoolform
from pnl.store.mounting import not_mounted
from pnl.store.spoolform import BLOCK, HEAD, MARK, PIECE, RECORD

__all__ = ["BLOCK", "Spool", "SpoolFull", "waits"]

_ZEROS = b"\0" * PIECE
PATIENCE_SECONDS = 2.0
"""How long to wait for somebody who is entering something by hand."""


class SpoolFull(StoreUnavailable):
    """There is no room left in the spool."""


def waits(path: Path) -> bool:
    """Tell whether something waits in a file of a spool."""
    try:
        with path.open("rb") as file:
            file.seek(BLOCK)
            return file.read(len(MARK)) == MARK
    except FileNotFoundError:
        return False


class Spool:
    """One file. Anybody may look whether something waits in it; who leads takes it, and alone writes to it.

    Args:
        path: The file, on a disk of this machine, best another than that of the database.
        size: Its bytes.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self._wanted = self._size = max(size, 4 * BLOCK)
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
            os.pwrite(self._file, spoolform.head(epoch), 0)
            os.fdatasync(self._file)
        except OSError as error:
            self.release()
            raise StoreUnavailable(f"the spool {self.path} cannot be used: {error.strerror}") from error
        self._epoch = epoch
        self._end, self.count = BLOCK, 0
        for found in spoolform.in_order(self._file, self._size):
            self._end, self.count = found.end, self.count + 1

    @property
    def epoch(self) -> int:
        """Who last wrote to it, whatever the database says; 0 where nobody did."""
        return spoolform.epoch_of(self.path)

    @property
    def series(self) -> str:
        """The series of the archive whose ticks it takes; empty where it does not say."""
        return spoolform.series_of(self.path)

    def belong(self, series: str) -> None:
        """Write down the series of the archive whose ticks it takes.

        Raises:
            StoreUnavailable: The disk does not take it.
        """
        if self._file is None or self.series == series:
            return
        try:
            spoolform.sign(self._file, series)
            os.fdatasync(self._file)
        except OSError as error:
            raise StoreUnavailable(f"the spool {self.path} cannot be used: {error.strerror}") from error

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
            raise StoreUnavailable(f"the spool {self.path} could not be opened")
        record = spoolform.record(self._epoch, tick)
        if self._end + len(record) > self._size:
            raise SpoolFull(f"the spool is full: {self.count} snapshots wait in it")
        self._check()
        try:
            _write(self._file, record, self._end)
            os.fdatasync(self._file)
        except OSError as error:
            with suppress(OSError):  # so that it is not taken for kept by whoever reads it
                os.pwrite(self._file, bytes(RECORD), self._end)
            raise StoreUnavailable(f"the spool does not take a snapshot: {error.strerror}") from error
        self._check()
        self._end += len(record)
        self.count += 1

    def ticks(self, skip: int = 0) -> Iterator[bytes]:
        """Give what waits, oldest first, without the first `skip`."""
        for number, found in enumerate(spoolform.in_order(self._opened_file(), self._size)):
            if number >= skip:
                yield found.tick

    def behind(self) -> Iterator[bytes]:
        """Give the ticks that are whole behind what waits: after one that is torn, or of who led before."""
        if self._file is not None:
            for found in spoolform.behind(self._file, self._end, self._size):
                yield found.tick

    def clear_behind(self) -> None:
        """Have zeros behind what waits; where the disk does not take them, the next tick is written over it."""
        if self._file is None:
            return
        with suppress(OSError):
            for start in range(self._end, self._size, PIECE):
                piece = os.pread(self._file, min(PIECE, self._size - start), start)
                if piece.strip(b"\0"):
                    self._zero(start, start + len(piece))

    def clear(self) -> None:
        """Have nothing wait: all of it is in the database.

        Raises:
            StoreUnavailable: The disk does not take the zeros; what waits is there twice, and is known by its number.
        """
        if self._file is None:
            return
        try:
            os.pwrite(self._file, bytes(RECORD), BLOCK)
            os.fdatasync(self._file)
            self._zero(BLOCK, self._end)
            os.fdatasync(self._file)
        except OSError as error:
            raise StoreUnavailable(f"the spool cannot be cleared: {error.strerror}") from error
        self._end, self.count = BLOCK, 0

    def copy_aside(self, why: str) -> Path:
        """Copy all of it to another file, which nobody deletes; return that file.

        Raises:
            StoreUnavailable: The disk does not take it; what waits goes on waiting.
        """
        aside = self.path.with_name(f"{self.path.name}.{why}-{time.time_ns()}")
        draft = aside.with_name(f"{aside.name}.part")
        try:
            with draft.open("xb") as copy:
                draft.chmod(0o600)
                for start in range(0, self._size, PIECE):
                    piece = os.pread(self._opened_file(), min(PIECE, self._size - start), start)
                    if piece.strip(b"\0"):
                        copy.seek(start)
                        copy.write(piece)
                copy.flush()
                os.fsync(copy.fileno())
            draft.rename(aside)
            _flush_folder(aside.parent)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StoreUnavailable(f"what waits in the spool cannot be set aside: {error.strerror}") from error
        return aside

    @contextmanager
    def gate(self, *, alone: bool) -> Iterator[None]:
        """Keep entries by hand and what waits in the spool from overtaking each other.

        Who enters goes in with others, while nothing waits; who is about to let something wait goes in alone.

        Raises:
            StoreUnavailable: Something waits, or others do not come out in time.
        """
        try:
            opened = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
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
            if not alone and os.pread(opened, len(MARK), BLOCK) == MARK:
                raise StoreUnavailable("snapshots wait to be taken by the database: try again in a minute")
            yield
        finally:
            os.close(opened)

    def _opened(self) -> int:
        """Open the file, made full of zeros where there is none of its size.

        Raises:
            StoreUnavailable: What its folder is to be in is not there.
        """
        if not self.path.exists():
            if trouble := not_mounted(self.path.parent, "the spool"):
                raise StoreUnavailable(trouble)
            self.path.parent.mkdir(exist_ok=True, mode=0o700)
            draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
            made = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                self._fill(made)
                draft.rename(self.path)
            finally:
                os.close(made)
                draft.unlink(missing_ok=True)
        opened = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        there = os.fstat(opened).st_size
        if there < self._wanted:  # one that was set aside and put back; a smaller size needs one that is made anew
            with suppress(OSError):
                self._fill(opened, there)
        self._size = max(os.fstat(opened).st_size, BLOCK)
        return opened

    def _fill(self, made: int, start: int = 0) -> None:
        for place in range(start, self._wanted, PIECE):
            _write(made, _ZEROS[: min(PIECE, self._wanted - place)], place)
        os.fsync(made)

    def _zero(self, start: int, end: int) -> None:
        while start < end:
            start += os.pwrite(self._opened_file(), _ZEROS[: min(PIECE, end - start)], start)

    def _check(self) -> None:
        """Look whether this process still is the one that writes."""
        if os.pread(self._opened_file(), HEAD, 0) != spoolform.head(self._epoch):
            raise Deposed("another process leads: nothing was put into the spool")

    def _opened_file(self) -> int:
        if self._file is None:
            raise StoreError("the spool was not taken")
        return self._file


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _write(file: int, data: bytes, place: int) -> None:
    while data:
        done = os.pwrite(file, data, place)
        data, place = data[done:], place + done
