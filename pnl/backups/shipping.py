"""Ships what came since the last backup to a place, as a segment."""

from pathlib import Path

from pnl.backups import segments, shelf
from pnl.backups.places import Place
from pnl.backups.reach import Reach, reach_of
from pnl.errors import BackupError, BackupThere, BackupUnreachable
from pnl.store.database import Database
from pnl.store.failures import answering


class Shipping:
    """What one place was sent of one archive, so that the next segment begins where the last one ended.

    Args:
        place: The place.
        work: A folder for a file on its way.
    """

    def __init__(self, place: Place, work: Path) -> None:
        self.place = place
        self._work = work
        self._after: Reach | None = None
        self._known: dict[str, str] = {}

    @property
    def reached(self) -> Reach | None:
        """How far the place goes; None while that is not known, or it has no copy of this series."""
        return self._after

    def forget(self) -> None:
        """Look anew how far the place goes."""
        self._after, self._known = None, {}

    def series_of(self, database: Database) -> str:
        """Return the name of the archive's series."""
        with answering(), database.reading() as connection:
            return reach_of(connection).series

    def ship(self, database: Database) -> Reach | None:
        """Send what came since; return how far the place goes now, None where it has no whole copy to begin from.

        Raises:
            BackupError: The place does not answer or take it, or what is there is of another past.
            StoreError: The archive does not answer.
        """
        with answering(), database.reading() as connection:
            upto = reach_of(connection)
            after = self._after if self._after and self._after.series == upto.series else self._look(upto.series)
            if after is None or after.schema != upto.schema:
                return None  # a whole copy is due
            if after.seq > upto.seq:
                raise BackupError(
                    f"{self.place.name} goes to snapshot {after.seq}, and the archive only to {upto.seq}: it is an "
                    "older state of the same series; restore it with `python -m pnl restore`"
                )
            if after.seq == upto.seq:
                self._after = after
                return after
            file = self._work / "segment.jsonl.gz"
            known = segments.write(connection, after, upto, self._known, file)
        name = shelf.segment_name(after, upto, shelf.sha256(file))
        try:
            self.place.put(name, file)
        except BackupThere:  # an answer that got lost on its way
            shelf.fetch(self.place, name, self._work / "there.jsonl.gz")
        finally:
            file.unlink(missing_ok=True)
        self._after, self._known = upto, known
        return upto

    def _look(self, series: str) -> Reach | None:
        """Return how far the place goes, by the newest segment, or the newest copy."""
        self._known = {}
        copies = shelf.wholes(self.place, series)
        if not copies:
            return None
        found = shelf.manifest(self.place, copies[-1], self._work).reach
        after = [one for one in shelf.segments(self.place, series) if one.last > found.seq]
        for one in sorted(after, key=lambda one: one.last, reverse=True)[:1]:
            file = self._work / "newest.jsonl.gz"
            try:
                shelf.fetch(self.place, one.name, file)
                _, found = segments.head_of(file)
            except BackupUnreachable:
                raise
            except (ValueError, BackupError):
                return None  # it is damaged, and nothing is ever written over: a whole copy makes up for it
            finally:
                file.unlink(missing_ok=True)
        return found
