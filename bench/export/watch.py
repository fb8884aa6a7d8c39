"""What a process and its children use: memory as it comes and goes, and the processor's time."""

import os
import threading
from pathlib import Path

LOOK_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all that it started, as far as they run."""
    try:
        found = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(one for child in found for one in family(child))]


def megabytes(pid: int) -> float:
    """Return the memory of a process and its children that no other process shares, in MB."""
    return sum(_own(one) for one in family(pid)) / 1_000


def cpu_seconds(pid: int) -> float:
    """Return the processor's time of a process, of its children, and of those that ended."""
    return sum(_ran(one) for one in family(pid))


class Peak(threading.Thread):
    """Looks at the memory of a process until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._done = pid, threading.Event()
        self.most = 0.0

    def run(self) -> None:
        """Look again and again."""
        while not self._done.wait(LOOK_SECONDS):
            self.most = max(self.most, megabytes(self._pid))

    def __enter__(self) -> "Peak":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()


def _own(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty", "Swap:")))


def _ran(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(fields[place]) for place in (11, 12, 13, 14)) / _TICKS
