"""Alerts in memory, at the port, that the web is tested against."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pnl.alerts.kept import Action, Change, Delivery, Happened, KeptRule, Message, Outcome
from pnl.domain.alerts import rules as ruling
from pnl.domain.alerts.board import Board
from pnl.domain.alerts.incidents import Event
from pnl.domain.alerts.rules import Rule
from pnl.domain.alerts.states import State
from pnl.domain.snapshot import Json, instant
from pnl.errors import RuleConflict


class FakeAlerts:
    """Keeps what it is given; implements `pnl.alerts.kept.AlertStore`."""

    def __init__(self, ready: Callable[[], None] = lambda: None) -> None:
        self.ready = ready
        self.kept: dict[str, KeptRule] = {}
        self.lines: dict[str, list[Change]] = {}
        self.quiet: dict[str, datetime] = {}
        self.standing: dict[str, tuple[Rule, State]] = {}
        self.seq = 0
        self.changed = 0
        self.happened: list[Happened] = []
        self.told: dict[str, Json] | None = None
        self.tests: list[tuple[str, Event]] = []
        self.delivered: dict[str, Delivery] = {}

    def file(self, *rules: Rule, trouble: str | None = None, **receivers: str) -> None:
        """Say what the file of rules says."""
        self.told = {
            "configured": True,
            "trouble": trouble,
            "read_at": "2026-11-20T16:00:00.000Z",
            "rules": [ruling.to_json(rule) for rule in rules],
            "receivers": [{"name": name.replace("_", "-"), "kind": kind} for name, kind in receivers.items()],
        }

    def stand(self, rule: Rule, state: State) -> None:
        """Say how a rule does."""
        self.standing[rule.id] = (rule, state)
        self.seq, self.changed = self.seq + 1, self.changed + 1

    def rules(self) -> tuple[KeptRule, ...]:
        self.ready()
        return tuple(sorted(self.kept.values(), key=lambda one: one.rule.name.casefold()))

    def add_rule(self, rule: Rule, actor: str, at: datetime) -> KeptRule:
        self.ready()
        for one in self.kept.values():
            if one.rule.name.casefold() == rule.name.casefold():
                if replace(one.rule, id=rule.id) == rule:
                    return one
                raise RuleConflict("name", f"there is another rule of the name {rule.name!r}")
        return self._put(KeptRule(rule=rule, version=1, at=at, actor=actor), "added")

    def change_rule(self, rule: Rule, replaces: int, actor: str, at: datetime) -> KeptRule:
        self._newest(rule.id, replaces)
        return self._put(KeptRule(rule=rule, version=replaces + 1, at=at, actor=actor), "changed")

    def remove_rule(self, rule_id: str, replaces: int, actor: str, at: datetime) -> None:
        old = self._newest(rule_id, replaces)
        del self.kept[rule_id]
        self.standing.pop(rule_id, None)
        self._note(rule_id, Change(at=at, actor=actor, action="removed", body=ruling.to_json(old.rule)))

    def trail(self, rule_id: str) -> tuple[Change, ...]:
        self.ready()
        return tuple(self.lines.get(rule_id, ()))

    def silence(self, rule_id: str, until: datetime | None, actor: str, at: datetime) -> None:
        self.ready()
        if until is None:
            self.quiet.pop(rule_id, None)
            self._note(rule_id, Change(at=at, actor=actor, action="unsilenced", body={}))
        else:
            self.quiet[rule_id] = until
            self._note(rule_id, Change(at=at, actor=actor, action="silenced", body={"until": instant(until)}))

    def silences(self) -> Mapping[str, datetime]:
        return self.quiet

    def board(self) -> tuple[int, Board]:
        self.ready()
        return self.seq, Board(standing=dict(self.standing), changed=self.changed)

    def events(self, since: datetime | None, until: datetime | None, limit: int) -> tuple[Happened, ...]:
        self.ready()
        found = [
            one
            for one in reversed(self.happened)
            if (since is None or one.event.at >= since) and (until is None or one.event.at < until)
        ]
        return tuple(found[:limit])

    def book(self) -> Mapping[str, Json] | None:
        self.ready()
        return self.told

    def put_book(self, body: Mapping[str, Json]) -> None:
        self.told = dict(body)

    def ask_test(self, receiver: str, event: Event) -> None:
        self.ready()
        self.tests.append((receiver, event))
        known = self.delivered.get(receiver, Delivery())
        self.delivered[receiver] = replace(known, waiting=known.waiting + 1, test="waiting", test_at=event.at)

    def deliveries(self) -> Mapping[str, Delivery]:
        return self.delivered

    def due(self, now: datetime) -> Sequence[Message]:
        raise AssertionError(f"the web does not send: {now}")

    def claim(self, number: int, now: datetime, again: datetime) -> bool:
        raise AssertionError(f"the web does not send: {number} {now} {again}")

    def settle(self, number: int, outcome: Outcome, error: str | None, at: datetime) -> None:
        raise AssertionError(f"the web does not send: {number} {outcome} {error} {at}")

    def postpone(self, number: int, due: datetime, error: str) -> None:
        raise AssertionError(f"the web does not send: {number} {due} {error}")

    def forget(self, before: datetime) -> None:
        raise AssertionError(f"the web does not send: {before}")

    def _newest(self, rule_id: str, replaces: int) -> KeptRule:
        old = self.kept.get(rule_id)
        if old is None or old.version != replaces:
            raise RuleConflict("version", f"version {replaces} of the rule cannot be replaced")
        return old

    def _put(self, made: KeptRule, action: Action) -> KeptRule:
        self.kept[made.rule.id] = made
        self._note(made.rule.id, Change(at=made.at, actor=made.actor, action=action, body=ruling.to_json(made.rule)))
        return made

    def _note(self, rule_id: str, change: Change) -> None:
        self.lines.setdefault(rule_id, []).append(change)
