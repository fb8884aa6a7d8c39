"""What a rule can watch: the figures, their units, and their value at a snapshot.

| figure | what it is | unit |
|---|---|---|
| `net`, `net_realised` | the result of the company day so far | dollars |
| a line of the statement | that line of the company day so far, signed | dollars |
| `drawdown` | how far the net is below the highest that the company day has shown | dollars |
| `api_budget` | the API cost of the month's company days so far, in parts of the monthly budget | percent |
| `age.SOURCE` | how old the last good reading of a source is | seconds |
| `stale.SOURCE` | whether the pages call a source stale or down | yes or no |
| `failed_checks` | how many checks fail | count |
| `failed_checks.NAME` | how many checks of this name fail | count |

A sum is known when each line in it is whose source is connected: a net without the part of a source that has
not answered yet is no net. That of a source that is not connected is in no sum, and nothing waits for it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pnl.domain.money import DOLLAR, Nano
from pnl.domain.snapshot import LINES, SOURCE_OF, Snapshot

Unit: TypeAlias = Literal["dollars", "percent", "seconds", "count", "flag"]
SOURCES = ("kalshi", "anthropic", "revenue")
WHOLE = DOLLAR
"""One, in the billionths that every value is counted in, whatever its unit."""
CHECKS = (
    *("I1_position", "I2_total_traded", "I2_fees", "I2_identity", "I3_realised", "I3_exposure", "I4_settlement"),
    *("I5_cash", "I5_credit", "I5_netting", "I6_equity"),
    *("identity", "api_cost_rows", "api_cost_usage", "api_cost", "api_cost_restated"),
    *("revenue_read", "revenue_clash", "record_conflict"),
)
"""The names of the checks; what each is, `pnl.domain.checks` tells."""
FIGURES: Mapping[str, Unit] = {
    "net": "dollars",
    "net_realised": "dollars",
    "drawdown": "dollars",
    **dict.fromkeys(LINES, "dollars"),
    "api_budget": "percent",
    **{f"stale.{name}": "flag" for name in SOURCES},
    **{f"age.{name}": "seconds" for name in SOURCES},
    "failed_checks": "count",
    **{f"failed_checks.{name}": "count" for name in CHECKS},
}
"""Every figure with its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a tick knows when it looks at the rules.

    Attributes:
        snapshot: What the pages are shown.
        high: The highest net of the company day so far of the same lines, this snapshot's included; None while
            none was known.
        month_cost: What API use has cost in the month's company days so far, above zero; None while not known.
        budget: The monthly budget for it; None where there is none.
        failed: How many checks fail, by name.
    """

    snapshot: Snapshot
    high: Nano | None
    month_cost: Nano | None
    budget: Nano | None
    failed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure's value in billionths of its unit; None where it is not known, and `missing` says why."""

    value: int | None
    missing: str | None = None


def unit(figure: str) -> Unit | None:
    """Return the unit of a figure; None where there is no such figure.

    >>> unit("net"), unit("failed_checks.I5_cash"), unit("nett")
    ('dollars', 'count', None)
    """
    return FIGURES.get(figure)


def measure(figure: str, seen: Seen) -> Measured:
    """Return the value of a figure; one that this version does not know, as in a rule of another, is not known."""
    if figure not in FIGURES:
        return Measured(None, f"this version knows no figure {figure}")
    kind, _, name = figure.partition(".")
    if kind == "drawdown":
        return _drawdown(seen)
    if kind == "api_budget":
        return _spent(seen)
    if kind == "failed_checks":
        return Measured((seen.failed.get(name, 0) if name else seen.snapshot.checks_failed) * WHOLE)
    if kind in ("stale", "age"):
        return _of_source(kind, name, seen.snapshot)
    return _of_statement(kind, seen.snapshot)


def _of_statement(figure: str, snapshot: Snapshot) -> Measured:
    if figure in ("net", "net_realised"):
        return _sum(figure, snapshot)
    amount = snapshot.lines[figure]
    return Measured(amount, f"{figure} is not known" if amount is None else None)


def _sum(figure: str, snapshot: Snapshot) -> Measured:
    """Return the net, or the same without the change of open positions, which then may be missing."""
    realised = figure == "net_realised"
    lacks = [line for line in snapshot.awaited() if not (realised and line == "trading_unrealised")]
    if lacks:
        return Measured(None, f"{figure} is incomplete without {_named(lacks)}")
    amount = snapshot.net_realised if realised else snapshot.net
    return Measured(amount, f"{figure} is not known" if amount is None else None)


def _named(lines: Sequence[str]) -> str:
    """Name the lines; those of a source of which several are missing by the source alone."""
    count = Counter(SOURCE_OF.get(line) for line in lines)
    names = (source if (source := SOURCE_OF.get(line)) and count[source] > 1 else line for line in lines)
    return ", ".join(dict.fromkeys(names))


def _drawdown(seen: Seen) -> Measured:
    net = _sum("net", seen.snapshot)
    if net.value is None or seen.high is None:
        return Measured(None, net.missing or "net is not known")
    return Measured(seen.high - net.value)


def _spent(seen: Seen) -> Measured:
    if not seen.budget:
        return Measured(None, "there is no budget: set PNL_BUDGET_API_MONTHLY")
    if seen.month_cost is None:
        return Measured(None, "the API cost of the month is not known")
    return Measured(seen.month_cost * 100 * WHOLE // seen.budget)


def _of_source(kind: str, name: str, snapshot: Snapshot) -> Measured:
    state = snapshot.sources.get(name)
    if state is None or state.status == "off":
        return Measured(None, f"{name} is not connected")
    if kind == "stale":
        return Measured(WHOLE if state.status in ("stale", "down") else 0)
    if state.as_of is None:
        return Measured(None, f"{name} has never answered; watch stale.{name} to be told")
    return Measured(max(0, int((snapshot.as_of - state.as_of).total_seconds())) * WHOLE)
