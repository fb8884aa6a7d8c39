"""The right to tick, held by one process at a time: a lock that its death frees, and a beat that shows it alive."""

import fcntl
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pnl.errors import LeadershipLost, StoreError
from pnl.ports import Claim
from pnl.store.engine import file_of
from pnl.store.silence import Silence

PATIENCE_SECONDS = 2.0
"""A holder that does not beat for so long, five beats, is taken to be frozen, and its claim is taken over. Taking it
from one that was only slow costs a restart and no figure: what the slow one still wants to write is refused."""


def claim_of(url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> Claim:
    """Return the claim to the database at `url`: a locked file beside SQLite's, an advisory lock in PostgreSQL."""
    if url.startswith("postgresql"):
        from pnl.store.advisory import AdvisoryClaim  # noqa: PLC0415 - its driver weighs nothing where there is none

        return AdvisoryClaim(url, patience_seconds=patience_seconds)
    path = file_of(url)
    return FileClaim(path.with_name(f"{path.name}.leader"), patience_seconds=patience_seconds)


class FileClaim:
    """Implements `pnl.ports.Claim` by a lock on a file; its time of change is the beat.

    A process that is stopped keeps its lock. Who takes over from it puts a locked file of its own in
    the place of the old one, so that the frozen process holds a lock that nobody asks for any more.

    Args:
        path: The file, on a disk of this machine.
        patience_seconds: How long the holder may be without a beat, by this process's own clock.
        monotonic: That clock.
    """

    def __init__(self, path: Path, *, patience_seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._silence = Silence(patience_seconds=patience_seconds, monotonic=monotonic)
        self._held: int | None = None

    def take(self) -> bool:
        """Try to become the holder; see `Claim.take`."""
        if self._held is not None:
            return True
        try:
            return self._take_free() or (self._frozen() and self._take_over())
        except OSError as error:
            raise StoreError(
                f"{self._path} cannot be written to ({error.strerror}): set PNL_DATA_DIR to a folder that can"
            ) from error

    def beat(self) -> None:
        """Show that the holder is alive; see `Claim.beat`."""
        if self._held is None or not _same(self._held, self._path):
            raise LeadershipLost(f"another process took the lead over: {self.holder()}")
        try:
            os.utime(self._held)
        except OSError as error:
            raise LeadershipLost(f"{self._path} cannot be written to ({error.strerror}): no beat is seen") from error

    def holder(self) -> str:
        """Return who holds it, in words."""
        try:
            return self._path.read_text(errors="replace").strip() or "unknown"
        except OSError:
            return "unknown"

    def release(self) -> None:
        """Give it up, also where a child process inherited the descriptor."""
        if self._held is not None:
            fcntl.flock(self._held, fcntl.LOCK_UN)
            os.close(self._held)
            self._held = None

    def _take_free(self) -> bool:
        """Lock the file if nobody else does."""
        found = _opened(self._path)
        try:
            if _locked(found) and _same(found, self._path):
                _sign(found)
                self._held = found
        finally:
            if self._held is None:
                os.close(found)
        return self._held is not None

    def _frozen(self) -> bool:
        """Tell whether the holder has not beaten for as long as we have patience."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        return self._silence.lasts((found.st_ino, found.st_mtime_ns))

    def _take_over(self) -> bool:
        """Put a file of ours in the place of the frozen holder's, one process at a time."""
        turn = _opened(self._path.with_name(f"{self._path.name}.turn"))
        try:
            if _locked(turn) and self._frozen():  # else another was quicker
                self._replace()
        finally:
            os.close(turn)
        return self._held is not None

    def _replace(self) -> None:
        ours = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        made = _opened(ours)
        try:
            if _locked(made):
                _sign(made)
                ours.rename(self._path)
                self._held = made
        finally:
            if self._held is None:
                os.close(made)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _sign(held: int) -> None:
    """Write who holds it, and the first beat."""
    os.ftruncate(held, 0)
    os.pwrite(held, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
    os.utime(held)


def _locked(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
