"""How a rule does: inactive, pending, firing, resolved; and how one look at its figure leads to the next.

A figure that is not known changes nothing: a rule that fires goes on firing, one that waits goes on
waiting, and the time in which nobody could look does not count. `missing` then says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

from pnl.domain.alerts.figures import Measured
from pnl.domain.alerts.rules import Rule
from pnl.domain.snapshot import Json

Phase: TypeAlias = Literal["inactive", "pending", "firing", "resolved"]
NOTHING = timedelta()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a rule does.

    Attributes:
        since: Since when it is in this phase.
        about: What the rule watched.
        value: The figure at the last look, in billionths of its unit; None where it was not known.
        missing: Why it was not.
        seen_at: The last look at which it was known; None before the first.
        held: For how long it has been seen to hold without a break; counts while pending.
        incident: What the last time that it fired is known by; None before the first.
        fired_at: When that was.
        resolved_at: When that was over; None while it is not.
        told: The receivers of the incident under way.
    """

    phase: Phase
    since: datetime
    about: str
    value: int | None = None
    missing: str | None = None
    seen_at: datetime | None = None
    held: timedelta = NOTHING
    incident: str | None = None
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    told: tuple[str, ...] = ()


def fresh(rule: Rule, at: datetime) -> State:
    """Return the state of a rule that nobody has looked at yet."""
    return State(phase="inactive", since=at, about=rule.about)


def step(rule: Rule, before: State, measured: Measured, at: datetime, trust: timedelta) -> State:
    """Return the state after a look.

    Args:
        rule: The rule.
        before: Its state so far, of the same figure and comparison.
        measured: What the figure is.
        at: When; later than the look before.
        trust: Two looks that are further apart say nothing of the time between them.
    """
    if measured.value is None:
        return replace(before, value=None, missing=measured.missing)
    seen = replace(before, value=measured.value, missing=None, seen_at=at)
    if not rule.holds(measured.value):
        return _not_holding(seen, at)
    if seen.phase == "firing":
        return seen
    held = before.held + _watched(before, at, trust) if before.phase == "pending" else NOTHING
    if held >= rule.hold:
        incident = f"{rule.id}@{(at - _EPOCH) // _MICROSECOND // 1000}"
        return replace(
            seen, phase="firing", since=at, held=NOTHING, incident=incident, fired_at=at, resolved_at=None, told=()
        )
    return replace(seen, phase="pending", since=seen.since if seen.phase == "pending" else at, held=held)


def _not_holding(seen: State, at: datetime) -> State:
    if seen.phase == "firing":
        return replace(seen, phase="resolved", since=at, resolved_at=at, held=NOTHING)
    if seen.phase == "pending":
        return replace(seen, phase="inactive", since=at, held=NOTHING)
    return seen


def _watched(before: State, at: datetime, trust: timedelta) -> timedelta:
    """Return how much of the time since the last look counts: none of it where the figure was missing meanwhile."""
    if before.missing is not None or before.seen_at is None:
        return NOTHING
    passed = at - before.seen_at
    return passed if passed <= trust else NOTHING


_TIMES = ("since", "seen_at", "fired_at", "resolved_at")


def to_json(state: State) -> dict[str, Json]:
    """Return a state as it is kept: instants and lengths in microseconds."""
    times = {name: getattr(state, name) for name in _TIMES}
    return {
        "phase": state.phase,
        "about": state.about,
        "value": state.value,
        "missing": state.missing,
        "held": state.held // _MICROSECOND,
        "incident": state.incident,
        "told": list[Json](state.told),
        **{name: None if at is None else (at - _EPOCH) // _MICROSECOND for name, at in times.items()},
    }


def of_json(kept: Mapping[str, Any]) -> State:
    """Return a state from what was kept of it."""
    times = {name: None if kept[name] is None else _EPOCH + kept[name] * _MICROSECOND for name in _TIMES}
    return State(
        **{
            **kept,
            **times,
            "held": kept["held"] * _MICROSECOND,
            "told": tuple(kept["told"]),
        }
    )
