"""A breaker around Redis: after a failure nobody asks it until a probe, made aside, has found it well."""

import threading
from collections.abc import Callable
from random import Random
from typing import Final

from pnl.redis.health import RedisHealth

COOL_DOWN_SECONDS: Final = 1.0
MOST_COOL_DOWN_SECONDS: Final = 30.0


class Breaker:
    """Says whether Redis may be asked; probes it in a thread of its own while it may not.

    So whoever waits for an answer waits for Redis at most once an outage, for one timeout.

    Args:
        probe: Talks to Redis, and raises anything while it is not well.
        health: Is told of failures and recoveries.
        doing: What fails when Redis does, for the log.
        cool_down_seconds: From a failure to the first probe; doubled after each that fails, up to 30 s.
        random: Spreads the probes of many processes; None for one of its own.
    """

    def __init__(
        self,
        probe: Callable[[], None],
        health: RedisHealth,
        doing: str,
        *,
        cool_down_seconds: float = COOL_DOWN_SECONDS,
        random: Random | None = None,
    ) -> None:
        self._probe = probe
        self._health = health
        self._doing = doing
        self._cool_down = cool_down_seconds
        self._random = random or Random()  # noqa: S311 - it spreads waits, and keeps no secret
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def open(self) -> bool:
        """True while Redis may not be asked."""
        return self._thread is not None or self._closing.is_set()

    def failed(self, error: Exception) -> None:
        """Open: an attempt failed."""
        self._health.failed(self._doing, error)
        self._look(self._cool_down)

    def look(self) -> None:
        """Open until a first probe, made at once, has found Redis."""
        self._look(0.0)

    def close(self) -> None:
        """Probe no longer, and stay open."""
        self._closing.set()
        thread = self._thread
        if thread:
            thread.join()

    def _look(self, wait_seconds: float) -> None:
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                run = threading.Thread(target=self._run, args=(wait_seconds,), name="redis-probe", daemon=True)
                self._thread = run
                run.start()

    def _run(self, wait_seconds: float) -> None:
        most = self._cool_down
        while not self._closing.wait(wait_seconds):
            try:
                self._probe()
            except Exception as error:  # noqa: BLE001 - a garbled answer raises anything; each is an outage
                self._health.failed(self._doing, error)
                wait_seconds = self._random.uniform(most / 2, most)
                most = min(most * 2, MOST_COOL_DOWN_SECONDS)
            else:
                self._health.worked(self._doing)
                with self._lock:
                    self._thread = None
                return
