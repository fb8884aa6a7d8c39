"""`pnl verify`: walks the archive and says whether anything is missing, altered or unexplained."""

from collections.abc import Callable, Iterator

from pnl.errors import StoreDamaged
from pnl.store.database import Database
from pnl.store.verification import Fault, Looked, built, examine, opened


def verify(url: str, tell: Callable[[str], None], *, noted: tuple[int, str] | None = None) -> bool:
    """Examine the archive at `url`, and tell each finding as a line; return whether all is well.

    Args:
        url: As `PNL_DATABASE_URL`.
        tell: Takes a line.
        noted: A snapshot's sequence and its hash, as an earlier run told it: it must still be so.

    Raises:
        ConfigError: The URL cannot be used.
        StoreError: It cannot be opened or read.
    """
    faults = 0
    with opened(url) as database:
        for found in _all(database, noted):
            if isinstance(found, Fault):
                faults += 1
                tell(f"FAIL  {found.text}")
            else:
                tell(f"ok    {found.text}" if not faults else f"      {found.text}")
    tell("Nothing is missing, altered or unexplained." if not faults else f"{faults} faults.")
    return not faults


def _all(database: Database, noted: tuple[int, str] | None) -> Iterator[Fault | Looked]:
    """Give what is found, the file first: where it is torn, the walk over what is in it may come to no end."""
    yield from built(database)
    try:
        yield from examine(database, noted)
    except StoreDamaged as error:
        yield Fault(f"what is in it cannot be read to the end: {error}")
