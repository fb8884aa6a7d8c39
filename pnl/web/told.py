"""What an explanation is told with: the days that it is of, its root, and the checks that cover it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from pnl.domain import checks
from pnl.domain.explain import (
    Node,
    Share,
)
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.snapshot import Json
from pnl.ports import SeenDay

MOST_CHECKS = 60
IDENTITY = (checks.IDENTITY, "net")
"""The check that holds the net of a snapshot against the sum of its lines."""


class StatedDay(Protocol):
    """A company day as it is known."""

    @property
    def day(self) -> date:
        """The day."""
        ...

    @property
    def lines(self) -> Mapping[str, Nano | None]:
        """The amounts of its lines; None where not known."""
        ...

    @property
    def seen(self) -> SeenDay | None:
        """How it was shown; None for a day without a snapshot."""
        ...


Stated = Callable[[date | None, date | None, datetime | None], Sequence[StatedDay]]
"""Gives the company days of [first, last), oldest first, as known now or at an instant; today is one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The root of an explanation, and what it is of; to be opened while the ledger may be read.

    `pairs` are the name and scope of the checks that cover it; `checks` is how they stand, None where
    that is not in the ledger. `share` is the row of a breakdown that it is of alone.
    """

    root: Node
    at: dict[str, Json]
    seen: bool
    known: datetime | None
    pairs: list[tuple[str, str]]
    checks: list[Json] | None
    share: Share | None = None


def of_several(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the checks without that of a snapshot's sum: what is not that snapshot's figure is not held by it."""
    return [pair for pair in pairs if pair != IDENTITY]


def standing(ledger: Ledger, pairs: list[tuple[str, str]], known: datetime | None) -> list[Json] | None:
    """Return how checks stand now, the worst first; None where another process makes them, or it is of the past."""
    if known is not None or not ledger.reconciliation.groups():
        return None
    return ledger.reconciliation.of(pairs)[:MOST_CHECKS]
