"""Anthropic's reports of usage and cost: the analytics pair, by group, which lags behind."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pnl.sandbox.anthropic_pages import (
    WIDTHS,
    Rejected,
    cursor,
    filter_of,
    floor,
    groups,
    instant,
    opened,
    whole,
)
from pnl.sandbox.anthropic_rows import Group, Tally, amount, stamp, tally_cost, tally_usage, usage_fields
from pnl.sandbox.engine import Engine
from pnl.sandbox.faults import Faults
from pnl.sandbox.serve import Request
from pnl.sandbox.spending import Burn

_FREE = ("cost_type", "token_type")
_GROUPS = (
    "actor",
    "actor_type",
    "agent_id",
    "api_key_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "context_window",
    "deployment_id",
    "environment_id",
    "inference_geo",
    "model",
    "organization_id",
    "product",
    "rbac_group_id",
    "service_tier",
    "session_id",
    "slack_channel_id",
    "speed",
    "user_profile_id",
    "workspace_id",
)
_FILTERS = {
    "models": "model",
    "workspace_ids": "workspace_id",
    "api_key_ids": "api_key_id",
    "service_tiers": "service_tier",
    "products": "product",
    "context_windows": "context_window",
    "inference_geos": "inference_geo",
    "speeds": "speed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """What is sorted and counted as one: a group in a bucket. Of cost that fans out it has several rows."""

    at: datetime
    group: Group
    rows: list[dict[str, Any]]
    sums: Tally


class Analytics:
    """Tells what was burned by group."""

    def __init__(self, engine: Engine, faults: Faults) -> None:
        self._engine, self._faults = engine, faults

    def usage(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the tokens of every product."""
        return self._report(request, now, cost=False)

    def cost(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the cost of every product, as billed and at list."""
        return self._report(request, now, cost=True)

    def _report(self, request: Request, now: datetime, *, cost: bool) -> dict[str, Any]:
        names = groups(request, (*_GROUPS, *_FREE) if cost else _GROUPS)
        plain = [name for name in names if name not in _FREE]
        if len(plain) > 5:
            raise Rejected(400, "group_by: at most 5 dimensions")
        lag = timedelta(seconds=self._faults.analytics_lag_seconds)
        word = request.one("time_bucket_width")
        start, end, width = _range(request, now, word)
        kept = filter_of(request, _FILTERS, named=True)
        buckets: dict[datetime, list[Burn]] = defaultdict(list)
        for burn in self._engine.spending.between(start, end, now, by_minute=word == "1m", lag=lag):
            if kept(burn):
                buckets[floor(burn.at, width) if word else start].append(burn)
        units: list[_Unit] = []
        for at, burns in buckets.items():
            until = at + width if word else end
            units += self._units(burns, names, plain, at, until, cost=cost)
        _sort(request, units, cost=cost)
        limit = whole(request, "limit", 20, 1000)
        refreshed = stamp((now - lag).replace(second=0, microsecond=0))
        offset = _offset(request, refreshed[:13])
        shown = units[offset : offset + limit]
        more = offset + limit < len(units)
        return {
            "data": [row for unit in shown for row in unit.rows],
            "has_more": more,
            "next_page": cursor(request, str(offset + limit), refreshed[:13]) if more else None,
            "data_refreshed_at": refreshed,
        }

    def _units(
        self, burns: list[Burn], names: list[str], plain: list[str], at: datetime, until: datetime, *, cost: bool
    ) -> list[_Unit]:
        """Return one unit a group."""
        bounds = {"starting_at": stamp(at), "ending_at": stamp(until)}
        if not cost:
            return [
                _Unit(at=at, group=group, rows=[bounds | _usage_row(plain, group, tally)], sums=tally)
                for group, tally in tally_usage(burns, plain, named_workspace=True).items()
            ]
        spending = self._engine.spending
        fanned: dict[Group, list[dict[str, Any]]] = defaultdict(list)
        for key, tally in tally_cost(spending, burns, names, named_workspace=True).items():
            named = dict(zip(names, key, strict=True))
            row = bounds | {
                "group": dict.fromkeys((*_GROUPS, *_FREE)) | named,
                "cost": {
                    "amount": amount(tally.cents),
                    "list_amount": amount(tally.list_cents),
                    "currency": "USD",
                    "requests": tally.requests if len(names) == len(plain) else None,
                },
            }
            fanned[tuple(named[name] for name in plain)].append(row)
        sums = tally_cost(spending, burns, plain, named_workspace=True)
        return [_Unit(at=at, group=group, rows=rows, sums=sums[group]) for group, rows in fanned.items()]


def _range(request: Request, now: datetime, word: str | None) -> tuple[datetime, datetime, timedelta]:
    start = instant(request, "starting_at", required=True) or now
    end = instant(request, "ending_at")
    if word is not None and word not in WIDTHS:
        raise Rejected(400, "time_bucket_width: Input should be 1m, 1h or 1d")
    if word and end is None:
        raise Rejected(400, "ending_at: is required with time_bucket_width")
    if start < max(datetime(2026, 1, 1, tzinfo=UTC), now - timedelta(days=366)):
        raise Rejected(400, "starting_at: must be within the last 365 days and not before 2026-01-01")
    width = WIDTHS[word or "1h"]
    start, end = floor(start, width), floor(end or min(now, start + timedelta(days=31)), width)
    if end <= start:
        raise Rejected(400, "Invalid date range: ending date must be after starting date")
    if end - start > (timedelta(hours=24) if word == "1m" else timedelta(days=31)):
        raise Rejected(400, "the range is too long")
    return start, end, width


def _offset(request: Request, refreshed: str) -> int:
    page = opened(request, 2)
    if page is None:
        return 0
    offset, made_after = page
    if made_after != refreshed:
        raise Rejected(410, "page: the cursor has expired; start again at the first page")
    return int(offset)


def _usage_row(names: list[str], group: Group, tally: Tally) -> dict[str, Any]:
    return {
        "group": dict.fromkeys(_GROUPS) | dict(zip(names, group, strict=True)),
        "usage": usage_fields(tally) | {"total_tokens": sum(tally.tokens), "requests": tally.requests},
    }


def _sort(request: Request, units: list[_Unit], *, cost: bool) -> None:
    by = request.one("order_by") or ("amount" if cost else "total_tokens")
    order = request.one("order") or "desc"
    if order not in {"asc", "desc"}:
        raise Rejected(400, "order: Input should be asc or desc")
    units.sort(key=lambda unit: (unit.at, tuple(value or "" for value in unit.group)))
    if by == "time":
        units.sort(key=lambda unit: unit.at, reverse=order == "desc")
    elif by in {"amount", "list_amount"} and cost:
        units.sort(
            key=lambda unit: unit.sums.cents if by == "amount" else unit.sums.list_cents, reverse=order == "desc"
        )
    elif not cost and by in {"total_tokens", "output_tokens", "requests"}:
        units.sort(key=lambda unit: sum(unit.sums.tokens), reverse=order == "desc")
    else:
        raise Rejected(400, "order_by: is not an order of this report")
