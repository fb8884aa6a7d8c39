"""How many may be connected: in all, from one address, and by one link to a panel."""

import threading
from collections import Counter

from pnl.access.address import household, is_loopback
from pnl.errors import TooManyClients
from pnl.ports import Full, Seat


class Seats:
    """Counts live connections. A seat is reserved before the connection is made, so that none slips in between.

    Args:
        total: The most in all.
        per_address: The most from one address; this machine's own has no such limit.
        per_link: The most by one link to a panel, or one token of a backend's, however many panels it opens.
    """

    def __init__(self, total: int, per_address: int, per_link: int = 1_000) -> None:
        self._total = total
        self._per_address = per_address
        self._per_link = per_link
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._count = 0

    @property
    def taken(self) -> int:
        """How many seats are taken."""
        return self._count

    def reserve(self, address: str | None, opened_by: str = "") -> Seat:
        """Take a seat, and return the names under which it is given back.

        Args:
            address: Whence the client comes.
            opened_by: The link or the token that opens the panel; empty for our own pages.

        Raises:
            TooManyClients: There is none.
        """
        house = _counted_as(address)
        link = f"embed {opened_by}" if opened_by else ""
        seat = tuple(name for name in (house, link) if name)
        with self._lock:
            full = self._full(house)
            if full == "all":
                raise TooManyClients(f"All {self._total} places for live connections are taken.")
            if full == "address":
                named = f"{house}/64" if house.endswith("::") else house
                raise TooManyClients(f"{named} has {self._per_address} live connections already, the most allowed.")
            if link and self._taken[link] >= self._per_link:
                raise TooManyClients(f"This link has {self._per_link} live connections already, the most allowed.")
            self._count += 1
            self._taken.update(seat)
        return seat

    def full(self, address: str | None) -> Full | None:
        """Return why an address would get no seat now; None if it would."""
        house = _counted_as(address)
        with self._lock:
            return self._full(house)

    def release(self, seat: Seat) -> None:
        """Give a seat back."""
        with self._lock:
            self._count -= 1
            for name in seat:
                self._taken[name] -= 1
                if not self._taken[name]:
                    del self._taken[name]

    def _full(self, house: str) -> Full | None:
        if self._count >= self._total:
            return "all"
        return "address" if house and self._taken[house] >= self._per_address else None


def _counted_as(address: str | None) -> str:
    """Return what an address counts as; empty for this machine's own."""
    return "" if is_loopback(address or "") else household(address or "")
