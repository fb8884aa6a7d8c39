"""What a tick keeps of alerts, and the rest of what is kept of them; implements `pnl.alerts.kept.AlertStore`."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from pnl.alerts.kept import Action, Change, Delivery, Happened, KeptRule, Message, Outcome
from pnl.domain.alerts import board as boards
from pnl.domain.alerts import incidents
from pnl.domain.alerts import rules as ruling
from pnl.domain.alerts.board import Board, Look
from pnl.domain.alerts.incidents import Event
from pnl.domain.alerts.rules import Rule
from pnl.domain.snapshot import Json, instant
from pnl.errors import RuleConflict
from pnl.store import schema
from pnl.store.facts import microseconds, moment
from pnl.store.failures import answered
from pnl.store.numbered import Opened
from pnl.store.upsert import insertion, put

_MESSAGE = schema.alert_message


def write(connection: Connection, found: Look, seq: int, at: int) -> None:
    """Write what a look at the rules led to, in the transaction of its tick."""
    if found.board.standing or found.events:
        put(connection, schema.alert_board, [{"id": 1, "seq": seq, "body": _dump(boards.to_json(found.board))}])
    for event in found.events:
        values = {"at_us": at, "seq": seq, "rule_id": event.rule_id, "body": _dump(event.to_json())}
        connection.execute(insert(schema.alert_event).values(values))
    for receiver, event in found.letters:
        _post(connection, receiver, event, at)


class SqlAlerts:
    """Rules, states, events and messages.

    Args:
        reading: Opens a connection that reads.
        writing: Opens one in a transaction.
        leads: Raises `Deposed` in a transaction of a process that does not lead.
    """

    def __init__(self, reading: Opened, writing: Opened, leads: Callable[[Connection], None]) -> None:
        self._reading = reading
        self._writing = writing
        self._leads = leads

    @answered
    def rules(self) -> tuple[KeptRule, ...]:
        """Return the rules of the page, by name."""
        with self._reading() as connection:
            table = schema.alert_rule
            return tuple(_kept(row) for row in connection.execute(select(table).order_by(table.c.name)))

    @answered
    def add_rule(self, rule: Rule, actor: str, at: datetime) -> KeptRule:
        """Keep a new rule."""
        with self._writing() as connection:
            other = _named(connection, rule)
            if other:
                if ruling.to_json(other.rule) | {"id": rule.id} == ruling.to_json(rule):
                    return other
                raise RuleConflict(
                    "name", f"there is another rule of the name {rule.name!r}: give it a name of its own"
                )
            made = KeptRule(rule=rule, version=1, at=at, actor=actor)
            connection.execute(insert(schema.alert_rule).values(_row(made)))
            _note(connection, "added", rule.id, ruling.to_json(rule), actor, at)
            return made

    @answered
    def change_rule(self, rule: Rule, replaces: int, actor: str, at: datetime) -> KeptRule:
        """Keep the next version of a rule."""
        with self._writing() as connection:
            old = _newest(connection, rule.id, replaces)
            if old.rule == rule:
                return old
            other = _named(connection, rule)
            if other and other.rule.id != rule.id:
                raise RuleConflict(
                    "name", f"there is another rule of the name {rule.name!r}: give it a name of its own"
                )
            made = KeptRule(rule=rule, version=old.version + 1, at=at, actor=actor)
            table = schema.alert_rule
            connection.execute(update(table).where(table.c.rule_id == rule.id).values(_row(made)))
            _note(connection, "changed", rule.id, ruling.to_json(rule), actor, at)
            return made

    @answered
    def remove_rule(self, rule_id: str, replaces: int, actor: str, at: datetime) -> None:
        """Forget a rule."""
        with self._writing() as connection:
            old = _newest(connection, rule_id, replaces)
            for table in (schema.alert_rule, schema.alert_silence):
                connection.execute(delete(table).where(table.c.rule_id == rule_id))
            _note(connection, "removed", rule_id, ruling.to_json(old.rule), actor, at)

    @answered
    def trail(self, rule_id: str) -> tuple[Change, ...]:
        """Return who did what to a rule."""
        c = schema.alert_change.c
        query = select(schema.alert_change).where(c.rule_id == rule_id).order_by(c.change_id)
        with self._reading() as connection:
            return tuple(
                Change(at=moment(row.at_us), actor=row.actor, action=row.action, body=json.loads(row.body))
                for row in connection.execute(query)
            )

    @answered
    def silence(self, rule_id: str, until: datetime | None, actor: str, at: datetime) -> None:
        """Silence a rule, or let it be heard again."""
        table = schema.alert_silence
        with self._writing() as connection:
            if until is None:
                gone = connection.execute(delete(table).where(table.c.rule_id == rule_id)).rowcount
                if gone:
                    _note(connection, "unsilenced", rule_id, {}, actor, at)
                return
            row = {"rule_id": rule_id, "until_us": microseconds(until), "at_us": microseconds(at), "actor": actor}
            put(connection, table, [row])
            _note(connection, "silenced", rule_id, {"until": instant(until)}, actor, at)

    @answered
    def silences(self) -> Mapping[str, datetime]:
        """Return until when rules are silenced."""
        with self._reading() as connection:
            return {row.rule_id: moment(row.until_us) for row in connection.execute(select(schema.alert_silence))}

    @answered
    def board(self) -> tuple[int, Board]:
        """Return how the rules did at the last look."""
        with self._reading() as connection:
            row = connection.execute(select(schema.alert_board)).one_or_none()
        return (row.seq, boards.of_json(json.loads(row.body))) if row else (0, Board())

    @answered
    def events(self, since: datetime | None, until: datetime | None, limit: int) -> tuple[Happened, ...]:
        """Return the newest events of a stretch of time."""
        c = schema.alert_event.c
        query = select(schema.alert_event).order_by(c.event_id.desc()).limit(limit)
        if since:
            query = query.where(c.at_us >= microseconds(since))
        if until:
            query = query.where(c.at_us < microseconds(until))
        with self._reading() as connection:
            return tuple(
                Happened(number=row.event_id, seq=row.seq, event=incidents.of_json(json.loads(row.body)))
                for row in connection.execute(query)
            )

    @answered
    def book(self) -> Mapping[str, Json] | None:
        """Return what the file says."""
        with self._reading() as connection:
            body = connection.execute(select(schema.alert_book.c.body)).scalar()
        found: Mapping[str, Json] | None = json.loads(body) if body else None
        return found

    @answered
    def put_book(self, body: Mapping[str, Json]) -> None:
        """Tell what the file says."""
        with self._writing() as connection:
            self._leads(connection)
            put(connection, schema.alert_book, [{"id": 1, "body": _dump(dict(body))}])

    @answered
    def ask_test(self, receiver: str, event: Event) -> None:
        """Have a test sent."""
        with self._writing() as connection:
            _post(connection, receiver, event, microseconds(event.at))

    @answered
    def deliveries(self) -> Mapping[str, Delivery]:
        """Return how the messages to each receiver do."""
        c = _MESSAGE.c
        found: dict[str, Delivery] = {}
        with self._reading() as connection:
            for (receiver,) in connection.execute(select(c.receiver).distinct()).all():
                found[receiver] = _delivery(connection, receiver)
        return found

    @answered
    def due(self, now: datetime) -> Sequence[Message]:
        """Return the messages to be sent now."""
        c = _MESSAGE.c
        query = select(_MESSAGE).where(c.ended_us.is_(None)).order_by(c.message_id)
        first: dict[tuple[str, str], Row[Any]] = {}
        with self._reading() as connection:
            for row in connection.execute(query):
                first.setdefault((row.incident, row.receiver), row)
        return [_message(row) for row in first.values() if row.due_us <= microseconds(now)]

    @answered
    def claim(self, number: int, now: datetime, again: datetime) -> bool:
        """Take a message on."""
        c = _MESSAGE.c
        ours = update(_MESSAGE).where(c.message_id == number, c.ended_us.is_(None), c.due_us <= microseconds(now))
        with self._writing() as connection:
            self._leads(connection)
            taken = connection.execute(
                ours.values(due_us=microseconds(again), tried_us=microseconds(now), attempts=c.attempts + 1)
            )
            return bool(taken.rowcount)

    @answered
    def settle(self, number: int, outcome: Outcome, error: str | None, at: datetime) -> None:
        """Note what became of a message."""
        done = update(_MESSAGE).where(_MESSAGE.c.message_id == number)
        with self._writing() as connection:
            connection.execute(done.values(ended_us=microseconds(at), outcome=outcome, error=error))

    @answered
    def postpone(self, number: int, due: datetime, error: str) -> None:
        """Note that an attempt failed."""
        c = _MESSAGE.c
        later = update(_MESSAGE).where(c.message_id == number, c.ended_us.is_(None))
        with self._writing() as connection:
            connection.execute(later.values(due_us=microseconds(due), error=error))

    @answered
    def forget(self, before: datetime) -> None:
        """Let go of old messages."""
        with self._writing() as connection:
            connection.execute(delete(_MESSAGE).where(_MESSAGE.c.ended_us < microseconds(before)))


def _post(connection: Connection, receiver: str, event: Event, at: int) -> None:
    """Put a message into the outbox, unless the very one is there."""
    row = {
        "incident": event.incident,
        "receiver": receiver,
        "action": event.action,
        "body": _dump(event.to_json()),
        "made_us": at,
        "due_us": at,
        "attempts": 0,
    }
    statement = insertion(_MESSAGE, connection.dialect.name).values(row)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["incident", "receiver", "action"]))


def _delivery(connection: Connection, receiver: str) -> Delivery:
    c = _MESSAGE.c
    mine = c.receiver == receiver
    waiting = connection.execute(select(func.count()).where(mine, c.ended_us.is_(None))).scalar_one()
    sent = connection.execute(select(func.max(c.ended_us)).where(mine, c.outcome == "sent")).scalar()
    failed = connection.execute(
        select(c.tried_us, c.error).where(mine, c.error.is_not(None)).order_by(c.tried_us.desc()).limit(1)
    ).one_or_none()
    test = connection.execute(
        select(c.made_us, c.outcome).where(mine, c.action == "test").order_by(c.message_id.desc()).limit(1)
    ).one_or_none()
    if failed and sent is not None and sent >= failed.tried_us:
        failed = None
    return Delivery(
        waiting=waiting,
        sent_at=moment(sent) if sent else None,
        failed_at=moment(failed.tried_us) if failed else None,
        error=failed.error if failed else None,
        test=(test.outcome or "waiting") if test else None,
        test_at=moment(test.made_us) if test else None,
    )


def _message(row: Row[Any]) -> Message:
    return Message(
        number=row.message_id,
        receiver=row.receiver,
        event=incidents.of_json(json.loads(row.body)),
        made_at=moment(row.made_us),
        attempts=row.attempts,
    )


def _taken(rule: Rule) -> RuleConflict:
    return RuleConflict("name", f"there is another rule of the name {rule.name!r}: give it a name of its own")


def _newest(connection: Connection, rule_id: str, replaces: int) -> KeptRule:
    table = schema.alert_rule
    row = connection.execute(select(table).where(table.c.rule_id == rule_id)).one_or_none()
    if row is None or row.version != replaces:
        newest = f"its newest version is {row.version}" if row else "there is no such rule any more"
        raise RuleConflict("version", f"version {replaces} of the rule cannot be replaced: {newest}")
    return _kept(row)


def _named(connection: Connection, rule: Rule) -> KeptRule | None:
    table = schema.alert_rule
    row = connection.execute(select(table).where(table.c.name == rule.name.casefold())).one_or_none()
    return _kept(row) if row else None


def _kept(row: Row[Any]) -> KeptRule:
    rule = ruling.of_json(json.loads(row.body))
    return KeptRule(rule=rule, version=row.version, at=moment(row.at_us), actor=row.actor)


def _row(kept: KeptRule) -> dict[str, object]:
    return {
        "rule_id": kept.rule.id,
        "version": kept.version,
        "name": kept.rule.name.casefold(),
        "body": _dump(ruling.to_json(kept.rule)),
        "at_us": microseconds(kept.at),
        "actor": kept.actor,
    }


def _note(  # noqa: PLR0917 - as one would say it
    connection: Connection, action: Action, rule_id: str, body: Mapping[str, Json], actor: str, at: datetime
) -> None:
    line = {"at_us": microseconds(at), "actor": actor, "action": action, "rule_id": rule_id}
    connection.execute(insert(schema.alert_change).values(**line, body=_dump(cast("dict[str, Json]", dict(body)))))


def _dump(body: Json) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
