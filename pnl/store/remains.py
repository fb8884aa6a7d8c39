"""What thinning left, held against the traces of its steps."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from pnl.domain.snapshot import instant
from pnl.store import schema, seals
from pnl.store.facts import moment
from pnl.store.seals import DAY_US

YOUNGEST_US = 7 * DAY_US
"""Younger marks are never thinned: it is the least that `PNL_RETENTION_MARKS_DAYS` may say."""


class Remains:
    """Takes marks in the order of their markets and times; memory grows with the steps, not with the marks."""

    def __init__(self, connection: Connection) -> None:
        """Read the steps that were made up to now."""
        c = schema.thinned.c
        self.steps = [tuple(row) for row in connection.execute(select(schema.thinned).order_by(c.day_us, c.after))]
        self._of_day: dict[int, list[int]] = {}
        for place, step in enumerate(self.steps):
            self._of_day.setdefault(step[0], []).append(place)
        self._starts = {day: [self.steps[place][1] for place in places] for day, places in self._of_day.items()}
        self._found: dict[int, tuple[int, Any]] = {}

    def take(self, row: Row[Any]) -> None:
        """Take a mark; one of a day that was not thinned is left alone."""
        day = row.at_us // DAY_US * DAY_US
        starts = self._starts.get(day)
        place = bisect_left(starts, row.ticker) - 1 if starts else -1
        if place < 0:
            return
        place = self._of_day[day][place]
        upto = self.steps[place][2]
        if upto and row.ticker > upto:
            return
        count, sum_ = self._found.get(place) or (0, hashlib.sha256())
        sum_.update(seals.text(seals.mark(row._asdict())))
        self._found[place] = count + 1, sum_

    def faults(self, connection: Connection) -> Iterator[str]:
        """Give a sentence for each step of which something else is there than it left, or that is none."""
        c = schema.snapshot.c
        head, last = connection.execute(select(c.seq, c.as_of_us).order_by(c.seq.desc()).limit(1)).first() or (0, 0)
        for place, (day, after, _, seq, number, left) in enumerate(self.steps):
            where = f"the marks of {instant(moment(day))} that thinning left, of markets above {after!r}"
            count, sum_ = self._found.get(place) or (0, None)
            if (count, sum_ and sum_.hexdigest()) != (number, left):
                yield f"{where}: they are {count}, and not the {number} that it left, or one was changed"
            at = connection.execute(select(c.as_of_us).where(c.seq == seq)).scalar()
            if at is None and seq != head + 1:
                yield f"{where}: the step is in the link of no snapshot"
            elif day + DAY_US + YOUNGEST_US > (last if at is None else at):
                yield f"{where}: they were too young to be thinned"
