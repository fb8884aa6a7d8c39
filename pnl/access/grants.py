"""What a panel in another site's page is allowed: which panels, with which values locked, where, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

PANELS: Final = (
    "net",
    "equity",
    "drawdown",
    "waterfall",
    "positions",
    "activity",
    "costs",
    "revenue",
    "calendar",
    "kpis",
)
OWN: Final = "self"
"""Stands for our own pages where origins are listed: the preview of a link that is not made yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token, or a ticket made of one, allows.

    Attributes:
        name: Which link or token it is, for the log.
        panels: The panels that it opens.
        origins: The sites that may frame them.
        until: When it is over.
        ticket: What can be asked about later, to learn whether it still holds.
        locked: Values that the address cannot change.
    """

    name: str
    panels: frozenset[str]
    origins: tuple[str, ...]
    until: datetime
    ticket: str
    locked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedLink:
    """A link that somebody made, as it is kept; its token can be made of it again, and is not kept.

    Attributes:
        number: By which it is known.
        panels: In the order of `PANELS`.
        locked: Values that the address cannot change.
        origins: The sites that may frame it.
        made_by: Who made it.
        ended: When it was revoked.
    """

    number: str
    panels: tuple[str, ...]
    locked: Mapping[str, str]
    origins: tuple[str, ...]
    made_by: str
    made: datetime
    until: datetime
    ended: datetime | None = None


class EmbedLinks(Protocol):
    """Where links are kept, for all processes. Every method raises `StoreUnavailable`."""

    def links(self) -> tuple[EmbedLink, ...]:
        """Return every link, the newest first."""
        ...

    def link(self, number: str) -> EmbedLink | None:
        """Return one."""
        ...

    def put_link(self, link: EmbedLink) -> None:
        """Keep a new link."""
        ...

    def end_link(self, number: str, at: datetime) -> bool:
        """Revoke a link; return whether there was one that was not revoked."""
        ...

    def end_links(self, at: datetime) -> int:
        """Revoke every link; return how many there were that were not."""
        ...

    def burn(self, digest: str, until: datetime, now: datetime) -> bool:
        """Use a ticket up by its hash; return whether it was not used before. Those that are over are forgotten."""
        ...

    def secret(self, made: str) -> str:
        """Return the secret of this database: `made`, where it has none yet."""
        ...
