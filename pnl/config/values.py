"""What a setting's text may say: each check gives the value, or a ValueError whose text is the cure."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from pnl.access.address import is_loopback
from pnl.access.origins import origin_of
from pnl.access.ways import plain
from pnl.domain.money import Nano, nano
from pnl.errors import ConfigError
from pnl.redis.address import SETTING, parse

LEAST_SECRET = 32
"""The bytes that a secret has at least by which something is signed."""
INTERVALS = (1, 5, 10, 30, 60)
"""The seconds between ticks that may be chosen."""
WIDEST_4, WIDEST_6 = 8, 7
"""The widest network that may be trusted: 10.0.0.0/8 and fc00::/7 are the widest private ones."""


def whole(low: int, high: int) -> BeforeValidator:
    def check(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return int(text)

    return BeforeValidator(check)


def one_of(*words: str) -> BeforeValidator:
    choice = " or ".join(words)

    def check(text: str) -> str:
        if text not in words:
            raise ValueError(f"give {choice}")
        return text

    return BeforeValidator(check)


def sentry(text: str) -> str:
    if not re.fullmatch(r"https?://[0-9A-Za-z]+(:[0-9A-Za-z]+)?@[A-Za-z0-9.:\[\]-]+(/[\w./-]*)?/\d+", text, re.ASCII):
        raise ValueError("give the DSN that Sentry shows for the project, such as https://key@host/1")
    return text


def interval(text: str) -> int:
    if text not in map(str, INTERVALS):
        raise ValueError(f"give {', '.join(map(str, INTERVALS[:-1]))} or {INTERVALS[-1]} seconds")
    return int(text)


def seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,2}(\.\d{1,3})?", text, re.ASCII) or not 0 < float(text) <= 60:
        raise ValueError("give seconds above 0 and up to 60, such as 3 or 2.5")
    return float(text)


def budget(text: str) -> Nano:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text, re.ASCII) or not nano(text):
        raise ValueError("give dollars above 0, as a decimal without a currency sign, such as 500 or 1250.50")
    return nano(text)


def host(text: str) -> str:
    bare = text.removeprefix("[").removesuffix("]")
    if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", bare):
        raise ValueError("give a name or an address without a port, such as 127.0.0.1")
    return bare


def hosts(text: str) -> tuple[str, ...]:
    return tuple(host(name) for name in _listed(text))


def people(text: str) -> tuple[str, ...]:
    found = tuple(plain(name) for name in _listed(text))
    for name in found:
        if not re.fullmatch(r"\*|@[a-z0-9.-]+\.[a-z0-9-]+|[^\s*@]+(@[a-z0-9.-]+)?", name):
            raise ValueError("give names or mail addresses, @example.com for all of a company, or * for everybody")
    return found


def issuer(text: str) -> str:
    """Return the address as it is, with its last slash: the provider must give the very same letters."""
    cure = "give the provider's address, such as https://id.example.com/realms/us"
    base = web_base(text) if re.fullmatch(r"https?://.*", text, re.DOTALL) else None
    if base is None:
        raise ValueError(cure)
    if base.startswith("http://") and not is_loopback(urlsplit(base).hostname or ""):
        raise ValueError(f"over http anybody on the way could sign in as anybody; {cure}")
    return text


def claim(text: str) -> str:
    if not re.fullmatch(r"[!-~]{1,100}", text):
        raise ValueError("give the name of a claim, such as email or preferred_username")
    return text


def networks(text: str) -> tuple[str, ...]:
    found = _networks(text)
    for one in found:
        if one.prefixlen < (WIDEST_4 if one.version == 4 else WIDEST_6):
            raise ValueError(
                f"{one} is wider than any private network: whoever comes from there would be believed; give the "
                "addresses of the proxy, or its network, such as 10.0.0.0/8"
            )
    return tuple(map(str, found))


def _networks(text: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(part) for part in _listed(text)]
    except ValueError:
        raise ValueError("give addresses or networks, such as 127.0.0.1 or 10.0.0.0/8, with commas between") from None


def doors(text: str) -> tuple[str, ...]:
    found = _networks(text)
    for one in found:
        if one.num_addresses > 1 or one.is_global or one.is_unspecified or one.is_multicast:
            raise ValueError(
                "give single addresses of a private network, such as 10.213.85.1, with commas between: "
                "whoever comes from one of them may do everything"
            )
    return tuple(str(one.network_address) for one in found)


def header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,60}", text):
        raise ValueError("give the name of a header, such as X-Forwarded-User")
    return text


def origins(text: str) -> tuple[str, ...]:
    found = [origin_of(part) for part in _listed(text)]
    if None in found:
        raise ValueError(
            "give origins such as https://wiki.example.com, with commas between, no path and no wildcard: "
            "each site that may show a panel is named"
        )
    return tuple(dict.fromkeys(origin for origin in found if origin))


def signing_secret(text: str) -> str:
    if len(text.encode()) < LEAST_SECRET:
        raise ValueError(f"give {LEAST_SECRET} bytes or more, such as `openssl rand -hex 32` makes")
    return text


def embed_keys(text: str) -> str:
    host_keys(text)
    return text


def host_keys(text: str) -> dict[str, bytes]:
    """Return the keys that backends of hosts sign with, by name."""
    found = dict(part.partition("=")[::2] for part in _listed(text))
    cure = f"give one or two keys as NAME=SECRET, with a comma between, each secret of {LEAST_SECRET} bytes or more"
    if not 1 <= len(found) <= 2 or len(found) != len(_listed(text)):
        raise ValueError(cure)
    for name, secret in found.items():
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", name) or len(secret.encode()) < LEAST_SECRET:
            raise ValueError(cure)
    return {name: secret.encode() for name, secret in found.items()}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise ValueError("give a name from the IANA list, such as America/New_York or UTC") from None
    return text


def web_base(text: str) -> str:
    cure = "give a base address such as https://api.example.com/v1, with no user, query or fragment"
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 443) > 0
    except ValueError:
        raise ValueError(cure) from None
    if not sound or parts.username is not None or "?" in text or "#" in text or not re.fullmatch(r"[!-~]+", text):
        raise ValueError(cure)
    if re.search("//.*:.*@", text):  # what seems to be host, port and path may be a user and a password with a /
        raise ValueError(f"{cure}; in a path, write an @ as %40")
    return text.rstrip("/")


def redis(text: str) -> str:
    try:
        parse(text)
    except ConfigError as error:
        raise ValueError(str(error).removeprefix(f"{SETTING}=").removeprefix(f"{SETTING}: ")) from None
    return text


def database(text: str) -> str:
    cure = "give sqlite:///path/to/pnl.db, or postgresql://user@host:5432/name"
    if text.startswith(("postgresql://", "postgresql+psycopg://")):
        if not re.fullmatch(r"[a-z+]+://(?!/?\Z)[!-~]+", text):
            raise ValueError(cure)
    elif not re.fullmatch(r"sqlite:///[^?#]*[^/?#:]", text):
        raise ValueError(cure)
    return text


def passwords(url: str) -> tuple[str, ...]:
    """Return the passwords in a database's address, before the first @ or among its parameters, as libpq reads them."""
    user, at, place = url.partition("://")[2].partition("@")
    if not at or "/" in user:
        user, place = "", url
    given = (part.partition("=")[::2] for part in place.partition("?")[2].split("&"))
    found = (user.partition(":")[2], *(value for name, value in given if name in ("password", "sslpassword")))
    return tuple(unquote(password) for password in found if password)


def folder(text: str) -> Path:
    path = _path(text)
    if path.exists() and not path.is_dir():
        raise ValueError("there is a file of that name; give a folder")
    return path


def file(text: str) -> Path:
    path = _path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError("give the path of a file in a folder that exists")
    return path


def bucket(text: str) -> str:
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=/-]{0,200})?", text):
        raise ValueError("give s3://bucket/prefix, such as s3://my-backups/northstar")
    return text.rstrip("/")


def revenue_source(text: str) -> str:
    name = text.removeprefix("revenue.")
    if name not in ("feed", "csv", "stripe", "manual"):
        raise ValueError("give feed, csv, stripe or manual")
    return name if name == "manual" else f"revenue.{name}"


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("there is no user of that name; give a path from the root") from None
