"""Digests of all that a tick wrote, what each step of thinning left, and the extremes of complete snapshots."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere


def upgrade() -> None:
    """Add the columns, the index that finds a snapshot's marks, and the table with its triggers."""
    op.add_column("snapshot", sa.Column("marks_since_us", WHOLE, nullable=True))
    for name in ("marks_sha256", "markets_sha256", "body_sha256"):
        op.add_column("snapshot", sa.Column(name, TEXT, nullable=True))
    for table in ("mark", "market_change"):
        op.create_index(f"{table}_by_seq", table, ["seq"], unique=False)
    op.create_table(
        "thinned",
        sa.Column("day_us", WHOLE, autoincrement=False, nullable=False),
        sa.Column("after", TEXT, nullable=False),
        sa.Column("upto", TEXT, nullable=False),
        *(sa.Column(name, WHOLE, autoincrement=False, nullable=False) for name in ("seq", "n")),
        sa.Column("sha256", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("day_us", "after"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("thinned_by_seq", "thinned", ["seq"], unique=False)
    _make_triggers()
    for name, extreme in (("whole_high_n", "max"), ("whole_low_n", "min")):
        op.add_column("company_day", sa.Column(name, WHOLE, nullable=True))
        op.execute(
            f"UPDATE company_day SET {name} = (SELECT {extreme}(s.net_n) FROM snapshot AS s "  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
            "WHERE s.seq BETWEEN company_day.first_seq AND company_day.last_seq AND s.complete = 1)"
        )


def _make_triggers() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    refuse = "EXECUTE FUNCTION northstar_append_only()"
    for change in ("UPDATE", "DELETE"):
        name = f"thinned_no_{change.lower()}"
        if postgresql:
            op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON thinned FOR EACH ROW {refuse}")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON thinned "
                "BEGIN SELECT RAISE(ABORT, 'thinned is append-only'); END"
            )
    if postgresql:
        op.execute(f"CREATE TRIGGER thinned_no_truncate BEFORE TRUNCATE ON thinned FOR EACH STATEMENT {refuse}")
