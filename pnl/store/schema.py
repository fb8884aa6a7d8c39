"""The tables. Money is nano-dollars (`_n`), times are microseconds since 1970 (`_us`).

`record`, `snapshot` and `audit` are only ever added to; triggers refuse anything else.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import sqlite

from pnl.domain.snapshot import LINES

Whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
metadata = MetaData()
APPEND_ONLY = ("record", "snapshot", "audit")


def _table(
    name: str, *parts: Column[int] | Column[str] | CheckConstraint | UniqueConstraint, rowid: bool = True
) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def _whole(name: str, *, key: bool = False, unknown: bool = False) -> Column[int]:
    return Column(name, Whole, primary_key=key, nullable=unknown, autoincrement=False)


def _text(name: str, *, key: bool = False, unknown: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=unknown)


about = _table("about", _text("name", key=True), _text("value"))

record = _table(
    "record",
    Column("rec_id", Whole, primary_key=True),
    _text("source"),
    _text("kind"),
    _text("nat_id"),
    _whole("version"),
    _whole("effective_us"),
    _whole("recorded_us"),
    _text("fact"),
    _text("raw"),
    _text("sha256"),
    UniqueConstraint("source", "kind", "nat_id", "version"),
    CheckConstraint("version >= 1", name="versions_count_from_one"),
)
Index("record_by_time", record.c.kind, record.c.effective_us, record.c.rec_id)

mark = _table(
    "mark",
    _text("ticker", key=True),
    _whole("at_us", key=True),
    _text("status"),
    _whole("yes_bid_n", unknown=True),
    _whole("yes_ask_n", unknown=True),
    _whole("no_bid_n", unknown=True),
    _whole("no_ask_n", unknown=True),
    _whole("last_n", unknown=True),
    _whole("settlement_value_n", unknown=True),
    rowid=False,
)

market = _table(
    "market",
    _text("ticker", key=True),
    _text("event_ticker"),
    _text("title"),
    _whole("close_us", unknown=True),
    _whole("mutually_exclusive"),
    rowid=False,
)

source_memory = _table("source_memory", _text("name", key=True), _text("body"))

snapshot = _table(
    "snapshot",
    _whole("seq", key=True),
    _whole("as_of_us"),
    _text("day"),
    *(_whole(f"{line}_n", unknown=True) for line in LINES),
    _whole("net_n", unknown=True),
    _whole("net_realised_n", unknown=True),
    _whole("unrealised_total_n", unknown=True),
    _whole("cash_n", unknown=True),
    _whole("positions_value_n", unknown=True),
    _whole("exposure_n", unknown=True),
    _whole("complete"),
    _text("finality"),
    _text("quality"),
    _text("flags"),
    _text("sources"),
    _whole("checks_ok"),
    _whole("checks_failed"),
    _whole("checks_waiting"),
    CheckConstraint(
        "net_n IS NULL OR net_n = " + " + ".join(f"coalesce({line}_n, 0)" for line in LINES), name="lines_add_up"
    ),
)
Index("snapshot_by_time", snapshot.c.as_of_us, unique=True)

current = _table("current", _whole("id", key=True), _whole("seq"), _text("body"), CheckConstraint("id = 1"))

gap = _table("gap", _whole("since_us", key=True), _whole("until_us"), _whole("missed"), _text("reason"))

audit = _table(
    "audit",
    Column("audit_id", Whole, primary_key=True),
    _whole("at_us"),
    _text("actor"),
    _text("action"),
    _text("entry_id"),
    _text("body"),
    _text("previous_hash"),
    _text("hash"),
)
Index("audit_by_entry", audit.c.entry_id, audit.c.audit_id)

leader = _table("leader", _whole("id", key=True), _whole("epoch"), CheckConstraint("id = 1"))

checks = _table("checks", _whole("id", key=True), _whole("seq"), _text("body"), CheckConstraint("id = 1"))
