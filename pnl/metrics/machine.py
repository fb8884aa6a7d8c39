"""What the machine allows this process, and which build of the product it runs."""

import re
from pathlib import Path
from typing import Final

_LIMITS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where the kernel tells the memory that a container may take: of the second and of the first kind of cgroups."""
_TOP: Final = Path(__file__).parents[2]


def memory_limit(places: tuple[str, ...] = _LIMITS, about: str = "/proc/meminfo") -> int | None:
    """Return the bytes of memory that this process may take: its container's limit, or all that the machine has.

    Returns:
        None where the system tells neither.
    """
    found = [int(text) for place in places if (text := _read(place).strip()).isdigit()]
    whole = re.search(r"^MemTotal:\s+(\d+) kB", _read(about), re.MULTILINE)
    if whole:
        found.append(int(whole[1]) * 1024)
    return min(found, default=None)


def commit(top: Path = _TOP) -> str:
    """Return the commit that was built: what a file `COMMIT` beside the product says, or git; else `unknown`."""
    told = _read(top / "COMMIT").strip() or _head(top / ".git")
    return told[:12] if re.fullmatch(r"[0-9a-f]{7,64}", told) else "unknown"


def _head(git: Path) -> str:
    if git.is_file():  # a working tree beside others
        git = Path(_read(git).removeprefix("gitdir:").strip())
    head = _read(git / "HEAD").strip()
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    shared = git / (_read(git / "commondir").strip() or ".")
    packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", _read(shared / "packed-refs"), re.MULTILINE)
    return _read(shared / name).strip() or (packed[1] if packed else "")


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
