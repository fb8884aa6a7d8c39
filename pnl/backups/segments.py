"""Segments: what an archive was given since it went so far, as lines of JSON, compressed.

The first line says after what and up to what; then the rows of one table after the other, each line a table's name
and a row's values in the order of its columns. What is drawn from snapshots (roll-ups, company days) is not in it:
it is made anew when the segment is put on. Of what has no history the newest rows are in it, all or, where none
changed since the last segment, none.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from pnl.backups.reach import Reach
from pnl.store import schema
from pnl.store.entries import SOURCE
from pnl.store.streams import stream

FORMAT = "pnl-segment/1"
BY_SEQ = ("snapshot", "reading", "mark", "market_change", "source_note", "check_log", "check_side", "pace", "thinned")
"""Tables whose rows name the snapshot that they came with."""
BY_NUMBER = {
    "record": ("rec_id", "record"),
    "audit": ("audit_id", "audit"),
    "alert_change": ("change_id", "change"),
    "alert_event": ("event_id", "event"),
}
"""Tables whose rows are numbered: the column, and where `Reach` says how far they go."""
STATE = (
    *("about", "current", "checks", "leader", "secret", "source_memory", "source_wish"),
    *("user_account", "user_session", "api_token", "sign_in_attempt", "embed_link", "embed_ticket"),
    *("alert_board", "alert_book", "alert_rule", "alert_silence", "alert_message"),
)
"""Tables without a history: few rows, which others take the place of."""
MADE_ANEW = ("company_day", "market", "thinning", *(f"roll_{level}" for level in schema.LEVELS))
"""Tables that follow from the rows of others."""
PASSING = ("recent",)
"""Tables for processes and readers that are there now: no archive needs them."""
_BYTES = "base64"


def write(connection: Connection, after: Reach, upto: Reach, known: Mapping[str, str], file: Path) -> dict[str, str]:
    """Write the segment from `after` to `upto`, and return the digests of tables without a history.

    Args:
        connection: Reads one instant of the archive, that of `upto`.
        after: How far what is kept already goes.
        upto: How far the archive goes.
        known: Those digests as the last segment left them; a table whose digest is the same is left out.
        file: Where to.
    """
    digests: dict[str, str] = {}
    head = {"format": FORMAT, "after": after.to_json(), "upto": upto.to_json()}
    with (
        file.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed,
    ):
        packed.write(_line(head))
        for name, rows in _grown(connection, after, upto):
            for row in rows:
                packed.write(_line([name, *row]))
        for name in STATE:
            table = schema.metadata.tables[name]
            found = [list(row) for row in stream(connection, select(table).order_by(*table.primary_key))]
            digests[name] = hashlib.sha256(_line([_plain(row) for row in found])).hexdigest()
            if digests[name] != known.get(name):
                packed.write(_line([name]))  # what was there makes room
                for row in found:
                    packed.write(_line([name, *row]))
    return digests


def head_of(file: Path) -> tuple[Reach, Reach]:
    """Return after what a segment is, and up to what.

    Raises:
        ValueError: It is no segment, or is cut off.
    """
    with gzip.open(file) as packed:
        return _head(packed.readline())


def rows_of(file: Path) -> Iterator[tuple[str, list[Any]]]:
    """Give the lines of a segment: a table and a row; an empty row where the rows that are there make room.

    Raises:
        ValueError: It is no segment, or is cut off.
    """
    try:
        with gzip.open(file) as packed:
            _head(packed.readline())
            for line in packed:
                name, *row = json.loads(line)
                if name not in schema.metadata.tables:
                    raise ValueError(f"there is no table {name!r}")
                yield name, [base64.b64decode(one[_BYTES]) if isinstance(one, dict) else one for one in row]
    except (OSError, EOFError) as error:
        raise ValueError(f"it cannot be read to its end: {error}") from error


def _head(line: bytes) -> tuple[Reach, Reach]:
    try:
        found = json.loads(line)
        if found["format"] != FORMAT:
            raise ValueError(f"it is a {found['format']}, and this version reads {FORMAT}")
        return Reach.of_json(found["after"]), Reach.of_json(found["upto"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"its first line makes no sense: {error}") from error


def _grown(connection: Connection, after: Reach, upto: Reach) -> Iterator[tuple[str, Iterable[Any]]]:
    """Give the tables that are only added to, each with its rows between the two."""
    for name in BY_SEQ:
        yield name, _between(connection, name, "seq", after.seq, upto.seq)
    yield "gap", _between(connection, "gap", "until_us", after.at_us, upto.at_us)
    for name, (column, reached) in BY_NUMBER.items():
        yield name, _between(connection, name, column, getattr(after, reached), getattr(upto, reached))
    c = schema.record.c
    since = select(schema.record).where(c.rec_id > upto.record, c.source == SOURCE)  # the audit has their lines already
    yield "record", stream(connection, since.order_by(c.rec_id))


def _between(connection: Connection, name: str, column: str, above: int, upto: int) -> Iterable[Any]:
    table: Table = schema.metadata.tables[name]
    of: ColumnElement[Any] = table.c[column]
    return stream(connection, select(table).where(of > above, of <= upto).order_by(of, *table.primary_key))


def _line(value: Any) -> bytes:  # noqa: ANN401 - JSON, with bytes in it
    if isinstance(value, list):
        value = _plain(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _plain(row: list[Any]) -> list[Any]:
    return [{_BYTES: base64.b64encode(one).decode()} if isinstance(one, bytes | memoryview) else one for one in row]
