"""Anthropic's reports of usage and cost: the legacy pair, by bucket of time."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pnl.sandbox.anthropic_pages import (
    WIDTHS,
    Rejected,
    betas,
    cursor,
    filter_of,
    floor,
    groups,
    instant,
    opened,
    whole,
)
from pnl.sandbox.anthropic_rows import amount, stamp, tally_cost, tally_usage, usage_fields
from pnl.sandbox.engine import Engine
from pnl.sandbox.serve import Request
from pnl.sandbox.spending import Burn

_PAGES = {"1m": (60, 1440), "1h": (24, 168), "1d": (7, 31)}
_USAGE_GROUPS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
)
_COST_GROUPS = ("workspace_id", "description")
_DESCRIBED = ("description", "model", "token_type", "cost_type", "service_tier", "context_window", "inference_geo")
_USAGE_FILTERS = {
    "api_key_ids": "api_key_id",
    "context_window": "context_window",
    "inference_geos": "inference_geo",
    "models": "model",
    "service_tiers": "service_tier",
    "speeds": "speed",
    "workspace_ids": "workspace_id",
}
_EXTRA = "billing_note"
"""A field that no document names: readers must let it be."""


class LegacyReports:
    """Tells what was burned by bucket of time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def usage(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the tokens of Messages, by minute, hour or day."""
        names = groups(request, _USAGE_GROUPS)
        if ("speed" in names or request.many("speeds")) and "fast-mode-2026-02-01" not in betas(request):
            raise Rejected(400, "speed requires the anthropic-beta header fast-mode-2026-02-01")

        def rows(burns: list[Burn]) -> list[dict[str, Any]]:
            found = []
            for key, tally in tally_usage(burns, names, named_workspace=False).items():
                row = dict.fromkeys((*_USAGE_GROUPS, _EXTRA)) | usage_fields(tally) | dict(zip(names, key, strict=True))
                if "speed" not in names:
                    del row["speed"]
                found.append(row)
            return found

        return self._buckets(request, now, ("1m", "1h", "1d"), filter_of(request, _USAGE_FILTERS, named=False), rows)

    def cost(self, request: Request, now: datetime) -> dict[str, Any]:
        """Return the cost by day."""
        asked = groups(request, _COST_GROUPS)
        names = [name for name in asked if name != "description"] + (list(_DESCRIBED) if "description" in asked else [])
        nothing = dict.fromkeys(("workspace_id", *_DESCRIBED, _EXTRA))

        def rows(burns: list[Burn]) -> list[dict[str, Any]]:
            found = []
            for key, tally in tally_cost(self._engine.spending, burns, names, named_workspace=False).items():
                found.append(
                    nothing | {"amount": amount(tally.cents), "currency": "USD"} | dict(zip(names, key, strict=True))
                )
            return found

        return self._buckets(request, now, ("1d",), lambda _: True, rows)

    def _buckets(
        self,
        request: Request,
        now: datetime,
        widths: tuple[str, ...],
        kept: Callable[[Burn], bool],
        rows: Callable[[list[Burn]], list[dict[str, Any]]],
    ) -> dict[str, Any]:
        word = request.one("bucket_width") or "1d"
        if word not in widths:
            raise Rejected(400, f"bucket_width: Input should be {' or '.join(widths)}")
        width = WIDTHS[word]
        start = floor(instant(request, "starting_at", required=True) or now, width)
        end = floor(instant(request, "ending_at") or now, width)
        if end <= start:
            raise Rejected(400, "Invalid date range: ending date must be after starting date")
        default, most = _PAGES[word]
        limit = whole(request, "limit", default, most)
        page = opened(request, 1)
        first = floor(datetime.fromisoformat(page[0]), width) if page else start
        last = min(end, first + limit * width)
        sorted_burns: dict[datetime, list[Burn]] = defaultdict(list)
        by_minute = word == "1m"
        for burn in self._engine.spending.between(first, last, now, by_minute=by_minute):
            if kept(burn):
                sorted_burns[floor(burn.at, width)].append(burn)
        data, at = [], first
        while at < last:
            results = rows(sorted_burns.get(at, []))
            data.append({"starting_at": stamp(at), "ending_at": stamp(at + width), "results": results})
            at += width
        more = last < end
        return {"data": data, "has_more": more, "next_page": cursor(request, last.isoformat()) if more else None}
