"""What an address on the network counts as."""

from ipaddress import IPv6Address, ip_address
from typing import Final

_HOME_BITS: Final = 64
"""An IPv6 household has a network of its own: it counts as one address."""


def household(address: str) -> str:
    """Return what an address counts as where it is counted how often it comes; other texts as they are."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.version == 4 or found.is_loopback:
        return str(found)
    return str(IPv6Address(int(found) >> _HOME_BITS << _HOME_BITS))


def forwarded(text: str) -> str | None:
    """Return the address that a proxy names as its client's, without the port that some write; None if it is none.

    >>> forwarded("203.0.113.9:4000"), forwarded("[2001:db8::9]:4000"), forwarded("2001:db8::9"), forwarded("unknown")
    ('203.0.113.9', '2001:db8::9', '2001:db8::9', None)
    """
    text = text.strip()
    if text.startswith("["):
        text, closed, port = text[1:].partition("]")
        if not closed or (port and not _is_port(port)):
            return None
    elif text.count(":") == 1:
        text, port = text[: text.index(":")], text[text.index(":") :]
        if not _is_port(port):
            return None
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _is_port(text: str) -> bool:
    return text.startswith(":") and text[1:].isascii() and text[1:].isdigit()


def bare(address: str) -> str:
    """Return an address as it is compared: of IPv4 also where it came in over IPv6; other texts as they are."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host."""
    try:
        found = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return found.is_loopback or bool(
        isinstance(found, IPv6Address) and found.ipv4_mapped and found.ipv4_mapped.is_loopback
    )
