"""The readings of days that had not ended, in the versions that later ones replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere


def upgrade() -> None:
    """Add the table, its indexes, and the triggers that keep what was written as it was written."""
    op.create_table(
        "reading",
        *(sa.Column(name, WHOLE, autoincrement=False, nullable=False) for name in ("seq", "upto", "least")),
        *(sa.Column(name, WHOLE, autoincrement=False, nullable=False) for name in ("day_us", "crosses")),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("reading_by_upto", "reading", ["upto"], unique=False)
    op.create_index("reading_by_day", "reading", ["day_us", "upto", "least"], unique=False)
    crosses = sa.text("crosses = 1")
    op.create_index(
        "reading_that_crosses",
        "reading",
        ["upto", "least"],
        unique=False,
        sqlite_where=crosses,
        postgresql_where=crosses,
    )
    _make_triggers()


def _make_triggers() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    refuse = "EXECUTE FUNCTION northstar_append_only()"
    for change in ("UPDATE", "DELETE"):
        name = f"reading_no_{change.lower()}"
        if postgresql:
            op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON reading FOR EACH ROW {refuse}")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON reading "
                "BEGIN SELECT RAISE(ABORT, 'reading is append-only'); END"
            )
    if postgresql:
        op.execute(f"CREATE TRIGGER reading_no_truncate BEFORE TRUNCATE ON reading FOR EACH STATEMENT {refuse}")
