"""A range of the past put together from tiles, which many ranges share: what is over is kept as it is.

A tile is the text of 512 stretches of time, or of the snapshots of 720 ticks. One that ended before the
newest snapshot never changes. The tile that the newest snapshot lies in is kept up to a seam, which moves
on by eight stretches, or thirty ticks, at a time. What came after the seams, of every step and figure, is one
small value a snapshot.
"""

import json
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from pnl.domain.snapshot import LINES, instant
from pnl.ports import Cache, Gap, Series, Store
from pnl.web import series
from pnl.web.newest import Head, Newest
from pnl.web.series import SECOND_US

STEPS: dict[str, int] = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "1h": 3600,
    "4h": 14_400,
    "1d": 86_400,
    "1w": 604_800,
}
"""The steps and their seconds."""

FIGURES = (*LINES, "net", "net_realised", "cumulative_net", "equity")
MOST_TILES = 32
_TILE, _TILE_TICKS = 512, 720
_SEAM, _SEAM_TICKS = 8, 30
_EVERY = 1_000_000
_MONDAY_US = 4 * series.DAY_US
_EPOCH, _FOREVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

_Row: TypeAlias = list[int | None]
_Tips: TypeAlias = dict[str, list[_Row]]


@dataclass(frozen=True, slots=True)
class Cut:
    """Rows of a range as JSON text, oldest first, where the rest begins (microseconds), and its gaps."""

    rows: list[bytes]
    rest: int | None
    gaps: list[bytes]


class Tiles:
    """Gives ranges as `Store.series` and `Store.gaps` do, as text, of which all but the end comes from the cache.

    Args:
        store: The archive.
        cache: Where tiles are kept.
        newest: Tells what the archive ends with.
        interval_seconds: The length of a tick.
    """

    def __init__(self, store: Store, cache: Cache, newest: Newest, interval_seconds: int) -> None:
        self._store = store
        self._cache = cache
        self._newest = newest
        self._interval_us = interval_seconds * SECOND_US
        self._tips: tuple[int, _Tips, list[list[int | str]]] | None = None

    def cut(  # noqa: PLR0917 - as one would say it
        self, head: Head, step: str, figures: tuple[str, ...], since: int, until: int, limit: int
    ) -> Cut | None:
        """Return at most `limit` rows that begin in [since, until), in microseconds.

        None where the range is so wide that its tiles would be many more than its rows.
        """
        origin = _origin(step)
        size = self._interval_us * _TILE_TICKS if step == "raw" else STEPS[step] * SECOND_US * _TILE
        over = self.over(head, step)
        lo, hi = max(since, self._seam(head.first, step)), min(until, over)
        last = max(hi - 1, lo)  # also a range without length may lie in a gap
        numbers = range((lo - origin) // size, (last - origin) // size + 1) if lo < over and lo <= until else range(0)
        if len(numbers) > MOST_TILES:
            return None
        rows: list[bytes] = []
        gaps: dict[bytes, tuple[int, int]] = {}
        rest = None
        for number in numbers:
            begins = max(origin + number * size, 0)
            ends = min(origin + (number + 1) * size, over)
            tile = self._tile(head, step, figures, begins, ends)
            told, starts = tile.within(lo, hi) if begins < lo or ends > hi else (tile.rows, None)
            gaps.update(tile.gaps())
            if len(rows) + len(told) > limit:
                rest = (starts or tile.starts())[limit - len(rows)]
                rows += told[: limit - len(rows)]
                break
            rows += told
        if rest is None and until > over:
            told, starts, open_gaps = self._tip(head, step, figures, max(since, over), until)
            gaps.update(open_gaps)
            if len(rows) + len(told) > limit:
                rest = starts[limit - len(rows)]
            rows += told[: limit - len(rows)]
        end = until if rest is None else rest
        shown = sorted((place, text) for text, place in gaps.items() if place[1] > since and place[0] < end)
        return Cut(rows, rest, [text for _, text in shown])

    def over(self, head: Head, step: str) -> int:
        """Return the seam of a step, in microseconds: what begins before can change no more."""
        return self._seam(head.as_of, step)

    def _seam(self, us: int, step: str) -> int:
        width = self._interval_us * _SEAM_TICKS if step == "raw" else STEPS[step] * SECOND_US * _SEAM
        origin = _origin(step)
        return max(origin + (us - origin) // width * width, 0)

    def _tile(self, head: Head, step: str, figures: tuple[str, ...], begins: int, ends: int) -> "_Tile":
        def make() -> bytes:
            found = self._store.series(figures, _at(begins), _at(ends), step, _EVERY)
            starts = " ".join(str(row[0]) for row in found.rows)
            rows = "\n".join(self._text(head, step, found))
            gaps = "\n".join(f"{a} {b} {_told(a, b, much, why)}" for a, b, much, why in self._gaps(begins, ends))
            return f"{starts}\n\n{rows}\n\n{gaps}".encode()

        key = ("tile", step, ",".join(figures), str(begins), str(ends))
        return _Tile(self._cache.get(key, make))

    def _tip(
        self, head: Head, step: str, figures: tuple[str, ...], since: int, until: int
    ) -> tuple[list[bytes], list[int], dict[bytes, tuple[int, int]]]:
        tips, gaps = self._open(head)
        places = [3 + 4 * FIGURES.index(figure) for figure in figures]
        found = [row for row in tips[step] if since <= (row[0] or 0) < until]
        wanted = [(*row[:3], *(row[place + n] for place in places for n in range(4))) for row in found]
        rows = self._text(head, step, Series(figures=figures, rows=wanted))
        told = {
            _told(int(a), int(b), int(missed), str(reason)).encode(): (int(a), int(b)) for a, b, missed, reason in gaps
        }
        return [row.encode() for row in rows], [row[0] or 0 for row in found], told

    def _open(self, head: Head) -> tuple[_Tips, list[list[int | str]]]:
        """Return the stretches that are not over yet, of every step, and the gaps that reach into any of them."""
        held = self._tips
        if held and held[0] == head.seq:
            return held[1], held[2]

        def make() -> bytes:
            tips = {}
            for step in ("raw", *STEPS):
                over = self.over(head, step)
                tips[step] = [list(row) for row in self._store.series(FIGURES, _at(over), None, step, _EVERY).rows]
            gaps = self._gaps(self.over(head, "1w"), None)
            return json.dumps([tips, gaps], separators=(",", ":")).encode()

        tips, gaps = json.loads(self._cache.get(("tips", str(head.seq)), make))
        self._tips = (head.seq, tips, gaps)
        return tips, gaps

    def _text(self, head: Head, step: str, found: Series) -> list[str]:
        if step == "raw":
            return series.rows(found, None)
        return series.rows(found, self._newest.expected(head, STEPS[step] * SECOND_US))

    def _gaps(self, begins: int, ends: int | None) -> list[tuple[int, int, int, str]]:
        until = _at(ends) if ends is not None else _FOREVER
        return [_numbers(gap) for gap in self._store.gaps(_at(begins), until)]


class _Tile:
    """The text of a tile, taken apart as far as it is needed."""

    def __init__(self, text: bytes) -> None:
        self._starts, rows, self._gaps = text.split(b"\n\n")
        self.rows = rows.split(b"\n") if rows else []

    def starts(self) -> list[int]:
        return [int(start) for start in self._starts.split()]

    def within(self, since: int, until: int) -> tuple[list[bytes], list[int]]:
        """Return the rows that begin in [since, until), and where each begins."""
        starts = self.starts()
        first, last = bisect_left(starts, since), bisect_left(starts, until)
        return self.rows[first:last], starts[first:last]

    def gaps(self) -> dict[bytes, tuple[int, int]]:
        found = {}
        for line in self._gaps.splitlines():
            since, until, text = line.split(b" ", 2)
            found[text] = (int(since), int(until))
        return found


def _origin(step: str) -> int:
    """Return where stretches are counted from: weeks begin on Monday, and 1970 on a Thursday."""
    return _MONDAY_US if step == "1w" else 0


def _at(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def _numbers(gap: Gap) -> tuple[int, int, int, str]:
    return series.microseconds(gap.since), series.microseconds(gap.until), gap.missed, gap.reason


def _told(since: int, until: int, missed: int, reason: str) -> str:
    told = {"since": instant(_at(since)), "until": instant(_at(until)), "missed": missed, "reason": reason}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
