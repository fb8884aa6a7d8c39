"""Fires the ticks: one thread, one event loop, APScheduler's clock, and a watchdog on another clock."""

import asyncio
import os
import threading
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from pnl.aggregator.round_times import round_time_after
from pnl.aggregator.tick import Aggregator
from pnl.clock import Clock
from pnl.metrics.instruments import TICKS

log = structlog.get_logger(__name__)

JOB = "tick"
GIVE_UP = 70
"""The exit code when ticks cannot be brought back: whoever supervises the process starts it anew."""


LAST_TICK_SECONDS = 4.0
"""How long the last tick may take once it is time to stop."""


class Schedule:
    """Runs the aggregator in a thread of its own until it is stopped.

    APScheduler follows the wall clock, so a clock that is set back would silence it for as long:
    the watchdog looks at the monotonic clock, puts the job back on after three intervals and some
    slack, and ends the process when even that does not help.
    """

    def __init__(self, aggregator: Aggregator, *, clock: Clock, interval_seconds: int) -> None:
        self._aggregator = aggregator
        self._clock = clock
        self._interval = interval_seconds
        self._patience = 3 * interval_seconds + 10
        self._thread = threading.Thread(target=self._run, name="aggregator", daemon=True)
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._stopping = threading.Event()
        self._beat = clock.monotonic()
        self._under_way: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether a tick ended lately enough."""
        return self._clock.monotonic() - self._beat <= self._patience

    def start(self) -> None:
        """Make the first tick now, and one every interval, on round times."""
        self._loop = asyncio.new_event_loop()
        self._scheduler = AsyncIOScheduler(event_loop=self._loop, timezone=UTC)
        self._thread.start()
        self._watchdog.start()

    def stop(self) -> None:
        """Let the tick under way end, and stop."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._finish(), self._loop)
            self._thread.join(timeout=10)
            self._watchdog.join(timeout=10)

    async def _finish(self) -> None:
        """End the loop when the tick under way has ended, or has had long enough."""
        self._scheduler.pause()
        if self._under_way:
            await asyncio.wait([self._under_way], timeout=LAST_TICK_SECONDS)
        self._loop.stop()

    async def _tick(self) -> None:
        if self._under_way:
            return  # the first, which is made at once, lasts into the first round time
        self._under_way = asyncio.current_task()
        try:
            await self._aggregator.tick()
        except Exception:
            TICKS.labels("failed").inc()
            log.exception("tick failed")
        self._under_way = None
        self._beat = self._clock.monotonic()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._scheduler.start()
        self._scheduler.add_job(self._tick, misfire_grace_time=None)
        self._schedule_job()
        try:
            self._loop.run_forever()
        finally:
            self._scheduler.shutdown(wait=False)
            pending = asyncio.all_tasks(self._loop)
            for task in pending:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            self._loop.run_until_complete(self._aggregator.close())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _schedule_job(self) -> None:
        round_time = round_time_after(datetime.now(UTC), self._interval)
        self._scheduler.add_job(
            self._tick,
            IntervalTrigger(seconds=self._interval, start_date=round_time, timezone=UTC),
            id=JOB,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=self._interval,
            replace_existing=True,
        )

    def _watch(self) -> None:
        woken = False
        while not self._stopping.wait(min(self._interval, 5)):
            late = self._clock.monotonic() - self._beat
            if late <= self._patience:
                woken = False
            elif late > 2 * self._patience + 30:
                log.critical("ticks have stopped and cannot be brought back: ending the process", seconds=round(late))
                self._aggregator.give_up()
                os._exit(GIVE_UP)
            elif not woken:
                woken = True
                log.error("ticks have stopped: scheduling anew", seconds=round(late))
                self._loop.call_soon_threadsafe(self._schedule_job)
