"""How many files and connections the system lets this process have open, and for whom they are."""

import resource
from dataclasses import dataclass
from typing import Final

import structlog

log = structlog.get_logger(__name__)

SPARE: Final = 256
"""What the rest of the process needs at least: its own files and connections, and requests that are being answered."""
KEPT: Final = 128
"""Of these, for the database, the upstreams, Redis and the log: requests never take them."""
CROWD: Final = 768
"""So many more are asked for, since who is refused a place stays for a moment to read why."""
LEAST: Final = 16


@dataclass(frozen=True, slots=True)
class Room:
    """How many live connections fit, and how many others beside them: on the way, answered, kept for the next."""

    clients: int
    requests: int


def room_for(clients: int) -> Room:
    """Make room for so many live connections and for requests; fewer fit where the system allows no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = clients + SPARE
    unlimited = resource.RLIM_INFINITY
    allowed = wished = needed + CROWD
    if soft != unlimited:
        allowed = max(soft, wished if hard == unlimited else min(wished, hard))
        if allowed > soft:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            except (OSError, ValueError):
                allowed = soft  # the system has a limit of its own below the one that it tells
    fit = max(1, min(clients, allowed - SPARE))
    if fit < clients:
        log.warning(
            "too few file descriptors for PNL_MAX_CLIENTS",
            wanted=clients,
            fit=fit,
            cure=f"raise the hard limit (ulimit -Hn, LimitNOFILE=) to {needed}",
        )
    return Room(fit, max(LEAST, allowed - fit - KEPT))
