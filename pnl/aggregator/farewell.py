"""A note in the data directory, by which the next start knows how the process before it did after its last snapshot."""

import os
import threading
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)

WRITING_SECONDS = 2.0
"""How long a note may take: where the disk is what hangs, the process goes on without one."""
SIZE: Final = 64
"""Bytes of a note, which are laid by: it is written over in place, so that a full disk has room for it."""


class Farewell:
    """Says after which snapshot no other came, and why. It counts for the gap right after that one, and no other."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "gave-up"

    def lay_by(self) -> None:
        """Have room for a note, while there is some; what an earlier note says stays."""
        try:
            with self._path.open("ab") as file:
                file.write(b" " * (SIZE - file.tell()))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            log.warning("no room is laid by for a note of why ticks end", error=str(error))

    def write(self, seq: int) -> None:
        """Note that no tick ended since snapshot `seq`; come back in time, whether it could be noted or not."""
        self._note(str(seq))

    def refused(self, seq: int) -> None:
        """Note that ticks after snapshot `seq` could not be kept; come back in time, as `write` does."""
        self._note(_refused(seq))

    def was_after(self, seq: int) -> bool:
        """Tell whether a process gave up after snapshot `seq`."""
        return self._noted() == str(seq)

    def refused_after(self, seq: int) -> bool:
        """Tell whether ticks after snapshot `seq` could not be kept."""
        return self._noted() == _refused(seq)

    def _noted(self) -> str | None:
        try:
            return self._path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):  # none was written, or none that can be read
            return None

    def _note(self, text: str) -> None:
        writing = threading.Thread(target=self._write, args=(text,), name="farewell", daemon=True)
        writing.start()
        writing.join(WRITING_SECONDS)

    def _write(self, text: str) -> None:
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(file, text.ljust(SIZE - 1).encode("ascii") + b"\n", 0)
                os.fdatasync(file)
            finally:
                os.close(file)
        except OSError as error:
            log.error("it could not be noted why ticks ended", error=str(error))


def _refused(seq: int) -> str:
    return f"{seq} refused"
