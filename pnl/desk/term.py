"""All that runs while this process leads: sources, aggregator, schedule, alerts, in demo mode the sandbox."""

from collections.abc import Collection
from contextlib import ExitStack

from pnl.aggregator.farewell import Farewell
from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.aggregator.schedule import Schedule
from pnl.aggregator.tick import Aggregator
from pnl.clock import Clock
from pnl.config import Settings
from pnl.desk.alarms import post_of, watch_of
from pnl.desk.backing import forget_backups, keeper_of, kin_of, note_whose, restored_after
from pnl.desk.damage import Damage
from pnl.desk.rotation import Rotation
from pnl.desk.upstreams import fed_by, sandbox_for, sources, stale_after
from pnl.domain.ledger import Ledger
from pnl.metrics.gauges import SourceSight
from pnl.sources.anthropic.slots import EVERY_SECONDS
from pnl.sources.anthropic.source import AnthropicSource
from pnl.sources.kalshi import KalshiSource
from pnl.sources.resolver import Resolver
from pnl.store import SqlStore

LONGEST_WAIT_SECONDS = 3.0
PART_OF_INTERVAL = 0.8
"""A tick waits for its sources no longer than this part of its interval, so that no tick is missed for a slow one."""


class Term:
    """Implements `pnl.aggregator.leadership.Term`.

    Args:
        settings: What is read, and how often.
        figures: Where snapshots are published.
        ledger: As it is in the store.
        store: The archive, which takes this process's ticks.
        clock: The time.

    Raises:
        ConfigError: A setting does not fit the machine.
    """

    def __init__(self, settings: Settings, figures: LiveFigures, ledger: Ledger, store: SqlStore, clock: Clock) -> None:
        with ExitStack() as parts:
            if settings.demo:
                sandbox = sandbox_for(store, clock)
                settings = fed_by(settings, sandbox)
                parts.callback(sandbox.stop)
            memories = {memory.name: memory for memory in store.sources()}
            resolver = Resolver(clock)
            found = sources(settings, clock, resolver)
            self._clock = clock
            self._readers = readers = [
                Reader(
                    source,
                    memories.get(source.name),
                    stale_after(settings, source.name),
                    again_seconds=EVERY_SECONDS if isinstance(source, AnthropicSource) else 0,
                    interval_seconds=settings.interval_seconds,
                )
                for source in found
            ]
            farewell = Farewell(settings.data_dir)
            farewell.lay_by()
            self._post = alerts = post_of(settings, store, clock)
            self.aggregator = Aggregator(
                readers,
                ledger,
                store,
                figures,
                clock=clock,
                interval_seconds=settings.interval_seconds,
                wait_seconds=min(LONGEST_WAIT_SECONDS, PART_OF_INTERVAL * settings.interval_seconds),
                look_again=self._look_again if any(isinstance(source, KalshiSource) for source in found) else None,
                share_checks=settings.redis_url is not None,
                marks_days=settings.retention_marks_days,
                watch=watch_of(settings, store, alerts.book),
                farewell=farewell,
                restored=restored_after(store),
                waiting=store.waiting,
                damaged=store.damaged,
            )
            figures.told(None)
            self._keeper = keeper_of(settings, store, clock)
            if self._keeper is None:
                forget_backups(store)
            self._damage = None
            if not settings.database_url.startswith("postgresql"):  # a server is restored by its own means
                kin = kin_of(store)
                note_whose(settings, kin)
                self._damage = Damage(settings, figures.pulse, clock, self._leave_off, kin=kin)
            self._schedule = Schedule(self.aggregator, clock=clock, interval_seconds=settings.interval_seconds)
            self._rotation = None
            if settings.keyring and not settings.demo:  # the sandbox's keys are nowhere else
                self._rotation = Rotation(settings, readers, lambda renewed: sources(renewed, clock, resolver))
            self._parts = parts.pop_all()

    def sources(self) -> tuple[SourceSight, ...]:
        """Return how the sources do that are read."""
        now = self._clock.now()
        return tuple(reader.sight(now) for reader in self._readers)

    def _look_again(self, tickers: Collection[str]) -> None:
        """Ask for all of some markets; the source may have been exchanged for one with a newer key."""
        for reader in self._readers:
            if isinstance(reader.source, KalshiSource):
                reader.source.look_again(tickers)

    @property
    def deposed(self) -> bool:
        """True once a write was refused because another process leads."""
        return self.aggregator.deposed

    @property
    def alive(self) -> bool:
        """False while no tick ends."""
        return self._schedule.alive

    @property
    def torn(self) -> bool:
        """True once the database is damaged for certain, and a start would restore it."""
        return self._damage is not None and self._damage.certain

    def _leave_off(self) -> None:
        """End the copy that is being made, which the next start would have to wait for."""
        if self._keeper:
            self._keeper.leave_off()

    def start(self) -> None:
        """Begin to tick."""
        self._schedule.start()
        self._post.start()
        if self._rotation:
            self._rotation.start()
        if self._keeper:
            self._keeper.start()
        if self._damage:
            self._damage.start()

    def stop(self) -> None:
        """Let the tick under way end, stop, and let go of the sources."""
        if self._rotation:
            self._rotation.stop()
        if self._damage:
            self._damage.stop()
        self._schedule.stop()
        self._post.stop()
        if self._keeper:
            self._keeper.stop()
        self._parts.close()
