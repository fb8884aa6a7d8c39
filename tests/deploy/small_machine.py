"""A machine of one processor and little memory, imitated by the kernel: control groups of the first or second kind."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PERIOD_US = 100_000
END_SECONDS = 20


class SmallMachine:
    """Takes processes in, and measures what they hold together, their share of the page cache included.

    Raises:
        OSError: The kernel gives no groups to this user.
    """

    def __init__(self, *, memory_bytes: int, processors: float = 1) -> None:
        quota = round(PERIOD_US * processors)
        self._second = (ROOT / "cgroup.controllers").exists()
        name = f"northstar-{secrets.token_hex(4)}"
        if self._second:
            self._folders = [ROOT / name]
        else:
            own = dict(line.split(":")[1:3] for line in Path("/proc/self/cgroup").read_text().split())
            self._folders = [ROOT / kind / own[kind].strip("/") / name for kind in ("memory", "cpu")]
        self._memory = self._folders[0]
        limits = (
            {"memory.max": memory_bytes, "memory.swap.max": 0, "cpu.max": f"{quota} {PERIOD_US}"}
            if self._second
            else {"memory.limit_in_bytes": memory_bytes, "cpu.cfs_period_us": PERIOD_US, "cpu.cfs_quota_us": quota}
        )
        for folder in self._folders:
            folder.mkdir()
        try:
            for file, value in limits.items():
                folder = next(one for one in self._folders if self._second or file.startswith(f"{one.parts[4]}."))
                (folder / file).write_text(str(value))
        except (OSError, StopIteration):
            self.remove()
            raise

    def take_in(self, process: int) -> None:
        """Take a process in that has just begun, and all that it starts from now on."""
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(process))

    @property
    def held(self) -> int:
        """How many bytes are held now."""
        return int((self._memory / ("memory.current" if self._second else "memory.usage_in_bytes")).read_text())

    @property
    def most(self) -> int:
        """How many bytes were held at most."""
        return int((self._memory / ("memory.peak" if self._second else "memory.max_usage_in_bytes")).read_text())

    @property
    def short(self) -> int:
        """How often the kernel had to ask for memory back, because there was no more."""
        if self._second:
            events = dict(line.split() for line in (self._memory / "memory.events").read_text().splitlines())
            return int(events["max"])
        return int((self._memory / "memory.failcnt").read_text())

    def remove(self) -> None:
        """Take the groups away, once all that ran in them has ended."""
        until = time.monotonic() + END_SECONDS
        for folder in self._folders:
            while folder.exists() and (folder / "cgroup.procs").read_text() and time.monotonic() < until:
                time.sleep(0.02)
            if folder.exists():
                folder.rmdir()


@contextmanager
def small_machine(*, memory_bytes: int, processors: float = 1) -> Iterator[SmallMachine]:
    """Give a machine, and take it away."""
    made = SmallMachine(memory_bytes=memory_bytes, processors=processors)
    try:
        yield made
    finally:
        made.remove()
