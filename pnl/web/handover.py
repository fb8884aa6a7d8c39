"""Watches over the process that serves: on SIGHUP a fresh one is ready before the old one is told to go."""

import mmap
import signal
from typing import Any, Final

from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

_SIZE: Final = 8


class Handover(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's arbiter, but that nobody waits for a worker that is still coming up, nor for one that never will.

    gunicorn ends the old worker as soon as the fresh one is forked, and whoever comes waits as long as a start takes.
    It also ends itself when a fresh worker cannot start, though an old one serves well.
    """

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        self._newest_ready = mmap.mmap(-1, _SIZE)  # shared with the workers, who write their age in it
        self._told: set[int] = set()
        self._stopping = False
        super().__init__(app)

    def tell_ready(self, age: int) -> None:
        """Say, in a worker, that it answers from now on."""
        self._newest_ready[:] = age.to_bytes(_SIZE, "big")

    def stop(self, graceful: bool = True) -> None:
        """End every worker, also one that could not start: nobody waits for it any more."""
        self._stopping = True
        super().stop(graceful)

    def manage_workers(self) -> None:
        """Start workers that are missing; tell those to end for which another is ready."""
        workers = sorted(self.WORKERS.items(), key=lambda held: held[1].age)
        before = workers[: -self.num_workers]
        if not before:
            super().manage_workers()
        elif workers[-1][1].age <= int.from_bytes(self._newest_ready[:], "big"):
            for process, worker in before:
                if worker.age not in self._told:
                    self._told.add(worker.age)
                    self.kill_worker(process, signal.SIGTERM)

    def reap_workers(self) -> None:
        """Let go of workers that have ended; the end of one that could not start ends all only where it is the last."""
        while True:
            try:
                super().reap_workers()
            except HaltServer:
                if self._stopping:
                    continue  # raised in the middle of a stop, it would end it with a traceback
                if not self.WORKERS:
                    raise
                self.log.error("The fresh worker could not start: the one before it goes on.")
            else:
                break
        if len(self.WORKERS) > self.num_workers:
            self.manage_workers()  # gunicorn's reload waits for old workers to end, and does nothing else meanwhile
