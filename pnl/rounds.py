"""Something that is done again and again, beside everything else."""

import threading
from collections.abc import Callable


class Rounds:
    """Does something every so many seconds, in a thread of its own, between `start` and `stop`.

    Args:
        name: Of the thread.
        every_seconds: How long it rests.
        act: What is done. What it raises ends the rounds: it is to meet what may go wrong itself.
        at_once: Whether it is done as soon as it starts, before the first rest.
    """

    def __init__(self, name: str, every_seconds: float, act: Callable[[], object], *, at_once: bool = False) -> None:
        self._every = every_seconds
        self._act = act
        self._at_once = at_once
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when what is being done is done. Without a start there is nothing to end."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        if self._at_once:
            self._act()
        while not self._closing.wait(self._every):
            self._act()
