"""Lets go of old backups of a series, in one place."""

from datetime import datetime, timedelta

from pnl.backups import keeping, shelf
from pnl.backups.places import Place
from pnl.backups.shelf import STAMP

LEFT_OVER = timedelta(days=1)
"""A copy without a manifest is left of an attempt that failed; one that is under way is younger than this."""


def clear(place: Place, series: str, now: datetime, keep_days: int) -> int:
    """Let go of the copies that need not stay, and of the segments before the oldest of the newest; return how many.

    Raises:
        BackupUnreachable: The place does not answer, or does not let go of them.
    """
    copies = shelf.wholes(place, series)
    stay = keeping.stay((one.made_at for one in copies), now, keep_days)
    gone = [name for one in copies if one.made_at not in stay for name in (one.name, one.file)]
    told = {one.file for one in copies}
    young = f"{series}/whole/{now - LEFT_OVER:{STAMP}}"
    gone += [
        name
        for name in place.names(f"{series}/whole/")
        if name.endswith(".db.gz") and name not in told and name < young
    ]
    newest = sorted(copies)[-keeping.NEWEST :]
    if newest:
        gone += [one.name for one in shelf.segments(place, series) if one.last <= newest[0].seq]
    for name in gone:
        place.remove(name)
    return len(gone)
