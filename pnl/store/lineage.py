"""Which series an archive is, and of which it was restored: read from its file, or from a note beside it.

The note is for when the file is torn: what a place of backups has then must be of this archive, and of no other.
"""

import json
import os
import re
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from pnl.store.about import RESTORED
from pnl.store.engine import driver
from pnl.store.failures import ERRORS

STREAM: Final = "stream"
"""The row of `about` that names the series."""
_NAME = re.compile(r"\w{1,64}", re.ASCII)
_UNREADABLE: tuple[type[Exception], ...] = (*ERRORS, ValueError, TypeError)

Kin = tuple[str, ...]
"""The series of an archive, and then that of which it was restored, if it was; none where it is not known."""


def kin_of(series: str, restored: object) -> Kin:
    """Return the series of an archive, and that of which it was restored.

    Args:
        series: Its own.
        restored: What is noted in it of its being restored.
    """
    parent = restored.get("series") if isinstance(restored, dict) else None
    return tuple(name for name in (series, parent) if isinstance(name, str) and _NAME.fullmatch(name))


def known(path: Path) -> Kin:
    """Return whose a file is that may be torn, by what can be read of it, or else by the note; none where neither."""
    return _read(path) or noted(path)


def noted(path: Path) -> Kin:
    """Return whose a file is by the note beside it; none where there is no note, or it makes no sense."""
    try:
        names = note_of(path).read_text(encoding="ascii").split()
    except (FileNotFoundError, UnicodeDecodeError):
        return ()
    return tuple(names) if all(_NAME.fullmatch(name) for name in names) else ()


def note(path: Path, kin: Kin) -> None:
    """Write beside a file whose it is, if it is not written there yet; it is on the disk before this returns.

    Raises:
        OSError: The disk does not take it.
    """
    if noted(path) == kin:
        return
    target = note_of(path)
    draft = target.with_name(f"{target.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as written:
        written.write("".join(f"{name}\n" for name in kin))
        written.flush()
        os.fsync(written.fileno())
    draft.rename(target)


def note_of(path: Path) -> Path:
    """Return the file of the note."""
    return path.with_name(f"{path.name}.series")


def _read(path: Path) -> Kin:
    """Return whose a file is by what it says itself; none where that cannot be read."""
    if not path.exists() or not path.stat().st_size:
        return ()
    module: Any = driver()
    try:
        with closing(module.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            asked = "SELECT name, value FROM about WHERE name IN (?, ?)"
            told = dict(connection.execute(asked, (STREAM, RESTORED)).fetchall())
        return kin_of(told.get(STREAM, ""), json.loads(told.get(RESTORED, "null")))
    except _UNREADABLE:
        return ()
