"""The snapshot: one instant of the whole statement, and the JSON that everybody is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from pnl.domain.finality import COST_ESTIMATED, Finality, of_lines
from pnl.domain.money import Centi, Nano, count_text, text

SCHEMA = "pnl-snapshot/1"

LINES: tuple[str, ...] = (
    "revenue",
    "refunds",
    "processor_fees",
    "adjustments",
    "api_cost",
    "operating_cost",
    "trading_realised",
    "trading_unrealised",
    "trading_fees",
    "other_income",
)
"""The lines of the statement in the order of the page; all signed, `net` is their sum."""

SOURCE_OF: Mapping[str, str] = {
    **dict.fromkeys(("revenue", "refunds", "processor_fees", "adjustments"), "revenue"),
    "api_cost": "anthropic",
    **dict.fromkeys(("trading_realised", "trading_unrealised", "trading_fees", "other_income"), "kalshi"),
}
"""The source of each line; costs that are entered by hand have none."""

MARKS_THINNED = "marks_thinned"
"""The flag of a past screen whose prices were thinned since: its positions may differ from what was shown."""

Status: TypeAlias = Literal["live", "cached", "stale", "down", "off"]
MarkSource: TypeAlias = Literal["bid", "mid", "settlement", "none"]
Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRow:
    """One market over its life, in Kalshi's terms; see `pnl.domain.valuation`.

    Money is nano-dollars, None where it cannot be known. `realised` is gross of fees. `exclusive` tells
    that of the markets of its event at most one resolves YES.
    """

    ticker: str
    title: str
    position: Centi
    side: Literal["yes", "no"] | None
    average_price: Nano | None
    mark: Nano | None
    mark_source: MarkSource
    last_price: Nano | None
    value: Nano | None
    exposure: Nano
    unrealised: Nano | None
    realised: Nano
    fees: Nano
    total_traded: Nano
    close_time: datetime | None
    best_case: Nano | None
    worst_case: Nano | None
    expected: Nano | None
    settled: bool = False
    event_ticker: str = ""
    exclusive: bool = False
    _text: str = field(default="", init=False, repr=False, compare=False)

    def text(self) -> str:
        """Return the row as JSON text; it is written once, since most rows stay as they are."""
        if not self._text:
            object.__setattr__(self, "_text", _dump(self.to_json()))
        return self._text

    def to_json(self) -> dict[str, Json]:
        """Return the row as the API sends it."""
        return {
            "ticker": self.ticker,
            "title": self.title,
            "position": count_text(self.position),
            "side": self.side,
            "average_price": money(self.average_price),
            "mark": money(self.mark),
            "mark_source": self.mark_source,
            "last_price": money(self.last_price),
            "value": money(self.value),
            "exposure": money(self.exposure),
            "unrealised": money(self.unrealised),
            "realised": money(self.realised),
            "fees": money(self.fees),
            "total_traded": money(self.total_traded),
            "close_time": instant(self.close_time),
            "best_case": money(self.best_case),
            "worst_case": money(self.worst_case),
            "expected": money(self.expected),
            "settled": self.settled,
            "event": self.event_ticker or None,
            "exclusive": self.exclusive,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Kalshi's cash and our value of the open positions; `equity` is their sum."""

    cash: Nano | None
    positions_value: Nano | None
    exposure: Nano | None
    equity: Nano | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source is doing. `as_of` is when its last good answer was true; None if it never answered.

    Both times are told in whole seconds, cut: never fresher than the truth, and the same from tick to
    tick when seen from the snapshot, so that a quiet tick has nothing to send.
    """

    status: Status
    as_of: datetime | None
    complete_through: date | None
    next_attempt: datetime | None
    error: str | None

    def to_json(self) -> dict[str, Json]:
        """Return the state as the API sends it."""
        return {
            "status": self.status,
            "as_of": second(self.as_of),
            "complete_through": self.complete_through.isoformat() if self.complete_through else None,
            "next_attempt": second(self.next_attempt),
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The statement of the company day so far, as known at `as_of`.

    `unrealised_total` is the unrealised result of all open positions, of which the line
    `trading_unrealised` is the change since the day's opening; None when it cannot be known. `alerts` is
    what `pnl.domain.alerts.board.shown` tells of them; None where there is no rule.
    """

    seq: int
    as_of: datetime
    day: date
    demo: bool
    finality: Finality
    lines: Mapping[str, Nano | None]
    net: Nano | None
    net_realised: Nano | None
    complete: bool
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    account: Account
    sources: Mapping[str, SourceState]
    checks_ok: int
    checks_failed: int
    checks_waiting: int
    positions: tuple[PositionRow, ...]
    unrealised_total: Nano | None
    alerts: Mapping[str, Json] | None = None
    _text: str = field(default="", init=False, repr=False, compare=False)

    def text(self) -> str:
        """Return the snapshot as the JSON text that is kept and sent, rows last."""
        if not self._text:
            head = _dump(self._head())
            rows = ",".join(row.text() for row in self.positions)
            object.__setattr__(self, "_text", f'{head[:-1]},"positions":[{rows}]}}')
        return self._text

    def to_json(self) -> dict[str, Json]:
        """Return the snapshot as `/api/pnl/current` sends it: money as decimal strings, times RFC 3339."""
        return {**self._head(), "positions": [row.to_json() for row in self.positions]}

    def standing(self) -> dict[str, Finality | None]:
        """Return the finality of each line; `finality` is that of the worst. None of one that is not known."""
        revenue = self.sources.get("revenue")
        reported = bool(revenue and revenue.complete_through and revenue.complete_through >= self.day)
        spending: Finality = self.finality if self.finality != "estimated" else "provisional"
        if self._is_off("anthropic"):
            spending = "final"
        elif COST_ESTIMATED in self.flags or not self._answers("anthropic"):
            spending = "estimated"
        earned = self._is_off("revenue") or (reported and self._answers("revenue"))
        trading: Finality = "final" if self._answers("kalshi") else "estimated"
        return of_lines(
            {name: self.lines[name] for name in LINES},
            revenue="final" if earned else "estimated",
            spending=spending,
            trading=trading,
            unrealised="estimated" if "opening_estimated" in self.flags else trading,
        )

    def awaited(self) -> tuple[str, ...]:
        """Return the lines that are missing though their source is connected.

        What is not connected has no part in the company's net; what is connected and not known, yet, has.
        """
        return tuple(name for name in self.missing if name not in SOURCE_OF or not self._is_off(SOURCE_OF[name]))

    def _is_off(self, source: str) -> bool:
        return source not in self.sources or self.sources[source].status == "off"

    def _answers(self, source: str) -> bool:
        return self._is_off(source) or self.sources[source].status == "live"

    def _head(self) -> dict[str, Json]:
        return {
            "schema": SCHEMA,
            "seq": self.seq,
            "as_of": instant(self.as_of),
            "day": self.day.isoformat(),
            "demo": self.demo,
            "finality": self.finality,
            "line_finality": {**self.standing()},
            "lines": {name: money(self.lines[name]) for name in LINES},
            "net": money(self.net),
            "net_realised": money(self.net_realised),
            "complete": self.complete,
            "missing": list(self.missing),
            "flags": list(self.flags),
            "account": {
                "cash": money(self.account.cash, 4),
                "positions_value": money(self.account.positions_value),
                "exposure": money(self.account.exposure),
                "equity": money(self.account.equity, 4),
            },
            "sources": {name: state.to_json() for name, state in self.sources.items()},
            "checks": {"ok": self.checks_ok, "failed": self.checks_failed, "waiting": self.checks_waiting},
            **({"alerts": dict(self.alerts)} if self.alerts is not None else {}),
        }


def _dump(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def money(amount: Nano | None, places: int = 2) -> str | None:
    """Return the decimal string of an amount: exact, `"0"` for nothing, None for what is not known."""
    if amount is None:
        return None
    return text(amount, places) if amount else "0"


def instant(at: datetime | None) -> str | None:
    """Return RFC 3339 in UTC with milliseconds and `Z`: `2026-11-20T19:32:10.004Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z" if at else None


def second(at: datetime | None) -> str | None:
    """Return RFC 3339 in UTC with `Z`, cut to the whole second: `2026-11-20T19:32:10Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}Z" if at else None
