"""Which backups stay: the newest three, the last of each of seven days, and of each week for as long as is said."""

from collections.abc import Iterable
from datetime import datetime, timedelta

NEWEST = 3
DAYS = 7


def stay(made: Iterable[datetime], now: datetime, keep_days: int) -> set[datetime]:
    """Return which of the backups that were made at these instants stay.

    Args:
        made: When they were made.
        now: The time.
        keep_days: The age, in days, up to which the last of each week stays.

    >>> at = lambda day, hour: datetime(2026, 11, day, hour)
    >>> every = [at(day, hour) for day in range(1, 30) for hour in range(24)]
    >>> [f"{one:%d %H}" for one in sorted(stay(every, at(29, 23), 21))]
    ['15 23', '22 23', '23 23', '24 23', '25 23', '26 23', '27 23', '28 23', '29 21', '29 22', '29 23']
    """
    newest_first = sorted(made, reverse=True)
    found = set(newest_first[:NEWEST])
    for age, of in ((timedelta(days=DAYS), "%Y-%m-%d"), (timedelta(days=keep_days), "%G-%V")):
        seen: set[str] = set()
        for one in newest_first:
            stretch = one.strftime(of)
            if stretch not in seen and one > now - age:
                found.add(one)
            seen.add(stretch)
    return found
