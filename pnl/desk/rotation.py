"""Takes up keys that were changed where they are kept, while the product runs."""

from collections.abc import Callable, Sequence

import structlog

from pnl.aggregator.reader import Reader
from pnl.config import Settings
from pnl.desk.lookout import Lookout, looking
from pnl.ports import Source

log = structlog.get_logger(__name__)


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
        self._lookout = Lookout(settings)
        self._readers = readers
        self._build = build
        self._rounds = looking("rotation", self.look)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """End; returns when it has."""
        self._rounds.stop()

    def look(self) -> bool:
        """Look once; return whether a key was exchanged."""
        settings = self._lookout.newer(refused=any(reader.refused for reader in self._readers))
        if settings is None:
            return False
        before = {
            source.name: _keys(self._lookout.settings, source.name)
            for source in (reader.source for reader in self._readers)
        }
        made = {source.name: source for source in self._build(settings)}
        for reader in self._readers:
            name = reader.source.name
            if _keys(settings, name) != before[name]:
                log.info("a new key is in use", source=name)
                reader.exchange(made[name])
        self._lookout.settings = settings
        return True


def _keys(settings: Settings, source: str) -> tuple[object, ...]:
    """Return the secrets by which a source is asked."""
    return {
        "kalshi": (settings.kalshi_key_id, settings.kalshi_private_key),
        "anthropic": (settings.anthropic_admin_key,),
        "revenue.feed": (settings.revenue_token,),
        "revenue.stripe": (settings.stripe_key,),
    }.get(source, ())
