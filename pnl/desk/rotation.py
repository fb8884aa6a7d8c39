"""Takes up keys that were changed where they are kept, while the product runs."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from pnl.aggregator.reader import Reader
from pnl.config import Settings
from pnl.logs import hide
from pnl.ports import Source

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
AGAIN_LOOKS: Final = 6
"""While a source refuses its key, the key is read anew at every so many looks: each half minute."""


class Rotation:
    """Looks now and then at where the keys of sources are kept, and at once where a source refuses its key.

    Args:
        settings: Those in force, with where their secrets are kept.
        readers: Read the sources.
        build: Makes the sources that settings name.
    """

    def __init__(
        self, settings: Settings, readers: Sequence[Reader], build: Callable[[Settings], Sequence[Source]]
    ) -> None:
        self._settings = settings
        self._readers = readers
        self._build = build
        self._refused_looks = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rotation", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when it has."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> bool:
        """Look once; return whether a key was exchanged."""
        refused = any(reader.refused for reader in self._readers)
        anew = refused and self._refused_looks % AGAIN_LOOKS == 0
        self._refused_looks = self._refused_looks + 1 if refused else 0
        settings = self._settings.renewed(anew=anew)
        if settings is self._settings:
            return False
        hide(settings.secrets)
        before = {
            source.name: _keys(self._settings, source.name) for source in (reader.source for reader in self._readers)
        }
        made = {source.name: source for source in self._build(settings)}
        for reader in self._readers:
            name = reader.source.name
            if _keys(settings, name) != before[name]:
                log.info("a new key is in use", source=name)
                reader.exchange(made[name])
        self._settings = settings
        return True

    def _run(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:
                log.exception("keys could not be looked at")


def _keys(settings: Settings, source: str) -> tuple[object, ...]:
    """Return the secrets by which a source is asked."""
    return {
        "kalshi": (settings.kalshi_key_id, settings.kalshi_private_key),
        "anthropic": (settings.anthropic_admin_key,),
        "revenue.feed": (settings.revenue_token,),
        "revenue.stripe": (settings.stripe_key,),
    }.get(source, ())
