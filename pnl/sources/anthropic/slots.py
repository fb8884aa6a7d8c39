"""The round of requests: one a minute, and which one is next.

Five slots: the cost, then four times the usage. Around them: a burst of both at the first start and
after a long pause, one try of the analytics API a day, a second look at 31 days of cost every six
hours and after midnight, and hourly usage of older days, a week at a time: within the burst, or, of
what it did not come to, between the others.
"""

from datetime import datetime, time, timedelta
from typing import Literal, TypeAlias

from pnl.sources.anthropic.notes import Mode, Notes

Job: TypeAlias = Literal["start", "probe", "cost", "sweep", "usage", "older"]

SLOTS = 5
EVERY_SECONDS = 60.0
SLOWEST_SECONDS = EVERY_SECONDS * 2
"""For an hour after we were told that we ask too often."""
OPEN_DAYS = 31
USAGE_DAYS = 7
PAUSE = timedelta(minutes=30)
"""After so long without a request, a burst is fair again."""
SWEEP_EVERY = timedelta(hours=6)
SWEEP_AT = time(0, 20)
PROBE_EVERY = timedelta(days=1)
UNMOVED = timedelta(minutes=15)
_EARLY = timedelta(seconds=5)
"""A tick may come a little before its minute is over."""


def too_soon(notes: Notes, now: datetime) -> bool:
    """Tell whether the minute since the last request is not over, as after a quick restart."""
    return notes.asked is not None and timedelta(0) <= now - at(notes.asked) < timedelta(seconds=EVERY_SECONDS) - _EARLY


def in_burst(notes: Notes, now: datetime) -> bool:
    """Tell whether the burst of a first reading goes on: a failure, after which a minute passes, ends it."""
    return notes.filling and too_soon(notes, now)


def next_job(notes: Notes, mode: Mode, now: datetime) -> Job:
    """Return what to ask for now."""
    if notes.asked is None or now - at(notes.asked) > PAUSE:
        return "start"
    if in_burst(notes, now):
        return "older"
    if notes.slot == 0:
        return _cost(notes, now)
    if mode == "auto" and notes.slot == 1 and (not notes.probed or now - at(notes.probed) >= PROBE_EVERY):
        return "probe"
    if notes.slot in (2, 4) and not notes.waiting and older_left(notes, now):
        return "older"
    return "usage"


def older_left(notes: Notes, now: datetime) -> bool:
    """Tell whether there are days whose cost is read and whose usage was not."""
    return notes.older_from is not None and notes.older_from > first_open(now)


def first_open(now: datetime) -> str:
    """Return the first UTC day that may still change, so that 31 days run up to today."""
    return (now.date() - timedelta(days=OPEN_DAYS - 1)).isoformat()


def sweep_due(notes: Notes, now: datetime) -> bool:
    """Tell whether 31 days of cost are to be read again."""
    if notes.swept is None:
        return True
    swept, after_midnight = at(notes.swept), datetime.combine(now.date(), SWEEP_AT, now.tzinfo)
    return now - swept >= SWEEP_EVERY or swept < after_midnight <= now


def at(text: str) -> datetime:
    """Return an instant of the notes."""
    return datetime.fromisoformat(text)


def _cost(notes: Notes, now: datetime) -> Job:
    if notes.sweeping or sweep_due(notes, now):
        return "sweep"
    if notes.mode == "analytics" and notes.watermark_read and now - at(notes.watermark_read) < UNMOVED:
        return "usage"
    return "cost"
