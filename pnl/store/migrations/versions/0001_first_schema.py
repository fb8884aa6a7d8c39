"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

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
APPEND_ONLY = ("record", "snapshot", "audit")
PROVISIONAL = "WHEN NOT (OLD.kind IN ('usage', 'cost', 'anchor') AND OLD.recorded_us < OLD.effective_us + 86400000000)"
"""What was read of a day that had not ended is not the last word of it: a later reading takes its place."""


def upgrade() -> None:
    """Make the tables, and the triggers that keep what was written as it was written."""
    op.create_table(
        "about",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", WHOLE, nullable=False),
        sa.Column("at_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("entry_id", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("previous_hash", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("audit_id"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("audit_by_entry", "audit", ["entry_id", "audit_id"], unique=False)
    op.create_table(
        "current",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.CheckConstraint("id = 1"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "gap",
        sa.Column("since_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("until_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("missed", WHOLE, autoincrement=False, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("since_us"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "mark",
        sa.Column("ticker", TEXT, nullable=False),
        sa.Column("at_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("yes_bid_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("yes_ask_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("no_bid_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("no_ask_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("last_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column(
            "settlement_value_n",
            WHOLE,
            autoincrement=False,
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("ticker", "at_us"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "market",
        sa.Column("ticker", TEXT, nullable=False),
        sa.Column("event_ticker", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("close_us", WHOLE, autoincrement=False, nullable=True),
        sa.Column(
            "mutually_exclusive",
            WHOLE,
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("ticker"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record",
        sa.Column("rec_id", WHOLE, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("nat_id", TEXT, nullable=False),
        sa.Column("version", WHOLE, autoincrement=False, nullable=False),
        sa.Column("effective_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("recorded_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("fact", TEXT, nullable=False),
        sa.Column("raw", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.CheckConstraint("version >= 1", name="versions_count_from_one"),
        sa.PrimaryKeyConstraint("rec_id"),
        sa.UniqueConstraint("source", "kind", "nat_id", "version"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("record_by_time", "record", ["kind", "effective_us", "rec_id"], unique=False)
    op.create_table(
        "snapshot",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("as_of_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("revenue_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("refunds_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("processor_fees_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("adjustments_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("api_cost_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("operating_cost_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column(
            "trading_realised_n",
            WHOLE,
            autoincrement=False,
            nullable=True,
        ),
        sa.Column(
            "trading_unrealised_n",
            WHOLE,
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("trading_fees_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("other_income_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("net_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("net_realised_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column(
            "unrealised_total_n",
            WHOLE,
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("cash_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column(
            "positions_value_n",
            WHOLE,
            autoincrement=False,
            nullable=True,
        ),
        sa.Column("exposure_n", WHOLE, autoincrement=False, nullable=True),
        sa.Column("complete", WHOLE, autoincrement=False, nullable=False),
        sa.Column("finality", TEXT, nullable=False),
        sa.Column("quality", TEXT, nullable=False),
        sa.Column("flags", TEXT, nullable=False),
        sa.Column("sources", TEXT, nullable=False),
        sa.Column("checks_ok", WHOLE, autoincrement=False, nullable=False),
        sa.Column("checks_failed", WHOLE, autoincrement=False, nullable=False),
        sa.Column("checks_waiting", WHOLE, autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "net_n IS NULL OR net_n = " + " + ".join(f"coalesce({line}_n, 0)" for line in LINES),
            name="lines_add_up",
        ),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("snapshot_by_time", "snapshot", ["as_of_us"], unique=True)
    op.create_table(
        "source_memory",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for change in ("UPDATE", "DELETE"):
                unless = PROVISIONAL if (table, change) == ("record", "DELETE") else ""
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {unless} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
