"""The usage and cost reports of the first generation: `usage_report/messages` and `cost_report`.

Ranges always run from a full hour or midnight to a later one, in UTC: the end is exclusive, and an
end inside the first bucket is refused. Today's bucket comes only when the end lies after it.
"""

from datetime import datetime, timedelta

from pnl.domain.records import Record
from pnl.sources.anthropic.paging import NAME, Reports
from pnl.sources.anthropic.prices import Prices
from pnl.sources.anthropic.rows import HOUR, USAGE_GROUP, Rows, instant, rfc3339
from pnl.sources.reading import reading

COST_PATH = "/v1/organizations/cost_report"
USAGE_PATH = "/v1/organizations/usage_report/messages"


async def costs(reports: Reports, prices: Prices, start: datetime, end: datetime) -> tuple[list[Record], datetime]:
    """Return the cost of each UTC day of [start, end), midnights both, and when the last byte came."""
    query = [
        ("starting_at", rfc3339(start)),
        ("ending_at", rfc3339(end)),
        ("bucket_width", "1d"),
        ("limit", "31"),
        ("group_by[]", "workspace_id"),
        ("group_by[]", "description"),
    ]
    rows, at = await _buckets(reports, prices, COST_PATH, query, (start, end))
    return rows.costs(), at


async def usage(reports: Reports, prices: Prices, start: datetime, end: datetime) -> tuple[list[Record], datetime]:
    """Return the usage of each hour of [start, end), full hours both, and when the last byte came."""
    query = [
        ("starting_at", rfc3339(start)),
        ("ending_at", rfc3339(end)),
        ("bucket_width", "1h"),
        ("limit", "168"),
        *(("group_by[]", name) for name in USAGE_GROUP),
    ]
    rows, at = await _buckets(reports, prices, USAGE_PATH, query, (start, end))
    return rows.usages(), at


async def _buckets(
    reports: Reports, prices: Prices, path: str, query: list[tuple[str, str]], span: tuple[datetime, datetime]
) -> tuple[Rows, datetime]:
    """Read all buckets of a span into rows. Empty buckets may be there or not; others are left alone."""
    rows, seen = Rows(prices), set[datetime]()
    pages = await reports.pages(path, query)
    for number, (page, _) in enumerate(pages, 1):
        for place, bucket in enumerate(page["data"]):
            with reading(NAME, f"{path}, page {number}, data[{place}]"):
                begins, ends = (instant(bucket[name], name) for name in ("starting_at", "ending_at"))
                results = bucket["results"]
                if not span[0] <= begins < span[1]:
                    continue
                if results and begins in seen:
                    raise ValueError(f"the bucket of {rfc3339(begins)} came twice")
                seen.add(begins)
                for row in results:
                    if path == COST_PATH:
                        midnight = begins.replace(hour=0, minute=0)
                        rows.cost(midnight, midnight + timedelta(days=1), row, row)
                    else:
                        rows.usage(begins, max(ends, begins + HOUR), row)
    return rows, pages[-1][1].received_at
