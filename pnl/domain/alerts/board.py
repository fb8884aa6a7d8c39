"""All rules at once: how each does after a look, what is told of it, and to whom.

An incident is one trigger and one resolve for each receiver. A rule that is silenced goes through its
phases like any other and starts no telling; what was told of before it was silenced is told the end of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pnl.domain.alerts import rules as ruling
from pnl.domain.alerts import states as phases
from pnl.domain.alerts.figures import Seen, measure
from pnl.domain.alerts.incidents import Event, event
from pnl.domain.alerts.rules import Rule
from pnl.domain.alerts.states import State, fresh, step
from pnl.domain.snapshot import Json, instant

REMOVED = "the rule was removed"
CHANGED = "the rule was changed"
NAMED = 3
"""So many critical alerts are named in a snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Every rule with its state, by its id; `changed` grows with every change of a phase and of the rules."""

    standing: Mapping[str, tuple[Rule, State]] = field(default_factory=dict)
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at the rules led to.

    Attributes:
        board: How the rules do now.
        events: What fired and what is over.
        letters: Who is to be told of which event: (receiver, event).
        silenced: Until when rules are silenced, by id.
    """

    board: Board
    events: tuple[Event, ...] = ()
    letters: tuple[tuple[str, Event], ...] = ()
    silenced: Mapping[str, datetime] = field(default_factory=dict)


def look(board: Board, rules: Iterable[Rule], silenced: Mapping[str, datetime], seen: Seen, trust: timedelta) -> Look:
    """Return what a look at the figures of a snapshot leads to.

    Args:
        board: How the rules did before.
        rules: Those in force.
        silenced: Until when rules are silenced, by id.
        seen: The figures.
        trust: See `states.step`.
    """
    at, demo = seen.snapshot.as_of, seen.snapshot.demo
    quiet = {rule_id: until for rule_id, until in silenced.items() if until > at}
    events: list[Event] = []
    letters: list[tuple[str, Event]] = []
    standing: dict[str, tuple[Rule, State]] = {}

    def end(rule: Rule, state: State, why: str | None = None) -> None:
        over = event("resolve", rule, state, at, demo=demo, why=why)
        events.append(over)
        letters.extend((receiver, over) for receiver in state.told)

    for rule in rules:
        old_rule, old = board.standing.get(rule.id, (rule, fresh(rule, at)))
        if old.about != rule.about:
            if old.phase == "firing":
                end(old_rule, old, CHANGED)
            old = fresh(rule, at)
        new = step(rule, old, measure(rule.figure, seen), at, trust)
        if new.phase == "firing":
            if old.phase != "firing":
                events.append(event("trigger", rule, new, at, demo=demo))
            if rule.id not in quiet:
                more = [receiver for receiver in rule.receivers if receiver not in new.told]
                fired = event("trigger", rule, new, at, demo=demo)
                letters.extend((receiver, fired) for receiver in more)
                new = replace(new, told=(*new.told, *more))
        elif old.phase == "firing":
            end(rule, new)
            new = replace(new, told=())
        standing[rule.id] = (rule, new)
    for rule_id, (rule, state) in board.standing.items():
        if rule_id not in standing and state.phase == "firing":
            end(rule, state, REMOVED)
    moved = _phases(standing) != _phases(board.standing)
    made = Board(standing=standing, changed=board.changed + moved)
    return Look(board=made, events=tuple(events), letters=tuple(letters), silenced=quiet)


def shown(found: Look) -> dict[str, Json] | None:
    """Return what a snapshot tells of the alerts: how many fire, and the critical ones by name; None without a rule.

    Those that are silenced are not counted.
    """
    board = found.board
    if not board.standing and not board.changed:
        return None
    firing = [
        (rule, state)
        for rule, state in board.standing.values()
        if state.phase == "firing" and rule.id not in found.silenced
    ]
    critical = [(rule, state) for rule, state in firing if rule.severity == "critical"]
    worst: list[Json] = [{"name": rule.name, "since": instant(state.since)} for rule, state in critical[:NAMED]]
    return {"firing": len(firing), "critical": len(critical), "worst": worst, "changed": board.changed}


def _phases(standing: Mapping[str, tuple[Rule, State]]) -> dict[str, tuple[str, str | None]]:
    return {rule_id: (state.phase, state.incident) for rule_id, (_, state) in standing.items()}


def to_json(board: Board) -> dict[str, Json]:
    """Return a board as it is kept."""
    standing: list[Json] = [
        {"rule": ruling.to_json(rule), "state": phases.to_json(state)} for rule, state in board.standing.values()
    ]
    return {"changed": board.changed, "standing": standing}


def of_json(kept: Mapping[str, Any]) -> Board:
    """Return a board from what was kept of it."""
    found = [(ruling.of_json(one["rule"]), phases.of_json(one["state"])) for one in kept["standing"]]
    return Board(standing={rule.id: (rule, state) for rule, state in found}, changed=kept["changed"])
