"""The first layer: what this process answered last, bounded by number and by bytes."""

from collections import OrderedDict
from typing import Final

ITEMS: Final = 500
BYTES: Final = 64 * 1024 * 1024


class Memory:
    """Values by key, of which the one that was used longest ago goes first. For one thread at a time.

    Args:
        items: The most that are kept.
        size: The most bytes that they have together; one of more than an eighth of that is not kept.
    """

    def __init__(self, items: int = ITEMS, size: int = BYTES) -> None:
        self._items, self._size = items, size
        self._kept: OrderedDict[tuple[str, ...], tuple[float, bytes]] = OrderedDict()
        self._held = 0

    def __len__(self) -> int:
        """Return how many values are kept."""
        return len(self._kept)

    @property
    def size(self) -> int:
        """The bytes that the values have together."""
        return self._held

    def get(self, key: tuple[str, ...], now: float) -> bytes | None:
        """Return a value that is kept and not too old at `now`, by a monotonic clock."""
        found = self._kept.get(key)
        if found is None:
            return None
        until, value = found
        if now >= until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return value

    def put(self, key: tuple[str, ...], value: bytes, until: float) -> None:
        """Keep a value until an instant of that clock, or until there is no room for it."""
        self._drop(key)
        if len(value) > self._size // 8:
            return
        self._kept[key] = (until, value)
        self._held += len(value)
        while len(self._kept) > self._items or self._held > self._size:
            _, (_, gone) = self._kept.popitem(last=False)
            self._held -= len(gone)

    def _drop(self, key: tuple[str, ...]) -> None:
        _, gone = self._kept.pop(key, (0.0, b""))
        self._held -= len(gone)
