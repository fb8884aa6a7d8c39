"""The panels that can stand in other sites' pages: what each shows, may ask for, and is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from pnl.access.asked import RANGES
from pnl.access.grants import PANELS
from pnl.domain.snapshot import LINES, Json

Part = Literal["history", "days", "activity"]

_ALWAYS: Final = ("schema", "seq", "as_of", "day", "demo", "finality")
_TOTALS: Final = ("net", "net_realised")
_LASTING: Final = ("1d", "7d", "30d", "mtd", "ytd")
_STATE: Final = ("status", "as_of", "complete_through", "next_attempt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel.

    Attributes:
        title: Its name on the screen.
        ranges: The ranges that it can show, shortest first.
        usual: The range where none is asked for.
        reads: What its page asks for beside the live figures.
        lines: The lines of the statement that it is sent.
        totals: The totals that it is sent.
        figures: The figures whose past it may ask for.
        positions: Whether it is sent the open positions.
        sources: Whether it is sent how the sources do.
        charts: Whether a chart draws it.
        compares: Whether it can be held against the days before.
    """

    title: str
    ranges: tuple[str, ...] = ("1d",)
    usual: str = "1d"
    reads: tuple[Part, ...] = ()
    lines: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    positions: bool = False
    sources: bool = False
    charts: bool = False
    compares: bool = False

    @property
    def lasts(self) -> bool:
        """Whether it can show several days, and so any."""
        return "30d" in self.ranges


_REVENUE: Final = ("revenue", "refunds", "processor_fees", "adjustments")
_COSTS: Final = ("api_cost", "trading_fees", "operating_cost")
_TRADING: Final = ("trading_realised", "trading_unrealised", "trading_fees")
_NET: Final = ("net",)

KNOWN: Final[Mapping[str, Panel]] = {
    "net": Panel(
        title="Net P&L", ranges=_LASTING, reads=("history", "days"), totals=("net",), figures=_NET, compares=True
    ),
    "equity": Panel(
        title="Net P&L chart",
        ranges=RANGES,
        reads=("history", "days"),
        totals=("net",),
        figures=_NET,
        charts=True,
        compares=True,
    ),
    "drawdown": Panel(
        title="Drawdown", ranges=RANGES, reads=("history", "days"), totals=("net",), figures=_NET, charts=True
    ),
    "waterfall": Panel(title="How it adds up", ranges=_LASTING, reads=("days",), lines=LINES, totals=_TOTALS),
    "positions": Panel(title="Open positions", positions=True),
    "activity": Panel(title="Activity", reads=("activity",)),
    "costs": Panel(title="Costs", ranges=_LASTING, reads=("history", "days"), lines=_COSTS, figures=_COSTS),
    "revenue": Panel(title="Revenue", ranges=_LASTING, reads=("history", "days"), lines=_REVENUE, figures=_REVENUE),
    "calendar": Panel(title="Calendar", ranges=("30d", "mtd", "ytd"), usual="ytd", reads=("days",), totals=("net",)),
    "kpis": Panel(
        title="Net P&L and its parts",
        reads=("history",),
        lines=LINES,
        totals=_TOTALS,
        figures=("net", "revenue", "trading_realised", "trading_unrealised", "trading_fees", "api_cost"),
        sources=True,
    ),
}
assert tuple(KNOWN) == PANELS  # noqa: S101 - the names that tokens may carry are those of the panels


def narrow(panel: Panel, snapshot: Mapping[str, Json]) -> dict[str, Json]:
    """Return of a snapshot what a panel needs, and nothing else."""
    lines = cast("dict[str, Json]", snapshot["lines"])
    told: dict[str, Json] = {name: snapshot[name] for name in _ALWAYS if name in snapshot}
    told |= {name: snapshot[name] for name in panel.totals}
    told["lines"] = {name: lines.get(name) for name in panel.lines}
    finality = cast("dict[str, Json]", snapshot.get("line_finality") or {})
    if panel.lines:
        told["line_finality"] = {name: finality.get(name) for name in panel.lines}
    told |= _lacking(panel, snapshot)
    told["positions"] = snapshot["positions"] if panel.positions else []
    sources = cast("dict[str, dict[str, Json]]", snapshot["sources"]) if panel.sources else {}
    told["sources"] = {name: {part: state.get(part) for part in _STATE} for name, state in sources.items()}
    return told


def narrow_day(panel: Panel, day: Mapping[str, Json]) -> dict[str, Json]:
    """Return of a company day what a panel needs, and nothing else."""
    lines = cast("dict[str, Json]", day["lines"])
    told: dict[str, Json] = {"day": day["day"]} if "day" in day else {}
    if "missing" in day:
        told |= _lacking(panel, day)
    told |= {name: day[name] for name in panel.totals}
    told["lines"] = {name: lines.get(name) for name in panel.lines}
    if panel.charts and "start" in day:
        seen = cast("dict[str, Json] | None", day["as_seen"])
        told |= {"start": day["start"], "end": day["end"]}
        told["as_seen"] = {"high": seen["high"], "low": seen["low"]} if seen else None
    if "restated_by" in day:
        told["restated_by"] = day["restated_by"] is not None
    return told


def _lacking(panel: Panel, told: Mapping[str, Json]) -> dict[str, Json]:
    """Return which of the lines that a panel shows, or that its totals are made of, are not known."""
    counted = LINES if panel.totals else (*panel.lines, *(_TRADING if panel.positions else ()))
    missing = [line for line in cast("list[Json]", told["missing"]) if line in counted]
    return {"complete": not missing, "missing": missing}
