"""What a caller asks for in the query string, read strictly: a misspelt name must not mean "everything"."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request

from pnl.domain.company_day import Calendar
from pnl.web.problems import BadParameter

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+ -]\d{2}:\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REST_OF_MILLISECOND = timedelta(microseconds=999)
_CLEAN = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
_TOLD = re.compile(r"[^\x00\ud800-\udfff]*")


class Days:
    """Reads instants, and company days as the instant at which they begin."""

    def __init__(self, time_zone: str) -> None:
        self._calendar = Calendar(ZoneInfo(time_zone))

    def start(self, day: date) -> datetime:
        """Return the first instant of a company day."""
        return self._calendar.bounds(day)[0]

    def day(self, now: datetime) -> date:
        """Return the company day that `now` is in."""
        return now.astimezone(self._calendar.zone).date()

    def today(self, now: datetime) -> datetime:
        """Return the first instant of the company day that `now` is in."""
        return self.start(self.day(now))

    def instant(self, name: str, text: str) -> datetime:
        """Return the instant that a parameter spells: RFC 3339, or a company day.

        Raises:
            BadParameter: It is neither, or is outside the years 1970 to 2199.
        """
        wrong = BadParameter(
            name, f"{name} {text[:60]!r} is neither RFC 3339 (2026-11-20T19:32:10Z) nor a YYYY-MM-DD day"
        )
        outside = BadParameter(name, f"{name} {text[:60]!r} is outside the years 1970 to 2199")
        try:
            at = self.start(date.fromisoformat(text)) if _DAY.fullmatch(text) else _rfc3339(text)
        except OverflowError:  # the first and the last days that there are
            raise outside from None
        except ValueError:
            raise wrong from None
        if at is None:
            raise wrong
        if not 1970 <= at.year < 2200:
            raise outside
        return at

    def known(self, given: Mapping[str, str]) -> datetime | None:
        """Return the instant of `as_of`, with all of its millisecond: instants are told to the millisecond, cut.

        Raises:
            BadParameter: It is no time.
        """
        if "as_of" not in given:
            return None
        at = self.instant("as_of", given["as_of"])
        return at if at.microsecond % 1000 or _DAY.fullmatch(given["as_of"]) else at + _REST_OF_MILLISECOND

    def first(self, at: datetime | None) -> date | None:
        """Return the first company day that begins at or after an instant; None for None."""
        if at is None:
            return None
        day = at.astimezone(self._calendar.zone).date()
        return day if self.start(day) >= at else day + timedelta(days=1)

    def span(self, given: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
        """Return `from` and `to` where they were given.

        Raises:
            BadParameter: One of them is no time, or `to` is before `from`.
        """
        since = self.instant("from", given["from"]) if "from" in given else None
        until = self.instant("to", given["to"]) if "to" in given else None
        if since and until and until < since:
            raise BadParameter("to", "to is before from; the range is [from, to)")
        return since, until


def given(names: Iterable[str], told: Iterable[str] = ()) -> dict[str, str]:
    """Return the query parameters of this request; an empty one counts as not given.

    Args:
        names: Those that the route takes.
        told: Those among them that name what a record says, where lines may break.

    Raises:
        BadParameter: One of them is not among `names`, comes twice, or holds control characters.
    """
    known = tuple(names)
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        if name not in known:
            takes = f"this route takes {', '.join(known)}" if known else "this route takes none"
            raise BadParameter(name[:60], f"there is no parameter {name[:60]!r}: {takes}")
        if len(values) > 1:
            raise BadParameter(name, f"{name} is given {len(values)} times")
        if not (_TOLD if name in told else _CLEAN).fullmatch(values[0]) or len(values[0]) > 2000:
            raise BadParameter(name, f"{name} holds characters that it cannot hold, or too many")
        if values[0]:
            found[name] = values[0]
    return found


def whole(found: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return a whole number.

    Raises:
        BadParameter: It is none, or is not from `least` to `most`.
    """
    text = found.get(name)
    if text is None:
        return default
    number = int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else None
    if number is None or not least <= number <= most:
        raise BadParameter(name, f"{name} {text[:60]!r} is not a whole number from {least} to {most}")
    return number


def choices(found: Mapping[str, str], name: str, known: Iterable[str], default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a comma-separated list, each once, in the order given.

    Raises:
        BadParameter: One of them is not `known`.
    """
    if name not in found:
        return default
    names = tuple(dict.fromkeys(part.strip() for part in found[name].split(",")))
    for part in names:
        choice(part, name, known)
    return names


def choice(text: str, name: str, known: Iterable[str]) -> str:
    """Return `text`, if it is among `known`.

    Raises:
        BadParameter: It is not.
    """
    names = tuple(known)
    if text not in names:
        raise BadParameter(name, f"{name} {text[:60]!r} is not one of {', '.join(names)}")
    return text


def _rfc3339(text: str) -> datetime | None:
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    # A plus sign that a caller did not escape arrives as a space.
    offset = "+00:00" if zone in "Zz" else zone.replace(" ", "+")
    micro = (fraction or "0")[:6].ljust(6, "0")
    return datetime.fromisoformat(f"{day}T{clock}.{micro}{offset}").astimezone(UTC)
