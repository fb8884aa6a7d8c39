"""Who may come in, as the settings say."""

import structlog

from pnl.access.keys import Keys
from pnl.access.people import Accounts
from pnl.access.ways import Cookie, Entrance, Named, Open, Roles
from pnl.clock import Clock
from pnl.config import Settings
from pnl.config.values import is_loopback
from pnl.errors import ConfigError
from pnl.web.access import Access

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
    )
