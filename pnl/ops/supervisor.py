"""Tells systemd, when it is what started us, that the product answers: as long as it does, and no longer.

Nothing is promised before the first answer: a start that brings a database back takes as long as it takes.
"""

import os
from typing import Final

import httpx
import structlog
from gunicorn.systemd import sd_notify

from pnl.rounds import Rounds

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 60
"""systemd starts the product anew when nothing was heard for so long."""
EVERY_SECONDS: Final = 20
ANSWER_SECONDS: Final = 4
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where a server listens, not where we do


def reports(host: str, port: int, *, every_seconds: float = EVERY_SECONDS) -> Rounds | None:
    """Return what asks our own `/healthz` again and again, and tells systemd of each answer.

    Args:
        host: What the server listens at.
        port: Its port.
        every_seconds: Between two questions.

    Returns:
        None where no systemd waits for word (`NOTIFY_SOCKET` is not set).
    """
    if "NOTIFY_SOCKET" not in os.environ:
        return None
    found = _EVERYWHERE.get(host, f"[{host}]" if ":" in host else host)
    url = f"http://{found}:{port}/healthz"

    def report() -> None:
        try:
            httpx.get(url, timeout=ANSWER_SECONDS, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            log.warning("no answer of our own, so systemd is not told of one", url=url, error=repr(error))
        else:
            sd_notify(f"WATCHDOG_USEC={PATIENCE_SECONDS * 1_000_000}\nWATCHDOG=1", log)

    return Rounds("supervisor", every_seconds, report, at_once=True)
