"""Many threads that begin at once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

WAIT_SECONDS = 20


def at_once(threads: int, do: Callable[[], T]) -> list[Future[T]]:
    """Have `do` called by so many threads at one moment; return what each gave or raised."""
    barrier = threading.Barrier(threads)

    def begin() -> T:
        barrier.wait(WAIT_SECONDS)
        return do()

    with ThreadPoolExecutor(threads) as pool:
        return [pool.submit(begin) for _ in range(threads)]


class Gate:
    """A making that waits until it may go on, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.under_way = threading.Event()
        self.may_go_on = threading.Event()
        self._lock = threading.Lock()

    def make(self) -> bytes:
        """Return a value once the gate is open."""
        with self._lock:
            self.begun += 1
        self.under_way.set()
        assert self.may_go_on.wait(WAIT_SECONDS)
        return b"made"
