"""Who may come in: users, sessions, tokens of programs, and attempts to sign in."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere


def _table(name: str, *parts: sa.Column[Any]) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=True)


def _text(name: str, *, key: bool = False, unknown: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TEXT, primary_key=key, nullable=unknown)


def _whole(name: str, *, key: bool = False, unknown: bool = False) -> sa.Column[Any]:
    return sa.Column(name, WHOLE, primary_key=key, nullable=unknown, autoincrement=False)


def upgrade() -> None:
    """Add the tables."""
    _table("user_account", _text("name", key=True), _text("role"), _text("password"))
    _table("user_session", _text("digest", key=True), _text("name"), _text("role", unknown=True), _whole("until_us"))
    op.create_index("user_session_by_name", "user_session", ["name"])
    _table(
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
    _table(
        "sign_in_attempt",
        sa.Column("attempt_id", WHOLE, primary_key=True),
        _whole("at_us"),
        _text("address"),
        _text("name"),
    )
    op.create_index("sign_in_attempt_by_time", "sign_in_attempt", ["at_us"])
