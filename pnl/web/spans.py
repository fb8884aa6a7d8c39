"""Company days in a query string: one day, or the days of [from, to)."""

from collections.abc import Mapping
from datetime import date, timedelta

from pnl.web.problems import BadParameter

_A_DAY = len("2026-11-20")


def day(name: str, text: str) -> date:
    """Return the company day that a parameter spells.

    Raises:
        BadParameter: It is none, or is outside the years 1970 to 2199.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or text != found.isoformat():
        raise BadParameter(name, f"{name} {text[:60]!r} is not a company day such as 2026-11-20")
    if not 1970 <= found.year < 2200:
        raise BadParameter(name, f"{name} {text[:60]!r} is outside the years 1970 to 2199")
    return found


def is_of_instants(given: Mapping[str, str]) -> bool:
    """Tell whether `from` and `to` are both given, and one of them names more than a day."""
    return "from" in given and "to" in given and any(len(given[name]) > _A_DAY for name in ("from", "to"))


def days(given: Mapping[str, str]) -> tuple[date, date] | None:
    """Return the first day and the first that is out again; None where none is given.

    Raises:
        BadParameter: Only one of the two is given, or they hold no day.
    """
    if "day" in given:
        if "from" in given or "to" in given:
            raise BadParameter("day", "give day, or from and to")
        first = day("day", given["day"])
        return first, first + timedelta(days=1)
    if "from" not in given and "to" not in given:
        return None
    for name in ("from", "to"):
        if name not in given:
            raise BadParameter(name, f"{name} is missing: give both from and to")
    since, until = day("from", given["from"]), day("to", given["to"])
    if until <= since:
        raise BadParameter("to", "to is not after from; the days are [from, to)")
    return since, until
