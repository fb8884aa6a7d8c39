"""Three layers, outermost first: this process, Redis, and the making of a value by whoever asks first."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal

from pnl.cache.flights import Flights
from pnl.cache.memory import Memory
from pnl.clock import Clock
from pnl.metrics.instruments import CACHE

if TYPE_CHECKING:
    from pnl.cache.shelf import Shelf

WAIT_SECONDS: Final = 5.0
MOST_SECONDS: Final = 1800.0
"""No value is kept longer, by a process or by Redis."""
_L1_HIT, _L1_MISS = CACHE.labels("l1", "hit"), CACHE.labels("l1", "miss")
_L2_HIT, _L2_MISS, _L2_ERROR = (CACHE.labels("l2", result) for result in ("hit", "miss", "error"))
_L3_HIT, _L3_ERROR = CACHE.labels("l3", "hit"), CACHE.labels("l3", "error")


class Layers:
    """Implements `pnl.ports.Cache`.

    Args:
        memory: The first layer.
        shelf: The second; None where there is no Redis.
        clock: Measures how old values are.
        name: What answers depend on beside their keys; see `pnl.ports.Cache`.
        wait_seconds: See `Flights`.
    """

    def __init__(
        self,
        memory: Memory,
        shelf: "Shelf | None",
        clock: Clock,
        *,
        name: str = "",
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._name = name
        self._memory = memory
        self._shelf = shelf
        self._clock = clock
        self._lock = threading.Lock()
        self._flights = Flights[tuple[bytes, str]](wait_seconds)
        self._counts = {"l1": 0, "l2": 0, "l3": 0}

    @property
    def name(self) -> str:
        """What answers depend on beside their keys."""
        return self._name

    def get(self, key: tuple[str, ...], make: Callable[[], bytes], *, keep_seconds: float = MOST_SECONDS) -> bytes:
        """Return the value of a key; see `pnl.ports.Cache`."""
        with self._lock:
            found = self._memory.get(key, self._clock.monotonic())
            if found is not None:
                self._counts["l1"] += 1
                _L1_HIT.inc()
                return found
        keep_seconds = min(keep_seconds, MOST_SECONDS)
        _L1_MISS.inc()
        (value, layer), mine = self._flights.fly(key, lambda: self._bring(key, make, keep_seconds))
        with self._lock:
            self._counts[layer if mine else "l1"] += 1
        if mine and layer == "l3" and value and self._shelf:
            self._shelf.put(key, value, keep_seconds)
        return value

    def counts(self) -> Mapping[str, int]:
        """Return how often each layer answered."""
        with self._lock:
            return {**self._counts}

    def entries(self) -> Mapping[str, int]:
        """Return how many values this process keeps."""
        with self._lock:
            return {"l1": len(self._memory)}

    def state(self) -> Literal["ok", "down", "off"]:
        """Return whether Redis answers; `off` where none is configured."""
        return self._shelf.state() if self._shelf else "off"

    def renew(self, url: str) -> None:
        """Make new connections to Redis by another address; see `Wire.renew`."""
        if self._shelf:
            self._shelf.renew(url)

    def close(self) -> None:
        """Let go of Redis."""
        if self._shelf:
            self._shelf.close()

    def _bring(self, key: tuple[str, ...], make: Callable[[], bytes], keep_seconds: float) -> tuple[bytes, str]:
        with self._lock:  # it may have come while this thread was on its way here
            found = self._memory.get(key, self._clock.monotonic())
        if found is not None:
            return found, "l1"
        value = self._shelf.get(key) if self._shelf else None
        layer = "l2" if value is not None else "l3"
        if self._shelf:
            missed = _L2_MISS if self._shelf.state() == "ok" else _L2_ERROR
            (missed if value is None else _L2_HIT).inc()
        if value is None:
            try:
                value = make()
            except BaseException:
                _L3_ERROR.inc()
                raise
            _L3_HIT.inc()
        with self._lock:
            self._memory.put(key, value, self._clock.monotonic() + keep_seconds)
        return value, layer
