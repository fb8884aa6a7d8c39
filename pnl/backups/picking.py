"""Puts an archive together from the place that gives the most of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pnl.backups import shelf
from pnl.backups.places import Place
from pnl.backups.restoring import Restored, furthest, put_together
from pnl.errors import BackupError, BackupUnreachable

Tell = Callable[[str], None]
BESIDE = ("", "-wal", "-shm")
"""What belongs to a SQLite database."""


def from_any(
    places: Sequence[Place], target: Path, work: Path, *, demo: bool, series: str | None, tell: Tell
) -> Restored:
    """Put the archive together from the place that goes the farthest; where it does not give all, from the next, too.

    What gave the most is taken. Snapshots that any place has by the names of its files, and none gives, are missing.

    Args:
        places: The places; one that does not answer is passed over.
        target: The file, which is not there yet.
        work: A folder for files on their way.
        demo: Which kind of data is wanted.
        series: Which series; None where the places have none.
        tell: Takes a line of what is done.

    Raises:
        BackupError: No place has a copy that proves whole.
    """
    failed: list[str] = []
    known = _known(places, series, failed, tell)
    best: Restored | None = None
    kept = work / "best.db"
    for upto, _, place in sorted(known, key=lambda one: one[:2], reverse=True):
        if best and best.reach.seq >= upto:
            break
        tell(f"from {place.name}")
        try:
            done = put_together(place, target, work, demo=demo, series=series, tell=tell)
        except BackupError as error:
            tell(f"passed over: {error}")
            failed.append(str(error))
        else:
            if best is None or done.reach.seq > best.reach.seq:
                best = done
                target.replace(kept)
        for more in BESIDE:
            target.with_name(f"{target.name}{more}").unlink(missing_ok=True)
    if best is None:
        raise BackupError(f"nothing can be restored: {'; '.join(failed)}")
    kept.rename(target)
    most, _, place = max(known, key=lambda one: one[:2])
    if most > best.reach.seq and not best.trouble:
        missing = f"snapshots {best.reach.seq + 1} to {most} were kept in {place.name}, and are not back"
        return replace(best, kept=most, trouble=missing)
    return replace(best, kept=most, trouble=best.trouble if most > best.reach.seq else None)


def _known(
    places: Sequence[Place], series: str | None, failed: list[str], tell: Tell
) -> list[tuple[int, datetime, Place]]:
    """Return how far each place goes that has a copy, and when its newest was made."""
    found: list[tuple[int, datetime, Place]] = []
    for place in places:
        try:
            copies = shelf.wholes(place, series)
            upto = furthest(place, copies[-1].series) if copies else 0
        except BackupUnreachable as error:
            tell(f"passed over: {error}")
            failed.append(str(error))
            continue
        if copies:
            found.append((upto, copies[-1].made_at, place))
        else:
            failed.append(f"{place.name} has no whole copy")
    return found
