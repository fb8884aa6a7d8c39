"""Files of ours as one, made anew as soon as one of them changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True, slots=True)
class File:
    """What they come to, and what changes with it."""

    body: bytes
    fingerprint: str


class Joined:
    """Joins files in their order.

    Args:
        dress: Gives what is taken of one.
    """

    def __init__(self, dress: Callable[[Path], bytes]) -> None:
        self._dress = dress
        self._made: tuple[tuple[tuple[Path, int], ...], File] | None = None

    def newest(self, parts: Iterable[Path]) -> File:
        """Return the files as they are now."""
        state = tuple((part, part.stat().st_mtime_ns) for part in parts)
        if self._made is None or self._made[0] != state:
            body = b"".join(self._dress(part) for part, _ in state)
            self._made = state, File(body, sha256(body).hexdigest()[:16])
        return self._made[1]
