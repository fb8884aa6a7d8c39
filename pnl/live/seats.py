"""How many may be connected: in all, and from one address."""

import threading
from collections import Counter

from pnl.access.address import household, is_loopback
from pnl.errors import TooManyClients
from pnl.ports import Full


class Seats:
    """Counts live connections. A seat is reserved before the connection is made, so that none slips in between.

    Args:
        total: The most in all.
        per_address: The most from one address; this machine's own has no such limit.
    """

    def __init__(self, total: int, per_address: int) -> None:
        self._total = total
        self._per_address = per_address
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._count = 0

    @property
    def taken(self) -> int:
        """How many seats are taken."""
        return self._count

    def reserve(self, address: str | None) -> str:
        """Take a seat, and return the name under which it is given back.

        Raises:
            TooManyClients: There is none.
        """
        name = _counted_as(address)
        with self._lock:
            full = self._full(name)
            if full == "all":
                raise TooManyClients(f"All {self._total} places for live connections are taken.")
            if full == "address":
                raise TooManyClients(f"{address} has {self._per_address} live connections already, the most allowed.")
            self._count += 1
            if name:
                self._taken[name] += 1
        return name

    def full(self, address: str | None) -> Full | None:
        """Return why an address would get no seat now; None if it would."""
        name = _counted_as(address)
        with self._lock:
            return self._full(name)

    def release(self, name: str) -> None:
        """Give a seat back."""
        with self._lock:
            self._count -= 1
            if name:
                self._taken[name] -= 1
                if not self._taken[name]:
                    del self._taken[name]

    def _full(self, name: str) -> Full | None:
        if self._count >= self._total:
            return "all"
        return "address" if name and self._taken.get(name, 0) >= self._per_address else None


def _counted_as(address: str | None) -> str:
    """Return what an address counts as; empty for this machine's own."""
    return "" if is_loopback(address or "") else household(address or "")
