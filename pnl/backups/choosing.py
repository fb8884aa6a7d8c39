"""Which series of those that are in the places of backups is to come back: never another archive's by mistake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pnl.backups import shelf
from pnl.backups.places import Place
from pnl.backups.restoring import furthest
from pnl.backups.shelf import Whole
from pnl.errors import BackupAmbiguous, BackupError, BackupUnreachable

MINUTE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A series in a place.

    Attributes:
        series: Its name.
        place: The name of the place.
        snapshots: How many the newest copy has whose manifest can be read; None where there is none.
        first: When the oldest copy was made that is still there.
        last: When the newest one was.
        upto: The last snapshot of all copies and segments.
    """

    series: str
    place: str
    snapshots: int | None
    first: datetime
    last: datetime
    upto: int

    def __str__(self) -> str:
        """Return in words what it is."""
        many = "no manifest that can be read" if self.snapshots is None else f"{self.snapshots} snapshots in its newest"
        return (
            f"copies from {self.first:{MINUTE}} to {self.last:{MINUTE}} UTC, {many}, all up to snapshot {self.upto}, "
            f"in {self.place}"
        )


def the_only(places: Sequence[Place], work: Path, *, demo: bool) -> str | None:
    """Return the only series that the places have; None where they have none.

    A place that does not answer is passed over.

    Raises:
        BackupAmbiguous: They have several.
    """
    found = candidates(places, work, demo=demo)
    if len({one.series for one in found}) > 1:
        raise BackupAmbiguous([(one.series, str(one)) for one in found])
    return found[0].series if found else None


def of_kin(places: Sequence[Place], kin: Sequence[str], work: Path, *, demo: bool) -> str:
    """Return the first of some series that a place has a whole copy of.

    Args:
        places: The places.
        kin: The series of an archive, then that of which it was restored.
        work: A folder for files on their way.
        demo: Which kind of data is wanted.

    Raises:
        BackupError: No place has any, or one that has may be one that does not answer.
    """
    for series in kin:
        silent: list[str] = []
        for place in places:
            try:
                if shelf.wholes(place, series):
                    return series
            except BackupUnreachable as error:
                silent.append(str(error))
        if silent:
            raise BackupUnreachable(f"no place that answers has a whole copy of series {series}: {'; '.join(silent)}")
    names = " or ".join(kin)
    others = [(one.series, str(one)) for one in candidates(places, work, demo=demo)]
    there = f": there are those of others; {BackupAmbiguous.choice(others)}" if others else ""
    raise BackupError(f"no place has a whole copy of series {names}{there}")


def candidates(places: Sequence[Place], work: Path, *, demo: bool) -> list[Candidate]:
    """Return the series of one kind of data in the places that answer, that with the newest copy first.

    One whose kind cannot be read counts as well: it may be the one that is wanted.
    """
    found: list[Candidate] = []
    for place in places:
        try:
            by_series: dict[str, list[Whole]] = {}
            for one in shelf.wholes(place):
                by_series.setdefault(one.series, []).append(one)
            for series, copies in by_series.items():
                told = _told(place, copies, work)
                if told and told.demo != demo:
                    continue
                found.append(
                    Candidate(
                        series=series,
                        place=place.name,
                        snapshots=told.counts.get("snapshot") if told else None,
                        first=copies[0].made_at,
                        last=copies[-1].made_at,
                        upto=furthest(place, series),
                    )
                )
        except BackupUnreachable:
            continue  # whoever restores says so
    return sorted(found, key=lambda one: one.last, reverse=True)


def _told(place: Place, copies: Sequence[Whole], work: Path) -> shelf.Manifest | None:
    """Return what the newest copy says of itself whose manifest can be read."""
    for one in reversed(copies):
        try:
            return shelf.manifest(place, one, work)
        except BackupUnreachable:
            raise
        except BackupError:
            continue
    return None
