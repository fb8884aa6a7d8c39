"""One source between its readings: when it is due, what it last said, how it fails."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from pnl.aggregator.round_times import round_time_after
from pnl.domain.snapshot import SourceState, Status
from pnl.errors import PnlError, SourceError, SourceGarbled, SourceRejected
from pnl.logs import redacted
from pnl.metrics.gauges import SourceSight
from pnl.metrics.instruments import BREAKER_CHANGES, UPSTREAM_REQUESTS
from pnl.ports import Reading, Source, SourceMemory

log = structlog.get_logger(__name__)

REFUSED = "refused"
"""The fact that tells a failure which a new key or setting may mend."""
_A_MOMENT = timedelta(seconds=1)
_INSTANT = timedelta(microseconds=1)


class Reader:
    """Keeps one source's memory, and never lets it run twice at once.

    A reading that takes longer than a tick waits goes on in the background and serves a later tick. The next attempt
    is told as the round time of the tick that makes it.

    Args:
        source: The source.
        memory: What was kept of it; None at the first start. After a failure its wait is not kept: whoever
            starts anew may have mended what was wrong.
        stale_seconds: The age that makes its figures stale.
        again_seconds: The least time between two attempts, also over a start and when somebody wishes for one,
            unless the source refused.
        interval_seconds: From one tick to the next.
    """

    def __init__(
        self,
        source: Source,
        memory: SourceMemory | None,
        stale_seconds: float,
        *,
        again_seconds: float = 0,
        interval_seconds: int = 10,
    ) -> None:
        self.source = source
        self.memory = memory or SourceMemory(
            name=source.name,
            cursor=None,
            as_of=None,
            complete_through=None,
            last_attempt=None,
            next_attempt=None,
            failures=0,
            error=None,
            caught_up=False,
        )
        self._stale_seconds = stale_seconds
        self._again_seconds = again_seconds
        self._interval = interval_seconds
        if self.memory.error:
            self.memory = replace(self.memory, next_attempt=self._soonest())
        self._before = self.memory
        self._not_before: datetime | None = None
        self._wish = self._trying = self.memory.served
        self._task: asyncio.Task[Reading] | None = None
        self._next: Source | None = None

    @property
    def refused(self) -> bool:
        """Whether the source refused the key, or the request."""
        return REFUSED in self.memory.facts

    def exchange(self, source: Source) -> None:
        """Read `source` from now on, which is the same with another key; at once where the last one was refused.

        Any thread may say so.
        """
        self._next = source

    def wish(self, number: int, now: datetime) -> None:
        """Read the source as soon as it allows: somebody wished for it.

        Args:
            number: How many wishes there were so far; one that is known already changes nothing.
            now: The time.
        """
        if number <= self._wish:
            return
        self._wish = number
        memory = self.memory
        if memory.last_attempt is None or memory.next_attempt is None:
            return
        soonest = max(at for at in (now, self._soonest(), self._not_before) if at)
        self.memory = replace(memory, next_attempt=min(soonest, memory.next_attempt))

    def start_if_due(self, now: datetime) -> asyncio.Task[Reading] | None:
        """Return the reading under way, started now if one is due; None when nothing is to wait for."""
        if self._task is None and not self._due(now) and not (self._next and self.refused):
            if self.memory.failures:
                UPSTREAM_REQUESTS.labels(self.source.name, "breaker").inc()
            return None
        if self._task is None:
            self._take_next()
            self._task = asyncio.create_task(self.source.read(self.memory.cursor), name=f"read {self.source.name}")
            self.memory = replace(self.memory, last_attempt=now)
            self._trying = self._wish
            if self.memory.failures:
                BREAKER_CHANGES.labels(self.source.name, "half-open").inc()
        return self._task

    def collect(self, now: datetime) -> Reading | None:
        """Return the reading that has come, once; None while it is under way or when it failed."""
        task = self._task
        if task is None or not task.done():
            return None
        self._task = None
        self.memory = replace(self.memory, served=self._trying)
        try:
            reading = task.result()
        except SourceError as error:
            self._failed(error, now)
            return None
        except PnlError as error:
            self._failed(SourceGarbled(self.source.name, str(error)), now)
            return None
        except Exception as error:
            log.exception("source adapter failed", source=self.source.name)
            self._failed(SourceGarbled(self.source.name, f"{type(error).__name__} in the adapter: {error}"), now)
            return None
        self._before = self.memory
        started = self.memory.last_attempt or now
        wait = self.source.every_seconds if reading.caught_up else 0
        if self.memory.failures:
            BREAKER_CHANGES.labels(self.source.name, "closed").inc()
        if self.memory.error:
            log.info("source answers again", source=self.source.name, failures=self.memory.failures)
        self.memory = replace(
            self.memory,
            cursor=reading.cursor,
            as_of=reading.as_of,
            complete_through=reading.complete_through,
            next_attempt=self._tick_after(started, wait),
            failures=0,
            error=None,
            caught_up=reading.caught_up,
            facts=reading.facts,
        )
        self._not_before = None
        return reading

    def spoil(self, error: SourceError, now: datetime) -> None:
        """Count the reading that came last as a failure: it is read again from where it began."""
        self.memory = self._before
        self._failed(error, now)

    def state(self, now: datetime) -> SourceState:
        """Return how the source is doing at `now`."""
        memory = self.memory
        return SourceState(
            status=self._status(now),
            as_of=memory.as_of,
            complete_through=memory.complete_through,
            next_attempt=memory.next_attempt,
            error=memory.error,
        )

    def sight(self, now: datetime) -> SourceSight:
        """Return how old its figures are, and whether it is asked: its breaker opens with the first failure."""
        memory = self.memory
        return SourceSight(
            name=self.source.name,
            age=(now - memory.as_of).total_seconds() if memory.as_of else None,
            breaker=0 if not memory.failures else 1 if self._task else 2,
        )

    def kept(self, now: datetime) -> SourceMemory:
        """Return what is to be kept of the source, with how it is doing at `now`."""
        return replace(
            self.memory,
            status=self._status(now),
            every_seconds=self.source.every_seconds,
            stale_seconds=self._stale_seconds,
            traffic=self.source.traffic,
        )

    async def close(self) -> None:
        """Stop a reading under way and let go of connections."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.source.close()

    def _take_next(self) -> None:
        source, self._next = self._next, None
        if source:
            old, self.source = self.source, source
            self._closing = asyncio.create_task(old.close(), name=f"close {old.name}")

    def _due(self, now: datetime) -> bool:
        last, following = self.memory.last_attempt, self.memory.next_attempt
        if last is None or following is None:
            return True
        return now >= following or now < last

    def _status(self, now: datetime) -> Status:
        memory = self.memory
        if memory.as_of is None:
            return "down"
        if (now - memory.as_of).total_seconds() > self._stale_seconds:
            return "stale"
        return "cached" if memory.error else "live"

    def _failed(self, error: SourceError, now: datetime) -> None:
        failures = self.memory.failures + 1
        following = self._tick_after(now, self.source.wait_after(error, failures))
        BREAKER_CHANGES.labels(self.source.name, "open").inc()
        told = str(redacted(str(error)))  # it is kept and shown, and may quote what came: a key that is sent back
        if self.memory.error != told:
            log.warning("source failed", source=self.source.name, error=told, kind=type(error).__name__)
        refused = {REFUSED: "yes"} if isinstance(error, SourceRejected) else {}
        facts = {name: text for name, text in self.memory.facts.items() if name != REFUSED}
        self._not_before = None
        if error.retry_after:
            self._not_before = self._tick_after(now, error.retry_after, early=_INSTANT)
            following = max(following, self._not_before)
        self.memory = replace(
            self.memory,
            failures=failures,
            error=told,
            next_attempt=following,
            facts=facts | refused,
            trouble=told,
            trouble_at=now,
            trouble_kind=type(error).__name__,
        )

    def _soonest(self) -> datetime | None:
        """Return when its pace allows the next attempt; None for at once."""
        last = self.memory.last_attempt
        if last is None or REFUSED in self.memory.facts or not self._again_seconds:
            return None
        return self._tick_after(last, self._again_seconds)

    def _tick_after(self, at: datetime, seconds: float, *, early: timedelta = _A_MOMENT) -> datetime:
        """Return when the tick begins that makes an attempt due so long after an instant; the instant where 0.

        An attempt is made a moment after its tick's round time, and the next one may be a little nearer to its own: it
        may come early by as much, and by no more than a tenth of an interval.
        """
        if not seconds:
            return at
        most = timedelta(seconds=self._interval) / 10
        return round_time_after(at + timedelta(seconds=seconds) - min(early, most), self._interval)
