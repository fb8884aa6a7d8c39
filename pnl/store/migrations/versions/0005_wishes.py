"""How often somebody wished for each source to be read at once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "source_wish",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("wishes", WHOLE, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
