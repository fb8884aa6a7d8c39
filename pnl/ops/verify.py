"""`pnl verify`: walks the archive and says whether anything is missing, altered or unexplained."""

import re
from collections.abc import Callable, Iterator

from pnl.errors import StoreDamaged
from pnl.store.database import Database
from pnl.store.verification import Fault, Looked, built, examine, opened


def verify(
    url: str, tell: Callable[[str], None], *, noted: tuple[int, str] | None = None, most: int | None = None
) -> bool:
    """Examine the archive at `url`, and tell each finding as a line; return whether all is well.

    Args:
        url: As `PNL_DATABASE_URL`.
        tell: Takes a line.
        noted: A snapshot's sequence and its hash, as an earlier run told it: it must still be so.
        most: How many faults of one kind are told by a line each, the others of it by their number;
            None for all.

    Raises:
        ConfigError: The URL cannot be used.
        StoreError: It cannot be opened or read.
    """
    faults = 0
    seen: dict[str, _Kind] = {}
    with opened(url) as database:
        for found in _all(database, noted):
            if not isinstance(found, Fault):
                tell(f"ok    {found.text}" if not faults else f"      {found.text}")
                continue
            faults += 1
            of = seen.setdefault(kind(found.text), _Kind(found.text))
            of.count += 1
            if most is None or of.count <= most:
                tell(f"FAIL  {found.text}")
    for of in seen.values():
        if most is not None and of.count > most:
            tell(f"FAIL  {of.count - most} more of this kind: --all shows them. Its first: {of.first}")
    tell("Nothing is missing, altered or unexplained." if not faults else f"{faults} faults.")
    return not faults


class _Kind:
    """Faults that differ by their place alone: the first of them, and how many there are."""

    def __init__(self, first: str) -> None:
        self.first = first
        self.count = 0


def kind(fault: str) -> str:
    """Return what a fault is, without its place: its sentence without numbers, times, hashes, markets and ids."""
    unnamed = re.sub(r" \S.* version \d+", " version", fault)
    return " ".join(word for word in unnamed.split() if re.fullmatch(r"[a-z'’-]+[,:.]?", word))


def _all(database: Database, noted: tuple[int, str] | None) -> Iterator[Fault | Looked]:
    """Give what is found, the file first: where it is torn, the walk over what is in it may come to no end."""
    yield from built(database)
    try:
        yield from examine(database, noted)
    except StoreDamaged as error:
        yield Fault(f"what is in it cannot be read to the end: {error}")
