"""Links in memory, a clock that is turned by hand, and a host that signs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from pnl.access.embeds import Embeds
from pnl.access.grants import EmbedLink

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WIKI = "https://wiki.example.com"
HOST_KEY = b"h" * 32
SECRET = b"s" * 32


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def on(self, **by: float) -> None:
        self.time += timedelta(**by)


class Memory:
    """Implements `EmbedLinks`."""

    def __init__(self) -> None:
        self.kept: dict[str, EmbedLink] = {}
        self.burnt: set[str] = set()

    def links(self) -> tuple[EmbedLink, ...]:
        return tuple(reversed(self.kept.values()))

    def link(self, number: str) -> EmbedLink | None:
        return self.kept.get(number)

    def put_link(self, link: EmbedLink) -> None:
        self.kept[link.number] = link

    def end_link(self, number: str, at: datetime) -> bool:
        link = self.kept.get(number)
        if link is None or link.ended:
            return False
        self.kept[number] = replace(link, ended=at)
        return True

    def end_links(self, at: datetime) -> int:
        return sum(self.end_link(number, at) for number in [*self.kept])

    def burn(self, digest: str, until: datetime, now: datetime) -> bool:
        del until, now
        fresh = digest not in self.burnt
        self.burnt.add(digest)
        return fresh

    def secret(self, made: str) -> str:
        return made


def embeds(
    clock: Hands,
    links: Memory | None = None,
    *,
    parents: tuple[str, ...] = (WIKI,),
    secret: bytes = SECRET,
    host_keys: Mapping[str, bytes] | None = None,
) -> Embeds:
    return Embeds(links or Memory(), clock, parents=parents, secret=secret, host_keys=host_keys or {"first": HOST_KEY})


def signed(
    now: datetime,
    key: bytes = HOST_KEY,
    kid: str | None = "first",
    algorithm: str = "HS256",
    **claims: Any,  # noqa: ANN401 - whatever a host may say
) -> str:
    """Return a token as a host's backend signs it; a claim that is None is left out."""
    seconds = int(now.timestamp())
    told: dict[str, object] = {
        "aud": "northstar-embed",
        "jti": "page-7",
        "panels": ["net"],
        "origins": [WIKI],
        "iat": seconds,
        "exp": seconds + 600,
    }
    told = {name: value for name, value in (told | claims).items() if value is not None}
    header = {"alg": algorithm} | ({"kid": kid} if kid else {})
    return jwt.encode(header, told, OctKey.import_key(key), algorithms=[algorithm])
