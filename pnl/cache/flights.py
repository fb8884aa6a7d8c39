"""One making of a value at a time: who asks for it meanwhile waits for it, and gets it, or its error."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast

V = TypeVar("V")


class _Flight(Generic[V]):
    """A value on its way."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.value: V | None = None
        self.error: BaseException | None = None


class Flights(Generic[V]):
    """Values that are being made, by key; no lock is held while one is.

    Args:
        wait_seconds: So long somebody waits for another who makes the same; then it is made once more.
    """

    def __init__(self, wait_seconds: float) -> None:
        self._wait = wait_seconds
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _Flight[V]] = {}

    def fly(self, key: Hashable, make: Callable[[], V]) -> tuple[V, bool]:
        """Return the value that `make` gives, and whether this call made it.

        Raises:
            Exception: What `make` raised, to everybody who waited.
        """
        with self._lock:
            flight = self._flights.get(key)
            mine = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if mine:
            return self._make(key, flight, make), True
        if not flight.landed.wait(self._wait):
            return make(), True
        if isinstance(flight.error, Exception):
            raise flight.error
        if flight.error:  # the thread that made it was told to end, which concerns nobody else
            return make(), True
        return cast("V", flight.value), False

    def _make(self, key: Hashable, flight: _Flight[V], make: Callable[[], V]) -> V:
        try:
            flight.value = make()
        except BaseException as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()
        return flight.value
