"""Who may come in, as the settings say."""

import secrets
from collections.abc import Callable

import structlog

from pnl.access.embeds import Embeds
from pnl.access.grants import EmbedLinks
from pnl.access.keys import Keys
from pnl.access.people import Accounts
from pnl.access.ways import Cookie, Entrance, Named, Open, Roles
from pnl.clock import Clock
from pnl.config import Settings
from pnl.config.values import host_keys, is_loopback
from pnl.errors import ConfigError
from pnl.web.access import Access

log = structlog.get_logger(__name__)


def embeds_of(settings: Settings, links: EmbedLinks, clock: Clock) -> Embeds:
    """Return what opens panels in other sites' pages, as the settings say.

    Args:
        settings: The settings in force.
        links: Where links are kept, and the secret that signs them where no setting gives one.
        clock: The time.
    """
    given = settings.secret_key.get_secret_value() if settings.secret_key else links.secret(secrets.token_hex(32))
    keys = host_keys(settings.embed_keys.get_secret_value()) if settings.embed_keys else {}
    return Embeds(links, clock, parents=settings.embed_parents, secret=given.encode(), host_keys=keys)


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
    keys = Keys(accounts, clock, settings.session_hours)
    entrance: Entrance = Open()
    if settings.auth == "password":
        if not accounts.users():
            raise ConfigError(
                "PNL_AUTH=password, and there is no user yet: make the first with "
                "`python -m pnl users add NAME --role editor`, with the same settings"
            )
        if not is_loopback(settings.host) and not settings.trusted_proxies:
            log.warning(
                "passwords and figures travel in the open: put a proxy that speaks TLS in front, and name it in "
                "PNL_TRUSTED_PROXIES",
                host=settings.host,
            )
        entrance = Cookie(keys)
    elif settings.auth == "proxy":
        entrance = Named(settings.trusted_proxies, Roles(settings.editors, settings.viewers))
    return Access(
        entrance=entrance,
        keys=keys,
        accounts=accounts,
        proxies=settings.trusted_proxies,
        user_header=settings.proxy_user_header,
        embeds=embeds,
    )


def holding(access: Access) -> Callable[[str], bool]:
    """Return what says whether the ticket still holds by which a live client came in, of a page or of a panel."""

    def holds(ticket: str) -> bool:
        if ticket.startswith("embed:"):
            return access.embeds is not None and access.embeds.holds(ticket)
        return access.keys is not None and access.keys.holds(ticket)

    return holds
