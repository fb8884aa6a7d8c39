"""What a figure of a day grew by between two instants, and which snapshot of a day showed the most or the least."""

from datetime import date, datetime, timedelta
from typing import Literal

from pnl.domain.explain import Figure, covering, growth
from pnl.domain.ledger import Ledger
from pnl.domain.snapshot import instant
from pnl.ports import SnapshotRow, Store
from pnl.web.explained import Explained
from pnl.web.problems import BadParameter
from pnl.web.told import Told, of_several

_JUST_BEFORE = timedelta(microseconds=1)
Extreme = Literal["high", "low"]


def ends(store: Store, since: datetime, until: datetime) -> tuple[SnapshotRow, SnapshotRow]:
    """Return the first and the last snapshot of [since, until).

    Raises:
        BadParameter: There is none.
    """
    last = store.row_at(until - _JUST_BEFORE)
    first = next(store.rows(since, until), None)
    if first is None or last is None:
        raise BadParameter("from", f"there is no snapshot from {instant(since)} to {instant(until)}")
    return first, last


def grown(
    explained: Explained,
    store: Store,
    figure: Figure,
    span: tuple[datetime, datetime],
    rows_: tuple[SnapshotRow, SnapshotRow],
) -> Told:
    """Return by how much a daily figure grew from the first snapshot of [since, until) to the last, as they were shown.

    A day's figures begin anew with it: of each day but the last it is the last snapshot that counts. The first is
    the first complete one, where there is any: before, not all of its lines were known.
    """
    since, until = span
    first, last = rows_
    opens = store.opens(first.seq, last.seq)
    first = (store.row(opens) if opens else None) or first
    days = store.company_days(first.day, last.day) if first.day < last.day else []
    rows = [*(one.last for one in days), last]
    explained.keep(last)
    return Told(
        root=growth(figure.name, explained.day_of(first), [explained.day_of(row) for row in rows]),
        at={
            "from": instant(since),
            "to": instant(until),
            "begins": instant(first.as_of),
            "seq": None,
            "as_of": instant(last.as_of),
        },
        seen=True,
        known=last.as_of,
        pairs=of_several(covering(figure, Ledger(explained.calendar), [row.day for row in rows])),
        checks=None,
    )


def extreme(store: Store, day: date, which: Extreme, upto: int) -> int:
    """Return the sequence of the first snapshot of a day that showed its highest, or its lowest, net.

    Args:
        store: The archive.
        day: The company day.
        which: Highest or lowest.
        upto: Of the snapshots up to this one.

    Raises:
        BadParameter: None of its snapshots had a net.
    """
    seen = store.company_days(day, day + timedelta(days=1))
    high, low, _ = store.net_between(seen[0].first, upto) if seen else (None, None, ())
    net = high if which == "high" else low
    found = store.net_first(seen[0].first, upto, net) if net is not None else None
    if found is None:
        raise BadParameter("day", f"no snapshot of {day} has a net")
    return found
