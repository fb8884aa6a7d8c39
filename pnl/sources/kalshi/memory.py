"""What a reading hands to the next one, also over a restart: the cursor."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pnl.domain.money import Nano
from pnl.sources.kalshi.pages import Job

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where the last reading stood.

    Attributes:
        read_at: When it was; None when there was none.
        fills_at: The newest `created_time` seen.
        settlements_at: The newest `settled_time` seen.
        transfers_at: When deposits and withdrawals were last read.
        jobs: History still to be read in, in this order.
        held: Tickers with an open position.
        awaited: Tickers that were held and are no longer listed, whose settlement we have not seen.
        untitled: Tickers whose market is still to be looked up.
        subaccounts: Numbers above zero seen so far.
        cash: The last balance recorded.
    """

    read_at: datetime | None = None
    fills_at: datetime | None = None
    settlements_at: datetime | None = None
    transfers_at: datetime | None = None
    jobs: tuple[Job, ...] = ()
    held: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    untitled: tuple[str, ...] = ()
    subaccounts: tuple[int, ...] = ()
    cash: Nano | None = None


def dump(memory: Memory) -> str:
    """Return the cursor that `load` makes `memory` of again."""
    return json.dumps(
        {
            "version": _VERSION,
            "read_at": _text(memory.read_at),
            "fills_at": _text(memory.fills_at),
            "settlements_at": _text(memory.settlements_at),
            "transfers_at": _text(memory.transfers_at),
            "jobs": [[job.name, job.since, job.page, job.pages] for job in memory.jobs],
            "held": memory.held,
            "awaited": memory.awaited,
            "untitled": memory.untitled,
            "subaccounts": memory.subaccounts,
            "cash": memory.cash,
        },
        separators=(",", ":"),
    )


def load(cursor: str | None) -> Memory:
    """Return what `cursor` remembers; of none, or of one that cannot be read, that nothing was read yet.

    Reading everything again is harmless: the store knows what it has.
    """
    try:
        kept: dict[str, Any] = json.loads(cursor or "{}")
        if kept.get("version") != _VERSION:
            return Memory()
        return Memory(
            read_at=_instant(kept["read_at"]),
            fills_at=_instant(kept["fills_at"]),
            settlements_at=_instant(kept["settlements_at"]),
            transfers_at=_instant(kept["transfers_at"]),
            jobs=tuple(
                Job(name=name, since=since, page=page, pages=pages) for name, since, page, pages in kept["jobs"]
            ),
            held=tuple(kept["held"]),
            awaited=tuple(kept["awaited"]),
            untitled=tuple(kept["untitled"]),
            subaccounts=tuple(kept["subaccounts"]),
            cash=kept["cash"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return Memory()


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
