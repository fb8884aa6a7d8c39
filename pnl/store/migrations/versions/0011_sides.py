"""What the sides and the tolerance of a check were where nothing else of it changed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere


def upgrade() -> None:
    """Add the table, its index, and the triggers that keep what was written as it was written."""
    op.create_table(
        "check_side",
        *(sa.Column(name, TEXT, nullable=False) for name in ("name", "scope")),
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("expected", "actual", "tolerance")),
        sa.PrimaryKeyConstraint("name", "scope", "seq"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("check_side_by_seq", "check_side", ["seq"], unique=False)
    _make_triggers()


def _make_triggers() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    refuse = "EXECUTE FUNCTION northstar_append_only()"
    for change in ("UPDATE", "DELETE"):
        name = f"check_side_no_{change.lower()}"
        if postgresql:
            op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON check_side FOR EACH ROW {refuse}")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON check_side "
                "BEGIN SELECT RAISE(ABORT, 'check_side is append-only'); END"
            )
    if postgresql:
        op.execute(f"CREATE TRIGGER check_side_no_truncate BEFORE TRUNCATE ON check_side FOR EACH STATEMENT {refuse}")
