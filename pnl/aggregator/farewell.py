"""A note in the data directory, by which the next start knows that ticks had stopped and the process ended itself."""

import threading
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

WRITING_SECONDS = 2.0
"""How long a note may take: where the disk is what hangs, the process ends without one."""


class Farewell:
    """Says after which snapshot a process gave up. It counts for the gap right after that snapshot, and no other."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "gave-up"

    def write(self, seq: int) -> None:
        """Note that no tick ended since snapshot `seq`; come back in time, whether it could be noted or not."""
        writing = threading.Thread(target=self._write, args=(seq,), name="farewell", daemon=True)
        writing.start()
        writing.join(WRITING_SECONDS)

    def was_after(self, seq: int) -> bool:
        """Tell whether a process gave up after snapshot `seq`."""
        try:
            return self._path.read_text(encoding="ascii").strip() == str(seq)
        except (OSError, UnicodeDecodeError):  # none was written, or none that can be read
            return False

    def _write(self, seq: int) -> None:
        try:
            self._path.write_text(f"{seq}\n", encoding="ascii")
        except OSError as error:
            log.error("it could not be noted that the process gave up", error=str(error))
