"""How many files and connections the system lets this process have open."""

import resource
from typing import Final

import structlog

log = structlog.get_logger(__name__)

SPARE: Final = 256
"""What the rest of the process needs: the database, the upstreams, requests that are being answered."""


def room_for(clients: int) -> int:
    """Make room for so many live connections, and return how many fit: fewer where the system allows no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = clients + SPARE
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= needed:
        return clients
    allowed = needed if hard == unlimited else min(needed, hard)
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
    return fit
