"""What the processes of a server use: memory and time, its children's with it."""

import time
from pathlib import Path


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def memory_kib(pid: int) -> int:
    """Return the memory of a process's family: its proportional set, in KiB, so that shared pages count once.

    What the kernel keeps for sockets is not in it.
    """
    total = 0
    for member in family(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process's family has used."""
    # The kernel's number for the scheduling clock of a process: see clock_getcpuclockid(3).
    return sum(time.clock_gettime((~member << 3) | 2) for member in family(pid))
