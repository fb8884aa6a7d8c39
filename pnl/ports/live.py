"""Who makes the ticks, what is shown now, and who is told of it."""

import socket
from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias

from pnl.domain.records import Record, RevenueEntry
from pnl.domain.snapshot import Json


class Claim(Protocol):
    """The right to tick, of which there is one. It does not outlive its process, and a frozen one loses it."""

    def take(self) -> bool:
        """Try to become the holder, without waiting; True if this process is.

        Raises:
            StoreError: It cannot be told.
        """
        ...

    def beat(self) -> None:
        """Show that the holder is alive; called about once a second.

        Raises:
            LeadershipLost: Another process is the holder.
        """
        ...

    def holder(self) -> str:
        """Return who holds it, in words."""
        ...

    def release(self) -> None:
        """Give it up, if it is held."""
        ...


class Figures(Protocol):
    """What the web side shows now: the aggregator's newest statement, in memory."""

    @property
    def demo(self) -> bool:
        """True when the sandbox feeds it."""
        ...

    @property
    def time_zone(self) -> str:
        """The company's zone, an IANA name."""
        ...

    def current(self) -> tuple[int, bytes] | None:
        """Return the newest sequence and the snapshot as JSON bytes; None before the first tick."""
        ...

    def positions(self, every: bool) -> dict[str, Json]:
        """Return `{"seq", "positions"}`: open markets, or with `every` all that were ever traded."""
        ...

    def checks(self) -> dict[str, Json]:
        """Return `{"seq", "checks"}`."""
        ...

    def posts(self, record: Record) -> list[dict[str, Json]]:
        """Return what a record posts to the statement: `[{"line", "amount"}]`."""
        ...

    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str) -> RevenueEntry:
        """Keep a manual entry and let the next tick count it; see `Store.enter`."""
        ...

    def health(self) -> tuple[Literal["ok", "failing"], dict[str, Json]]:
        """Return whether ticks are made in time, and why not."""
        ...


Seat: TypeAlias = tuple[str, ...]
"""A place for a live connection: the names under which it is counted, beside all others."""

Form: TypeAlias = Literal["frame", "deflated", "event", "packed"]
"""What a live client takes: WebSocket frames, the same compressed, Server-Sent Events, or those compressed."""

Full: TypeAlias = Literal["all", "address"]
"""Why there is no place for a live connection: all are taken, or all that one address may have."""


class Views(Protocol):
    """The live figures, narrowed to what single panels show."""

    def hub(self, name: str) -> "Hub":
        """Return the open live connections of a view."""
        ...

    @property
    def counts(self) -> Mapping[str, int]:
        """How many clients all views have, and what became of others; see `Hub.counts`."""
        ...


class Hub(Protocol):
    """The open live connections of this process. Any thread may ask."""

    @property
    def open(self) -> bool:
        """False while clients are being sent away: new ones should come back later."""
        ...

    @property
    def counts(self) -> Mapping[str, int]:
        """How many clients are there, and what became of others."""
        ...

    def reserve(self, address: str | None, opened_by: str = "") -> Seat:
        """Take a place for a client from an address, who came in by what a panel is opened by, and return it.

        Raises:
            TooManyClients: There is none.
        """
        ...

    def full(self, address: str | None) -> Full | None:
        """Return why a client from an address would get no place now; None if it would."""
        ...

    def release(self, seat: Seat) -> None:
        """Give a place back that no connection was adopted for."""
        ...

    def adopt(
        self,
        connection: socket.socket,
        form: Form,
        seat: Seat,
        *,
        after: int | None,
        stream: str | None,
        ticket: str | None = None,
    ) -> None:
        """Keep a connection, send it what it missed after the sequence `after` of `stream`, then all that comes.

        It lasts as long as the `ticket` by which it came in, which is asked about later; None for one that lasts.
        """
        ...

    def missed(self, after: int | None, stream: str | None) -> list[str]:
        """Return the messages, as JSON texts, that bring a reader who holds `after` to the newest."""
        ...
