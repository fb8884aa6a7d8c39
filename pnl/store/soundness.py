"""Looks at a SQLite file before it is put to use: is it one, are its pages whole, does the end of its chain hold."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from pnl.errors import StoreDamaged
from pnl.store.database import Database
from pnl.store.engine import driver
from pnl.store.failures import ERRORS, answering, sorted_error
from pnl.store.walk import end_holds

BUDGET_SECONDS = 1.0
LAST = 200
"""Snapshots at the end of the chain that are held against each other."""
MOST = 20
"""So many faults of a file are told: after those it is torn enough."""
LONGEST = 200
_STEPS = 20_000
"""Steps of SQLite's own machine between two looks at the clock."""
_INTERRUPTED = 9


def left_open(path: Path) -> bool:
    """Tell whether whoever had a file open did not close it: its log is still there."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def suspect(path: Path) -> None:
    """Note beside a file that it is damaged, for the next start to look through all of it, however long that takes.

    Raises:
        OSError: It cannot be noted.
    """
    _note(path).touch(mode=0o600)


def suspected(path: Path) -> bool:
    """Tell whether a process noted that a file is damaged."""
    return _note(path).exists()


def clear(path: Path) -> None:
    """Take the note away: the file was looked through, or another is in its place."""
    _note(path).unlink(missing_ok=True)


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")


def check(path: Path, *, budget_seconds: float | None = BUDGET_SECONDS) -> bool:
    """Look at the pages of a file; return whether there was time for all of them.

    Args:
        path: The file.
        budget_seconds: How long it may take; None for all the time it takes, and then indexes are looked at, too.

    Raises:
        StoreDamaged: It is torn, or is no database.
        StoreError: It does not answer.
    """
    module: Any = driver()
    until = time.monotonic() + (budget_seconds or 0)
    try:
        with closing(module.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=5)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if budget_seconds is not None:
                connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            how = "integrity_check" if budget_seconds is None else "quick_check"
            said = [row[0] for row in connection.execute(f"PRAGMA {how}(1)")]
    except ERRORS as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == _INTERRUPTED:
            return False
        found = sorted_error(error)
        raise type(found)(f"{path}: {found}") from error
    if said != ["ok"]:
        raise StoreDamaged(f"{path} is damaged: {' '.join(said[0].split())[:LONGEST]}")
    return True


def torn(connection: Connection) -> list[str]:
    """Return what SQLite finds wrong with the whole of its file, a line each; nothing where it is whole.

    It reads every page, and each row of every index: ten seconds or more for each gigabyte.

    Raises:
        StoreUnavailable: It does not answer.
    """
    found: list[str] = []
    try:
        with answering():
            for (said,) in connection.connection.cursor().execute(f"PRAGMA integrity_check({MOST})"):
                lines = (" ".join(line.split())[:LONGEST] for line in said.splitlines())
                found += [line for line in lines if line not in ("ok", "") and not line.startswith("*** in database")]
    except StoreDamaged as error:  # it tells what it has found until it comes to what it cannot read at all
        found.append("the rest cannot be looked at" if found else str(error))
    return found


def chain_end(database: Database) -> str | None:
    """Return what is wrong with the newest snapshots' links; None where each follows from the one before.

    Raises:
        StoreError: They cannot be read.
    """
    with answering(), database.reading() as connection:
        return _end(connection)


def _end(connection: Connection) -> str | None:
    return next(iter(end_holds(connection, LAST)), None)
