"""What became of a rule, in words: the event that pages show and receivers are sent."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from pnl.domain.alerts.figures import WHOLE, Unit
from pnl.domain.alerts.rules import Comparison, Rule, Severity
from pnl.domain.alerts.states import State
from pnl.domain.isolated import isolated, without_marks
from pnl.domain.money import CENT, share, text
from pnl.domain.snapshot import Json, instant

Action: TypeAlias = Literal["trigger", "resolve", "test"]

_NAMES = {
    "net": "Net of the day",
    "net_realised": "Realised net of the day",
    "drawdown": "Drawdown of the day",
    "api_cost": "API cost of the day",
    "api_budget": "API budget of the month",
    "failed_checks": "Failed checks",
}
_SOURCES = {"kalshi": "Kalshi", "anthropic": "Anthropic", "revenue": "Revenue"}
_WORDS: dict[Comparison, str] = {
    "above": "above",
    "below": "below",
    "at_least": "at or above",
    "at_most": "at or below",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A rule fired, or what it fired for is over; `test` is sent to see whether it arrives.

    Amounts are in billionths of `unit`. `why` is set where something else than the figure ended it.
    """

    action: Action
    incident: str
    rule_id: str
    name: str
    severity: Severity
    figure: str
    when: Comparison
    amount: int
    value: int | None
    unit: Unit
    at: datetime
    fired_at: datetime
    resolved_at: datetime | None
    demo: bool
    why: str | None = None

    @property
    def what(self) -> str:
        """What the figure is, and what it is held against; or why it is over."""
        if self.action == "test":
            return "a test, nothing is wrong"
        value = told(self.figure, self.value, self.unit, self.amount)
        if self.action == "resolve":
            return self.why or value
        limit = "" if self.unit == "flag" else f"{_WORDS[self.when]} {exactly(self.amount, self.unit)}"
        if self.value is None:
            return f"{value} now{limit and f'; the limit is {limit}'}"
        return f"{value}{limit and f', {limit}'}"

    @property
    def summary(self) -> str:
        """What happened, in one line."""
        return self._line(self.name)

    def within(self, most: int) -> str:
        """Return what happened, in one line of at most so many letters: the name is shortened, never an amount.

        Letters are counted as UTF-16 has them, where some are two, so that no receiver counts more of them.
        """
        line, name = self.summary, without_marks(self.name)
        while _letters(line) > most and name:
            name = name[:-1]
            line = self._line(f"{name.rstrip()}…")
        return line

    def _line(self, name: str) -> str:
        demo = "DEMO DATA · " if self.demo else ""
        if self.action == "resolve":
            return f"{demo}Resolved: {isolated(name)} ({self.what})"
        return f"{demo}{isolated(name)}: {self.what}"

    def to_json(self) -> dict[str, Json]:
        """Return the event as it is kept."""
        times = {name: instant(getattr(self, name)) for name in ("at", "fired_at", "resolved_at")}
        return {**asdict(self), **times}


def of_json(kept: dict[str, Any]) -> Event:
    """Return an event from what was kept of it."""
    times = {
        name: None if kept[name] is None else datetime.fromisoformat(kept[name])
        for name in ("at", "fired_at", "resolved_at")
    }
    return Event(**{**kept, **times})


def event(action: Action, rule: Rule, state: State, at: datetime, *, demo: bool, why: str | None = None) -> Event:
    """Return the event of a rule that has fired at least once."""
    return Event(
        action=action,
        incident=state.incident or rule.id,
        rule_id=rule.id,
        name=rule.name,
        severity=rule.severity,
        figure=rule.figure,
        when=rule.when,
        amount=rule.amount,
        value=state.value,
        unit=rule.unit,
        at=at,
        fired_at=state.fired_at or at,
        resolved_at=at if action == "resolve" else None,
        demo=demo,
        why=why,
    )


def named(figure: str) -> str:
    """Return what a figure is called.

    >>> named("net"), named("processor_fees"), named("stale.kalshi"), named("failed_checks.I5_cash")
    ('Net of the day', 'Processor fees of the day', 'Kalshi', 'Failed checks of I5_cash')
    """
    kind, _, of = figure.partition(".")
    if kind in ("stale", "age"):
        return _SOURCES[of] if kind == "stale" else f"Age of {_SOURCES[of]}"
    if of:
        return f"{_NAMES[kind]} of {of}"
    return _NAMES.get(figure) or f"{figure.replace('_', ' ').capitalize()} of the day"


def told(figure: str, value: int | None, unit: Unit, limit: int = 0) -> str:
    """Return a figure with its value, in words, beside a limit.

    >>> told("net", -1204110000000, "dollars"), told("stale.kalshi", 1_000_000_000, "flag")
    ('Net of the day is −$1,204.11', 'Kalshi is stale')
    """
    if value is None:
        return f"{named(figure)} is not known"
    if unit == "flag":
        return f"{named(figure)} is {'stale' if value else 'fresh'}"
    return f"{named(figure)} is {beside(limit, value, unit)}"


def beside(limit: int, value: int, unit: Unit) -> str:
    """Return a value as a person reads it beside a limit: exactly where the hundredth does not tell them apart.

    >>> beside(-500_000_000_000, -500_004_000_000, "dollars"), beside(-4_000_000, -4_100_000, "dollars")
    ('−$500.004', '−$0.0041')
    """
    same = value != limit and shown(value, unit) == exactly(limit, unit)
    return exactly(value, unit) if same or limit % CENT else shown(value, unit)


def shown(value: int, unit: Unit) -> str:
    """Return a value as a person reads it, to the hundredth, half to even, as pages show it.

    >>> shown(80_500_000_000, "percent"), shown(5_400_000_000_000, "seconds"), shown(2_000_000_000, "count")
    ('80.50 %', '1 h 30 min', '2')
    """
    return exactly(share(value, 1, CENT) * CENT if unit in ("dollars", "percent") else value, unit)


def exactly(value: int, unit: Unit) -> str:
    """Return a value to its last digit, as limits are told: they are what somebody gave.

    >>> exactly(-1_005_000_000, "dollars"), exactly(80_000_000_000, "percent")
    ('−$1.005', '80.00 %')
    """
    if unit == "seconds":
        return _lasting(timedelta(seconds=value // WHOLE))
    if unit in ("count", "flag"):
        return f"{value // WHOLE:,}"
    whole, _, decimals = text(abs(value)).partition(".")
    sign = "−" if value < 0 else ""
    number = f"{int(whole):,}.{decimals}"
    return f"{sign}{number} %" if unit == "percent" else f"{sign}${number}"


def plain(value: int | None) -> str | None:
    """Return a value as a plain decimal string; None for what is not known."""
    return None if value is None else text(value, 0)


def _letters(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _lasting(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number:,} {unit}" for number, unit in parts if number) or "0 s"


def trial(receiver: str, at: datetime, *, demo: bool) -> Event:
    """Return the event of a test that is sent to a receiver."""
    return Event(
        action="test",
        incident=f"test-{receiver}@{round(at.timestamp() * 1000)}",
        rule_id="test",
        name=f"Test of {receiver}",
        severity="warning",
        figure="net",
        when="below",
        amount=0,
        value=None,
        unit="dollars",
        at=at,
        fired_at=at,
        resolved_at=None,
        demo=demo,
    )
