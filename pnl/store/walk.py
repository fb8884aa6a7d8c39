"""A walk over every snapshot, oldest first, that holds each against the one before and all that is drawn from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from pnl.domain.snapshot import LINES, instant
from pnl.store import chain, firsts, readings, retention, rollups, schema, seals
from pnl.store.chain import COLUMNS, Note
from pnl.store.facts import moment
from pnl.store.firsts import Known

PAGE = 2_000
SLACK_US = 10_000_000
"""How much longer than two intervals a tick may last before what follows is a hole."""
UNTOLD_US = 60_000_000
"""The longest interval there is: it is assumed where none was noted."""
_AT = {name: place for place, name in enumerate(COLUMNS)}
_LINES = [_AT[f"{line}_n"] for line in LINES]
_ROLLED = [_AT[f"{figure}_n"] for figure in schema.ROLLED[:-2]]
_SEQ, _TIME, _DAY, _NET, _REALISED = (_AT[n] for n in ("seq", "as_of_us", "day", "net_n", "net_realised_n"))
_QUALITY, _COMPLETE, _CARRIED, _KNOWN = (_AT[n] for n in ("quality", "complete", "carried_n", "last_record"))
_SINCE, _MARKS, _MARKETS, _BODY = (_AT[name] for name in seals.COLUMNS)
_UNREALISED, _CASH, _VALUE = (_AT[name] for name in ("trading_unrealised_n", "cash_n", "positions_value_n"))
Row = Sequence[Any]


class Walk:
    """Takes snapshots page by page and gives a sentence for every fault.

    Memory is flat: it holds one page, the stretches that are open, and a line for each company day.
    """

    def __init__(self, noted: tuple[int, str] | None = None) -> None:
        """Begin before the first; `noted` is a sequence whose hash is known from elsewhere."""
        self.count = 0
        self.sealed: int | None = None
        self.whole: int | None = None
        self._noted = noted
        self.last: Row | None = None
        self.hash = ""
        self._days: dict[str, list[Any]] = {}
        self._nets: dict[str, int] = {}
        self._carried: tuple[str, int] | None = None
        self._pace = UNTOLD_US
        self._done: list[tuple[str, list[Any]]] = []
        self._rolling = rollups.Rolling(lambda level, stretch: self._done.append((level, stretch)))
        self._compared = dict.fromkeys(rollups.LEVELS, -1)

    def page(self, connection: Connection) -> tuple[list[str], bool]:
        """Take the next page; return the faults, and whether there was none to take."""
        after = self.last[_SEQ] if self.last else 0
        if not connection.in_transaction():
            connection.begin()  # the driver's own cursor, which reads first, would begin nothing
        rows = _rows(connection, after)
        if not rows:
            return [], True
        faults: list[str] = []
        notes = _notes(connection, self.last[_TIME] if self.last else -1, rows)
        kept = _kept(connection, self.last[_KNOWN] if self.last else 0, rows)
        marks, names = seals.written(connection, rows[0][_SEQ], rows[-1][_SEQ])
        thinned = seals.thinned_until(connection)
        if stray := notes.pop(0, None):
            faults += [f"the gap that ends at {_told(int(gap[1] or 0))} ends at no snapshot" for gap in stray["gap"]]
        for *row, hash_ in rows:
            if self.sealed is not None:  # a version that gave no digests may have left records for this one to know
                faults += firsts.strays(row[_SEQ], row[_TIME], kept[row[_SEQ]], self.last[_TIME] if self.last else -1)
            faults += self._one(row, hash_, notes.get(row[_SEQ], {}), kept[row[_SEQ]])
            faults += self._sealed(row, marks.get(row[_SEQ]), names.get(row[_SEQ]), thinned)
        faults += self._stretches(connection)
        return faults, False

    def finish(self, connection: Connection) -> list[str]:
        """Return what is wrong with what grows with every snapshot: open stretches, days, the newest snapshot."""
        self._rolling.finish()
        faults = self._stretches(connection)
        for level in rollups.LEVELS:
            table = schema.roll[level]
            more = select(table.c.start_us).where(table.c.start_us > self._compared[level]).limit(1)
            if (begins := connection.execute(more).scalar()) is not None:
                faults.append(f"the {level} roll-up of {_told(begins)} has no snapshot")
        found = {row.day: list(row) for row in connection.execute(select(schema.company_day))}
        for day in sorted(self._days.keys() | found.keys()):
            if found.get(day) != self._days.get(day):
                faults.append(f"the company day {day} is not what its snapshots make of it")
        faults += self._current(connection)
        if self._noted:
            faults.append(f"snapshot {self._noted[0]}, whose hash was noted, is not there")
        return faults

    def _one(self, row: Row, hash_: str, notes: Mapping[str, list[Note]], kept: Known) -> list[str]:
        faults: list[str] = []
        seq, at, net = row[_SEQ], row[_TIME], row[_NET]
        where = f"snapshot {seq}"
        before = self.last
        expected = before[_SEQ] + 1 if before else 1
        if seq != expected:
            missing = f"{expected}" if seq == expected + 1 else f"{expected} to {seq - 1}"
            faults.append(f"{where}: {missing} before it missing")
        if before and at <= before[_TIME]:
            faults.append(f"{where} at {_told(at)} is not later than the one before")
        faults += self._hole(row, notes)
        if net is not None and net != sum(row[place] or 0 for place in _LINES):
            faults.append(f"{where}: its lines do not add up to its net")
        if row[_REALISED] != (None if net is None else net - (row[_UNREALISED] or 0)):
            faults.append(f"{where}: net less unrealised is not its realised net")
        if row[_CARRIED] != self._carry(row[_DAY]):
            faults.append(f"{where}: what it carries over is not the sum of the days before")
        told = _linked(notes)
        if hash_ != chain.link(self.hash, row, kept.digest, told):
            faults.append(
                f"{where} at {_told(at)} breaks the chain: it, a record that it was the first to know, or what "
                "was noted with it was changed, removed or slipped in"
            )
        if self._noted and self._noted[0] == seq:
            if self._noted[1] != hash_:
                faults.append(f"{where} is not the one whose hash was noted")
            self._noted = None
        self.hash, self.last, self.count = hash_, row, self.count + 1
        self._roll(row)
        return faults

    def _sealed(self, row: Row, marks: str | None, markets: str | None, thinned: int) -> Iterator[str]:
        """Hold the marks and the descriptions that are there of a snapshot against its digests of them."""
        where = f"snapshot {row[_SEQ]} at {_told(row[_TIME])}"
        if row[_BODY] is None:
            if self.sealed is not None:
                yield f"{where} does not say what marks it wrote, though snapshot {self.sealed} does"
            return
        self.sealed = row[_SEQ] if self.sealed is None else self.sealed
        if markets != row[_MARKETS]:
            yield f"{where}: what markets were called since then was changed, removed or slipped in"
        if row[_SINCE] is not None and row[_SINCE] < thinned:  # what is left of these is in the traces of thinning
            return
        self.whole = row[_SEQ] if self.whole is None else self.whole
        if marks != row[_MARKS]:
            yield f"{where}: a mark that it wrote was changed, removed or slipped in"

    def _current(self, connection: Connection) -> Iterator[str]:
        """Hold the newest snapshot, as it is kept whole, against its row."""
        newest = connection.execute(select(schema.current.c.seq, schema.current.c.body)).first()
        if (newest.seq if newest else 0) != (self.last[_SEQ] if self.last else 0):
            seq = newest.seq if newest else 0
            yield f"the newest snapshot should be {seq}: later ones than it are missing, or it was changed"
        elif newest and self.last and not seals.shown(newest.body, dict(zip(COLUMNS, self.last, strict=True))):
            yield f"what is shown as the newest snapshot, {newest.seq}, is not what was kept"

    def _hole(self, row: Row, notes: Mapping[str, list[Note]]) -> Iterator[str]:
        where, at, before = f"snapshot {row[_SEQ]}", row[_TIME], self.last
        pace = max([self._pace, *(int(note[2] or 0) for note in notes.get("pace", ()))])
        for note in notes.get("pace", ()):
            self._pace = int(note[2] or 0)
        gaps = notes.get("gap", ())
        if bool(gaps) != ("after_gap" in row[_QUALITY]):
            yield f"{where}: it {'is not said to follow' if gaps else 'is said to follow'} a gap"
        if gaps and (before is None or gaps[0][0] != before[_TIME]):
            yield f"{where}: the gap before it does not begin with the snapshot before"
        if before and not gaps and at - before[_TIME] > 2 * pace + SLACK_US:
            seconds = (at - before[_TIME]) / 1_000_000
            yield f"{where}: nothing explains the {seconds:.0f} seconds since the one before"

    def _carry(self, day: str) -> int:
        if self._carried is None or self._carried[0] != day:
            self._carried = (day, sum(net for name, net in self._nets.items() if name < day))
        return self._carried[1]

    def _roll(self, row: Row) -> None:
        net, cash, value = row[_NET], row[_CASH], row[_VALUE]
        values = [row[place] for place in _ROLLED]
        values += [
            None if net is None else row[_CARRIED] + net,
            None if cash is None or value is None else cash + value,
        ]
        self._rolling.add(row[_TIME], rollups.bits(row[_QUALITY]), values)
        self._count(row)

    def _count(self, row: Row) -> None:
        """Add a snapshot to its company day."""
        net = row[_NET]
        whole = net if row[_COMPLETE] else None
        self._nets[row[_DAY]] = net or 0
        day = self._days.get(row[_DAY])
        if day is None:
            self._days[row[_DAY]] = [row[_DAY], row[_SEQ], row[_SEQ], 1, net, net, row[_QUALITY], whole, whole]
            return
        day[2], day[3] = row[_SEQ], day[3] + 1
        for high, low, amount in ((4, 5, net), (7, 8, whole)):
            if amount is not None:
                day[high] = amount if day[high] is None else max(day[high], amount)
                day[low] = amount if day[low] is None else min(day[low], amount)
        if row[_QUALITY] != day[6]:
            words = {*day[6].split("+"), *row[_QUALITY].split("+")}
            day[6] = "+".join(word for word in rollups.BITS if word in words) or "ok"

    def _stretches(self, connection: Connection) -> list[str]:
        """Hold the stretches that are whole by now against those that were kept."""
        faults: list[str] = []
        made: dict[str, list[list[Any]]] = {}
        for level, stretch in self._done:
            made.setdefault(level, []).append(stretch)
        self._done.clear()
        for level, stretches in made.items():
            after, upto = self._compared[level], stretches[-1][0]
            cursor = connection.connection.cursor()
            cursor.execute(
                f"SELECT * FROM roll_{level} WHERE start_us > {after:d} AND start_us <= {upto:d}"  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
            )
            kept = {row[0]: list(row) for row in cursor.fetchall()}
            cursor.close()
            for stretch in stretches:
                found = kept.pop(stretch[0], None)
                if found != stretch:
                    is_ = "is missing" if found is None else "is not what its snapshots make of it"
                    faults.append(f"the {level} roll-up of {_told(stretch[0])} {is_}")
            faults += [f"the {level} roll-up of {_told(begins)} has no snapshot" for begins in sorted(kept)]
            self._compared[level] = upto
        return faults


def end_holds(connection: Connection, count: int) -> Iterator[str]:
    """Give a sentence for each of the newest snapshots, so many of them, whose link does not follow."""
    last = connection.execute(select(schema.current.c.seq)).scalar() or 0
    rows = _rows(connection, max(0, last - count - 1))
    if not rows:
        return
    at, known, previous, following = -1, 0, "", rows
    if last > count:
        at, known, previous, following = rows[0][_TIME], rows[0][_KNOWN], rows[0][-1], rows[1:]
    notes, kept = _notes(connection, at, following), _kept(connection, known, following)
    for *row, hash_ in following:
        noted = notes.get(row[_SEQ], {})
        told = _linked(noted)
        if hash_ != chain.link(previous, row, kept[row[_SEQ]].digest, told):
            yield f"snapshot {row[_SEQ]} at {_told(row[_TIME])} breaks the chain"
        previous = hash_


def _rows(connection: Connection, after: int) -> list[Row]:
    cursor = connection.connection.cursor()
    names = ", ".join((*COLUMNS, "hash"))
    cursor.execute(f"SELECT {names} FROM snapshot WHERE seq > {after:d} ORDER BY seq LIMIT {PAGE}")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    rows: list[Row] = list(cursor.fetchall())
    cursor.close()
    return rows


def _kept(connection: Connection, after: int, rows: Sequence[Row]) -> dict[int, Known]:
    return firsts.known(connection, after, [(row[_SEQ], row[_TIME], row[_KNOWN]) for row in rows])


def _notes(connection: Connection, since: int, rows: Sequence[Row]) -> dict[int, dict[str, list[Note]]]:
    """Return what was noted with each of these snapshots, by sequence and table."""
    found: dict[int, dict[str, list[Note]]] = {}
    numbers = {row[_TIME]: row[_SEQ] for row in rows}
    gap = schema.gap.c
    query = select(schema.gap).where(gap.until_us > since, gap.until_us <= rows[-1][_TIME])
    for row in connection.execute(query):
        found.setdefault(numbers.get(row.until_us, 0), {}).setdefault("gap", []).append(list(row))
    for table in (schema.source_note, schema.check_log, schema.check_side, schema.pace):
        query = select(table).where(table.c.seq >= rows[0][_SEQ], table.c.seq <= rows[-1][_SEQ])
        for row in connection.execute(query):
            found.setdefault(row.seq, {}).setdefault(table.name, []).append(list(row))
    for step in retention.noted(connection, rows[0][_SEQ], rows[-1][_SEQ]):
        found.setdefault(int(step[3] or 0), {}).setdefault("thinned", []).append(step)
    for pack in readings.noted(connection, rows[0][_SEQ], rows[-1][_SEQ]):
        found.setdefault(int(pack[0] or 0), {}).setdefault("reading", []).append(pack)
    return found


def _linked(notes: Mapping[str, Sequence[Note]]) -> list[Note]:
    """Return what was noted with one snapshot, by table, in the order of its link."""
    return chain.noted(
        gaps=notes.get("gap", ()),
        sources=notes.get("source_note", ()),
        checks=notes.get("check_log", ()),
        sides=notes.get("check_side", ()),
        paces=notes.get("pace", ()),
        readings=notes.get("reading", ()),
        thinned=notes.get("thinned", ()),
    )


def _told(us: int) -> str:
    return str(instant(moment(us)))
