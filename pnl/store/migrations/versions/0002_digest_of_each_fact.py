"""The digest of each fact, so that one that changed on the disk is found."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CHUNK = 5_000


def upgrade() -> None:
    """Add the digests, for once changing rows that nothing else may change."""
    connection = op.get_bind()
    trigger = "record_no_update"
    if connection.dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {trigger}")
    op.add_column("record", sa.Column("sha256", sa.Text(), nullable=False, server_default=""))
    record = sa.table("record", sa.column("rec_id"), sa.column("fact"), sa.column("sha256"))
    fill = sa.update(record).where(record.c.rec_id == sa.bindparam("row")).values(sha256=sa.bindparam("digest"))
    after = 0
    while True:
        query = sa.select(record.c.rec_id, record.c.fact).where(record.c.rec_id > after).order_by(record.c.rec_id)
        rows = connection.execute(query.limit(CHUNK)).all()
        if not rows:
            break
        connection.execute(fill, [{"row": row, "digest": _digest(fact)} for row, fact in rows])
        after = rows[-1].rec_id
    if connection.dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END"
        )


def _digest(fact: str) -> str:
    return hashlib.sha256(fact.encode()).hexdigest()
