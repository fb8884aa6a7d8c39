"""Where alerts may be sent: https, this machine itself, or a host that the file names outright."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from pnl.errors import RuleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a receiver listens. Its text may be a secret, and is in no representation of it.

    Attributes:
        url: The whole of it.
        host: Its host.
        named: Whether the file names the host outright, by `base_url`: it may then be anywhere.
    """

    url: str
    host: str
    named: bool

    def __repr__(self) -> str:
        return f"Address(host={self.host!r}, named={self.named})"

    @property
    def near(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)

    def refusal(self, peer: str) -> str | None:
        """Return why a connection that led to an address may not be used; None where it may."""
        if self.named:
            return None
        found = ip_address(peer.partition("%")[0])
        if self.near:
            return None if found.is_loopback else f"{self.host} leads to {peer}, which is not this machine"
        if found.is_global:
            return None
        return f"{self.host} leads to the private address {peer}: name it outright by base_url if that is meant"


def address_of(url: str, field: str, base_url: str | None = None) -> Address:
    """Return the address that a URL names; the error never shows it, since it may be a secret.

    Args:
        url: As it is in the file.
        field: What it is called there.
        base_url: The scheme and host that the file names outright.

    Raises:
        RuleError: It is no URL, or one that nothing may be sent to.
    """
    scheme, host = _parts(url, field)
    if base_url is not None:
        base = _parts(base_url, "base_url")
        if urlsplit(base_url).path.strip("/") or _origin(url) != _origin(base_url):
            raise RuleError("base_url", f"base_url is scheme and host of {field}, and no path: write {base[0]}://host")
        return Address(url=url, host=host, named=True)
    if scheme != "https" and not is_loopback(host):
        raise RuleError(
            field, f"{field} is not https: alerts are sent in the open only to this machine, or where base_url says so"
        )
    return Address(url=url, host=host, named=False)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parts(url: str, field: str) -> tuple[str, str]:
    wrong = RuleError(field, f"{field} is no address: write it as https://host/path, without a user or a fragment")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    sound = parts.scheme in ("https", "http") and parts.hostname and port != 0
    if not sound or parts.username is not None or parts.fragment or not url.isascii() or not url.isprintable():
        raise wrong
    if " " in url:
        raise wrong
    return parts.scheme, str(parts.hostname)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
