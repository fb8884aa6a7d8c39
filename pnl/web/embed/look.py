"""What an embed's address asks for, read kindly: what is out of reach is replaced, and told in the footer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pnl.access.asked import FREE, LEAST_REFRESH, LISTED, MOST_REFRESH, STEPS, wrong
from pnl.web.embed.panels import Panel
from pnl.web.embed.span import before, bounds, nearest, reach, span
from pnl.web.problems import BadParameter

_USUAL: Final = {"theme": "auto", "title": "1", "bg": "surface", "h": "auto", "g": "auto", "compare": ""}
_DAY_RANGES: Final = ("1h", "6h", "1d")
_SECONDS: Final = {"15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400, "1w": 604_800}
_MOST_POINTS: Final = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a panel looks.

    Attributes:
        chosen: A value of each of `LISTED`; `compare` is empty where the panel does as it usually does.
        notes: What was asked for and could not be had, each in a sentence.
        span: `from` and `to` where they give the range: company days, or `now` and `now-30d`.
        refresh: The seconds between two readings; 0 for one reading, None for live figures.
        zone: In which clocks are shown; None for the company's.
        over: Whether the range ended before today, so that nothing in it is live.
    """

    chosen: Mapping[str, str]
    notes: tuple[str, ...]
    span: tuple[str, str] | None = None
    refresh: int | None = None
    zone: str | None = None
    over: bool = False


def look(panel: Panel, asked: Mapping[str, str], locked: Mapping[str, str], today: date) -> Look:
    """Return how a panel is to look.

    Args:
        panel: Which.
        asked: The address's parameters; those that are not known are passed over.
        locked: What the token has settled, whatever the address says.
        today: The company day.

    Raises:
        BadParameter: What is no day, no number of seconds or no time zone, or a range that ends before it begins.
    """
    chosen: dict[str, str] = {}
    notes: list[str] = []
    for name, values in LISTED.items():
        if name == "range" and "from" in locked:
            chosen[name] = panel.usual
            continue
        allowed = panel.ranges if name == "range" else values
        usual = panel.usual if name == "range" else _USUAL[name]
        wanted = locked.get(name) or asked.get(name) or usual
        chosen[name] = wanted if wanted == usual else nearest(wanted, allowed, values, usual)
        if chosen[name] != wanted:
            instead = f": {chosen[name]} is shown" if chosen[name] else ""
            notes.append(f"{name} {wanted[:20]!r} is not to be had here{instead}.")
        elif name in locked and asked.get(name) not in (None, "", chosen[name]):
            notes.append(f"{name} is settled by the link: {chosen[name]}.")
    free = _free(asked, locked)
    found = span(panel, asked, locked, today, notes)
    if found:
        chosen["range"] = "span"
    first, last = bounds(chosen["range"], found, today)
    chosen["g"] = _step(panel, chosen["g"], (last - first).days + 1, chosen["range"], notes)
    if not panel.compares and chosen["compare"]:
        notes.append("compare means nothing here.")
        chosen["compare"] = ""
    if chosen["compare"] == "prev" and before(first, last) < reach(panel, locked, today).first:
        notes.append("The days before are further back than this link looks: nothing is compared.")
        chosen["compare"] = "none"
    refresh = _refresh(free, notes)
    zone = free.get("tz")
    return Look(chosen=chosen, notes=tuple(notes), span=found, refresh=refresh, zone=zone, over=last < today)


def _free(asked: Mapping[str, str], locked: Mapping[str, str]) -> dict[str, str]:
    """Return what has no list of values, once it is seen to make sense."""
    found = {name: locked.get(name) or asked.get(name, "") for name in FREE}
    for name, value in found.items():
        why = wrong(name, value) if value else None
        if why:
            raise BadParameter(name, f"{why}.")
    return {name: value for name, value in found.items() if value}


def _step(panel: Panel, wanted: str, days: int, name: str, notes: list[str]) -> str:
    if wanted == "auto":
        return wanted
    if not panel.charts or name in _DAY_RANGES:
        notes.append("g means nothing here: it is for charts of several days.")
        return "auto"
    for step in STEPS[STEPS.index(wanted) :]:
        if days * 86_400 <= _MOST_POINTS * _SECONDS[step]:
            if step != wanted:
                notes.append(f"g {wanted} is too fine for {days} days: {step} is drawn.")
            return step
    return STEPS[-1]


def _refresh(free: Mapping[str, str], notes: list[str]) -> int | None:
    if "refresh" not in free:
        return None
    wanted = int(free["refresh"])
    found = wanted and min(max(wanted, LEAST_REFRESH), MOST_REFRESH)
    if found != wanted:
        notes.append(f"refresh {wanted} is not to be had here: it is read every {found} seconds.")
    return found
