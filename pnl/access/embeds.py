"""Links to panels for other sites' pages: signed, expiring, revocable; and the tickets that open live connections."""

import hashlib
import secrets
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pnl.access.grants import OWN, PANELS, EmbedLink, EmbedLinks, Grant
from pnl.access.host_tokens import HostTokens
from pnl.access.pace import Pace
from pnl.access.seals import Seals
from pnl.clock import Clock
from pnl.errors import EmbedRefused

RECHECK_SECONDS: Final = 2.0
"""For so long an answer of the store is believed: a link that was revoked elsewhere may open a panel as long."""
TICKET_SECONDS: Final = 60
PREVIEW: Final = timedelta(minutes=10)
LONGEST_DAYS: Final = 366
_MARK: Final = "nsl_"
_REMEMBERED: Final = 2_000


class Embeds:
    """Makes and checks what opens panels; any thread may ask.

    Args:
        links: Where links are kept.
        clock: The time.
        parents: The origins that may frame anything at all; none turns embedding off.
        secret: What keys are derived from that sign links and tickets, 32 bytes or more.
        previous: Those before it, which still open what they signed.
        host_keys: The secrets by which backends of hosts sign, by name.
        per_minute: How many requests of one token, by whomever, this process answers in a minute.
    """

    def __init__(
        self,
        links: EmbedLinks,
        clock: Clock,
        *,
        parents: Sequence[str],
        secret: bytes,
        previous: Sequence[bytes] = (),
        host_keys: Mapping[str, bytes] | None = None,
        per_minute: int = 1_200,
    ) -> None:
        self.parents = tuple(parents)
        self._links = links
        self._clock = clock
        self._seals = Seals(secret, previous, clock=clock)
        self._hosts = HostTokens(host_keys or {})
        self._pace = Pace(clock, per_minute)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[EmbedLink | None, float]] = {}

    def renew(self, secret: bytes | None, previous: Sequence[bytes], host_keys: Mapping[str, bytes]) -> None:
        """Take other secrets from now on, None for the same one to sign with. See `Seals.renew`."""
        if secret is not None:
            self._seals.renew(secret, previous)
        self._hosts = HostTokens(host_keys)

    @property
    def on(self) -> bool:
        """Whether any site may frame a panel."""
        return bool(self.parents)

    @property
    def hosts_sign(self) -> bool:
        """Whether backends of hosts may sign tokens of their own."""
        return self._hosts.on

    def framing(self, grant: Grant | None) -> tuple[str, ...]:
        """Return who may frame a panel: the sites of the grant that are also ours; all of ours without a grant."""
        if grant is None:
            return self.parents
        return tuple(one for one in grant.origins if one == OWN or one in self.parents)

    # Links

    def links(self) -> tuple[EmbedLink, ...]:
        """Return every link, the newest first."""
        return self._links.links()

    def make(
        self, panels: Sequence[str], locked: Mapping[str, str], origins: Sequence[str], days: int, made_by: str
    ) -> tuple[EmbedLink, str]:
        """Make and keep a link; return it, and its token."""
        now = self._clock.now()
        link = EmbedLink(
            number="".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(12)),
            panels=tuple(panel for panel in PANELS if panel in panels),
            locked=dict(locked),
            origins=tuple(origins),
            made_by=made_by,
            made=now,
            until=now + timedelta(days=days),
        )
        self._links.put_link(link)
        return link, self._token(link.number, link.panels, link.locked, link.origins, link.until)

    def preview(self, panel: str, locked: Mapping[str, str]) -> str:
        """Return a token that opens a panel for a few minutes, in our own pages only."""
        return self._token("", (panel,), locked, (OWN,), self._clock.now() + PREVIEW)

    def end(self, number: str) -> bool:
        """Revoke a link; return whether there was one that was not revoked."""
        ended = self._links.end_link(number, self._clock.now())
        with self._lock:
            self._known.pop(number, None)
        return ended

    def end_all(self) -> int:
        """Revoke every link; return how many that were."""
        ended = self._links.end_links(self._clock.now())
        with self._lock:
            self._known.clear()
        return ended

    # What is shown

    def grant(self, token: str) -> Grant:
        """Return what a token allows: that of a link, or one that a host's backend signed.

        Raises:
            EmbedRefused: Nothing, and why.
        """
        if not self.on:
            raise EmbedRefused("Embedding is off here. Whoever runs this server can turn it on.")
        if not token.startswith(_MARK):
            return self._hosts.grant(token, self._clock.now())
        told = self._seals.read("link", token[len(_MARK) :])
        number, until = str(told["n"]), _moment(told["x"])
        self._check(number, until)
        return Grant(
            name=f"link {number}" if number else "preview",
            panels=frozenset(told["p"]),
            origins=tuple(told["o"]),
            until=until,
            ticket=f"embed:link:{told['x']}:{number}",
            locked=told["l"],
        )

    def wait(self, grant: Grant) -> int:
        """Count a request by a token; return 0 if it may pass, else in how many seconds to come again."""
        return self._pace.wait(grant.name)

    def ticket(self, grant: Grant, panel: str, until: datetime | None = None) -> str:
        """Return what opens one live connection of one panel, once, within a minute.

        Args:
            grant: What the token allows that was shown for it.
            panel: Which panel.
            until: When nothing is to be shown live any more, if that is before the token is over.
        """
        over = _seconds(min(grant.until, until) if until else grant.until)
        door, kind, last, *rest = grant.ticket.split(":")
        told = {
            "n": grant.name,
            "p": panel,
            "o": grant.origins,
            "t": ":".join((door, kind, str(min(int(last), over)), *rest)),
            "l": dict(grant.locked),
            "u": over,
            "x": _seconds(self._clock.now()) + TICKET_SECONDS,
            "i": secrets.token_urlsafe(12),
        }
        return self._seals.sign("ticket", told)

    def redeem(self, ticket: str) -> Grant:
        """Use a ticket up, and return what it allows.

        Raises:
            EmbedRefused: It is none, is over, or was used before; or what it was made of no longer holds.
        """
        told = self._seals.read("ticket", ticket)
        now, over = self._clock.now(), _moment(told["x"])
        if over <= now:
            raise EmbedRefused("The ticket is over: ask for another.", expired=True)
        if not self.holds(told["t"]):
            raise EmbedRefused("What the ticket was made of no longer holds.", expired=True)
        if not self._links.burn(hashlib.sha256(ticket.encode()).hexdigest(), over, now):
            raise EmbedRefused("The ticket was used before: ask for another.")
        return Grant(
            name=told["n"],
            panels=frozenset([told["p"]]),
            origins=tuple(told["o"]),
            until=_moment(told["u"]),
            ticket=told["t"],
            locked=told["l"],
        )

    def holds(self, ticket: str) -> bool:
        """Return whether what a live connection came in by still opens the door."""
        _, kind, over, *rest = ticket.split(":")
        if _moment(int(over)) <= self._clock.now():
            return False
        return kind == "host" or not rest[0] or self._kept(rest[0]) is not None

    def _check(self, number: str, until: datetime) -> None:
        if until <= self._clock.now():
            raise EmbedRefused("This link has expired. Whoever put the panel here can make a new one.", expired=True)
        if number and self._kept(number) is None:
            raise EmbedRefused("This link was revoked.")

    def _kept(self, number: str) -> EmbedLink | None:
        """Return a link that is kept and not revoked."""
        moment = self._clock.monotonic()
        with self._lock:
            found = self._known.get(number)
        if found is None or moment - found[1] > RECHECK_SECONDS:
            found = self._links.link(number), moment
            with self._lock:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[number] = found
        link = found[0]
        return link if link and link.ended is None else None

    def _token(
        self, number: str, panels: Sequence[str], locked: Mapping[str, str], origins: Sequence[str], until: datetime
    ) -> str:
        told = {"n": number, "p": list(panels), "l": dict(locked), "o": list(origins), "x": _seconds(until)}
        return _MARK + self._seals.sign("link", told)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
