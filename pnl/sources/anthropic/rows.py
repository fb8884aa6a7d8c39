"""Rows of Anthropic's reports into facts: exact amounts, groups that may be null, ids that stay.

Read from the Admin API reference of November 2026. `amount` is in cents in both generations.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

from pnl.domain.money import decimal
from pnl.domain.rates import WEB_SEARCH
from pnl.domain.records import Cost, Record, Usage
from pnl.sources.anthropic.paging import NAME
from pnl.sources.anthropic.prices import TOKEN_TYPES, Prices
from pnl.sources.reading import raw_json

COST_GROUP = (
    "workspace_id",
    "model",
    "token_type",
    "cost_type",
    "service_tier",
    "context_window",
    "inference_geo",
)
USAGE_GROUP = ("model", "service_tier", "context_window", "inference_geo")
HOUR = timedelta(hours=1)
_DIGITS = 60


@dataclass(slots=True)
class _Sum:
    amount: Decimal = Decimal(0)
    tokens: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    description: str | None = None
    speed: str | None = None
    raw: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Rows:
    """Rows added up by bucket and group: two rows of one group are one fact."""

    prices: Prices
    _sums: dict[tuple[datetime, datetime, str], _Sum] = field(default_factory=lambda: defaultdict(_Sum))

    def cost(self, start: datetime, end: datetime, group: Mapping[str, Any], amount: Mapping[str, Any]) -> None:
        """Take a row of a cost report; `amount` has cents as a decimal string, and a currency."""
        cents = decimal(amount["amount"], "amount")
        currency = amount.get("currency") or "USD"
        if currency != "USD":
            raise ValueError(f"currency {currency!r}: only USD is documented")
        one = self._sums[start, end, _group(group, COST_GROUP)]
        with localcontext(prec=_DIGITS):
            one.amount += cents.scaleb(-2)
        one.description = one.description or group.get("description")
        one.raw.append(dict(group) | dict(amount))

    def usage(self, start: datetime, end: datetime, row: Mapping[str, Any]) -> None:
        """Take a row of a usage report."""
        one = self._sums[start, end, _group(row, USAGE_GROUP)]
        for token_type, count in _tokens(row).items():
            one.tokens[token_type] += count
        one.speed = one.speed or row.get("speed")
        one.raw.append(dict(row))

    def costs(self) -> list[Record]:
        """Return the cost rows as records."""
        return [
            cost_record(start, end, group, amount=one.amount, description=one.description, raw=_text(one.raw))
            for (start, end, group), one in self._sums.items()
        ]

    def usages(self) -> list[Record]:
        """Return the usage rows as records, each token type with its value at list."""
        return [
            usage_record(start, end, group, tokens=one.tokens, prices=self.prices, raw=_text(one.raw), speed=one.speed)
            for (start, end, group), one in self._sums.items()
        ]


def cost_record(
    start: datetime, end: datetime, group: str, *, amount: Decimal, description: str | None, raw: str
) -> Record:
    """Return the record of what a group cost in a bucket."""
    named = dict(zip(COST_GROUP, (part or None for part in group.split("|")), strict=True))
    fact = Cost(
        id=bucket_id(start, end, group),
        start=start,
        end=end,
        amount=amount,
        currency="USD",
        description=description,
        **named,
    )
    return Record(source=NAME, kind="cost", id=fact.id, effective_at=start, fact=fact, raw=raw)


def usage_record(
    start: datetime,
    end: datetime,
    group: str,
    *,
    tokens: Mapping[str, int],
    prices: Prices,
    raw: str,
    speed: str | None = None,
) -> Record:
    """Return the record of what a group used in a bucket."""
    named = dict(zip(USAGE_GROUP, (part or None for part in group.split("|")), strict=True))
    each = {token_type: prices.each(token_type, start, speed=speed, **named) for token_type in tokens}
    with localcontext(prec=_DIGITS):
        listed = {kind: None if (price := each[kind]) is None else price * count for kind, count in tokens.items()}
    fact = Usage(
        id=bucket_id(start, end, group), start=start, end=end, tokens=dict(tokens), list_values=listed, **named
    )
    return Record(source=NAME, kind="usage", id=fact.id, effective_at=start, fact=fact, raw=raw)


def bucket_id(start: datetime, end: datetime, group: str) -> str:
    """Return the id of a group in a bucket: `2026-11-20|…` for a day, `2026-11-20T05|…` for an hour."""
    return f"{start:%Y-%m-%dT%H}|{group}" if end - start <= HOUR else f"{start:%Y-%m-%d}|{group}"


def instant(value: object, name: str) -> datetime:
    """Return an RFC 3339 time in UTC."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}, not a time")
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(f"{name} {value!r} has no zone")
    return at.astimezone(UTC)


def rfc3339(at: datetime) -> str:
    """Return a whole second of UTC as Anthropic's queries take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _group(row: Mapping[str, Any], names: Iterable[str]) -> str:
    return "|".join(_label(row.get(name), name) for name in names)


def _label(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}, not a text")
    return value.replace("|", "/")


def _tokens(row: Mapping[str, Any]) -> dict[str, int]:
    """Return the counts above zero by token type; a field that is missing or null counts nothing."""
    found = {}
    for token_type in TOKEN_TYPES:
        outer, _, inner = token_type.partition(".")
        value = (row.get("server_tool_use") or {}).get(outer) if token_type == WEB_SEARCH else row.get(outer)
        if inner:
            value = (value or {}).get(inner)
        if value is None or value == 0:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"{token_type} is {value!r}, not a count")
        found[token_type] = value
    return found


def _text(rows: list[Any]) -> str:
    return raw_json(rows[0] if len(rows) == 1 else rows)
