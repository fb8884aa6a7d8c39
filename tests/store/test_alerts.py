"""Alerts as the store keeps them, in both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from pnl.alerts.kept import KeptRule
from pnl.domain.alerts.board import Board, Look
from pnl.domain.alerts.incidents import Event, event
from pnl.domain.alerts.rules import Rule, read
from pnl.domain.alerts.states import State
from pnl.errors import Deposed, RuleConflict, StoreError
from pnl.store import SqlStore, open_store, schema
from pnl.store.alerts import SqlAlerts
from tests.store.making import a_tick

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def rule(rule_id: str = "page-1", name: str = "Loss <b>of</b> the day", **more: object) -> Rule:
    given = {"name": name, "figure": "net", "when": "below", "amount": "-500", "receivers": ["on-call"], **more}
    return read(given, rule_id=rule_id, origin="page")


def firing(one: Rule, told: tuple[str, ...] = ("on-call",)) -> State:
    return State(phase="firing", since=NOON, about=one.about, value=-1, incident="i-1", fired_at=NOON, told=told)


def an_event(action: str = "trigger") -> Event:
    return event(action, rule(), firing(rule()), NOON, demo=False)  # type: ignore[arg-type]  # one of its words


def a_look(*letters: tuple[str, Event]) -> Look:
    events = tuple({one.action: one for _, one in letters}.values())
    return Look(board=Board(standing={"page-1": (rule(), firing(rule()))}, changed=7), events=events, letters=letters)


@pytest.fixture
def alerts(store: SqlStore) -> SqlAlerts:
    return store.alerts()


def keep(store: SqlStore, seq: int, found: Look) -> None:
    store.keep(replace(a_tick(seq), alerts=found))


def test_a_rule_is_kept_changed_and_removed_and_the_trail_tells_who_did_it(alerts: SqlAlerts) -> None:
    made = alerts.add_rule(rule(), "ann", NOON)
    changed = alerts.change_rule(rule(amount="-600"), 1, "bob", NOON + SECOND)
    kept = alerts.rules()
    alerts.silence("page-1", NOON + 60 * SECOND, "ann", NOON + 2 * SECOND)
    alerts.remove_rule("page-1", 2, "cid", NOON + 3 * SECOND)

    assert made == KeptRule(rule=rule(), version=1, at=NOON, actor="ann")
    assert kept == (changed,)
    assert changed.version == 2
    assert alerts.rules() == ()
    assert alerts.silences() == {}
    trail = alerts.trail("page-1")
    assert [(one.action, one.actor) for one in trail] == [
        ("added", "ann"), ("changed", "bob"), ("silenced", "ann"), ("removed", "cid"),
    ]  # fmt: skip
    assert trail[1].body["amount"] == -600_000_000_000


def test_the_same_rule_twice_is_one_and_a_name_is_had_once(alerts: SqlAlerts) -> None:
    first = alerts.add_rule(rule(), "ann", NOON)

    assert alerts.add_rule(rule("page-2"), "ann", NOON + SECOND) == first
    with pytest.raises(RuleConflict, match="another rule of the name") as caught:
        alerts.add_rule(rule("page-2", "LOSS <B>OF</B> THE DAY", amount="1"), "ann", NOON)
    assert caught.value.field == "name"
    alerts.add_rule(rule("page-2", "Another"), "ann", NOON)
    with pytest.raises(RuleConflict, match="another rule of the name"):
        alerts.change_rule(rule("page-2"), 1, "ann", NOON)


def test_of_two_who_change_a_rule_the_second_is_told(alerts: SqlAlerts) -> None:
    alerts.add_rule(rule(), "ann", NOON)
    alerts.change_rule(rule(amount="-600"), 1, "ann", NOON)

    with pytest.raises(RuleConflict, match="its newest version is 2"):
        alerts.change_rule(rule(amount="-700"), 1, "bob", NOON)
    with pytest.raises(RuleConflict, match="its newest version is 2"):
        alerts.remove_rule("page-1", 1, "bob", NOON)
    with pytest.raises(RuleConflict, match="there is no such rule any more"):
        alerts.remove_rule("page-9", 1, "bob", NOON)


def test_a_silence_is_kept_until_it_is_lifted(alerts: SqlAlerts) -> None:
    alerts.silence("file-1", NOON + SECOND, "ann", NOON)
    alerts.silence("file-1", NOON + 2 * SECOND, "ann", NOON)
    assert alerts.silences() == {"file-1": NOON + 2 * SECOND}

    alerts.silence("file-1", None, "ann", NOON)
    alerts.silence("file-1", None, "ann", NOON)

    assert alerts.silences() == {}
    assert [one.action for one in alerts.trail("file-1")] == ["silenced", "silenced", "unsilenced"]


def test_a_tick_keeps_states_events_and_messages_or_nothing_of_them(store: SqlStore, alerts: SqlAlerts) -> None:
    keep(store, 1, a_look(("on-call", an_event()), ("ops", an_event())))
    store.follow()
    with pytest.raises(Deposed):
        keep(store, 2, a_look(("on-call", an_event("resolve"))))

    seq, board = alerts.board()
    assert (seq, board.changed) == (1, 7)
    assert board.standing == {"page-1": (rule(), firing(rule()))}
    (happened,) = alerts.events(None, None, 10)
    assert (happened.seq, happened.event) == (1, an_event())
    assert [(one.receiver, one.event.action) for one in alerts.due(NOON + 3600 * SECOND)] == [
        ("on-call", "trigger"), ("ops", "trigger"),
    ]  # fmt: skip


def test_an_incident_is_triggered_and_resolved_once_whoever_leads(store: SqlStore, alerts: SqlAlerts, url: str) -> None:
    keep(store, 1, a_look(("on-call", an_event())))
    other = open_store(url, demo=False)
    other.lead()

    keep(other, 2, a_look(("on-call", an_event()), ("on-call", an_event("resolve"))))
    keep(other, 3, a_look(("on-call", an_event("resolve"))))

    late = NOON + 3600 * SECOND
    (first,) = other.alerts().due(late)
    assert first.event.action == "trigger"
    with pytest.raises(Deposed):
        alerts.claim(first.number, late, late + SECOND)
    assert other.alerts().claim(first.number, late, late + SECOND)
    assert not other.alerts().claim(first.number, late, late + SECOND)
    other.alerts().settle(first.number, "sent", None, late)
    (second,) = other.alerts().due(late)
    assert second.event.action == "resolve"
    other.alerts().settle(second.number, "sent", None, late)
    assert other.alerts().due(late) == []
    other.close()


def test_a_message_waits_until_it_is_due_and_what_it_came_to_is_told(store: SqlStore, alerts: SqlAlerts) -> None:
    keep(store, 1, a_look(("on-call", an_event())))
    late = NOON + 3600 * SECOND
    (message,) = alerts.due(late)
    alerts.claim(message.number, late, late + SECOND)

    alerts.postpone(message.number, late + 60 * SECOND, "HTTP 500")

    assert alerts.due(late + 59 * SECOND) == []
    (again,) = alerts.due(late + 60 * SECOND)
    assert again.attempts == 1
    told = alerts.deliveries()["on-call"]
    assert (told.waiting, told.failed_at, told.error) == (1, late, "HTTP 500")
    alerts.claim(message.number, late + 60 * SECOND, late + 90 * SECOND)
    alerts.settle(message.number, "sent", None, late + 61 * SECOND)
    told = alerts.deliveries()["on-call"]
    assert (told.waiting, told.sent_at, told.failed_at, told.error) == (0, late + 61 * SECOND, None, None)
    alerts.forget(late + 62 * SECOND)
    assert alerts.deliveries() == {}


def test_a_test_is_a_message_of_its_own_and_its_outcome_is_told(alerts: SqlAlerts) -> None:
    alerts.ask_test("on-call", replace(an_event("test"), incident="test-1"))
    assert alerts.deliveries()["on-call"].test == "waiting"
    (message,) = alerts.due(NOON)
    alerts.claim(message.number, NOON, NOON + SECOND)

    alerts.settle(message.number, "refused", "HTTP 400", NOON)

    told = alerts.deliveries()["on-call"]
    assert (told.test, told.test_at, told.error) == ("refused", NOON, "HTTP 400")


def test_the_book_is_told_by_whoever_leads(store: SqlStore, alerts: SqlAlerts) -> None:
    assert alerts.book() is None

    alerts.put_book({"trouble": None})

    assert alerts.book() == {"trouble": None}
    store.follow()
    with pytest.raises(Deposed):
        alerts.put_book({})


def test_events_and_the_trail_cannot_be_altered(store: SqlStore, alerts: SqlAlerts) -> None:
    alerts.add_rule(rule(), "ann", NOON)
    keep(store, 1, a_look(("on-call", an_event())))

    for table in (schema.alert_change, schema.alert_event):
        for change in (update(table).values(rule_id="x"), delete(table)):
            with pytest.raises(Exception, match="append-only"), store._writing() as connection:
                connection.execute(change)


def test_a_store_that_is_closed_says_so(store: SqlStore, alerts: SqlAlerts) -> None:
    store.close()

    with pytest.raises(StoreError):
        alerts.rules()
