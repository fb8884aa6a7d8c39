"""What a snapshot says of the rest that its tick wrote: digests of marks, of descriptions and of itself as shown.

They are columns of its row, and so in its link. A snapshot of a version before has none of them, and its link
is without them. Marks are thinned when they are old: `marks_since_us` is the oldest of a tick's, so that whoever
looks knows whether all of them must still be there. What a step of thinning left has a digest of its own, in
`thinned`, and is in the link of the snapshot after it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, func, select

from pnl.domain.records import Mark, Market
from pnl.domain.snapshot import LINES, instant, money
from pnl.store import quotes, schema
from pnl.store.facts import moment
from pnl.store.streams import stream

DAY_US = 86_400_000_000
COLUMNS = ("marks_since_us", "marks_sha256", "markets_sha256", "body_sha256")
"""What the columns are called. `body_sha256` is in the row of every snapshot that has any of them."""
_WRITTEN = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""Made once: a tick has hundreds of rows, and `json.dumps` makes an encoder for each."""
_OF_MARKS = tuple(column.name for column in schema.mark.c if column.name != "seq")
_OF_MARKETS = tuple(column.name for column in schema.market_change.c if column.name != "seq")


def values(marks: Iterable[Mark], markets: Iterable[Market], body: str) -> dict[str, str | int | None]:
    """Return the columns of a snapshot: of the marks and descriptions that its tick writes, and its text."""
    said = [[row[name] for name in _OF_MARKS] for row in quotes.rows(marks)]
    called = [[row[name] for name in _OF_MARKETS] for row in quotes.names(markets)]
    return {
        "marks_since_us": min((row[1] for row in said), default=None),
        "marks_sha256": digest(sorted(said)),
        "markets_sha256": digest(sorted(called)),
        "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
    }


def shown(body: str, row: Mapping[str, Any]) -> bool:
    """Tell whether a snapshot's text is that of its row: by its digest, or, where it has none, by its figures."""
    if row["body_sha256"] is not None:
        return hashlib.sha256(body.encode()).hexdigest() == str(row["body_sha256"])
    try:
        told = json.loads(body)
        lines = {**told["lines"], "net": told["net"], "net_realised": told["net_realised"]}
        when = told["seq"], told["as_of"]
    except (ValueError, KeyError, TypeError):  # no snapshot's text at all
        return False
    figures = {name: money(row[f"{name}_n"]) for name in (*LINES, "net", "net_realised")}
    return lines == figures and when == (row["seq"], instant(moment(row["as_of_us"])))


def digest(rows: Sequence[Sequence[Any]]) -> str | None:
    """Return the SHA-256 of rows, 64 hexadecimal digits; None where there is none."""
    return hashlib.sha256(b"".join(map(text, rows))).hexdigest() if rows else None


def text(row: Sequence[Any]) -> bytes:
    """Return what a digest takes of one row."""
    return _WRITTEN(list(row)).encode() + b"\n"


def written(connection: Connection, first: int, last: int) -> tuple[dict[int, str | None], dict[int, str | None]]:
    """Return the digests of the marks and of the descriptions that are there of snapshots, each by its sequence."""
    return (
        dict(_digests(connection, schema.mark, _OF_MARKS, first, last)),
        dict(_digests(connection, schema.market_change, _OF_MARKETS, first, last)),
    )


def thinned_until(connection: Connection) -> int:
    """Return the instant, in microseconds, before which marks may have been thinned; 0 where none were."""
    day = connection.execute(select(func.max(schema.thinned.c.day_us))).scalar()
    return 0 if day is None else int(day) + DAY_US


def mark(row: Mapping[str, Any]) -> list[Any]:
    """Return what a digest takes of a row of marks."""
    return [row[name] for name in _OF_MARKS]


def _digests(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    first: int,
    last: int,
) -> Iterator[tuple[int, str | None]]:
    c = table.c
    query = select(c.seq, *(c[name] for name in names)).where(c.seq >= first, c.seq <= last)
    rows = stream(connection, query.order_by(c.seq, *(key for key in table.primary_key if key.name != "seq")))
    for seq, mine in groupby(rows, key=itemgetter(0)):
        yield seq, digest([row[1:] for row in mine])
