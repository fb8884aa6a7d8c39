"""A SQLite file in the place of which another was put: who has the old one open ends, and begins anew with the other.

The process that leads does not: it finds out when it writes, and keeps what it makes in the spool until a person looks.
"""

import os
from collections.abc import Callable
from typing import Final

import structlog

from pnl.aggregator.leadership import DEPOSED
from pnl.rounds import Rounds
from pnl.store import SqlStore

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0


def replaced(store: SqlStore, leads: Callable[[], bool], farewell: Callable[[], None]) -> Rounds:
    """Return what looks whether the database is still the one that was opened, and ends this process where it is not.

    Args:
        store: The archive.
        leads: Tells whether this process makes the ticks.
        farewell: Sends away who is connected, to come back soon.
    """

    def look() -> None:
        if leads() or not store.replaced():
            return
        log.critical("another database is in the place of the one that was opened: ending this process")
        try:
            farewell()
        finally:
            os._exit(DEPOSED)

    return Rounds("replaced", LOOK_SECONDS, look)
