"""Looks now and then at where secrets are kept, and anew while somebody refuses one."""

from collections.abc import Callable
from typing import Final

import structlog

from pnl.config import Settings
from pnl.logs import hide
from pnl.rounds import Rounds

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
AGAIN_LOOKS: Final = 3
"""While a secret is refused, it is read anew at every so many looks, so that a tick tries it within half a minute."""


class Lookout:
    """Finds settings whose secrets are others than those in force.

    Attributes:
        settings: Those in force; whoever takes up newer ones puts them here.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._refused_looks = 0

    def newer(self, *, refused: bool) -> Settings | None:
        """Look once, and return the newer settings, whose secrets no log shows from now on; None where none are."""
        anew = refused and self._refused_looks % AGAIN_LOOKS == 0
        self._refused_looks = self._refused_looks + 1 if refused else 0
        found = self.settings.renewed(anew=anew)
        if found is self.settings:
            return None
        hide(found.secrets)
        return found


def looking(name: str, look: Callable[[], object]) -> Rounds:
    """Return what looks again and again; a look that fails is logged, and the next one is made."""

    def act() -> None:
        try:
            look()
        except Exception:
            log.exception("secrets could not be looked at", of=name)

    return Rounds(name, LOOK_SECONDS, act)
