"""`pnl doctor`: a few spaced calls that tell an operator whether the keys work, and what was found."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from pnl.errors import PnlError
from pnl.ports import Finding


class Patient(Protocol):
    """A source that can be examined."""

    @property
    def name(self) -> str:
        """The source's name."""
        ...

    async def check(self) -> Sequence[Finding]:
        """Return what was found, one thing after the other."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def examine(patients: Sequence[Patient], tell: Callable[[str], None]) -> bool:
    """Examine every source in turn, and tell each finding as a line; return whether all is well."""
    return asyncio.run(_examine(patients, tell))


async def _examine(patients: Sequence[Patient], tell: Callable[[str], None]) -> bool:
    well = True
    for patient in patients:
        tell(f"{patient.name}:")
        try:
            for finding in await patient.check():
                well = well and finding.ok
                tell(f"  {'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.text}")
        except PnlError as error:
            well = False
            tell(f"  FAIL  {error}")
        finally:
            await patient.close()
    return well
