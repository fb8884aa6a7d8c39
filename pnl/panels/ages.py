"""Times and ages in words, as the browser's side tells them (`assets/live/zone.js`)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pnl.domain.snapshot import Json

OLD_SECONDS: Final = 60
"""A snapshot that is older than this when a page is sent says so beside its time."""


def as_of(snapshot: Mapping[str, Json], now: datetime, zone: ZoneInfo) -> str:
    """Return when a snapshot was, on the company's clock, and how old it is if that is more than a minute."""
    at = datetime.fromisoformat(str(snapshot["as_of"]))
    said = f"as of {at.astimezone(zone):%H:%M:%S}"
    seconds = (now - at).total_seconds()
    return f"{said}, {age(seconds)} old" if seconds >= OLD_SECONDS else said


def age(seconds: float) -> str:
    """Return `42 s`, `4 m`, `2 h`, `3 d`: how long, in one unit, cut."""
    for most, size, unit in ((60, 1, "s"), (3600, 60, "m"), (172_800, 3600, "h")):
        if seconds < most:
            return f"{max(0, int(seconds // size))} {unit}"
    return f"{int(seconds // 86_400)} d"


def day_name(day: str) -> str:
    """Return `Fri 20 Nov` of a day as `YYYY-MM-DD`."""
    found = date.fromisoformat(day)
    return f"{found:%a} {found.day} {found:%b}"
