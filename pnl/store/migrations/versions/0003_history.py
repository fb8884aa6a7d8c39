"""The past: roll-ups, company days, what is carried over, the chain of snapshots, the log of checks, tickers."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere
LINES = (
    "revenue",
    "refunds",
    "processor_fees",
    "adjustments",
    "api_cost",
    "operating_cost",
    "trading_realised",
    "trading_unrealised",
    "trading_fees",
    "other_income",
)
SNAPSHOT = (
    *("seq", "as_of_us", "day", *(f"{line}_n" for line in LINES), "net_n", "net_realised_n", "unrealised_total_n"),
    *("cash_n", "positions_value_n", "exposure_n", "complete", "finality", "quality", "flags", "sources"),
    *("checks_ok", "checks_failed", "checks_waiting"),
)
ROLLED = (*LINES, "net", "net_realised", "cumulative_net", "equity")
VALUES = {f"{figure}": f"{figure}_n" for figure in (*LINES, "net", "net_realised")} | {
    "cumulative_net": "carried_n + net_n",
    "equity": "cash_n + positions_value_n",
}
SECOND, DAY_US = 1_000_000, 86_400_000_000
LEVELS = (  # name, width, where the first one begins: weeks begin on Mondays
    ("1m", 60 * SECOND, 0),
    ("5m", 300 * SECOND, 0),
    ("15m", 900 * SECOND, 0),
    ("1h", 3_600 * SECOND, 0),
    ("4h", 14_400 * SECOND, 0),
    ("1d", DAY_US, 0),
    ("1w", 7 * DAY_US, 4 * DAY_US),
)
BITS = {"incomplete": 1, "stale": 2, "failed_checks": 4, "after_gap": 8}
EARLIER = ("record", "snapshot", "audit")
APPEND_ONLY = (*EARLIER, "gap", "source_note", "check_log", "pace")
PROVISIONAL = "OLD.kind IN ('usage', 'cost', 'anchor') AND OLD.recorded_us < OLD.effective_us + 86400000000"
PAGE = 2_000


def upgrade() -> None:
    """Add what the past is read from, and fill it from what was kept so far."""
    _drop_triggers()
    _record_columns()
    _snapshot_columns()
    _tables()
    _carry_and_chain(op.get_bind())
    for level, width, origin in LEVELS:
        _roll(level, width, origin)
    _make_triggers()


def _whole(name: str, *, unknown: bool = False) -> sa.Column[int]:
    return sa.Column(name, WHOLE, autoincrement=False, nullable=unknown)


def _text(name: str, *, unknown: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=unknown)


def _table(name: str, *columns: "sa.Column[int] | sa.Column[str]", key: Sequence[str], rowid: bool = True) -> None:
    only = [sa.CheckConstraint("id = 1")] if key == ["id"] else []
    op.create_table(name, *columns, *only, sa.PrimaryKeyConstraint(*key), sqlite_strict=True, sqlite_with_rowid=rowid)


def _record_columns() -> None:
    op.add_column("record", _text("ticker", unknown=True))
    ticker = "fact::json ->> 2" if _postgresql() else "json_extract(fact, '$[2]')"
    op.execute(f"UPDATE record SET ticker = {ticker} WHERE kind IN ('fill', 'settlement')")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
    op.create_index("record_by_ticker", "record", ["ticker", "effective_us", "rec_id"], unique=False)
    op.add_column("mark", _whole("seq", unknown=True))
    op.create_index("record_by_recorded", "record", ["recorded_us"], unique=False)


def _snapshot_columns() -> None:
    for column in (
        sa.Column("carried_n", WHOLE, nullable=False, server_default="0"),
        sa.Column("last_record", WHOLE, nullable=False, server_default="0"),
        sa.Column("hash", TEXT, nullable=False, server_default=""),
    ):
        op.add_column("snapshot", column)


def _tables() -> None:
    _table(
        "source_note",
        *(_text("name"), _whole("seq"), _text("complete_through", unknown=True), _text("error", unknown=True)),
        key=["name", "seq"],
        rowid=False,
    )
    op.create_index("source_note_by_seq", "source_note", ["seq"], unique=False)
    _table(
        "check_log",
        *(_text("name"), _text("scope"), _whole("seq"), _whole("at_us"), _text("state")),
        *(_text(name, unknown=True) for name in ("expected", "actual", "difference", "tolerance", "reason")),
        key=["name", "scope", "seq"],
        rowid=False,
    )
    op.create_index("check_log_by_seq", "check_log", ["seq"], unique=False)
    _table("pace", _whole("seq"), _whole("at_us"), _whole("interval_us"), key=["seq"])
    _table(
        "company_day",
        *(_text("day"), _whole("first_seq"), _whole("last_seq"), _whole("n")),
        *(_whole("high_n", unknown=True), _whole("low_n", unknown=True), _text("quality")),
        key=["day"],
    )
    for level, _, _ in LEVELS:
        ends = [_whole(f"{figure}_{end}", unknown=True) for figure in ROLLED for end in "ohlc"]
        _table(f"roll_{level}", *(_whole("start_us"), _whole("n"), _whole("quality"), *ends), key=["start_us"])
    names = (_text("event_ticker"), _text("title"), _whole("close_us", unknown=True), _whole("mutually_exclusive"))
    _table("market_change", _text("ticker"), _whole("seq"), *names, key=["ticker", "seq"], rowid=False)
    op.execute(
        "INSERT INTO market_change (ticker, seq, event_ticker, title, close_us, mutually_exclusive) "
        "SELECT ticker, 0, event_ticker, title, close_us, mutually_exclusive FROM market"
    )
    _table("thinning", *(_whole("id"), _whole("day_us"), _text("ticker")), key=["id"])


def _carry_and_chain(connection: sa.Connection) -> None:
    """Walk the snapshots: what earlier days left, the newest record that each knew, the hash, the company days."""
    days: dict[str, dict[str, Any]] = {}
    last_net: dict[str, int] = {}
    gaps = {
        row[1]: ["gap", *row]
        for row in connection.execute(sa.text("SELECT since_us, until_us, missed, reason FROM gap"))
    }
    waiting = _records(connection)
    record = next(waiting, None)
    previous, known = "", 0
    change = sa.text("UPDATE snapshot SET carried_n = :carried, last_record = :known, hash = :hash WHERE seq = :seq")
    for page in _pages(connection, f"SELECT {', '.join(SNAPSHOT)} FROM snapshot", "seq"):  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        changes = []
        for values in page:
            row = dict(zip(SNAPSHOT, values, strict=True))
            digest = None
            while record is not None and record[6] <= row["as_of_us"]:
                known = record[0]
                if record[2] not in ("usage", "cost", "anchor") or record[6] >= record[5] + DAY_US:
                    digest = digest or hashlib.sha256()
                    digest.update(_json(list(record)) + b"\n")
                record = next(waiting, None)
            carried = sum(net for day, net in last_net.items() if day < row["day"])
            notes = [gaps[row["as_of_us"]]] if row["as_of_us"] in gaps else []
            text = _json([previous, *values, carried, known, digest.hexdigest() if digest else "", notes])
            previous = hashlib.sha256(text).hexdigest()
            changes.append({"seq": row["seq"], "carried": carried, "known": known, "hash": previous})
            last_net[row["day"]] = row["net_n"] or 0
            _count(days, row)
        connection.execute(change, changes)
    if days:
        table = sa.table("company_day", *(sa.column(name) for name in next(iter(days.values()))))
        connection.execute(sa.insert(table), list(days.values()))


def _count(days: dict[str, dict[str, Any]], row: dict[str, Any]) -> None:
    day = days.setdefault(
        row["day"],
        {"day": row["day"], "first_seq": row["seq"], "last_seq": 0, "n": 0, "high_n": None, "low_n": None}
        | {"quality": "ok"},
    )
    net = row["net_n"]
    day["last_seq"], day["n"] = row["seq"], day["n"] + 1
    if net is not None:
        day["high_n"] = net if day["high_n"] is None else max(day["high_n"], net)
        day["low_n"] = net if day["low_n"] is None else min(day["low_n"], net)
    words = {*day["quality"].split("+"), *row["quality"].split("+")}
    day["quality"] = "+".join(word for word in BITS if word in words) or "ok"


def _records(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    columns = "rec_id, source, kind, nat_id, version, effective_us, recorded_us, fact, raw"
    for page in _pages(connection, f"SELECT {columns} FROM record", "rec_id"):  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        yield from page


def _pages(connection: sa.Connection, query: str, key: str) -> Iterator[list[Sequence[Any]]]:
    """Give the rows of a query whose first column is the key, page by page."""
    asked = sa.text(f"{query} WHERE {key} > :after ORDER BY {key} LIMIT {PAGE}")
    after = -1
    while page := list[Sequence[Any]](tuple(row) for row in connection.execute(asked, {"after": after})):
        yield page
        after = page[-1][0]


def _json(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()


def _roll(level: str, width: int, origin: int) -> None:
    bits = " + ".join(f"max(CASE WHEN quality LIKE '%{word}%' THEN {bit} ELSE 0 END)" for word, bit in BITS.items())
    highs = ", ".join(f"max({value}) AS {figure}_h, min({value}) AS {figure}_l" for figure, value in VALUES.items())
    start = f"(as_of_us - {origin}) / {width} * {width} + {origin}"

    def at(end: str, value: str) -> str:
        return " + ".join(f"{end}.{column}" for column in value.split(" + "))

    ends = ", ".join(f"{at('o', value)}, {figure}_h, {figure}_l, {at('c', value)}" for figure, value in VALUES.items())
    columns = ", ".join(f"{figure}_{end}" for figure in VALUES for end in "ohlc")
    op.execute(
        f"INSERT INTO roll_{level} (start_us, n, quality, {columns}) "  # noqa: S608 - all of it is ours
        f"SELECT start_us, n, bits, {ends} FROM (SELECT {start} AS start_us, count(*) AS n, {bits} AS bits, "
        f"min(seq) AS first_seq, max(seq) AS last_seq, {highs} FROM snapshot GROUP BY 1) AS inside "
        "JOIN snapshot AS o ON o.seq = first_seq JOIN snapshot AS c ON c.seq = last_seq"
    )


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _drop_triggers() -> None:
    if not _postgresql():  # which has none so far
        for table in EARLIER:
            for change in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{change}")


def _make_triggers() -> None:
    if _postgresql():
        op.execute(
            "CREATE FUNCTION northstar_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            when = f"WHEN (NOT ({PROVISIONAL}))" if (table, change) == ("record", "DELETE") else ""
            name = f"{table}_no_{change.lower()}"
            if _postgresql():
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW {when} "
                    "EXECUTE FUNCTION northstar_append_only()"
                )
            else:
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {change} ON {table} {when} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        if _postgresql():
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
                "EXECUTE FUNCTION northstar_append_only()"
            )
