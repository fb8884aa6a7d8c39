"""Alerts: rules of the page with their trail, how rules do, what happened, and what is to be sent."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WHOLE = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # compared by its bytes, as elsewhere
APPEND_ONLY = ("alert_change", "alert_event")


def _table(name: str, *parts: "sa.Column[Any] | sa.Constraint") -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=True)


def _text(name: str, *, key: bool = False, unknown: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TEXT, primary_key=key, nullable=unknown)


def _whole(name: str, *, key: bool = False, unknown: bool = False) -> sa.Column[Any]:
    return sa.Column(name, WHOLE, primary_key=key, nullable=unknown, autoincrement=False)


def _numbered(name: str) -> sa.Column[Any]:
    return sa.Column(name, WHOLE, primary_key=True)


def upgrade() -> None:
    """Add the tables."""
    _table("alert_board", _whole("id", key=True), _whole("seq"), _text("body"), sa.CheckConstraint("id = 1"))
    _table("alert_book", _whole("id", key=True), _text("body"), sa.CheckConstraint("id = 1"))
    _table(
        "alert_rule",
        _text("rule_id", key=True),
        _whole("version"),
        _text("name"),
        _text("body"),
        _whole("at_us"),
        _text("actor"),
        sa.UniqueConstraint("name"),
    )
    _table("alert_silence", _text("rule_id", key=True), _whole("until_us"), _whole("at_us"), _text("actor"))
    _table(
        "alert_change",
        _numbered("change_id"),
        _whole("at_us"),
        _text("actor"),
        _text("action"),
        _text("rule_id"),
        _text("body"),
    )
    op.create_index("alert_change_by_rule", "alert_change", ["rule_id", "change_id"])
    _table(
        "alert_event",
        _numbered("event_id"),
        _whole("at_us"),
        _whole("seq"),
        _text("rule_id"),
        _text("body"),
    )
    op.create_index("alert_event_by_time", "alert_event", ["at_us"])
    _table(
        "alert_message",
        _numbered("message_id"),
        _text("incident"),
        _text("receiver"),
        _text("action"),
        _text("body"),
        _whole("made_us"),
        _whole("due_us"),
        _whole("attempts"),
        _whole("tried_us", unknown=True),
        _whole("ended_us", unknown=True),
        _text("outcome", unknown=True),
        _text("error", unknown=True),
        sa.UniqueConstraint("incident", "receiver", "action"),
    )
    op.create_index("alert_message_by_end", "alert_message", ["ended_us", "due_us"])
    for table in APPEND_ONLY:
        _protect(table)


def _protect(table: str) -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    refuse = "EXECUTE FUNCTION northstar_append_only()"
    for change in ("UPDATE", "DELETE"):
        name = f"{table}_no_{change.lower()}"
        if postgresql:
            op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW {refuse}")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    if postgresql:
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
