"""Who may come in, as the settings say."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from pnl.access.address import is_loopback
from pnl.access.embeds import Embeds
from pnl.access.grants import EmbedLinks
from pnl.access.keys import Keys
from pnl.access.people import Accounts
from pnl.access.ways import Cookie, Entrance, Named, Nobody, Open, Roles
from pnl.clock import Clock
from pnl.config import Settings
from pnl.config.values import host_keys
from pnl.desk.upstreams import secret
from pnl.errors import ConfigError
from pnl.web.access import Access

if TYPE_CHECKING:
    from pnl.access.provider import Provider

log = structlog.get_logger(__name__)


def embeds_of(settings: Settings, links: EmbedLinks, clock: Clock) -> Embeds:
    """Return what opens panels in other sites' pages, as the settings say.

    Args:
        settings: The settings in force.
        links: Where links are kept, and the secret that signs them where no setting gives one.
        clock: The time.
    """
    given = secret(settings.secret_key) or links.secret(secrets.token_hex(32))
    return Embeds(
        links,
        clock,
        parents=settings.embed_parents,
        secret=given.encode(),
        previous=previous_of(settings),
        host_keys=host_keys_of(settings),
        per_minute=settings.embed_requests_per_minute,
    )


def previous_of(settings: Settings) -> tuple[bytes, ...]:
    """Return the secrets that sign no links any more, and still open those that they signed."""
    return (secret(settings.secret_key_previous).encode(),) if settings.secret_key_previous else ()


def host_keys_of(settings: Settings) -> dict[str, bytes]:
    """Return the secrets by which backends of hosts sign, by name."""
    return host_keys(secret(settings.embed_keys)) if settings.embed_keys else {}


def access_of(settings: Settings, accounts: Accounts, clock: Clock, embeds: Embeds | None = None) -> Access:
    """Return what decides who may come in.

    Args:
        settings: The settings in force.
        accounts: Where users, sessions and tokens are kept.
        clock: The time.
        embeds: What opens panels in other sites' pages.

    Raises:
        ConfigError: People are to sign in with a password, and nobody has one.
    """
    roles = Roles(settings.editors, settings.viewers)
    keys = Keys(accounts, clock, settings.session_hours, role_of=roles.of if settings.auth == "oidc" else None)
    entrance: Entrance = Open(settings.open_to)
    if settings.open_to:
        log.warning(
            "nobody signs in, and whoever comes from one of these addresses may do everything: see to it that "
            "nobody but this machine's own users can",
            open_to=", ".join(settings.open_to),
        )
    if settings.auth == "password" and not accounts.users():
        raise ConfigError(
            "PNL_AUTH=password, and there is no user yet: make the first with "
            "`python -m pnl users add NAME --role editor`, with the same settings"
        )
    if settings.auth in ("password", "oidc"):
        if not is_loopback(settings.host) and not settings.trusted_proxies:
            log.warning(
                "passwords, sessions and figures travel in the open: put a proxy that speaks TLS in front, and name it "
                "in PNL_TRUSTED_PROXIES",
                host=settings.host,
            )
        entrance = Cookie(keys)
    elif settings.auth == "proxy":
        entrance = Named(settings.trusted_proxies, roles)
    return Access(
        entrance=entrance,
        keys=keys,
        accounts=accounts,
        proxies=settings.trusted_proxies,
        user_header=settings.proxy_user_header,
        embeds=embeds,
        provider=_provider(settings, clock) if settings.auth == "oidc" else None,
        roles=roles,
    )


def health_access_of(settings: Settings, accounts: Accounts, clock: Clock) -> Access:
    """Return what decides who reads the metrics of a process that only ticks: its own machine, or who has a token."""
    entrance: Entrance = Open() if is_loopback(settings.host) else Nobody()
    return Access(entrance=entrance, keys=Keys(accounts, clock, settings.session_hours))


def _provider(settings: Settings, clock: Clock) -> "Provider":
    from pnl.access.provider import Provider  # noqa: PLC0415 - Authlib weighs nothing where it is not used

    return Provider(
        settings.oidc_issuer or "",
        settings.oidc_client_id or "",
        secret(settings.oidc_client_secret),
        clock=clock,
        claim=settings.oidc_claim,
    )


def holding(access: Access) -> Callable[[str], bool]:
    """Return what says whether the ticket still holds by which a live client came in, of a page or of a panel."""

    def holds(ticket: str) -> bool:
        if ticket.startswith("embed:"):
            return access.embeds is not None and access.embeds.holds(ticket)
        return access.keys is not None and access.keys.holds(ticket)

    return holds
