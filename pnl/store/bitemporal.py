"""What was known when: records, marks and descriptions as a snapshot knew them, and all versions of records.

A snapshot knows the records up to a number of its own (`last_record`), and the marks and descriptions
that were kept with it or before: so a past state is told by what was kept, never by clocks.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, and_, func, literal, or_, select

from pnl.domain.records import Kind, Mark, Market, Record
from pnl.domain.snapshot import LINES, Account, Snapshot, SourceState
from pnl.ports import CheckChange, Course, ShownSnapshot, Trade
from pnl.store import checklog, quotes, readings, schema
from pnl.store.facts import decode, microseconds, moment
from pnl.store.streams import stream

CHUNK = 400
TRADES: tuple[Kind, ...] = ("fill", "settlement")
table = schema.record
Rows: TypeAlias = Select[Any]


@dataclass(frozen=True, slots=True)
class Horizon:
    """What a snapshot knew: its sequence, its instant in microseconds, and the number of its last record."""

    seq: int
    as_of: int
    known: int


NOTHING = Horizon(0, -1, 0)


def horizon(connection: Connection, at: datetime) -> Horizon:
    """Return the horizon of the newest snapshot at or before an instant; before the first, nothing is known."""
    c = schema.snapshot.c
    query = select(c.seq, c.as_of_us, c.last_record).where(c.as_of_us <= microseconds(at))
    row = connection.execute(query.order_by(c.as_of_us.desc()).limit(1)).first()
    return Horizon(*row) if row else NOTHING


def facts(
    connection: Connection, known: int, kinds: Sequence[Kind], tickers: Collection[str] | None
) -> Iterator[Record]:
    """Give the records of these kinds in the version that was the newest at a number, in no order.

    With `tickers`, only those of these markets.
    """
    if tickers is None:
        yield from (reading.record for reading in readings.standing(connection, known, kinds))
    c, newer = table.c, table.alias("newer")
    same = and_(newer.c.source == c.source, newer.c.kind == c.kind, newer.c.nat_id == c.nat_id)
    beaten = select(newer.c.rec_id).where(same, newer.c.version > c.version, newer.c.rec_id <= known).exists()
    query = select(*_columns(raw=True)).where(c.rec_id <= known, c.kind.in_(kinds), ~beaten)
    for part in _parts(query, c.ticker, tickers):
        for row in stream(connection, part):
            yield _record(row)


def versions(
    connection: Connection,
    kinds: Sequence[Kind],
    after: int,
    upto: int,
    tickers: Collection[str] | None,
) -> list[tuple[int, Record]]:
    """Return every version of records with its number; see `pnl.ports.Store.versions`."""
    c = table.c
    query = select(*_columns(raw=False), c.rec_id).where(c.kind.in_(kinds), c.rec_id <= upto)
    if after:
        query = query.where(c.rec_id > after)
    rows = [row for part in _parts(query, c.ticker, tickers) for row in stream(connection, part)]
    found = [(row[8], _record(row)) for row in rows]
    if tickers is None:
        replaced_since = readings.standing(connection, upto, kinds)
        found += [(one.number, replace(one.record, raw="")) for one in replaced_since if one.number > after]
    return sorted(found, key=lambda pair: pair[0])


def read_since(connection: Connection, since: int, until: int, after: int, upto: int) -> tuple[int, Record] | None:
    """Return the newest record of usage or cost in [since, until), in microseconds, of numbers above `after` to `upto`.

    It comes with its number; None where there is none.
    """
    c = table.c
    kinds: tuple[Kind, ...] = ("usage", "cost")
    inside = (c.effective_us >= since, c.effective_us < until, c.rec_id > after, c.rec_id <= upto)
    numbers = [connection.execute(select(func.max(c.rec_id)).where(c.kind == kind, *inside)).scalar() for kind in kinds]
    number = max((one for one in numbers if one), default=0)
    replaced = [
        one
        for one in readings.standing(connection, upto, kinds)
        if one.number > max(after, number) and since <= one.effective_us < until
    ]
    if replaced:
        return replaced[-1].number, replaced[-1].record
    if not number:
        return None
    return number, _record(connection.execute(select(*_columns(raw=True)).where(c.rec_id == number)).one())


def read(connection: Connection, since: int, until: int, after: int | None, upto: int) -> list[tuple[int, Record]]:
    """Return readings of usage and cost in [since, until), in microseconds; see `pnl.ports.Store.readings`."""
    c, low = table.c, after or 0
    inside = (c.effective_us >= since, c.effective_us < until, c.rec_id > low, c.rec_id <= upto)
    query = select(*_columns(raw=False), c.rec_id).where(c.kind.in_(readings.PROVISIONAL), *inside)
    found = [(row[8], _record(row)) for row in stream(connection, query)]
    stood = upto if after is None else after
    replaced = readings.replaced(connection, since, until, stood)
    found += [(one.number, one.record) for one in replaced if low < one.number <= upto]
    return sorted(found, key=lambda pair: pair[0])


def trades(connection: Connection, after: int) -> list[Trade]:
    """Return what is known of the times of fills and settlements kept after a number, by number."""
    c = table.c
    found = [
        Trade(number=number, ticker=ticker, at=moment(at), settles=kind == "settlement")
        for ticker, at, number, kind in stream(
            connection,
            select(c.ticker, c.effective_us, c.rec_id, c.kind).where(c.ticker.is_not(None), c.rec_id > after),
        )
    ]
    corrected = select(c.source, c.kind, c.nat_id).where(c.kind.in_(TRADES), c.version > 1, c.rec_id > after)
    names = {tuple(row) for row in connection.execute(corrected)}
    for source, kind, name in names:  # an earlier version may have stood at another time
        of = (c.source == source, c.kind == kind, c.nat_id == name)
        first = connection.execute(select(func.min(c.effective_us), func.max(c.effective_us)).where(*of)).one()
        numbers = select(c.rec_id, c.ticker).where(*of, c.rec_id > after)
        found += [
            Trade(number=row.rec_id, ticker=row.ticker, at=moment(at), settles=kind == "settlement")
            for row in connection.execute(numbers)
            for at in first
        ]
    return sorted(found, key=lambda trade: trade.number)


def marks(connection: Connection, seq: int, as_of: int, tickers: Collection[str] | None) -> tuple[Mark, ...]:
    """Return the newest mark of every market, or of these, that a snapshot knew."""
    outer, inner = schema.mark, schema.mark.alias("inner_mark")
    knew = or_(inner.c.seq <= seq, and_(inner.c.seq.is_(None), inner.c.at_us <= as_of))
    if tickers is None:
        hop = select(func.min(outer.c.ticker).label("ticker")).cte("hop", recursive=True)
        following = select(func.min(outer.c.ticker)).where(outer.c.ticker > hop.c.ticker).scalar_subquery()
        hop = hop.union_all(select(following).where(hop.c.ticker.is_not(None)))
        last = _last(inner, hop.c.ticker, knew)
        joined = hop.join(outer, and_(outer.c.ticker == hop.c.ticker, outer.c.at_us == last))
        return tuple(quotes.mark(row) for row in connection.execute(select(outer).select_from(joined)))
    found: list[Mark] = []
    for ticker in sorted(tickers):
        query = select(inner).where(inner.c.ticker == ticker, knew).order_by(inner.c.at_us.desc()).limit(1)
        row = connection.execute(query).first()
        if row:
            found.append(quotes.mark(row))
    return tuple(found)


def marks_along(connection: Connection, ticker: str, seqs: Collection[int]) -> dict[int, Mark | None]:
    """Return the newest mark of a market that each of these snapshots knew; without those that are not kept."""
    s, outer, inner = schema.snapshot, schema.mark, schema.mark.alias("inner_mark")
    knew = or_(inner.c.seq <= s.c.seq, and_(inner.c.seq.is_(None), inner.c.at_us <= s.c.as_of_us))
    newest = select(inner.c.at_us).where(inner.c.ticker == ticker, knew).order_by(inner.c.at_us.desc()).limit(1)
    last = newest.correlate(s).scalar_subquery()
    joined = s.outerjoin(outer, and_(outer.c.ticker == ticker, outer.c.at_us == last))
    query = select(s.c.seq.label("known_by"), outer).select_from(joined).where(s.c.seq.in_(seqs))
    return {row.known_by: quotes.mark(row) if row.ticker else None for row in connection.execute(query)}


def markets(connection: Connection, seq: int, tickers: Collection[str] | None) -> tuple[Market, ...]:
    """Return what the markets, or these, were called when a snapshot was made."""
    c, later = schema.market_change.c, schema.market_change.alias("later")
    beaten = select(later.c.seq).where(later.c.ticker == c.ticker, later.c.seq > c.seq, later.c.seq <= seq).exists()
    query = select(schema.market_change).where(c.seq <= seq, ~beaten)
    return tuple(quotes.market(row) for part in _parts(query, c.ticker, tickers) for row in connection.execute(part))


def shown(connection: Connection, seq: int) -> ShownSnapshot | None:
    """Return a snapshot as it was shown, without its positions; see `pnl.ports.Store.shown`."""
    row = connection.execute(select(schema.snapshot).where(schema.snapshot.c.seq == seq)).first()
    if row is None:
        return None
    cash, value = row.cash_n, row.positions_value_n
    lines = {line: getattr(row, f"{line}_n") for line in LINES}
    head = Snapshot(
        seq=row.seq,
        as_of=moment(row.as_of_us),
        day=date.fromisoformat(row.day),
        demo=False,
        finality=row.finality,
        lines=lines,
        net=row.net_n,
        net_realised=row.net_realised_n,
        complete=bool(row.complete),
        missing=tuple(line for line in LINES if lines[line] is None),
        flags=tuple(row.flags.split()),
        account=Account(
            cash=cash,
            positions_value=value,
            exposure=row.exposure_n,
            equity=None if cash is None or value is None else cash + value,
        ),
        sources=_sources(connection, row.sources, row.seq),
        checks_ok=row.checks_ok,
        checks_failed=row.checks_failed,
        checks_waiting=row.checks_waiting,
        positions=(),
        unrealised_total=row.unrealised_total_n,
    )
    return ShownSnapshot(head=head, known=row.last_record)


def checks(connection: Connection, seq: int) -> list[tuple[str, str, CheckChange]]:
    """Return every check as it was when a snapshot was made; see `pnl.ports.Store.checks_at`."""
    c = schema.check_log.c
    own, other = schema.check_log.alias("own"), schema.check_log.alias("other")
    of = (own.c.name == c.name, own.c.scope == c.scope, own.c.seq <= c.seq, own.c.state == c.state)
    between = (other.c.name == c.name, other.c.scope == c.scope, other.c.seq < c.seq, other.c.seq > own.c.seq)
    unbroken = ~select(other.c.seq).where(*between, other.c.state != c.state).correlate(own, schema.check_log).exists()
    began = select(func.min(own.c.at_us)).where(*of, unbroken).scalar_subquery().label("began_us")
    return [
        (
            row.name,
            row.scope,
            CheckChange(
                seq=row.seq,
                at=moment(row.began_us),
                state=row.state,
                expected=row.expected,
                actual=row.actual,
                difference=row.difference,
                tolerance=row.tolerance,
                reason=row.reason,
            ),
        )
        for row in connection.execute(checklog.standing(seq).add_columns(began))
    ]


def span(connection: Connection, first: int, last: int) -> tuple[int | None, int | None, tuple[str, ...]]:
    """Return the highest and the lowest net of snapshots from `first` to `last`, and the qualities that they had.

    Those of complete snapshots count; of the others only where there is no complete one.
    """
    c = schema.snapshot.c
    inside = (c.seq >= first, c.seq <= last)
    extremes = select(func.max(c.net_n), func.min(c.net_n)).where(*inside)
    high, low = connection.execute(extremes.where(c.complete == 1)).one()
    if high is None:
        high, low = connection.execute(extremes).one()
    return high, low, tuple(connection.execute(select(c.quality).where(*inside).distinct()).scalars())


def opens(connection: Connection, first: int, last: int) -> int | None:
    """Return the first complete snapshot from `first` to `last`; without any, the first whose net is known."""
    c = schema.snapshot.c
    query = select(c.seq).where(c.seq >= first, c.seq <= last, c.net_n.is_not(None)).order_by(c.seq).limit(1)
    found: int | None = connection.execute(query.where(c.complete == 1)).scalar()
    return connection.execute(query).scalar() if found is None else found


def course(connection: Connection, first: int, last: int) -> Course | None:
    """Return how far the net of all days so far went over snapshots from `first` to `last`; see `pnl.ports.Store`."""
    c = schema.snapshot.c
    query = select(c.seq, c.carried_n + c.net_n).where(c.seq >= first, c.seq <= last, c.net_n.is_not(None))
    query = query.order_by(c.seq)
    return _course(connection.execute(query.where(c.complete == 1))) or _course(connection.execute(query))


def _course(rows: Iterable[Sequence[int]]) -> Course | None:
    told = iter(rows)
    opens = next(told, None)
    if opens is None:
        return None
    high = low = peak = (opens[0], opens[1])
    deepest, fall = 0, None
    for seq, net in told:
        if net > peak[1]:
            peak = high = (seq, net)
        elif net - peak[1] < deepest:
            deepest, fall = net - peak[1], (peak[0], seq)
        if net < low[1]:
            low = (seq, net)
    return Course(opens[0], high[0], low[0], fall)


def _sources(connection: Connection, text: str, seq: int) -> dict[str, SourceState]:
    """Return the states that a snapshot's row tells, with what was noted of each last."""
    found: dict[str, SourceState] = {}
    c = schema.source_note.c
    for word in text.split():
        name, _, told = word.partition("=")
        status, _, second = told.partition("@")
        query = select(c.complete_through, c.error).where(c.name == name, c.seq <= seq).order_by(c.seq.desc())
        note = connection.execute(query.limit(1)).first()
        through = note.complete_through if note else None
        found[name] = SourceState(
            status=status,  # type: ignore[arg-type] # one of the words, as it was written
            as_of=moment(int(second) * 1_000_000) if second not in ("", "-") else None,
            complete_through=date.fromisoformat(through) if through else None,
            next_attempt=None,
            error=note.error if note else None,
        )
    return found


def _columns(*, raw: bool) -> tuple[Any, ...]:
    c = table.c
    body = c.raw if raw else literal("").label("raw")
    return c.source, c.kind, c.nat_id, c.version, c.effective_us, c.recorded_us, c.fact, body


def _record(row: Sequence[Any]) -> Record:
    source, kind, name, version, effective, recorded, fact, raw, *_ = row
    return Record(
        source=source,
        kind=kind,
        id=name,
        version=version,
        effective_at=moment(effective),
        recorded_at=moment(recorded),
        fact=decode(fact),
        raw=raw,
    )


def _parts(query: Rows, ticker: Any, tickers: Collection[str] | None) -> Iterator[Rows]:  # noqa: ANN401 - a column
    if tickers is None:
        yield query
        return
    wanted = sorted(set(tickers))
    for start in range(0, len(wanted), CHUNK):
        yield query.where(ticker.in_(wanted[start : start + CHUNK]))


def _last(inner: Any, ticker: Any, knew: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's own types are of no use here
    return select(func.max(inner.c.at_us)).where(inner.c.ticker == ticker, knew).scalar_subquery()
