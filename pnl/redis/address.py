"""The address of Redis as an operator writes it: one server, three sentinels, or the nodes of a cluster."""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pnl.errors import ConfigError

SETTING: Final = "PNL_REDIS_URL"
CURE: Final = (
    "give redis://host:6379/0, rediss://host:6379/0, unix:///path/to/socket?db=0, "
    "redis+sentinel://host:26379,host:26379/MASTER_NAME/0 or redis+cluster://host:6379,host:6379; "
    "in a password, write # / ? @ as %23 %2F %3F %40"
)

Kind = Literal["single", "sentinel", "cluster"]

_TLS = {"ssl_ca_certs", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile"}
_SINGLE, _SENTINEL = {*_TLS, "db"}, {*_TLS, "sentinel_username", "sentinel_password"}
_MANY = re.compile(r"(rediss?)\+(sentinel|cluster)://(?:([^@/?#]*)@)?([^@/?#]+)(/[^?#]*)?(?:\?([^#]*))?", re.ASCII)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?", re.ASCII)
_SHOWN = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?(,[A-Za-z0-9._-]+(:\d{1,5})?)*(/[A-Za-z0-9._/-]*)?", re.ASCII)
_PORTS: Final = {"sentinel": 26_379, "cluster": 6379}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where Redis is, or who knows where.

    Attributes:
        kind: One server, or sentinels or cluster nodes to ask for it.
        urls: Of each of these, as the library takes it, with its password.
        master: The name by which the sentinels know the servers; empty for others.
        servers: What stands before and after `host:port` in the URL of a server that was asked for.
    """

    kind: Kind
    urls: tuple[str, ...]
    master: str = ""
    servers: tuple[str, str] = ("", "")

    def __repr__(self) -> str:
        """Return it without its passwords."""
        return f"Address({self.kind}, {len(self.urls)})"

    def at(self, host: str, port: int) -> str:
        """Return the URL of a server that sentinels or a cluster named."""
        before, after = self.servers
        return f"{before}{f'[{host}]' if ':' in host else host}:{port}{after}"


def parse(url: str) -> Address:
    """Return what an address means.

    Raises:
        ConfigError: It makes no sense. The text shows it without what may be a password.
    """
    if "+sentinel:" in url[:20] or "+cluster:" in url[:20]:
        return _many(url)
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
        raise refused(url, CURE)
    _check_options(url, options, _SINGLE)
    return Address(kind="single", urls=(url,))


def refused(url: str, cure: str) -> ConfigError:
    """Return the error that names the setting, what it was given, and what to write instead."""
    told = shown(url)
    return ConfigError(f"{SETTING}={told}: {cure}" if told else f"{SETTING}: {cure}")


def shown(url: str) -> str:
    """Return an address for a message: what may be a password is left out, however wrong the rest is."""
    scheme, mark, rest = url.partition("://")
    if not mark or not re.fullmatch(r"[a-z+]{1,16}", scheme):
        return ""
    user, at, place = rest.rpartition("@")
    place = re.sub(r"[?#].*", "", place, flags=re.DOTALL)
    told = place if len(place) <= 200 and _SHOWN.fullmatch(place) else "…"
    return f"{scheme}://{'…@' if at and user else ''}{told}"


def secrets(url: str) -> tuple[str, ...]:
    """Return the passwords in an address, as written and as meant."""
    found = [value for name, value in parse_qsl(url.partition("?")[2]) if name.endswith("password")]
    user, _, _ = url.partition("://")[2].rpartition("@")
    if ":" in user:
        found += [password := user.partition(":")[2], unquote(password)]
    return tuple(dict.fromkeys(filter(None, found)))


def _many(url: str) -> Address:
    match = _MANY.fullmatch(url)
    if not match or not url.isprintable():
        raise refused(url, CURE)
    scheme, kind, user, hosts, path, query = match.groups()
    assert kind in ("sentinel", "cluster")  # noqa: S101 - the pattern has no other
    ports = [_HOST.fullmatch(host) for host in hosts.split(",")]
    if not all(host and 0 < int(host[2] or 1) < 65_536 for host in ports):
        raise refused(url, CURE)
    places = [f"{host[1]}:{host[2] or _PORTS[kind]}" for host in ports if host]
    given = parse_qsl(query or "", keep_blank_values=True)
    _check_options(url, {name for name, _ in given}, _SENTINEL if kind == "sentinel" else _TLS)
    kept = "&".join(f"{name}={quote(value, safe='')}" for name, value in given if name in _TLS)
    tail = f"?{kept}" if kept else ""
    before = f"{scheme}://{user}@" if user else f"{scheme}://"
    if kind == "cluster":
        if path not in (None, "", "/", "/0"):
            raise refused(url, "a cluster has no databases: leave out what follows the hosts")
        urls = tuple(f"{before}{place}{tail}" for place in places)
        return Address(kind="cluster", urls=urls, servers=(before, tail))
    named = re.fullmatch(r"/([A-Za-z0-9._-]+)(?:/(\d{1,4})?)?", path or "", re.ASCII)
    if not named:
        raise refused(url, "name the master that the sentinels watch: redis+sentinel://host:26379/MASTER_NAME/0")
    options = dict(given)
    name, password = (quote(options.get(f"sentinel_{what}", ""), safe="") for what in ("username", "password"))
    asks = f"{scheme}://{name}:{password}@" if password else f"{scheme}://"
    urls = tuple(f"{asks}{place}{tail}" for place in places)
    return Address(kind="sentinel", urls=urls, master=named[1], servers=(before, f"/{named[2] or 0}{tail}"))


def _check_options(url: str, given: set[str], known: set[str]) -> None:
    if given - known:
        raise refused(url, f"after the ? only {', '.join(sorted(known))} may be given")
