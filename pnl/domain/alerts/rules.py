"""A rule, and how it is read: the same fields in the file and from the page, each wrong one named with its cure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias, cast

from pnl.domain.alerts.figures import FIGURES, Unit, unit
from pnl.domain.isolated import mark_in
from pnl.domain.money import Nano, decimal, nano
from pnl.domain.snapshot import Json
from pnl.errors import MoneyError, RuleError

Comparison: TypeAlias = Literal["above", "below", "at_least", "at_most"]
Severity: TypeAlias = Literal["warning", "critical"]
Origin: TypeAlias = Literal["file", "page"]

COMPARISONS: tuple[Comparison, ...] = ("above", "below", "at_least", "at_most")
SEVERITIES: tuple[Severity, ...] = ("warning", "critical")
FIELDS = ("name", "figure", "when", "amount", "for", "severity", "receivers")
MOST_LETTERS = 80
LONGEST = timedelta(days=7)

_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*")
_AMOUNT = re.compile(r"-?\d{1,10}(\.\d{1,9})?", re.ASCII)
_SPAN = re.compile(r"(\d{1,6})(s|m|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_RECEIVER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When somebody is told.

    Attributes:
        id: What it is known by, for as long as it is kept.
        figure: What it watches; see `figures`.
        when: How the figure is held against the amount.
        amount: The limit, in billionths of the figure's unit.
        hold: How long it must hold before the rule fires; `for`, as it is written.
        receivers: Who is told, by name; nobody where it is shown on the pages alone.
        origin: Where it is kept.
    """

    id: str
    name: str
    figure: str
    when: Comparison
    amount: int
    hold: timedelta
    severity: Severity
    receivers: tuple[str, ...]
    origin: Origin

    @property
    def about(self) -> str:
        """What it watches: a rule of which this changes is another rule."""
        return f"{self.figure} {self.when}"

    @property
    def unit(self) -> Unit:
        """The unit of its figure."""
        return unit(self.figure) or "dollars"

    def holds(self, value: int) -> bool:
        """Tell whether a value is one that the rule is there for."""
        return {
            "above": value > self.amount,
            "below": value < self.amount,
            "at_least": value >= self.amount,
            "at_most": value <= self.amount,
        }[self.when]


def read(fields: Mapping[str, object], *, rule_id: str, origin: Origin) -> Rule:
    """Return the rule that some fields spell.

    Raises:
        RuleError: A field is missing, unknown or wrong; `field` is its name.
    """
    for name in fields:
        if name not in FIELDS:
            raise RuleError(name[:60], f"there is no field {name[:60]!r}; a rule has {', '.join(FIELDS)}")
    figure = _figure(_given(fields, "figure"))
    flag = unit(figure) == "flag"
    for name in ("when", "amount"):
        if flag and name in fields:
            raise RuleError(name, f"{figure} is yes or no: leave {name} out")
    return Rule(
        id=rule_id,
        name=_name(_given(fields, "name")),
        figure=figure,
        when="above" if flag else cast("Comparison", _word(fields, "when", COMPARISONS)),
        amount=0 if flag else _amount(_given(fields, "amount"), figure),
        hold=span(fields.get("for", "0s"), "for"),
        severity=cast("Severity", _word({"severity": "warning", **fields}, "severity", SEVERITIES)),
        receivers=_receivers(fields.get("receivers", [])),
        origin=origin,
    )


def to_json(rule: Rule) -> dict[str, Json]:
    """Return a rule as it is kept; what `of_json` reads."""
    return {
        "id": rule.id,
        "name": rule.name,
        "figure": rule.figure,
        "when": rule.when,
        "amount": rule.amount,
        "hold": int(rule.hold.total_seconds()),
        "severity": rule.severity,
        "receivers": list[Json](rule.receivers),
        "origin": rule.origin,
    }


def of_json(kept: Mapping[str, Any]) -> Rule:
    """Return a rule from what was kept of it."""
    return Rule(**{**kept, "hold": timedelta(seconds=kept["hold"]), "receivers": tuple(kept["receivers"])})


def span(value: object, name: str, longest: timedelta = LONGEST) -> timedelta:
    """Return how long a text such as `90s`, `5m`, `2h` or `1d` says.

    Raises:
        RuleError: It says nothing of the kind, or more than `longest`.
    """
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    made = timedelta(**{_UNITS[found.group(2)]: int(found.group(1))}) if found else None
    if made is None or made > longest:
        raise RuleError(
            name, f"{name} {_short(value)} is no length of time up to {longest.days} days: write 90s, 5m, 2h or 1d"
        )
    return made


def receiver_name(value: object, field: str) -> str:
    """Return the name of a receiver.

    Raises:
        RuleError: It can be none.
    """
    if not isinstance(value, str) or not _RECEIVER.fullmatch(value):
        raise RuleError(
            field, f"{field} {_short(value)} is no name of a receiver: 1 to 40 of a-z, 0-9, _ and -, as in on-call"
        )
    return value


def same_names(rules: Iterable[Rule]) -> str | None:
    """Return a name that two rules have; None where each has its own."""
    seen: set[str] = set()
    for rule in rules:
        name = rule.name.casefold()
        if name in seen:
            return rule.name
        seen.add(name)
    return None


def _given(fields: Mapping[str, object], name: str) -> object:
    if name not in fields:
        raise RuleError(name, f"{name} is missing")
    return fields[name]


def _name(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > MOST_LETTERS or not _NAME.fullmatch(text):
        raise RuleError("name", f"name {_short(value)} is not 1 to {MOST_LETTERS} letters in one line: say what it is")
    if mark := mark_in(text):
        raise RuleError(
            "name", f"name {_short(value)} holds {mark}, which is not seen and turns letters around: leave it out"
        )
    return text


def _figure(value: object) -> str:
    if not isinstance(value, str) or unit(value) is None:
        raise RuleError("figure", f"figure {_short(value)} is not one of {', '.join(FIGURES)}")
    return value


def _word(fields: Mapping[str, object], name: str, known: tuple[str, ...]) -> str:
    value = _given(fields, name)
    if not isinstance(value, str) or value not in known:
        raise RuleError(name, f"{name} {_short(value)} is not one of {', '.join(known)}")
    return value


def _amount(value: object, figure: str) -> Nano:
    if not isinstance(value, str):
        raise RuleError("amount", f'amount {_short(value)} is not a decimal string: write it in quotes, as "-500"')
    if not _AMOUNT.fullmatch(value):
        raise RuleError("amount", f"amount {_short(value)} is no plain decimal number: write it as -500 or 1250.50")
    kind = unit(figure)
    if kind != "dollars" and decimal(value) < 0:
        raise RuleError("amount", f"amount {value} is below zero, which {figure} ({kind}) never is")
    if kind in ("seconds", "count") and "." in value:
        raise RuleError("amount", f"amount {value} is not whole, which {figure} ({kind}) always is")
    try:
        return nano(value)
    except MoneyError as error:
        raise RuleError("amount", str(error)) from None


def _receivers(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise RuleError("receivers", f'receivers {_short(value)} is no list of names: write ["on-call"]')
    return tuple(dict.fromkeys(receiver_name(name, "receivers") for name in value))


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
