"""Panels in other sites' pages: the links that were made, the tickets that were used, and the secret that signs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere


def _table(name: str, *parts: sa.Column[Any]) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=True)


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TEXT, primary_key=key, nullable=False)


def _whole(name: str, *, unknown: bool = False) -> sa.Column[Any]:
    return sa.Column(name, WHOLE, nullable=unknown)


def upgrade() -> None:
    """Add the tables."""
    _table(
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
    _table("embed_ticket", _text("digest", key=True), _whole("until_us"))
    _table("secret", _text("name", key=True), _text("value"))
