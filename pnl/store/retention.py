"""Old marks: thinned, market by market and day by day, to the last of each quarter of an hour.

What a company day opened and closed with stays: at each day's first and last snapshot, the newest mark
of every market that it knew is kept. So does the first mark of each market that any snapshot knew: where a
price was known, one is known. Everything else in the archive is kept for good.

Each step leaves a trace: which markets of which day it went through, and the digest of the marks that stay.
The next snapshot has it in its link, so that what was thinned can be told from what was taken away.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from pnl.ports import Thinned
from pnl.store import schema, seals
from pnl.store.facts import moment
from pnl.store.upsert import put

DAY_US, SLOT_US = 86_400_000_000, 900_000_000
MARKETS = 200
"""Markets that one step looks at: a few hundredths of a second."""
table = schema.mark


def due(connection: Connection, before: int) -> tuple[int, str] | None:
    """Return the UTC day to be thinned next and the last market that was; None where all is done up to `before`.

    Args:
        connection: To look with.
        before: Marks before this instant, in microseconds, are old; only whole days are thinned.
    """
    t, s = schema.thinning.c, schema.snapshot.c
    at = connection.execute(select(t.day_us, t.ticker)).first()
    if at is not None:
        day, ticker = at
    else:  # no mark is a day older than the first snapshot
        first = connection.execute(select(s.as_of_us).order_by(s.as_of_us).limit(1)).scalar()
        day, ticker = (before if first is None else first // DAY_US * DAY_US - DAY_US), ""
    return (day, ticker) if day + DAY_US <= before else None


def thin(connection: Connection, day: int, after: str) -> Thinned:
    """Thin the marks of a UTC day, of the next markets in the order of the alphabet, and note how far it is."""
    instants = _shown(connection, day)
    began, removed = after, 0
    stay: list[list[Any]] = []
    for _ in range(MARKETS):
        ticker = connection.execute(select(func.min(table.c.ticker)).where(table.c.ticker > after)).scalar()
        if ticker is None:
            _trace(connection, day, began, "", stay)
            put(connection, schema.thinning, [{"id": 1, "day_us": day + DAY_US, "ticker": ""}])
            return Thinned(removed=removed, day=moment(day).date())
        left, gone = _market(connection, ticker, day, instants, first=True)
        stay += left
        removed += len(gone)
        _remove(connection, ticker, gone)
        after = ticker
    _trace(connection, day, began, after, stay)
    put(connection, schema.thinning, [{"id": 1, "day_us": day, "ticker": after}])
    return Thinned(removed=removed, day=None)


def kept(
    marks: Sequence[tuple[int, int | None]], instants: Iterable[tuple[int, int]], *, begins: bool = False
) -> set[int]:
    """Return which of a market's marks stay: the last of each quarter, and the newest that each snapshot knew.

    Args:
        marks: When each was, and the first snapshot that knew it, if that is known; by time.
        instants: When a snapshot was, and its sequence.
        begins: Whether there is no earlier one of the market: the one that was known first stays, too.

    >>> sorted(kept([(0, 1), (5, 1), (899_999_999, 4), (900_000_000, 4), (900_000_007, 5)], [(6, 1)]))
    [5, 899999999, 900000007]
    >>> sorted(kept([(0, 1), (5, 1), (10, 2)], [], begins=True))
    [0, 10]
    """
    stay = {moment // SLOT_US: moment for moment, _ in marks}.values()
    found = set(stay)
    if begins and marks:
        found.add(min(marks, key=lambda mark: (mark[1] or 0, mark[0]))[0])
    for instant, seq in instants:
        place = bisect_right(marks, instant, key=itemgetter(0))
        knew = (moment for moment, first in reversed(marks[:place]) if first is None or first <= seq)
        found.update(islice(knew, 1))
    return found


def repeat(connection: Connection, step: Sequence[Any]) -> None:
    """Do again what a step of thinning did to this archive elsewhere, and leave its trace.

    Steps of a version that did not keep the first mark of a market are told by the digest of what they left.

    Args:
        connection: In the transaction of the snapshot that comes after the step, before its rows.
        step: The row of the trace.
    """
    day, after, upto, _, _, left = step
    instants = _shown(connection, day)
    tickers = list(_between(connection, after, upto))
    made = [_market(connection, ticker, day, instants, first=True) for ticker in tickers]
    if seals.digest([row for stay, _ in made for row in stay]) != left:
        made = [_market(connection, ticker, day, instants, first=False) for ticker in tickers]
    for ticker, (_, gone) in zip(tickers, made, strict=True):
        _remove(connection, ticker, gone)
    names = [column.name for column in schema.thinned.c]
    connection.execute(insert(schema.thinned), [dict(zip(names, step, strict=True))])
    reached = {"day_us": day, "ticker": upto} if upto else {"day_us": day + DAY_US, "ticker": ""}
    put(connection, schema.thinning, [{"id": 1, **reached}])


def noted(connection: Connection, first: int, last: int) -> Iterator[list[str | int | None]]:
    """Give what the chain says of the steps before snapshots from `first` to `last`."""
    c = schema.thinned.c
    for row in connection.execute(select(schema.thinned).where(c.seq >= first, c.seq <= last)):
        yield list(row)


def _between(connection: Connection, after: str, upto: str) -> Iterator[str]:
    """Give the markets of a step, in the order of the alphabet; `upto` is empty where it went to the last."""
    c = table.c
    ticker: str | None = after
    while True:
        following = select(func.min(c.ticker)).where(c.ticker > ticker)
        ticker = connection.execute(following.where(c.ticker <= upto) if upto else following).scalar()
        if ticker is None:
            return
        yield ticker


def _market(
    connection: Connection, ticker: str, day: int, instants: Sequence[tuple[int, int]], *, first: bool
) -> tuple[list[list[Any]], list[int]]:
    """Return the marks of a market and day that stay, as their digest takes them, and when those were that go."""
    c = table.c
    inside = (c.ticker == ticker, c.at_us >= day, c.at_us < day + DAY_US)
    rows = connection.execute(select(table).where(*inside).order_by(c.at_us)).all()
    began = connection.execute(select(func.min(c.at_us)).where(c.ticker == ticker)).scalar()
    begins = first and began is not None and began >= day
    stay = kept([(row.at_us, row.seq) for row in rows], instants, begins=begins)
    gone = [row.at_us for row in rows if row.at_us not in stay]
    return [seals.mark(row._asdict()) for row in rows if row.at_us in stay], gone


def _remove(connection: Connection, ticker: str, gone: Sequence[int]) -> None:
    for start in range(0, len(gone), 500):
        connection.execute(delete(table).where(table.c.ticker == ticker, table.c.at_us.in_(gone[start : start + 500])))


def _trace(connection: Connection, day: int, after: str, upto: str, left: Sequence[Sequence[Any]]) -> None:
    """Note what a step left, for the link of the snapshot that comes next."""
    newest = connection.execute(select(func.max(schema.snapshot.c.seq))).scalar() or 0
    sums = {"seq": newest + 1, "n": len(left), "sha256": seals.digest(left)}
    connection.execute(insert(schema.thinned), [{"day_us": day, "after": after, "upto": upto, **sums}])


def _shown(connection: Connection, day: int) -> list[tuple[int, int]]:
    """Return when the first and the last snapshots of company days were, of those in a UTC day, and which they are."""
    s, days = schema.snapshot.c, schema.company_day.c
    ends = select(s.as_of_us, s.seq).where(s.as_of_us >= day, s.as_of_us < day + DAY_US)
    found: set[tuple[int, int]] = set()
    for seq in (days.first_seq, days.last_seq):
        found.update((at, number) for at, number in connection.execute(ends.join(schema.company_day, seq == s.seq)))
    return sorted(found)
