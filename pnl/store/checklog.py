"""What changed of the checks, of the sources and of the pace from one snapshot to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, select

from pnl.domain.checks import IDENTITY, Check
from pnl.domain.money import count_text
from pnl.domain.snapshot import SourceState, money
from pnl.ports import CheckChange, Tick
from pnl.store import schema
from pnl.store.chain import Note
from pnl.store.facts import microseconds, moment

GONE = "gone"
"""The state of a check that is made no more."""
Key = tuple[str, str]
_Said = tuple[str, str | None, str | None]
_Sides = tuple[str | None, str | None, str | None]


@dataclass(slots=True)
class Changes:
    """What a snapshot adds to the logs, and what is known of the checks once it is kept."""

    checks: dict[Key, Note] = field(default_factory=dict)
    sides: dict[Key, Note] = field(default_factory=dict)
    sources: list[Note] = field(default_factory=list)
    paces: list[Note] = field(default_factory=list)
    groups: dict[str, tuple[Check, ...] | None] = field(default_factory=dict)
    outlived: bool = False


class Log:
    """Knows what was written last of every check and source, so that only changes are written.

    A group of checks that is the very object of the tick before is not looked into: a tick costs
    as much as what changed in it, and a look at each group's identity. Whatever a snapshot counts is
    written with it: the first one after a long history was read in takes all of its checks at once,
    as it takes all of its records.
    """

    def __init__(self) -> None:
        self._checks: dict[Key, _Said] = {}
        self._sides: dict[Key, _Sides] = {}
        self._groups: dict[str, tuple[Check, ...]] = {}
        self._sources: dict[str, tuple[str | None, str | None]] = {}
        self._pace: int | None = None
        self._outlived = False

    @classmethod
    def read(cls, connection: Connection) -> "Log":
        """Return the log as the database holds it."""
        log = cls()
        for row in connection.execute(standing(None)):
            log._checks[row.name, row.scope] = (row.state, row.difference, row.reason)
            log._sides[row.name, row.scope] = (row.expected, row.actual, row.tolerance)
        s = schema.source_note.c
        for row in connection.execute(select(s.name, s.complete_through, s.error).order_by(s.seq)):
            log._sources[row.name] = (row.complete_through, row.error)
        p = schema.pace.c
        log._pace = connection.execute(select(p.interval_us).order_by(p.seq.desc()).limit(1)).scalar()
        return log

    def changes(self, tick: Tick) -> Changes:
        """Return what a tick says otherwise than what was written last."""
        found = Changes()
        seq, at = tick.snapshot.seq, microseconds(tick.snapshot.as_of)
        if tick.interval_seconds is not None and tick.interval_seconds * 1_000_000 != self._pace:
            found.paces = [[seq, at, tick.interval_seconds * 1_000_000]]
        for name, state in tick.snapshot.sources.items():
            through, error = _told(state)
            if self._sources.get(name, (None, None)) != (through, error):
                found.sources.append([name, seq, through, error])
        if tick.checked is not None:
            self._compare(tick.checked, found, seq, at)
            if tick.answered and not self._outlived:
                self._outlive(tick.checked, found, seq, at)
            found.outlived = tick.answered
        return found

    def kept(self, changes: Changes) -> None:
        """Take changes that were committed as known."""
        for key, (_, _, _, _, state, expected, actual, difference, tolerance, reason) in changes.checks.items():
            if state == GONE:
                self._checks.pop(key, None)
                self._sides.pop(key, None)
            else:
                self._checks[key] = (str(state), _text(difference), _text(reason))
                self._sides[key] = (_text(expected), _text(actual), _text(tolerance))
        for key, (_, _, _, expected, actual, tolerance) in changes.sides.items():
            self._sides[key] = (_text(expected), _text(actual), _text(tolerance))
        for name, group in changes.groups.items():
            if group is None:
                self._groups.pop(name, None)
            else:
                self._groups[name] = group
        self._sources.update({str(name): (_text(through), _text(error)) for name, _, through, error in changes.sources})
        for _, _, interval in changes.paces:
            self._pace = int(interval or 0)
        self._outlived |= changes.outlived

    def _compare(self, groups: Mapping[str, tuple[Check, ...]], found: Changes, seq: int, at: int) -> None:
        gone: set[Key] = set()
        for name in self._groups.keys() - groups.keys():
            found.groups[name] = None
            gone |= _keys(self._groups[name])
        there: set[Key] = set()
        for name, checks in groups.items():
            known = self._groups.get(name)
            if known is checks:
                continue
            found.groups[name] = checks
            gone |= _keys(known or ())
            for check in checks:
                key = (check.name, check.scope)
                there.add(key)
                if self._checks.get(key) != _said(check):
                    found.checks[key] = _note(check, seq, at)
                elif not _in_its_snapshot(check) and self._sides.get(key) != _sides(check):
                    found.sides[key] = [*key, seq, *_sides(check)]
        for key in gone - there:
            if key in self._checks:
                found.checks[key] = _gone(key, seq, at)

    def _outlive(self, groups: Mapping[str, tuple[Check, ...]], found: Changes, seq: int, at: int) -> None:
        """Note which checks of before the start are made no more, once."""
        made = _keys(check for checks in groups.values() for check in checks)
        found.checks.update({key: _gone(key, seq, at) for key in self._checks.keys() - made})


def append(connection: Connection, changes: Changes) -> None:
    """Write changes."""
    for table, rows in (
        (schema.check_log, list(changes.checks.values())),
        (schema.check_side, list(changes.sides.values())),
        (schema.source_note, changes.sources),
        (schema.pace, changes.paces),
    ):
        if rows:
            names = [column.name for column in table.c]
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def standing(upto: int | None) -> Select[Any]:
    """Return the query of every check that is made, as it stands or stood in the snapshot `upto`, by its last change.

    Its sides and its tolerance are those of then: `check_side` has them where they moved since that change.
    """
    c, s, side = schema.check_log.c, schema.check_side.c, schema.check_side.alias("side")
    last = select(c.name, c.scope, func.max(c.seq).label("seq")).group_by(c.name, c.scope)
    moved = select(func.max(s.seq)).where(s.name == c.name, s.scope == c.scope, s.seq > c.seq)
    if upto is not None:
        last, moved = last.where(c.seq <= upto), moved.where(s.seq <= upto)
    found, then = last.subquery(), moved.correlate(schema.check_log).scalar_subquery()
    logged = and_(c.name == found.c.name, c.scope == found.c.scope, c.seq == found.c.seq)
    sided = and_(side.c.name == c.name, side.c.scope == c.scope, side.c.seq == then)
    sides = [func.coalesce(side.c[name], c[name]).label(name) for name in ("expected", "actual", "tolerance")]
    query = select(c.name, c.scope, c.seq, c.at_us, c.state, c.difference, c.reason, *sides)
    return query.select_from(schema.check_log.join(found, logged).outerjoin(side, sided)).where(c.state != GONE)


def history(
    connection: Connection, name: str, scope: str, since: datetime | None, until: datetime | None
) -> list[CheckChange]:
    """Return how a check changed, oldest first; see `pnl.ports.Store.check_history`."""
    c = schema.check_log.c
    query = select(schema.check_log).where(c.name == name, c.scope == scope).order_by(c.seq)
    if until:
        query = query.where(c.at_us < microseconds(until))
    if since:
        before = select(func.max(c.at_us)).where(c.name == name, c.scope == scope, c.at_us <= microseconds(since))
        query = query.where(c.at_us >= func.coalesce(before.scalar_subquery(), 0))
    return [_change(row) for row in connection.execute(query)]


def changed(connection: Connection, after: int, limit: int) -> list[tuple[str, str, CheckChange]]:
    """Return how checks changed after a sequence; see `pnl.ports.Store.checks_changed`."""
    c = schema.check_log.c
    news = select(schema.check_log).where(c.seq > after).order_by(c.seq.desc()).limit(limit)
    found = list(connection.execute(news))
    keys = select(c.name, c.scope).where(c.seq > after).distinct().subquery()
    same = and_(c.name == keys.c.name, c.scope == keys.c.scope)
    newest = select(c.name, c.scope, func.max(c.seq).label("seq")).join(keys, same).where(c.seq <= after)
    before = newest.group_by(c.name, c.scope).subquery()
    leads = select(schema.check_log).join(
        before, and_(c.name == before.c.name, c.scope == before.c.scope, c.seq == before.c.seq)
    )
    if len(found) < limit:
        found += connection.execute(leads)
    found.sort(key=lambda row: (row.name, row.scope, row.seq))
    return [(row.name, row.scope, _change(row)) for row in found]


def paces(connection: Connection) -> list[tuple[datetime, int]]:
    """Return since when ticks are made how often, in seconds, oldest first."""
    c = schema.pace.c
    rows = connection.execute(select(c.at_us, c.interval_us).order_by(c.seq))
    return [(moment(at), interval // 1_000_000) for at, interval in rows]


def _change(row: Row[Any]) -> CheckChange:
    return CheckChange(
        seq=row.seq,
        at=moment(row.at_us),
        state=row.state,
        expected=row.expected,
        actual=row.actual,
        difference=row.difference,
        tolerance=row.tolerance,
        reason=row.reason,
    )


def _note(check: Check, seq: int, at: int) -> Note:
    state, difference, reason = _said(check)
    expected, actual, tolerance = _sides(check)
    return [check.name, check.scope, seq, at, state, expected, actual, difference, tolerance, reason]


def _sides(check: Check) -> _Sides:
    show = count_text if check.counts else money
    return show(check.expected), show(check.actual), show(check.tolerance)


def _in_its_snapshot(check: Check) -> bool:
    """Tell whether both sides are the net of the snapshot itself, which moves at nearly every tick."""
    return check.name == IDENTITY and check.state == "ok"


def _gone(key: Key, seq: int, at: int) -> Note:
    return [*key, seq, at, GONE, None, None, None, None, None]


def _said(check: Check) -> _Said:
    show = count_text if check.counts else money
    state = check.state
    return state, show(check.actual - check.expected), check.waiting if state == "waiting" else check.reason


def _keys(checks: Iterable[Check]) -> set[Key]:
    return {(check.name, check.scope) for check in checks}


def _told(state: SourceState) -> tuple[str | None, str | None]:
    return state.complete_through.isoformat() if state.complete_through else None, state.error


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
