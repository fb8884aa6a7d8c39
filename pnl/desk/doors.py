"""Who may come in, as the settings say."""

from typing import TYPE_CHECKING

import structlog

from pnl.access.address import is_loopback
from pnl.access.keys import Keys
from pnl.access.people import Accounts
from pnl.access.ways import Cookie, Entrance, Named, Open, Roles
from pnl.clock import Clock
from pnl.config import Settings
from pnl.desk.upstreams import secret
from pnl.errors import ConfigError
from pnl.web.access import Access

if TYPE_CHECKING:
    from pnl.access.provider import Provider

log = structlog.get_logger(__name__)


def access_of(settings: Settings, accounts: Accounts, clock: Clock) -> Access:
    """Return what decides who may come in.

    Args:
        settings: The settings in force.
        accounts: Where users, sessions and tokens are kept.
        clock: The time.

    Raises:
        ConfigError: People are to sign in with a password, and nobody has one.
    """
    roles = Roles(settings.editors, settings.viewers)
    keys = Keys(accounts, clock, settings.session_hours, role_of=roles.of if settings.auth == "oidc" else None)
    entrance: Entrance = Open()
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
        provider=_provider(settings, clock) if settings.auth == "oidc" else None,
        roles=roles,
    )


def _provider(settings: Settings, clock: Clock) -> "Provider":
    from pnl.access.provider import Provider  # noqa: PLC0415 - Authlib weighs nothing where it is not used

    return Provider(
        settings.oidc_issuer or "",
        settings.oidc_client_id or "",
        secret(settings.oidc_client_secret),
        clock=clock,
        claim=settings.oidc_claim,
    )
