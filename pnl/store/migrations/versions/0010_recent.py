"""The newest snapshots whole, for processes that follow the one that makes the ticks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "recent",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
