"""A fire drill: a copy of the archive is destroyed, restored from the backups, and held against what it was."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, select

from pnl.backups import segments, shelf
from pnl.backups.places import Place
from pnl.backups.reach import Reach, reach_of
from pnl.backups.restoring import put_together
from pnl.backups.shipping import Shipping
from pnl.backups.whole import back_up, proved, take
from pnl.clock import Clock
from pnl.errors import BackupError, BackupUnreachable
from pnl.store import schema
from pnl.store.about import told_of
from pnl.store.streams import stream
from pnl.store.verification import opened

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One table of the archive and of what was restored: how many rows, and the SHA-256 of all of them."""

    table: str
    rows: int
    digest: str
    restored_rows: int
    restored_digest: str

    @property
    def same(self) -> bool:
        """Whether both sides are the same."""
        return (self.rows, self.digest) == (self.restored_rows, self.restored_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """What a drill found: how far both go, and every table.

    Attributes:
        reach: How far the copy went that was destroyed.
        restored: How far goes what was restored.
        newest: Whether the newest statement is the same.
        tables: Every table.
        lost: What the backups that were there before the drill would not have given back; None where they would have
            given back everything, or there was none yet. What was restored is then of a copy that the drill made.
        damaged: The files of the place that were passed over, though others made up for them.
    """

    reach: Reach
    restored: Reach
    newest: bool
    tables: tuple[Compared, ...]
    lost: str | None
    damaged: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether what was restored is what was destroyed."""
        return self.reach == self.restored and self.newest and all(table.same for table in self.tables)

    @property
    def well(self) -> bool:
        """Whether a loss of the archive would have cost nothing, and nothing in the place is damaged."""
        return self.same and self.lost is None and not self.damaged


def drill(url: str, place: Place, work: Path, *, clock: Clock, tell: Tell) -> Drilled:
    """Copy the archive, destroy the copy, restore it from the backups of a place, and compare.

    Nothing of the archive itself is touched. What came since the newest backup is sent to the place first, as the
    product does every minute. Where there is none to go on from, what is there is restored as it is, to tell whether it
    could have been, and a copy is made.

    Raises:
        BackupError: The place does not answer, or nothing whole can be put together from it.
        StoreError: The archive does not answer.
    """
    for name in ("copy", "send", "back", "before", "restore"):
        (work / name).mkdir()
    lost, found = work / "copy" / "pnl.db", work / "restored.db"
    with opened(url) as database:
        take(url, database, lost, tell)
    reach, _, demo = proved(lost)
    lost_url = f"sqlite:///{lost}"
    tell(f"copied, up to snapshot {reach.seq}")
    shipping = Shipping(place, work / "send")
    gone: str | None = None
    damaged: tuple[str, ...] = ()
    if not shelf.wholes(place, reach.series) or not _shipped(shipping, lost_url):
        gone, damaged = _gone(place, reach, lost_url, work / "before", demo=demo, tell=tell)
        tell("making a copy to go on with")
        for _, error in back_up(lost_url, [place], work / "back", clock=clock, tell=tell):
            raise error
        _shipped(shipping, lost_url)
    pending, before, newest = _told(lost_url, reach)
    size = lost.stat().st_size
    with lost.open("rb+") as destroyed:
        destroyed.write(b"\0" * min(size, 1 << 20))
    lost.unlink()
    tell("destroyed the copy")
    back = put_together(place, found, work / "restore", demo=demo, series=reach.series, tell=tell)
    restored_url = f"sqlite:///{found}"
    _, after, newest_restored = _told(restored_url, reach, pending)
    with opened(restored_url) as database, database.reading() as connection:
        restored = reach_of(connection)
    tables = [
        Compared(table=name, rows=rows, digest=digest, restored_rows=after[name][0], restored_digest=after[name][1])
        for name, (rows, digest) in before.items()
    ]
    same = newest == newest_restored
    return Drilled(
        reach=reach,
        restored=restored,
        newest=same,
        tables=tuple(tables),
        lost=gone,
        damaged=tuple(dict.fromkeys((*damaged, *back.damaged))),
    )


def _gone(
    place: Place, reach: Reach, url: str, work: Path, *, demo: bool, tell: Tell
) -> tuple[str | None, tuple[str, ...]]:
    """Return what the backups of a place would not give back as they are, None where it never had any.

    Beside it are the files that are damaged and made up for.
    """
    if not shelf.wholes(place, reach.series):
        with opened(url) as database, database.reading() as connection:
            told = told_of(connection).backups
        noted = {one["place"]: one["verified_at"] for one in told if isinstance(one, dict)}
        if at := noted.get(place.name):
            return f"every whole copy is gone; the newest was proved at {at}", ()
        left = shelf.segments(place, reach.series)
        lone = f"segments up to snapshot {left[-1].last}, and no whole copy that they could be put on" if left else None
        return lone, ()
    tell("what is there, as it is:")
    found = work / "as_it_is.db"
    try:
        done = put_together(place, found, work, demo=demo, series=reach.series, tell=tell)
    except BackupUnreachable:
        raise
    except BackupError as error:
        return str(error), ()
    finally:
        found.unlink(missing_ok=True)
    return f"it ends with snapshot {done.reach.seq}: {done.trouble}" if done.trouble else None, done.damaged


def _shipped(shipping: Shipping, url: str) -> bool:
    with opened(url) as database:
        try:
            return shipping.ship(database) is not None
        except BackupError as error:
            raise BackupError(f"what is newer than the backups cannot be sent: {error}") from error


Digests = dict[str, tuple[int, str]]


def _told(url: str, reach: Reach, pending: frozenset[int] | None = None) -> tuple[frozenset[int], Digests, str | None]:
    """Return the days whose thinning is in no snapshot yet, the digest of every table, and the newest statement."""
    with opened(url) as database, database.reading() as connection:
        if pending is None:
            step = schema.thinned.c
            pending = frozenset(connection.execute(select(step.day_us).where(step.seq > reach.seq)).scalars())
        digests = {
            name: _digest(connection, _upto(name, reach, pending))
            for name in sorted(schema.metadata.tables)
            if name not in segments.PASSING and (name != "thinning" or not pending)
        }
        newest = connection.execute(select(schema.current.c.body)).scalar()
    return pending, digests, newest


def _upto(name: str, reach: Reach, pending: frozenset[int]) -> Select[Any]:
    """Return the query of what a table had when the newest snapshot was kept.

    Left out is what will be in the next one: entries of after it, and marks of days that are being thinned.
    """
    table = schema.metadata.tables[name]
    query = select(table).order_by(*table.primary_key)
    if name == "record":
        return query.where(table.c.rec_id <= reach.record)
    if name == "thinned":
        return query.where(table.c.seq <= reach.seq)
    if name == "mark":
        for day in pending:
            query = query.where((table.c.at_us < day) | (table.c.at_us >= day + 86_400_000_000))
    return query


def _digest(connection: Connection, query: Select[Any]) -> tuple[int, str]:
    count, digest = 0, hashlib.sha256()
    for row in stream(connection, query):
        count += 1
        digest.update(repr(tuple(row)).encode())
    return count, digest.hexdigest()
