"""Puts a restored archive where it belongs: in the place of a file, or into an empty PostgreSQL."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from pnl.backups import shelf
from pnl.backups.choosing import the_only
from pnl.backups.owning import given_to_owner
from pnl.backups.picking import BESIDE, from_any
from pnl.backups.places import Place
from pnl.backups.restoring import Restored, renamed
from pnl.backups.salvaging import with_newer
from pnl.backups.shelf import STAMP
from pnl.clock import Clock
from pnl.domain.snapshot import instant
from pnl.errors import BackupError, StoreMismatch
from pnl.store import claim_of, lineage
from pnl.store.engine import file_of
from pnl.store.moving import move

Tell = Callable[[str], None]


def put_back(
    places: Sequence[Place],
    url: str,
    work: Path,
    *,
    demo: bool,
    series: str | None,
    replace: bool,
    clock: Clock,
    tell: Tell,
    why: str = "before-restore",
) -> Restored:
    """Put the newest archive that any place has together, and put it where `url` says.

    A file that is there may have rows of the same series that no backup has yet: they are taken, where they prove.

    Args:
        places: Where backups are; that which goes the farthest comes first.
        url: A SQLite file or an empty PostgreSQL.
        work: A folder for files on their way.
        demo: Which kind of data is wanted.
        series: Which series; None for the only one that there is.
        replace: Whether a file that is there is moved aside.
        clock: The time.
        tell: Takes a line of what is done.
        why: Why what is there is moved aside, in the name that it gets.

    Raises:
        BackupAmbiguous: No series was named, and there are several.
        BackupError: No place has a copy that proves whole, or there is a database that may not be replaced.
        StoreError: The archive is in use, or cannot be written.
    """
    path = None if url.startswith("postgresql") else file_of(url)
    if path and path.exists() and path.stat().st_size and not replace:
        raise BackupError(f"{path} is there already: say --replace to have it moved aside, or --to another file")
    claim = claim_of(url)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not claim.take():
        raise StoreMismatch(f"a process makes ticks there ({claim.holder()}): stop it first")
    try:
        found = work / "restored.db"
        series = series or the_only(places, work, demo=demo)
        done = from_any(places, found, work, demo=demo, series=series, tell=tell)
        if path and path.exists() and path.stat().st_size:
            done = with_newer(path, found, done, work / "newer", tell)
        now = clock.now()
        note = {
            "at": instant(now),
            "series": done.whole.series,
            "seq": done.reach.seq,
            "as_of": instant(done.reach.at),
            "trouble": done.trouble,
        }
        own = uuid4().hex[:8]
        renamed(found, own, json.dumps(note))
        if path is None:
            moved = move(f"sqlite:///{found}", url, tell)
            if not moved.whole:
                raise BackupError("what arrived in PostgreSQL is not what was sent: nothing was left there")
            return done
        if aside := set_aside(path, now, why):
            tell(f"what was there is {aside}")
        _settle(found, path)
        _note_whose(path, (own, done.whole.series), tell)
        return done
    finally:
        claim.release()
        if path:
            given_to_owner(path, path.with_name(f"{path.name}.leader"), lineage.note_of(path))


def set_aside(path: Path, now: datetime, why: str) -> Path | None:
    """Move a database and what belongs to it aside; return its new name, None where there was none."""
    aside = path.with_name(f"{path.name}.{why}-{now:{STAMP}}")
    moved = None
    for more in BESIDE:
        old = path.with_name(f"{path.name}{more}")
        if old.exists():
            old.rename(aside.with_name(f"{aside.name}{more}"))
            moved = aside
    return moved


def _note_whose(path: Path, kin: lineage.Kin, tell: Tell) -> None:
    try:
        lineage.note(path, kin)
    except OSError as error:  # the next start tries again
        tell(f"which series it is could not be noted beside {path}: {error.strerror}")


def _settle(found: Path, path: Path) -> None:
    """Give a file its name, on whatever disk that is."""
    draft = path.with_name(f"{path.name}.restoring")
    draft.unlink(missing_ok=True)
    with draft.open("xb") as written:
        draft.chmod(0o600)
        for piece in shelf.pieces(found):
            written.write(piece)
        written.flush()
        os.fsync(written.fileno())
    draft.rename(path)
