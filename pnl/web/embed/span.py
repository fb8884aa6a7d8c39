"""Which company days a panel shows, and which its token lets it show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pnl.access.asked import LISTED, day_of, whole_range
from pnl.web.embed.panels import Panel
from pnl.web.problems import BadParameter

_BACK: Final = {"1h": 0, "6h": 0, "1d": 0, "7d": 6, "30d": 29}
"""How many company days before today a range begins; hours of before midnight are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The company days that a token lets a panel show.

    Attributes:
        first: The earliest.
        last: The latest; None where today is among them.
    """

    first: date
    last: date | None = None


def reach(panel: Panel, locked: Mapping[str, str], today: date) -> Reach:
    """Return what a panel may show: its token's range, or its own longest; and the days to compare that with."""
    last = None
    if "from" in locked:
        first, end = _ends(locked, today)
        last = end if end < today else None
    elif "range" in locked:
        first = _first(nearest(locked["range"], panel.ranges, LISTED["range"], panel.usual), today)
    else:
        first = min(_first(name, today) for name in panel.ranges)
    if locked.get("compare") == "prev":
        return Reach(first=before(first, last or today), last=last)
    return Reach(first=first - timedelta(days=1), last=last)


def over(locked: Mapping[str, str], today: date) -> bool:
    """Tell whether a token's range ended before today, so that it opens nothing that is live."""
    return "from" in locked and _ends(locked, today)[1] < today


def span(
    panel: Panel, asked: Mapping[str, str], locked: Mapping[str, str], today: date, notes: list[str]
) -> tuple[str, str] | None:
    """Return `from` and `to` where they give the range, no further back than the token lets the panel look.

    Args:
        panel: Which.
        asked: The address's parameters, each of which makes sense by itself.
        locked: What the token has settled.
        today: The company day.
        notes: Where it is told what could not be had.

    Raises:
        BadParameter: The range ends before it begins, begins in the future, or is out of the token's reach.
    """
    settles = "from" in locked
    given = {name: text for name in ("from", "to") if (text := (locked if settles else asked).get(name))}
    if not given:
        return None
    if not panel.lasts:
        notes.append("from and to mean nothing here: this panel shows what is now.")
        return None
    if "range" in locked:
        notes.append(f"range is settled by the link: {locked['range']}.")
        return None
    try:
        found = whole_range(given) or ("now", "now")
    except ValueError as error:
        raise BadParameter("to", f"{error}.") from None
    first, last = (day_of(text, today) for text in found)
    if first > today and not settles:
        raise BadParameter("from", f"from {found[0]} lies in the future: today is {today}.")
    if last < first:
        raise BadParameter("to", f"to {found[1]} is before from {found[0]}.")
    if settles:
        if any(asked.get(name) not in (None, "", given.get(name)) for name in ("from", "to", "range")):
            notes.append(f"The range is settled by the link: {found[0]} to {found[1]}.")
        return found
    if asked.get("range"):
        notes.append("range is passed over: from and to say which days.")
    least = reach(panel, locked, today).first + timedelta(days=1)
    if first < least:
        if last < least:
            raise BadParameter("to", f"This link looks no further back than {least}.")
        notes.append(f"from {found[0]} is further back than this link looks: it begins on {least}.")
        return least.isoformat(), found[1]
    return found


def _ends(settled: Mapping[str, str], today: date) -> tuple[date, date]:
    return day_of(settled["from"], today), day_of(settled.get("to", "now"), today)


def bounds(name: str, span: tuple[str, str] | None, today: date) -> tuple[date, date]:
    """Return the first and the last company day that are shown."""
    if span is None:
        return _first(name, today), today
    first, last = (day_of(text, today) for text in span)
    return first, min(last, max(today, first))


def before(first: date, last: date) -> date:
    """Return where the days begin that are as many and just before."""
    return first - ((last - first) + timedelta(days=1))


def _first(name: str, today: date) -> date:
    """Return the company day on which a range begins."""
    if name == "mtd":
        return today.replace(day=1)
    if name == "ytd":
        return today.replace(month=1, day=1)
    return today - timedelta(days=_BACK[name])


def nearest(wanted: str, allowed: tuple[str, ...], known: tuple[str, ...], usual: str) -> str:
    """Return a value that is allowed: the one asked for, else that which is nearest to it among those known."""
    if wanted in allowed:
        return wanted
    if wanted not in known:
        return usual
    place = known.index(wanted)
    return min(allowed, key=lambda one: abs(known.index(one) - place))
