"""Takes up the secrets of a process itself that were changed where they are kept, while the product runs."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog

from pnl.access.embeds import Embeds
from pnl.config import Settings, values
from pnl.desk.doors import host_keys_of, previous_of
from pnl.desk.lookout import Lookout, looking
from pnl.desk.upstreams import secret
from pnl.errors import ConfigError
from pnl.metrics.instruments import SECRETS

if TYPE_CHECKING:
    from pnl.access.provider import Provider

log = structlog.get_logger(__name__)


class Renewal:
    """Looks now and then at where secrets are kept: what signs links, what a provider is shown, Redis' address.

    The keys of sources are whoever leads to exchange: see `pnl.desk.rotation`.

    Args:
        settings: Those in force, with where their secrets are kept.
        embeds: What signs links to panels; None in a process that serves none.
        provider: What signs people in; None where none does.
        redis: Whatever is connected to Redis takes a new address.
        refused: Whether Redis does not answer, which a password that is over may be the reason of.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        embeds: Embeds | None = None,
        provider: "Provider | None" = None,
        redis: Sequence[Callable[[str], None]] = (),
        refused: Callable[[], bool] = bool,
    ) -> None:
        self._lookout = Lookout(settings)
        self._embeds, self._provider, self._redis, self._refused = embeds, provider, redis, refused
        self._rounds = looking("renewal", self.look)
        if settings.keyring:
            settings.keyring.told = lambda kind, result: SECRETS.labels(kind, result).inc()

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """End; returns when it has."""
        self._rounds.stop()

    def look(self) -> tuple[str, ...]:
        """Look once; return the settings whose new secrets are in use from now on."""
        refused = self._refused() or bool(self._provider and self._provider.refused)
        before, now = self._lookout.settings, self._lookout.newer(refused=refused)
        if now is None:
            return ()
        self._lookout.settings = now
        taken = (self._sign(before), self._show(before), self._connect(before))
        return tuple(name for names in taken for name in names)

    def _sign(self, before: Settings) -> tuple[str, ...]:
        """Sign links with another secret; what the one so far signed still opens for an hour."""
        now = self._lookout.settings
        changed = _changed(before, now, "secret_key", "secret_key_previous", "embed_keys")
        if not changed or self._embeds is None:
            return ()
        try:
            for name in {"secret_key", "secret_key_previous"} & set(changed):
                values.signing_secret(secret(getattr(now, name)))
            keys = host_keys_of(now)
        except ValueError as error:
            return _kept(changed, error)
        signs = secret(now.secret_key).encode() if now.secret_key else None
        self._embeds.renew(signs, previous_of(now), keys)
        return _taken(changed)

    def _show(self, before: Settings) -> tuple[str, ...]:
        """Show another secret to the provider, from the next sign-in on."""
        changed = _changed(before, self._lookout.settings, "oidc_client_secret")
        if not changed or self._provider is None:
            return ()
        self._provider.client_secret = secret(self._lookout.settings.oidc_client_secret)
        return _taken(changed)

    def _connect(self, before: Settings) -> tuple[str, ...]:
        """Make new connections to Redis by another address; those that are open stay so."""
        changed = _changed(before, self._lookout.settings, "redis_url")
        if not changed or not self._redis:
            return ()
        try:
            for renew in self._redis:
                renew(secret(self._lookout.settings.redis_url))
        except ConfigError as error:
            return _kept(changed, error)
        return _taken(changed)


def _changed(before: Settings, now: Settings, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(before, name) != getattr(now, name))


def _taken(names: Sequence[str]) -> tuple[str, ...]:
    found = tuple(f"PNL_{name}".upper() for name in names)
    log.info("a new secret is in use", settings=found)
    return found


def _kept(names: Sequence[str], error: Exception) -> tuple[str, ...]:
    settings = [f"PNL_{name}".upper() for name in names]
    log.error("a new secret makes no sense: the one so far stays in use", settings=settings, error=str(error))
    return ()
