"""Roll-ups: open, high, low and close of every figure by stretches of time, kept with every snapshot.

A stretch belongs to a range when its start lies in it. Stretches are of UTC: a day begins at midnight,
a week on Monday. Open and close are those of the first and the last snapshot, unknown where they were
unknown; high and low leave out what is unknown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, case, delete, insert, or_, select

from pnl.ports import Series
from pnl.store import schema
from pnl.store.upsert import insertion

SECOND, DAY = 1_000_000, 86_400_000_000
WIDTHS = {
    "1m": 60 * SECOND,
    "5m": 300 * SECOND,
    "15m": 900 * SECOND,
    "1h": 3_600 * SECOND,
    "4h": 14_400 * SECOND,
    "1d": DAY,
    "1w": 7 * DAY,
}
"""The levels, finest first, and how many microseconds a stretch of each lasts."""
MONDAY = 4 * DAY
"""The first Monday after the beginning of 1970."""
BITS = {"incomplete": 1, "stale": 2, "failed_checks": 4, "after_gap": 8}
"""What a reader should know of a snapshot, as bits of a roll-up's quality."""
RAW = "raw"
LEVELS = schema.LEVELS
PAGE = 2_000
MANY = 1_000_000
"""More stretches than one level holds of one of the next, or snapshots a minute."""
_VALUES: Mapping[str, str] = {figure: f"{figure}_n" for figure in schema.ROLLED} | {
    "cumulative_net": "carried_n + net_n",
    "equity": "cash_n + positions_value_n",
}
_NAMES = {level: [column.name for column in table.c] for level, table in schema.roll.items()}


def start(at: int, level: str) -> int:
    """Return where the stretch of a level that an instant lies in begins; both in microseconds.

    >>> start(1_793_631_610_000_000, "1h"), start(1_793_631_610_000_000, "1w")
    (1793631600000000, 1793577600000000)
    """
    width, origin = WIDTHS[level], MONDAY if level == "1w" else 0
    return (at - origin) // width * width + origin


@cache
def bits(quality: str) -> int:
    """Return the words of a snapshot's quality as bits; 0 is `ok`."""
    return sum(BITS.get(word, 0) for word in quality.split("+"))


def figures(row: Mapping[str, Any]) -> list[int | None]:
    """Return what is rolled up of a snapshot's row, in the order of `schema.ROLLED`."""
    net, cash, value = row["net_n"], row["cash_n"], row["positions_value_n"]
    carried = None if net is None else row["carried_n"] + net
    equity = None if cash is None or value is None else cash + value
    return [*(row[f"{figure}_n"] for figure in schema.ROLLED[:-2]), carried, equity]


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Add a snapshot's row to every level."""
    values = figures(row)
    quality = bits(row["quality"])
    for level in WIDTHS:
        stretch = one(start(row["as_of_us"], level), quality, values)
        connection.execute(_merge(level, connection.dialect.name), [_named(level, stretch)])


def one(begins: int, quality: int, values: Iterable[int | None]) -> list[Any]:
    """Return the stretch of a single snapshot: start, count, quality, then four ends a figure."""
    return [begins, 1, quality, *(value for value in values for _ in range(4))]


def series(  # noqa: PLR0917 - as the port has them
    connection: Connection, names: Sequence[str], since: int, until: int, step: str, limit: int
) -> Series:
    """Return figures by stretches of time; see `pnl.ports.Store.series`. Times are microseconds."""
    for name in names:
        _known(name, "figure", _VALUES)
    _known(step, "step", (RAW, *LEVELS))
    cursor = connection.connection.cursor()  # rows of plain tuples: thousands of them in a few milliseconds
    if step == RAW:
        chosen = "".join(f", {_VALUES[name]}" for name in names)
        cursor.execute(
            f"SELECT as_of_us, quality{chosen} FROM snapshot "  # noqa: S608 - figures are ours, the rest is numbers
            # Sequence and time grow together: rows lie in the order of the one, and each end is a look at the other.
            f"WHERE seq >= (SELECT seq FROM snapshot WHERE as_of_us >= {since:d} ORDER BY as_of_us LIMIT 1) "
            f"AND seq <= (SELECT seq FROM snapshot WHERE as_of_us < {until:d} ORDER BY as_of_us DESC LIMIT 1) "
            f"ORDER BY seq LIMIT {limit:d}"
        )
        found = cursor.fetchall()
        rows: Sequence[Sequence[int | None]] = [
            (row[0], 1, bits(row[1]), *(value for value in row[2:] for _ in range(4))) for row in found
        ]
    else:
        chosen = "".join(f", {name}_{end}" for name in names for end in "ohlc")
        cursor.execute(
            f"SELECT start_us, n, quality{chosen} FROM roll_{step} "  # noqa: S608 - as above
            f"WHERE start_us >= {since:d} AND start_us < {until:d} ORDER BY start_us LIMIT {limit:d}"
        )
        rows = cursor.fetchall()
    cursor.close()
    return Series(figures=tuple(names), rows=rows)


def _known(name: str, what: str, names: Iterable[str]) -> None:
    if name not in names:
        raise ValueError(f"{name!r} is no {what}: there are {', '.join(names)}")


def as_known(connection: Connection, found: Series, step: str, known: int) -> Series:
    """Return a series without what was kept after an instant, in microseconds.

    Only the stretch that the instant lies in differs: it is made anew of the whole stretches of finer
    levels before the instant, and of single snapshots at its end.
    """
    rows = [row for row in found.rows if (row[0] or 0) <= known]
    if step == RAW or not rows or (rows[-1][0] or 0) + WIDTHS[step] <= known:
        return Series(figures=found.figures, rows=rows)
    begins = at = rows.pop()[0] or 0
    cut: list[Any] | None = None
    for finer in (*reversed(LEVELS[: LEVELS.index(step)]), RAW):
        end = known + 1 if finer == RAW else start(known + 1, finer)
        if end <= at:
            continue
        for part in series(connection, found.figures, at, end, finer, MANY).rows:
            if cut is None:
                cut = [begins, *part[1:]]
            else:
                _join(cut, part)
        at = end
    return Series(figures=found.figures, rows=[*rows, cut] if cut else rows)


class Rolling:
    """Rolls snapshots up in memory, in the order of time: each level is made of the one below.

    `done` is handed every stretch once nothing more comes to it: the level, then as `one` gives it.
    """

    def __init__(self, done: Callable[[str, list[Any]], None]) -> None:
        self._done = done
        self._open: list[list[Any] | None] = [None] * len(LEVELS)
        self._minute = WIDTHS["1m"]

    def add(self, at: int, quality: int, values: Sequence[int | None]) -> None:
        """Add a snapshot; `values` are as `figures` gives them."""
        stretch = self._open[0]
        if stretch is None or at >= stretch[0] + self._minute:
            if stretch is not None:
                self._close(0)
            self._open[0] = one(at // self._minute * self._minute, quality, values)
            return
        stretch[1] += 1
        stretch[2] |= quality
        place = 3
        for value in values:
            if value is not None:
                high = stretch[place + 1]
                if high is None:
                    stretch[place + 1] = stretch[place + 2] = value
                elif value > high:
                    stretch[place + 1] = value
                elif value < stretch[place + 2]:
                    stretch[place + 2] = value
            stretch[place + 3] = value
            place += 4

    def finish(self) -> None:
        """Hand over what is still open."""
        for number in range(len(LEVELS)):
            if self._open[number] is not None:
                self._close(number)

    def _close(self, number: int) -> None:
        stretch = self._open[number]
        assert stretch is not None  # noqa: S101 - its callers look
        self._open[number] = None
        self._done(LEVELS[number], stretch)
        if number + 1 == len(LEVELS):
            return
        above, begins = self._open[number + 1], start(stretch[0], LEVELS[number + 1])
        if above is not None and above[0] != begins:
            self._close(number + 1)
            above = None
        if above is None:
            self._open[number + 1] = [begins, *stretch[1:]]
        else:
            _join(above, stretch)


def rebuild(connection: Connection, since: int, until: int) -> int:
    """Make the roll-ups of [since, until) anew from the snapshots; return how many snapshots were read.

    The range grows to whole weeks, so that every stretch in it is made of all its snapshots.
    """
    since, until = start(since, "1w"), start(until - 1, "1w") + WIDTHS["1w"]
    for level in LEVELS:
        table = schema.roll[level]
        connection.execute(delete(table).where(table.c.start_us >= since, table.c.start_us < until))
    made: list[tuple[str, list[Any]]] = []
    rolling = Rolling(lambda level, stretch: made.append((level, stretch)))
    count = 0
    for row in _raw(connection, since, until):
        rolling.add(row["as_of_us"], bits(row["quality"]), figures(row))
        count += 1
        if len(made) >= PAGE:
            write(connection, made)
            made.clear()
    rolling.finish()
    write(connection, made)
    return count


def write(connection: Connection, stretches: Iterable[tuple[str, list[Any]]]) -> None:
    """Insert whole stretches, each with its level, where there are none."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for level, stretch in stretches:
        rows.setdefault(level, []).append(_named(level, stretch))
    for level, named in rows.items():
        connection.execute(insert(schema.roll[level]), named)


def _raw(connection: Connection, since: int, until: int) -> Iterator[Mapping[str, Any]]:
    c = schema.snapshot.c
    names = ["as_of_us", "quality", "carried_n", "cash_n", "positions_value_n"]
    names += [f"{figure}_n" for figure in schema.ROLLED[:-2]]
    after = since - 1
    while True:
        query = select(*(c[name] for name in names)).where(c.as_of_us > after, c.as_of_us < until)
        query = query.order_by(c.as_of_us).limit(PAGE)
        page = [dict(zip(names, row, strict=True)) for row in connection.execute(query)]
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]["as_of_us"]


def _join(old: list[Any], new: Sequence[Any]) -> None:
    """Add a later stretch to an earlier one."""
    old[1] += new[1]
    old[2] |= new[2]
    for place in range(3, len(old), 4):
        high, low = new[place + 1], new[place + 2]
        if high is not None and (old[place + 1] is None or high > old[place + 1]):
            old[place + 1] = high
        if low is not None and (old[place + 2] is None or low < old[place + 2]):
            old[place + 2] = low
        old[place + 3] = new[place + 3]


def _named(level: str, stretch: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(_NAMES[level], stretch, strict=True))


@cache
def _merge(level: str, dialect: str) -> Executable:
    """Return the statement that adds a later stretch to the one that is there, or begins one."""
    table = schema.roll[level]
    new = insertion(table, dialect)
    old, come = table.c, new.excluded
    changes: dict[str, ColumnElement[Any]] = {"n": old.n + come.n, "quality": old.quality.bitwise_or(come.quality)}
    for figure in schema.ROLLED:
        high, low = f"{figure}_h", f"{figure}_l"
        higher = or_(old[high].is_(None), come[high] > old[high])
        lower = or_(old[low].is_(None), come[low] < old[low])
        changes[high] = case((higher, come[high]), else_=old[high])
        changes[low] = case((lower, come[low]), else_=old[low])
        changes[f"{figure}_c"] = come[f"{figure}_c"]
    return new.on_conflict_do_update(index_elements=["start_us"], set_=changes)
