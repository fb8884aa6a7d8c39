"""What an embed's address asks for, read kindly: what makes no sense is replaced, and told in the footer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pnl.access.grants import LOCKABLE
from pnl.web.embed.panels import Panel
from pnl.web.query import Days

_USUAL: Final = {"theme": "auto", "title": "1", "bg": "surface", "h": "auto"}
_BACK: Final = {"1h": 0, "6h": 0, "1d": 0, "7d": 6, "30d": 29}
"""How many company days before today a range begins; hours of before midnight are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a panel looks.

    Attributes:
        chosen: A value of each of `LOCKABLE`.
        notes: What was asked for and could not be had, each in a sentence.
    """

    chosen: Mapping[str, str]
    notes: tuple[str, ...]


def look(panel: Panel, asked: Mapping[str, str], locked: Mapping[str, str]) -> Look:
    """Return how a panel is to look.

    Args:
        panel: Which.
        asked: The address's parameters; those that are not known are passed over.
        locked: What the token has settled, whatever the address says.
    """
    chosen: dict[str, str] = {}
    notes: list[str] = []
    for name, values in LOCKABLE.items():
        allowed = panel.ranges if name == "range" else values
        usual = panel.usual if name == "range" else _USUAL[name]
        wanted = locked.get(name) or asked.get(name) or usual
        chosen[name] = _nearest(wanted, allowed, values, usual)
        if chosen[name] != wanted:
            notes.append(f"{name} {wanted[:20]!r} is not to be had here: {chosen[name]} is shown.")
        elif name in locked and asked.get(name) not in (None, "", chosen[name]):
            notes.append(f"{name} is settled by the link: {chosen[name]}.")
    return Look(chosen=chosen, notes=tuple(notes))


def begins(panel: Panel, locked: Mapping[str, str], days: Days, now: datetime) -> datetime:
    """Return how far back a panel may look: where its longest range begins, and the day before, to compare with."""
    ranges = (
        (_nearest(locked["range"], panel.ranges, LOCKABLE["range"], panel.usual),)
        if "range" in locked
        else panel.ranges
    )
    today = days.day(now)
    return days.start(min(_first(name, today) for name in ranges) - timedelta(days=1))


def _first(name: str, today: date) -> date:
    """Return the company day on which a range begins."""
    if name == "mtd":
        return today.replace(day=1)
    if name == "ytd":
        return today.replace(month=1, day=1)
    return today - timedelta(days=_BACK[name])


def _nearest(wanted: str, allowed: tuple[str, ...], known: tuple[str, ...], usual: str) -> str:
    """Return a value that is allowed: the one asked for, else that which is nearest to it among those known."""
    if wanted in allowed:
        return wanted
    if wanted not in known:
        return usual
    place = known.index(wanted)
    return min(allowed, key=lambda one: abs(known.index(one) - place))
