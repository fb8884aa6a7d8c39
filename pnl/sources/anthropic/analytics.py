"""The analytics API of the second generation, in beta: cost by the hour, with a watermark of its own."""

from datetime import datetime

from pnl.domain.records import Record
from pnl.sources.anthropic.paging import NAME, Reports
from pnl.sources.anthropic.prices import Prices
from pnl.sources.anthropic.rows import HOUR, Rows, instant, rfc3339
from pnl.sources.reading import reading

COST_PATH = "/v1/organizations/analytics/cost"
BETA = "analytics-usage-cost-2026-08-24"
_GROUPS = ("model", "service_tier", "context_window", "inference_geo", "workspace_id", "cost_type", "token_type")


async def costs(
    reports: Reports, prices: Prices, start: datetime, end: datetime
) -> tuple[list[Record], datetime, datetime | None]:
    """Return the cost of each hour of [start, end), at most 31 days, when it came, and the watermark.

    Hours past the watermark are incomplete; None: nothing has been exported yet.
    """
    query = [
        ("starting_at", rfc3339(start)),
        ("ending_at", rfc3339(end)),
        ("time_bucket_width", "1h"),
        ("limit", "1000"),
        ("order", "asc"),
        ("order_by", "time"),
        *(("group_by[]", name) for name in _GROUPS),
    ]
    rows = Rows(prices)
    pages = await reports.pages(COST_PATH, query, BETA)
    for number, (page, _) in enumerate(pages, 1):
        for place, row in enumerate(page["data"]):
            with reading(NAME, f"{COST_PATH}, page {number}, data[{place}]"):
                begins, ends = (instant(row[name], name) for name in ("starting_at", "ending_at"))
                if not start <= begins < ends <= end or ends - begins != HOUR:
                    raise ValueError(f"the bucket {begins} to {ends} is not one that we asked for")
                rows.cost(begins, ends, row["group"], row["cost"])
    page, answer = pages[0]
    refreshed = page.get("data_refreshed_at")
    with reading(NAME, COST_PATH):
        watermark = None if refreshed is None else instant(refreshed, "data_refreshed_at")
    return rows.costs(), answer.received_at, watermark
