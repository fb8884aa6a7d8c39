"""A series as JSON text, written straight from numbers: ten thousand rows take a few hundredths of a second."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from pnl.ports import QUALITY, Series

SECOND_US, _MINUTE_US, DAY_US = 1_000_000, 60_000_000, 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))


class Expected:
    """Tells how many snapshots a stretch of time would hold if none were missing.

    Args:
        paces: Since when (microseconds) ticks are made how many seconds apart, oldest first; not empty.
        first: When the first snapshot of all was; the first stretch begins there.
        now: Where the newest stretch ends so far.
        width: How long a stretch is, in microseconds.
    """

    def __init__(self, paces: Sequence[tuple[int, int]], first: int, now: int, width: int) -> None:
        self._starts = [at for at, _ in paces]
        self._every = [seconds * SECOND_US for _, seconds in paces]
        self._first, self._now, self._width = first, now, width

    def of(self, starts: Sequence[int], counts: Sequence[int]) -> list[int]:
        """Return how many, for each stretch; never fewer than there are."""
        # All but the first stretch, the open one and those of another pace hold as many as each other.
        since = max(self._starts[-1] if len(self._starts) > 1 else self._first, self._first)
        until = self._now - self._width
        usual = int(self._width / self._every[-1] + 0.5)
        return [
            max(count, usual if since <= start <= until else self._one(start))
            for start, count in zip(starts, counts, strict=True)
        ]

    def _one(self, start: int) -> int:
        end = start + self._width
        open_ = end > self._now
        start, end = max(start, self._first), min(end, self._now)
        exact = 0.0
        place = max(bisect_right(self._starts, start) - 1, 0)
        while start < end:
            following = self._starts[place + 1] if place + 1 < len(self._starts) else end
            exact += (min(end, following) - start) / self._every[place]
            start, place = min(end, following), place + 1
        return int(exact) if open_ else int(exact + 0.5)


class _Texts(dict[int | None, str]):
    """Amounts as `pnl.domain.snapshot.money` tells them, in quotes; each is written once."""

    def __missing__(self, amount: int | None) -> str:
        if amount is None:
            found = "null"
        elif not amount:
            found = '"0"'
        else:
            sign, digits = ("", f"{amount:010d}") if amount > 0 else ("-", f"{-amount:010d}")
            found = f'"{sign}{digits[:-9]}.{digits[-9:-7]}{digits[-7:].rstrip("0")}"'
        self[amount] = found
        return found


def rows(series: Series, expected: Expected | None) -> list[str]:
    """Return each row of a series as JSON text; `expected` is None where each is a single snapshot."""
    if not series.rows:
        return []
    starts, counts, quality, *values = zip(*series.rows, strict=True)
    texts = _Texts()
    if expected:
        begins = [f"{_day(start // DAY_US)}{_MINUTES[start // _MINUTE_US % 1440]}00.000Z" for start in starts]
        due: Sequence[int] = expected.of(starts, counts)
    else:
        begins, due = [_at(start) for start in starts], counts
    parts = [
        [
            f'{{"at":"{at}","count":{count},"expected":{many},"quality":{_words(bits)}'
            for at, count, many, bits in zip(begins, counts, due, quality, strict=True)
        ]
    ]
    for place, name in enumerate(series.figures):
        ends = zip(*values[4 * place : 4 * place + 4], strict=True)
        parts.append(
            [
                f',"{name}":{{"open":{texts[o]},"high":{texts[h]},"low":{texts[low]},"close":{texts[c]}}}'
                for o, h, low, c in ends
            ]
        )
    return ["".join(row) + "}" for row in zip(*parts, strict=True)]


def _at(us: int) -> str:
    """Return an instant as `pnl.domain.snapshot.instant` does."""
    day, rest = divmod(us, DAY_US)
    minute, rest = divmod(rest, _MINUTE_US)
    return f"{_day(day)}{_MINUTES[minute]}{rest // SECOND_US:02d}.{rest // 1000 % 1000:03d}Z"


@cache
def _day(number: int) -> str:
    return f"{_EPOCH + timedelta(days=number):%Y-%m-%d}"


@cache
def _words(bits: int) -> str:
    return "[" + ",".join(f'"{word}"' for place, word in enumerate(QUALITY) if bits >> place & 1) + "]"


def microseconds(at: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)
