"""Power cuts, without pulling a plug: what a process told the disk is recorded, and played again up to any instant.

strace records every write and every flush of the database, its log and the spool, in order. A cut is an instant among
them. What was flushed before it is on the disk. Of what was written to a file since its last flush, each page may be
there, be missing, or be torn in the middle, as chance has it: that is what a disk with a cache of its own promises.
"""

import ast
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = "pwrite64,write,ftruncate,fdatasync,fsync,unlink,unlinkat,rename,renameat,renameat2"
SECTOR = 512
_CALL = re.compile(r"^(?:\d+\s+)?(\w+)\((.*)\)\s*=\s*(-?\d+)")
_PWRITE = re.compile(r'^\d+<([^>]+)>, ("(?:[^"\\]|\\.)*"), \d+, (\d+)$')
_WRITE = re.compile(r'^\d+<([^>]+)>, ("(?:[^"\\]|\\.)*"), \d+$')
_ON_FILE = re.compile(r"^\d+<([^>]+)>(?:, (\d+))?$")


@dataclass(frozen=True)
class Step:
    """One thing that the process told the system.

    Attributes:
        what: `write`, `cut off`, `flush`, `remove`, `rename`, or `say`.
        path: The file's name; of `say`, nothing.
        at: Where in the file; for `cut off`, its new length.
        data: What was written, or said.
        to: The new name of a file that was renamed.
    """

    what: str
    path: str = ""
    at: int = 0
    data: bytes = b""
    to: str = ""


def recorded(code: str, folder: Path) -> list[Step]:
    """Run a program whose files are in `folder` and return what it told the system, in order."""
    trace = folder.parent / "trace"
    under = ["strace", "-f", "-qq", "-y", "-xx", "-s", "2000000", "-o", str(trace), "-e", f"trace={CALLS}"]
    subprocess.run([*under, sys.executable, "-c", code, str(folder / "pnl.db")], check=True, capture_output=True)
    return list(_steps(_joined(trace.read_text()), folder))


def _joined(text: str) -> Iterator[str]:
    """Give whole calls: one that another thread interrupted is told in two lines, and counts where it ended."""
    open_calls: dict[str, str] = {}
    for line in text.splitlines():
        process, _, rest = line.partition(" ")
        rest = rest.lstrip()
        if rest.endswith("<unfinished ...>"):
            open_calls[process] = rest.removesuffix("<unfinished ...>").rstrip()
        elif rest.startswith("<..."):
            yield open_calls.pop(process) + rest.partition("resumed>")[2]
        else:
            yield rest


def _steps(calls: Iterator[str], folder: Path) -> Iterator[Step]:
    ends: dict[str, int] = {}
    for line in calls:
        found = _CALL.match(line)
        if not found or int(found[3]) < 0:
            continue
        name, given = found[1], found[2]
        if name in ("fdatasync", "fsync") and (on := _ON_FILE.match(given)):
            if _ours(path := _path(on[1]), folder):
                yield Step("flush", Path(path).name)
        elif name == "ftruncate" and (on := _ON_FILE.match(given)) and _ours(path := _path(on[1]), folder):
            yield Step("cut off", Path(path).name, at=int(on[2]))
        elif name == "pwrite64" and (on := _PWRITE.match(given)) and _ours(path := _path(on[1]), folder):
            yield Step("write", Path(path).name, at=int(on[3]), data=_bytes(on[2], int(found[3])))
        elif name == "write" and (on := _WRITE.match(given)):
            data = _bytes(on[2], int(found[3]))
            if _ours(path := _path(on[1]), folder):
                at = ends.get(path, 0)
                ends[path] = at + len(data)
                yield Step("write", Path(path).name, at=at, data=data)
            elif data.startswith(b"kept "):
                yield Step("say", data=data)
        elif name.startswith(("unlink", "rename")):
            names = [_bytes(one).decode() for one in re.findall(r'"(?:[^"\\]|\\.)*"', given)]
            if names and _ours(names[0], folder):
                to = Path(names[-1]).name if name.startswith("rename") else ""
                yield Step("rename" if to else "remove", Path(names[0]).name, to=to)


def _ours(path: str, folder: Path) -> bool:
    return Path(path).parent == folder and not path.endswith("-shm")


def _path(text: str) -> str:
    """Return a path that strace spelled by the codes of its letters."""
    return _bytes(f'"{text}"').decode()


def _bytes(text: str, size: int | None = None) -> bytes:
    found: bytes = ast.literal_eval(f"b{text}")
    return found if size is None else found[:size]


def cut(steps: list[Step], at: int, chance: random.Random) -> tuple[dict[str, bytes], list[int]]:
    """Return the files as the disk has them after a cut before step `at`, and what was acknowledged by then."""
    safe: dict[str, bytearray] = {}
    since: dict[str, list[Step]] = {}
    acknowledged: list[int] = []
    for step in steps[:at]:
        match step.what:
            case "say":
                acknowledged += [int(line.split()[1]) for line in step.data.decode().splitlines()]
            case "flush":
                for done in since.pop(step.path, []):
                    _apply(safe, done)
            case "remove":
                safe.pop(step.path, None)
                since.pop(step.path, None)
            case "rename":
                safe[step.to] = safe.pop(step.path, bytearray())
                since[step.to] = since.pop(step.path, [])
            case _:
                since.setdefault(step.path, []).append(step)
    for waiting in since.values():
        for step in waiting:
            for part in _parts(step):
                if (come := chance.random()) < 0.45:
                    _apply(safe, part)
                elif come < 0.6:
                    torn = chance.randrange(0, len(part.data) + 1, SECTOR) if part.data else 0
                    _apply(safe, Step(part.what, part.path, part.at, part.data[:torn]))
    return {name: bytes(data) for name, data in safe.items()}, acknowledged


def _parts(step: Step) -> Iterator[Step]:
    """Give the pages of a write: each reaches the disk for itself."""
    if step.what != "write":
        yield step
    for start in range(0, len(step.data), 4096):
        yield Step("write", step.path, step.at + start, step.data[start : start + 4096])


def _apply(files: dict[str, bytearray], step: Step) -> None:
    file = files.setdefault(step.path, bytearray())
    if step.what == "cut off":
        del file[step.at :]
        file.extend(bytes(max(0, step.at - len(file))))
        return
    file.extend(bytes(max(0, step.at + len(step.data) - len(file))))
    file[step.at : step.at + len(step.data)] = step.data
