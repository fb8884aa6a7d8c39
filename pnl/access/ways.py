"""How it is known who asks: nobody signs in, a session's cookie, or what a proxy in front says."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from string import ascii_lowercase, ascii_uppercase
from typing import Final, Protocol

from pnl.access.address import bare, is_loopback
from pnl.access.keys import Keys
from pnl.access.people import Caller, Role

_SMALL: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a request shows of who sent it.

    Attributes:
        peer: The address that the connection comes from, of a proxy where there is one.
        session: The session's cookie.
        named: What a header says of the user that a proxy knows.
    """

    peer: str | None
    session: str | None = None
    named: str | None = None


class Entrance(Protocol):
    """One way to know who a person is."""

    @property
    def signs_in(self) -> bool:
        """Whether there is a page to sign in at."""
        ...

    def person(self, shown: Shown) -> Caller | None:
        """Return who it is; None if that is not known."""
        ...


class Open:
    """Nobody signs in: whoever is at this machine, or comes from an address that is let in, may do everything.

    Args:
        doors: Addresses beside this machine's own, such as that by which a container is reached from its host.
    """

    signs_in: Final = False

    def __init__(self, doors: Iterable[str] = ()) -> None:
        self._doors = frozenset(map(bare, doors))

    def person(self, shown: Shown) -> Caller | None:
        """Return who comes from there; nobody for any other address, or where it is not known."""
        peer = shown.peer or ""
        if not is_loopback(peer) and bare(peer) not in self._doors:
            return None
        return Caller(name=peer, role="editor", way="open")


class Nobody:
    """No person: only programs come in, which show a token."""

    signs_in: Final = False

    def person(self, shown: Shown) -> None:
        """Return that it is nobody."""
        del shown


class Cookie:
    """Who has a session that was begun at our own page."""

    signs_in: Final = True

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def person(self, shown: Shown) -> Caller | None:
        """Return whose session it is."""
        return self._keys.of_session(shown.session) if shown.session else None


class Named:
    """Whom a proxy that is trusted has let through, by the name that it gives.

    Args:
        proxies: The addresses or networks of the proxy.
        roles: What people may do.
    """

    signs_in: Final = False

    def __init__(self, proxies: Iterable[str], roles: "Roles") -> None:
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self._roles = roles

    def person(self, shown: Shown) -> Caller | None:
        """Return whom the proxy names; nobody if another than the proxy says so."""
        name = (shown.named or "").strip()
        if not is_name(name) or not from_one_of(self._proxies, shown.peer):
            return None
        role = self._roles.of(name)
        return Caller(name=name, role=role, way="proxy") if role else None


class Roles:
    """What people may do whom another service knows.

    Args:
        editors: Names or mail addresses; `@example.com` is all of a company, `*` is everybody.
        viewers: The same, of those who may look.
    """

    def __init__(self, editors: Iterable[str], viewers: Iterable[str]) -> None:
        self._editors = frozenset(editors)
        self._viewers = frozenset(viewers)

    def of(self, name: str) -> Role | None:
        """Return what somebody may do; None for nothing."""
        lower = plain(name)
        company = lower.partition("@")[2] if lower.count("@") == 1 else ""
        meant = {lower, "*"} | ({f"@{company}"} if company else set())
        if meant & self._editors:
            return "editor"
        return "viewer" if meant & self._viewers else None


def plain(name: str) -> str:
    """Return a name with small letters for A to Z alone: others have small ones that look like somebody else's."""
    return name.translate(_SMALL)


def is_name(text: str) -> bool:
    """Return whether a text that another service gives may be somebody's name."""
    whole = text == text.strip() and not text.startswith("@")  # with nobody before it, it is all of a company
    return whole and 0 < len(text) <= 200 and text.isprintable() and "," not in text


def from_one_of(networks: Iterable[IPv4Network | IPv6Network], peer: str | None) -> bool:
    """Return whether an address is in one of the networks."""
    try:
        address = ip_address((peer or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in networks)
