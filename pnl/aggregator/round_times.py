"""When ticks begin: on round times, which are multiples of the interval since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime.fromtimestamp(0, UTC)


def round_time_after(instant: datetime, interval_seconds: int) -> datetime:
    """Return the first round time after an instant.

    >>> round_time_after(datetime(2026, 11, 20, 15, 0, 10, tzinfo=UTC), 10).time()
    datetime.time(15, 0, 20)
    """
    interval = timedelta(seconds=interval_seconds)
    return _EPOCH + ((instant - _EPOCH) // interval + 1) * interval
