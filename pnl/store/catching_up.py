"""Ticks that the database could not take: put into the spool, and written in order as soon as it can."""

from collections.abc import Callable, Iterable, Mapping

import structlog

from pnl.domain.records import Kind
from pnl.domain.snapshot import instant
from pnl.errors import Deposed, StoreError, StoreUnavailable
from pnl.metrics.instruments import REFUSED, SPOOL_FREE, SPOOLED
from pnl.ports import Tick
from pnl.store.facts import encode
from pnl.store.spelled_out import read, spell
from pnl.store.spool import Spool

log = structlog.get_logger(__name__)

MOST = 500
"""Ticks that are written before one new tick: pages wait as long."""
Key = tuple[str, Kind, str]


class CatchingUp:
    """What waits, and what of it a store must know meanwhile. Belongs to who holds the store's lock.

    Args:
        spool: Where it waits.
        write: Writes one tick to the database.
        there: Tells of a snapshot whether the database has it: True or False, or None for another of that number.
    """

    def __init__(self, spool: Spool, write: Callable[[Tick], None], there: Callable[[Tick], bool | None]) -> None:
        self.spool = spool
        self.why = ""
        self._write = write
        self._there = there
        self._done = 0
        self._records: dict[Key, tuple[int, str]] = {}

    @property
    def waiting(self) -> int:
        """How many ticks wait."""
        return self.spool.count - self._done

    @property
    def records(self) -> Mapping[Key, tuple[int, str]]:
        """The newest version, and the fact as text, of the records that wait."""
        return self._records

    def take(self, epoch: int, series: str, came_from: str = "") -> None:
        """Become the one that writes, and write all that waits.

        Args:
            epoch: Under which this process leads.
            series: That of the archive which is to take it.
            came_from: The series that this archive was restored from.

        Raises:
            StoreError: The database does not take it, or what it never will cannot be set aside; it goes on waiting.
        """
        self._done, self._records = 0, {}
        try:
            self.spool.take(epoch)
        except StoreUnavailable as error:
            log.error("no spool: what the database cannot take is not kept", error=str(error))
            self.measure()
            return
        self.measure()
        if self.spool.count:
            log.warning("snapshots wait in the spool", count=self.spool.count)
        self._look_behind()
        try:
            whose = self.spool.series
            if self.spool.count and whose not in ("", series, came_from):
                self._give_up(StoreError(f"it is of the archive {whose}, and the database has another, {series}"))
            self.empty(self.spool.count)
        except Deposed:
            if self.spool.count:
                raise
            # It was set aside, and nothing was made yet from what it held.
        self.spool.belong(series)

    def empty(self, most: int | None = None) -> bool:
        """Write what waits, oldest first; return whether nothing waits any more.

        Each tick is written by a transaction of its own, the very one that it would have had. The spool is cleared
        once all are committed: what is there already by then is known by its number and its text.

        Raises:
            StoreError: The database does not take it.
        """
        if not self.spool.count:
            return True
        left = MOST if most is None else most
        for packed in self.spool.ticks(self._done):
            if left <= 0:
                break
            tick = read(packed)
            try:
                there = self._there(tick)
                if there is None:
                    raise StoreError(f"snapshot {tick.snapshot.seq} does not follow on what the database has")
                if not there:
                    self._write(tick)
            except (StoreUnavailable, Deposed):
                raise
            except StoreError as error:
                self._give_up(error)
            self._done += 1
            left -= 1
        self.measure()
        if self._done < self.spool.count:
            return False
        log.info("the database has what waited in the spool", snapshots=self._done)
        self.spool.clear()
        self._done, self._records, self.why = 0, {}, ""
        self.measure()
        return True

    def put(self, tick: Tick, error: StoreError) -> None:
        """Let a tick wait.

        Raises:
            StoreUnavailable: The spool does not take it: it is not kept.
            Deposed: Another process leads.
        """
        try:
            self.spool.append(spell(tick))
        except StoreUnavailable:
            REFUSED.inc()
            log.critical("a snapshot is not kept: neither database nor spool takes it", seq=tick.snapshot.seq)
            raise
        if not self.why:
            log.critical("the database takes no snapshots: they wait in the spool", error=str(error))
        self.why = str(error)
        for record in tick.records:
            self._records[record.source, record.kind, record.id] = record.version or 1, encode(record.fact)
        self.measure()

    def measure(self) -> None:
        """Show how many wait, and how much room there is."""
        SPOOLED.set(self.waiting)
        SPOOL_FREE.set(self.spool.room)

    def _look_behind(self) -> None:
        """Set aside what is whole behind what waits and is not in the database; then have zeros there."""
        lost = [tick for packed in self.spool.behind() if not self._there(tick := read(packed))]
        if lost:
            aside = self.spool.copy_aside("refused")
            log.error(
                "snapshots in the spool cannot be reached, and were set aside",
                file=str(aside),
                holds=_said(lost),
                error="they come after one that is torn, or a process wrote them that did not lead any more",
                cure="keep this file: it has what the archive does not",
            )
        self.spool.clear_behind()

    def _give_up(self, error: StoreError) -> None:
        """Set aside what can never be written, and have this process begin anew from what the database has."""
        holds = _said(read(packed) for packed in self.spool.ticks())
        aside = self.spool.copy_aside("refused")
        self.spool.clear()
        log.critical(
            "what waited in the spool was set aside",
            file=str(aside),
            holds=holds,
            error=str(error),
            cure=f"stop, put the database back that they belong to, name this file {self.spool.path.name}, and start",
        )
        self._done, self._records = 0, {}
        raise Deposed(f"what waited in the spool cannot be written ({error}): it is in {aside}, and ticks begin anew")


def _said(ticks: Iterable[Tick]) -> str:
    """Return in words which ticks these are."""
    found = [(tick.snapshot.seq, instant(tick.snapshot.as_of)) for tick in ticks]
    (first, since), (last, until) = min(found), max(found)
    return f"snapshot {first} of {since}" if len(found) == 1 else f"snapshots {first} to {last}, {since} to {until}"
