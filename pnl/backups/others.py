"""Other archives' backups in a place: one that ended before this one began may be what a machine lost."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from pnl.backups.choosing import Candidate, candidates
from pnl.backups.places import Place
from pnl.backups.reach import reach_of
from pnl.store import schema
from pnl.store.about import RESTORED
from pnl.store.facts import moment


def left_behind(place: Place, connection: Connection, work: Path, now: datetime) -> list[Candidate]:
    """Return the series of a place whose copies all are of before the archive began; none where it was restored.

    Whoever begins anew on a new machine, with the old place, may not know that the old archive lies there. A product
    that shares the place goes on making copies, and so is no such archive for long.

    Args:
        place: The place.
        connection: Reads the archive.
        work: A folder for files on their way.
        now: The time, where the archive has no snapshot yet.
    """
    about = {row.name: row.value for row in connection.execute(select(schema.about.c.name, schema.about.c.value))}
    if RESTORED in about:
        return []
    c = schema.snapshot.c
    first = connection.execute(select(c.as_of_us).order_by(c.seq).limit(1)).scalar()
    began = now if first is None else moment(first)
    own = reach_of(connection).series
    found = candidates([place], work, demo=about.get("data") == "demo")
    return [one for one in found if one.series != own and one.last < began]


def said_of(found: list[Candidate]) -> str:
    """Return in words what is left behind, and what to do."""
    newest, *more = found
    others = f" (and {', '.join(one.series for one in more)})" if more else ""
    return (
        f"backups of another archive are there, which ended before this one began: series {newest.series}{others}, "
        f"{newest}. To have it back, stop NorthStar and run "
        f"`python -m pnl restore --replace --series {newest.series}`; if it is not wanted, give this archive a place "
        "of its own"
    )
