"""The tables. Money is nano-dollars (`_n`), times are microseconds since 1970 (`_us`).

Those named in `APPEND_ONLY` are only ever added to; triggers refuse anything else.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import sqlite

from pnl.domain.snapshot import LINES

Whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
metadata = MetaData()
APPEND_ONLY = (
    "record",
    "snapshot",
    "audit",
    "gap",
    "source_note",
    "check_log",
    "check_side",
    "pace",
    "reading",
    "thinned",
    "alert_change",
    "alert_event",
)
LEVELS = ("1m", "5m", "15m", "1h", "4h", "1d", "1w")
"""The stretches that snapshots are rolled up by, finest first."""
ROLLED = (*LINES, "net", "net_realised", "cumulative_net", "equity")
"""The figures that are rolled up."""


def _table(name: str, *parts: Column[Any] | CheckConstraint | UniqueConstraint, rowid: bool = True) -> Table:
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
    _text("ticker", unknown=True),
    UniqueConstraint("source", "kind", "nat_id", "version"),
    CheckConstraint("version >= 1", name="versions_count_from_one"),
)
Index("record_by_time", record.c.kind, record.c.effective_us, record.c.rec_id)
Index("record_by_ticker", record.c.ticker, record.c.effective_us, record.c.rec_id)
Index("record_by_recorded", record.c.recorded_us)

reading = _table(
    "reading",
    _whole("seq", key=True),
    _whole("upto"),
    _whole("least"),
    _whole("day_us"),
    _whole("crosses"),
    _text("sha256"),
    Column("body", LargeBinary, nullable=False),
)
Index("reading_by_upto", reading.c.upto)
Index("reading_by_day", reading.c.day_us, reading.c.upto, reading.c.least)
_CROSSES = reading.c.crosses == 1
Index("reading_that_crosses", reading.c.upto, reading.c.least, sqlite_where=_CROSSES, postgresql_where=_CROSSES)

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
    _whole("seq", unknown=True),
    rowid=False,
)
Index("mark_by_seq", mark.c.seq)

market = _table(
    "market",
    _text("ticker", key=True),
    _text("event_ticker"),
    _text("title"),
    _whole("close_us", unknown=True),
    _whole("mutually_exclusive"),
    rowid=False,
)

market_change = _table(
    "market_change",
    _text("ticker", key=True),
    _whole("seq", key=True),
    _text("event_ticker"),
    _text("title"),
    _whole("close_us", unknown=True),
    _whole("mutually_exclusive"),
    rowid=False,
)
Index("market_change_by_seq", market_change.c.seq)

source_memory = _table("source_memory", _text("name", key=True), _text("body"))

source_wish = _table("source_wish", _text("name", key=True), _whole("wishes"))

user_account = _table("user_account", _text("name", key=True), _text("role"), _text("password"))

user_session = _table(
    "user_session", _text("digest", key=True), _text("name"), _text("role", unknown=True), _whole("until_us")
)
Index("user_session_by_name", user_session.c.name)

api_token = _table(
    "api_token",
    _text("number", key=True),
    _text("name"),
    _text("digest"),
    _text("scopes"),
    _text("made_by"),
    _whole("made_us"),
    _whole("until_us"),
    _whole("ended_us", unknown=True),
)

sign_in_attempt = _table(
    "sign_in_attempt",
    Column("attempt_id", Whole, primary_key=True),
    _whole("at_us"),
    _text("address"),
    _text("name"),
)
Index("sign_in_attempt_by_time", sign_in_attempt.c.at_us)

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
    Column("carried_n", Whole, nullable=False, server_default="0"),
    Column("last_record", Whole, nullable=False, server_default="0"),
    Column("hash", Text, nullable=False, server_default=""),
    _whole("marks_since_us", unknown=True),
    *(_text(name, unknown=True) for name in ("marks_sha256", "markets_sha256", "body_sha256")),
    CheckConstraint(
        "net_n IS NULL OR net_n = " + " + ".join(f"coalesce({line}_n, 0)" for line in LINES), name="lines_add_up"
    ),
)
Index("snapshot_by_time", snapshot.c.as_of_us, unique=True)

current = _table("current", _whole("id", key=True), _whole("seq"), _text("body"), CheckConstraint("id = 1"))

recent = _table("recent", _whole("seq", key=True), _text("body"))

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

embed_link = _table(
    "embed_link",
    _text("number", key=True),
    _text("panels"),
    _text("locked"),
    _text("origins"),
    _text("made_by"),
    _whole("made_us"),
    _whole("until_us"),
    _whole("ended_us", unknown=True),
)

embed_ticket = _table("embed_ticket", _text("digest", key=True), _whole("until_us"))

secret = _table("secret", _text("name", key=True), _text("value"))

leader = _table("leader", _whole("id", key=True), _whole("epoch"), CheckConstraint("id = 1"))

checks = _table("checks", _whole("id", key=True), _whole("seq"), _text("body"), CheckConstraint("id = 1"))

source_note = _table(
    "source_note",
    _text("name", key=True),
    _whole("seq", key=True),
    _text("complete_through", unknown=True),
    _text("error", unknown=True),
    rowid=False,
)
Index("source_note_by_seq", source_note.c.seq)

check_log = _table(
    "check_log",
    _text("name", key=True),
    _text("scope", key=True),
    _whole("seq", key=True),
    _whole("at_us"),
    _text("state"),
    _text("expected", unknown=True),
    _text("actual", unknown=True),
    _text("difference", unknown=True),
    _text("tolerance", unknown=True),
    _text("reason", unknown=True),
    rowid=False,
)
Index("check_log_by_seq", check_log.c.seq)

check_side = _table(
    "check_side",
    _text("name", key=True),
    _text("scope", key=True),
    _whole("seq", key=True),
    _text("expected"),
    _text("actual"),
    _text("tolerance"),
    rowid=False,
)
Index("check_side_by_seq", check_side.c.seq)

pace = _table("pace", _whole("seq", key=True), _whole("at_us"), _whole("interval_us"))

alert_board = _table("alert_board", _whole("id", key=True), _whole("seq"), _text("body"), CheckConstraint("id = 1"))

alert_book = _table("alert_book", _whole("id", key=True), _text("body"), CheckConstraint("id = 1"))

alert_rule = _table(
    "alert_rule",
    _text("rule_id", key=True),
    _whole("version"),
    _text("name"),
    _text("body"),
    _whole("at_us"),
    _text("actor"),
    UniqueConstraint("name"),
)

alert_silence = _table("alert_silence", _text("rule_id", key=True), _whole("until_us"), _whole("at_us"), _text("actor"))

alert_change = _table(
    "alert_change",
    Column("change_id", Whole, primary_key=True),
    _whole("at_us"),
    _text("actor"),
    _text("action"),
    _text("rule_id"),
    _text("body"),
)
Index("alert_change_by_rule", alert_change.c.rule_id, alert_change.c.change_id)

alert_event = _table(
    "alert_event",
    Column("event_id", Whole, primary_key=True),
    _whole("at_us"),
    _whole("seq"),
    _text("rule_id"),
    _text("body"),
)
Index("alert_event_by_time", alert_event.c.at_us)

alert_message = _table(
    "alert_message",
    Column("message_id", Whole, primary_key=True),
    _text("incident"),
    _text("receiver"),
    _text("action"),
    _text("body"),
    _whole("made_us"),
    _whole("due_us"),
    _whole("attempts"),
    _whole("tried_us", unknown=True),
    _whole("ended_us", unknown=True),
    _text("outcome", unknown=True),
    _text("error", unknown=True),
    UniqueConstraint("incident", "receiver", "action"),
)
Index("alert_message_by_end", alert_message.c.ended_us, alert_message.c.due_us)

company_day = _table(
    "company_day",
    _text("day", key=True),
    _whole("first_seq"),
    _whole("last_seq"),
    _whole("n"),
    _whole("high_n", unknown=True),
    _whole("low_n", unknown=True),
    _text("quality"),
    _whole("whole_high_n", unknown=True),
    _whole("whole_low_n", unknown=True),
)


def _rolled(level: str) -> Table:
    ends = (_whole(f"{figure}_{end}", unknown=True) for figure in ROLLED for end in "ohlc")
    return _table(f"roll_{level}", _whole("start_us", key=True), _whole("n"), _whole("quality"), *ends)


roll = {level: _rolled(level) for level in LEVELS}

thinning = _table("thinning", _whole("id", key=True), _whole("day_us"), _text("ticker"), CheckConstraint("id = 1"))

thinned = _table(
    "thinned",
    _whole("day_us", key=True),
    _text("after", key=True),
    _text("upto"),
    _whole("seq"),
    _whole("n"),
    _text("sha256", unknown=True),
    rowid=False,
)
Index("thinned_by_seq", thinned.c.seq)
