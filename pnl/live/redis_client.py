"""Redis clients that give up quickly, from the address that an operator wrote."""

import re
from urllib.parse import parse_qsl, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from pnl.errors import ConfigError

SETTING = "PNL_REDIS_URL"
TIMEOUT_SECONDS = 0.25
_OPTIONS = {"db", "ssl_ca_certs", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile"}


def redis_client(url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Redis:
    """Return a client that tries each command once; nothing connects before the first.

    Left alone, the library tries ten times, for 5 s each, while whoever asked waits.

    Args:
        url: `redis://`, `rediss://` (TLS) or `unix://`. Of the library's options it may give the database and
            those of TLS: any other would undo what is set here.
        timeout_seconds: For an answer; connecting has its own 0.25 s.

    Raises:
        ConfigError: The address makes no sense. The text does not repeat it: it may hold a password.
    """
    _check(url)
    try:
        client = Redis.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,  # a ping before a command can fail no better than the command
            protocol=2,  # version 3 and the library's name would each cost a new connection another round trip
            driver_info=None,
            decode_responses=False,
        )
        client.connection_pool.make_connection()  # opens nothing, but looks at every option
    except (RedisError, TypeError, ValueError):
        raise ConfigError(f"{SETTING}: an option after the ? has a value that makes no sense") from None
    return client


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        options = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        if parts.scheme == "unix":
            sound = not parts.hostname and len(parts.path) > 1
            options.discard("password")
        else:
            sound = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
            sound = sound and re.fullmatch(r"/?|/\d{1,4}", parts.path, re.ASCII) is not None
    except ValueError:
        sound = False
    if not sound or "#" in url or not url.isprintable():
        raise ConfigError(
            f"{SETTING}: give redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket?db=0; "
            "in a password, write # / ? @ as %23 %2F %3F %40"
        )
    if options - _OPTIONS:
        raise ConfigError(f"{SETTING}: after the ? only {', '.join(sorted(_OPTIONS))} may be given")
