"""`pnl export`: an export as a file that is whole, or not there.

Rows go to `FILE.part`, which gets its name when everything is in it and was read back. What a run that
was cut short left behind is gone on with, where the format allows it: CSV does.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pnl.errors import ExportError
from pnl.export.archive import Archive
from pnl.export.asked import Asked, read_after
from pnl.export.files import Tally, dumped, manifest, parts

_PART = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written: its manifest, how many rows were there already, and whether all of it is right.

    `outdated` is the manifest of a file of before, which was taken away with that file; None where there was none.
    """

    manifest: bytes
    rows: int
    found: int
    right: bool
    outdated: Path | None


def write(archive: Archive, asked: Asked, target: Path, tell: Callable[[str], None]) -> Written:
    """Write an export to a file, which is there afterwards only if it is right.

    Args:
        archive: What it is read from.
        asked: What is wanted.
        target: The file; one that is there is replaced at once, at the end.
        tell: Takes a line of what goes on.

    Raises:
        ExportError: It cannot be made as asked, is no name of a file, or another process writes the same file.
        StoreError: The archive cannot be read; what is written so far is gone on with by the next run.
        OSError: The file cannot be written.
    """
    _is_file_name(target)
    part, notes = _beside(target, ".part"), _beside(target, ".part.json")
    outdated = None
    with _alone(part, notes) as file:
        asked = _noted(archive, asked, notes)
        tally = Tally()
        begun = _last_row(file, tally) if asked.format == "csv" and asked.headed and notes.exists() else None
        found = tally.rows
        if begun:
            tell(f"going on after {asked.shape.key} {begun}, of which {found} rows are there")
        else:
            tally = Tally()
            file.seek(0)
            file.truncate()
            notes.write_text(json.dumps(_note(asked)), encoding="utf-8")
        rest = replace(asked, after=read_after(begun, asked.shape), headed=False) if begun else asked
        for _, text in parts(archive, rest, tally, paced=False):
            file.write(text)
        file.flush()
        os.fsync(file.fileno())
        right = _digest(file) == tally.sha256
        if begun:  # the rows that were there may be of an archive that was another one then
            again = Tally()
            for _ in parts(archive, asked, again, paced=False):
                pass
            right = right and again.sha256 == tally.sha256
            tally = again  # it saw the first key of the file, too
        told = dumped(manifest(asked, tally, target.name))
        if right:
            outdated = _without_manifest(target)
            part.replace(target)
            _sync(target.parent)
        else:
            part.unlink()
        notes.unlink(missing_ok=True)
    return Written(manifest=told, rows=tally.rows, found=found, right=right, outdated=outdated)


def write_manifest(target: Path, told: bytes) -> Path:
    """Write a manifest beside its file, whole or not at all, for its owner alone as the file is; return where."""
    path = _manifest(target)
    part = _beside(path, ".part")
    part.unlink(missing_ok=True)  # one that an older version left may be readable to others
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(told + b"\n")
    part.replace(path)
    return path


def pour(archive: Archive, asked: Asked, target: IO[bytes]) -> bytes:
    """Write an export to a stream, and return its manifest."""
    tally = Tally()
    for _, text in parts(archive, asked, tally, paced=False):
        target.write(text)
    target.flush()
    return dumped(manifest(asked, tally, ""))


def _is_file_name(target: Path) -> None:
    """Refuse what no file can be written to, before anything is."""
    if target.is_dir():
        raise ExportError("output", f"--output {target} is a folder: name a file in it")
    if not target.parent.is_dir():
        raise ExportError("output", f"--output {target} is in no folder that there is: make {target.parent} first")


def _without_manifest(target: Path) -> Path | None:
    """Take away the manifest of a file that is about to be replaced; return where it was, None if there was none."""
    path = _manifest(target)
    if not path.exists():
        return None
    path.unlink()
    return path


def _manifest(target: Path) -> Path:
    return _beside(target, ".manifest.json")


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")


@contextmanager
def _alone(part: Path, notes: Path) -> Iterator[IO[bytes]]:
    """Give the unfinished file, which no other process writes meanwhile; one in which nothing is goes again."""
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportError("output", f"another process writes {part}: wait for it, or give another name") from None
        try:
            yield file
        except BaseException:
            if not os.fstat(file.fileno()).st_size:
                part.unlink(missing_ok=True)
                notes.unlink(missing_ok=True)
            raise


def _noted(archive: Archive, asked: Asked, notes: Path) -> Asked:
    """Return the fixed question: that of the run before, where it is the same one; else anew, with nothing left."""
    try:
        left = json.loads(notes.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        left = {}
    fixed = archive.fixed(asked)
    if asked.last is None and isinstance(last := left.get("last"), int):
        before = replace(asked, last=last)
        if left == _note(before):
            return before
    if left != _note(fixed):
        notes.unlink(missing_ok=True)
    return fixed


def _note(asked: Asked) -> dict[str, object]:
    return {"format": asked.format, "question": asked.query(), "schema": asked.shape.schema, "last": asked.last}


def _last_row(file: IO[bytes], tally: Tally) -> str | None:
    """Return the first cell of the last whole row, and cut the file behind it; None where there is no row."""
    file.seek(0)
    end = good = 0
    row = last = b""
    quotes, rows = 0, -1
    for line in file:
        end += len(line)
        quotes += line.count(b'"')
        row = row or line
        if line.endswith(b"\r\n") and quotes % 2 == 0:
            good, last, row = end, row, b""
            rows += 1
    if rows < 1:
        return None
    file.truncate(good)
    file.seek(0)
    for part in _read(file):
        tally.add(0, part)
    tally.add(rows, b"")
    return last.split(b",", 1)[0].decode()


def _digest(file: IO[bytes]) -> str:
    found = Tally()
    file.seek(0)
    for part in _read(file):
        found.add(0, part)
    return found.sha256


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(_PART):
        yield part


def _sync(folder: Path) -> None:
    """Let the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
