"""What a panel may be asked to show, or told to by its token: which values make sense, and why others do not."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

RANGES: Final = ("1h", "6h", "1d", "7d", "30d", "mtd", "ytd")
THEMES: Final = ("auto", "light", "dark")
STEPS: Final = ("15m", "1h", "4h", "1d", "1w")
"""How finely a chart of several days can be drawn, the finest first."""
LISTED: Final[Mapping[str, tuple[str, ...]]] = {
    "range": RANGES,
    "theme": THEMES,
    "title": ("0", "1"),
    "bg": ("surface", "transparent"),
    "h": ("auto", "fill"),
    "g": ("auto", *STEPS),
    "compare": ("none", "prev"),
}
"""What has a list of values, and those values."""
FREE: Final = ("from", "to", "refresh", "tz")
"""What has none: company days, seconds, a time zone."""
LOCKABLE: Final = (*LISTED, *FREE)
"""What a token may settle, so that the address cannot."""
LEAST_REFRESH, MOST_REFRESH = 10, 3600
_BACK: Final = re.compile(r"now-(\d{1,4})d", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
_ZONE: Final = re.compile(r"[A-Za-z0-9_+\-/]{1,64}", re.ASCII)


def wrong(name: str, value: str) -> str | None:
    """Return why a value makes no sense, with its cure; None where it does.

    Args:
        name: One of `LOCKABLE`.
        value: As it was given.
    """
    shown = f"{name} {value[:40]!r}"
    if name in LISTED:
        return None if value in LISTED[name] else f"{shown} is not one of {', '.join(LISTED[name])}"
    if name in ("from", "to"):
        found = _written(value) is not None or value == "now" or _BACK.fullmatch(value) is not None
        return None if found else f"{shown} is no company day: write a day such as 2026-11-20, now, or now-30d"
    if name == "refresh":
        return None if _WHOLE.fullmatch(value) else f"{shown} is no number of seconds: write 0, or 10 to 3600"
    return None if _is_zone(value) else f"{shown} is no time zone: write an IANA name such as Europe/Berlin"


def whole_range(settled: Mapping[str, str]) -> tuple[str, str] | None:
    """Return `from` and `to` where a range is given by them; `to` is today where it is not said.

    Raises:
        ValueError: `to` alone is given, or `range` beside them, or `to` is before `from`.
    """
    if "from" not in settled:
        if "to" in settled:
            raise ValueError("to is given without from: say where the range begins, too")
        return None
    if "range" in settled:
        raise ValueError("from is given beside range: give one of them")
    since, until = settled["from"], settled.get("to", "now")
    first, last = _written(since), _written(until)
    if first and last and last < first:
        raise ValueError(f"to {until} is before from {since}")
    if not first and not last and _back(until) > _back(since):
        raise ValueError(f"to {until} is before from {since}")
    return since, until


def day_of(text: str, today: date) -> date:
    """Return the company day that a sensible `from` or `to` means."""
    return _written(text) or today - timedelta(days=_back(text))


def last_day(settled: Mapping[str, str]) -> date | None:
    """Return the company day with which a settled range ends; None where it moves with today, or is none."""
    return _written(settled.get("to", ""))


def _written(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and 1970 <= found.year < 2200 else None


def _back(text: str) -> int:
    found = _BACK.fullmatch(text)
    return int(found[1]) if found else 0


def _is_zone(text: str) -> bool:
    if not _ZONE.fullmatch(text):
        return False
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
