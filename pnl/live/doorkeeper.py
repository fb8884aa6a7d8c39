"""Looks after those who are in: who signed out, or whose key is over, is told no more figures."""

from collections.abc import Callable
from typing import Final, Protocol

import structlog

from pnl.errors import StoreError
from pnl.rounds import Rounds

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 5.0


class Room(Protocol):
    """Where the clients are."""

    def tickets(self) -> tuple[str, ...]:
        """Return the tickets by which they came in."""
        ...

    def expel(self, ticket: str) -> None:
        """Send away who came in by a ticket."""
        ...


class Rooms:
    """Several rooms as one."""

    def __init__(self, *rooms: Room) -> None:
        self._rooms = rooms

    def tickets(self) -> tuple[str, ...]:
        """Return the tickets by which clients came in, wherever they are."""
        return tuple(dict.fromkeys(ticket for room in self._rooms for ticket in room.tickets()))

    def expel(self, ticket: str) -> None:
        """Send away who came in by a ticket, wherever that is."""
        for room in self._rooms:
            room.expel(ticket)


class Doorkeeper:
    """Asks again and again whether the tickets hold by which clients came in, in a thread of its own.

    Args:
        room: Where the clients are.
        holds: Says whether a ticket still opens the door; raises StoreError when that cannot be told.
        every_seconds: How often.
    """

    def __init__(self, room: Room, holds: Callable[[str], bool], every_seconds: float = EVERY_SECONDS) -> None:
        self._room = room
        self._holds = holds
        self._rounds = Rounds("doorkeeper", every_seconds, self.look)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """End; returns when it has."""
        self._rounds.stop()

    def look(self) -> None:
        """Ask once."""
        try:
            for ticket in self._room.tickets():
                if not self._holds(ticket):
                    self._room.expel(ticket)
        except StoreError as error:  # whoever is in stays until it can be told
            log.warning("it cannot be told who may stay", error=str(error))
