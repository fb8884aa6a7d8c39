"""Marks, kept where they changed, and the markets that they belong to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from pnl.domain.records import Mark, Market
from pnl.store import schema
from pnl.store.facts import MICROSECOND, microseconds, moment
from pnl.store.upsert import put

QUOTES = ("yes_bid", "yes_ask", "no_bid", "no_ask", "last", "settlement_value")
_said = attrgetter("status", *QUOTES)


def moved(marks: Iterable[Mark], known: Mapping[str, Mark]) -> list[Mark]:
    """Return the marks that say something else than the newest that is known of their market, in time.

    One of the very instant of the newest that is known is told a millionth of a second after it, so that
    no mark takes the place of one that was kept.
    """
    return [
        replace(mark, at=old.at + MICROSECOND) if old and mark.at == old.at else mark
        for mark in marks
        if (old := known.get(mark.ticker)) is None or (mark.at >= old.at and _said(mark) != _said(old))
    ]


def append(connection: Connection, marks: Iterable[Mark], seq: int) -> None:
    """Add marks, with the snapshot that is the first to know them: a late answer's may be older than the one before."""
    put(connection, schema.mark, [{**row, "seq": seq} for row in rows(marks)])


def name(connection: Connection, markets: Iterable[Market], seq: int) -> None:
    """Keep what markets are called, and from which snapshot on they were called so."""
    called = names(markets)
    put(connection, schema.market, called)
    put(connection, schema.market_change, [{**row, "seq": seq} for row in called])


def rows(marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """Return the rows of marks, without their sequence; of the same market and instant the last one counts."""
    found = {(mark.ticker, mark.at): mark for mark in marks}
    return [
        {
            "ticker": mark.ticker,
            "at_us": microseconds(mark.at),
            "status": mark.status,
            **{f"{name}_n": getattr(mark, name) for name in QUOTES},
        }
        for mark in found.values()
    ]


def names(markets: Iterable[Market]) -> list[dict[str, Any]]:
    """Return the rows of descriptions, without their sequence; of the same market the last one counts."""
    found = {market.ticker: market for market in markets}
    return [
        {
            "ticker": market.ticker,
            "event_ticker": market.event_ticker,
            "title": market.title,
            "close_us": microseconds(market.close_time) if market.close_time else None,
            "mutually_exclusive": int(market.mutually_exclusive),
        }
        for market in found.values()
    ]


def newest(connection: Connection) -> tuple[Mark, ...]:
    """Return the newest mark of every market.

    Hops from ticker to ticker along the primary key: grouping would read years of marks.
    """
    c = schema.mark.c
    hop = select(func.min(c.ticker).label("ticker")).cte("hop", recursive=True)
    following = select(func.min(c.ticker)).where(c.ticker > hop.c.ticker).scalar_subquery()
    hop = hop.union_all(select(following).where(hop.c.ticker.is_not(None)))
    inner = schema.mark.alias("inner_mark")
    last = select(func.max(inner.c.at_us)).where(inner.c.ticker == hop.c.ticker).scalar_subquery()
    query = select(schema.mark).select_from(hop.join(schema.mark, and_(c.ticker == hop.c.ticker, c.at_us == last)))
    return tuple(mark(row) for row in connection.execute(query))


def markets(connection: Connection) -> tuple[Market, ...]:
    """Return every market that was ever seen."""
    return tuple(market(row) for row in connection.execute(select(schema.market)))


def renamed(connection: Connection) -> Iterator[str]:
    """Give the markets whose description is not the newest that was noted of them."""
    c, later = schema.market_change.c, schema.market_change.alias("later")
    beaten = select(later.c.seq).where(later.c.ticker == c.ticker, later.c.seq > c.seq).exists()
    of = schema.market.join(schema.market_change, c.ticker == schema.market.c.ticker, isouter=True, full=True)
    query = select(schema.market, schema.market_change).select_from(of).where(c.ticker.is_(None) | ~beaten)
    width = len(schema.market.c)
    for row in connection.execute(query):
        called = [row[width], *row[width + 2 :]]
        if list(row[:width]) != called:
            yield row[0] or row[width]


def mark(row: Row[Any]) -> Mark:
    """Return the quotes that a row of marks says."""
    return Mark(
        ticker=row.ticker,
        at=moment(row.at_us),
        status=row.status,
        yes_bid=row.yes_bid_n,
        yes_ask=row.yes_ask_n,
        no_bid=row.no_bid_n,
        no_ask=row.no_ask_n,
        last=row.last_n,
        settlement_value=row.settlement_value_n,
    )


def market(row: Row[Any]) -> Market:
    """Return the description that a row of markets, or of their changes, says."""
    return Market(
        ticker=row.ticker,
        event_ticker=row.event_ticker,
        title=row.title,
        close_time=None if row.close_us is None else moment(row.close_us),
        mutually_exclusive=bool(row.mutually_exclusive),
    )
