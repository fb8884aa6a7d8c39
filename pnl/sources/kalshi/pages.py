"""Lists that come in pages, newest first, walked without trust in their cursors.

Kalshi answers a cursor that it does not know with page one, so that a walk must notice that it
turns in a circle.
"""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from pnl.sources.kalshi.api import KalshiApi, Params
from pnl.sources.kalshi.fields import Row, rows
from pnl.sources.reading import raw_json, reading

JobName: TypeAlias = Literal["fills", "settlements", "historical"]

MOST_PAGES = 2_000
ROWS = 1_000

_LISTS: dict[JobName, tuple[str, str, tuple[str, ...]]] = {
    "fills": ("/portfolio/fills", "fills", ("fill_id", "trade_id", "subaccount_number")),
    "settlements": ("/portfolio/settlements", "settlements", ("ticker", "subaccount_number")),
    "historical": ("/historical/fills", "fills", ("fill_id", "trade_id", "subaccount_number")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A list to be read through: from its newest row, or from `page`, down to `since` (unix seconds)."""

    name: JobName
    since: int | None = None
    page: str = ""
    pages: int = 0


@dataclass(slots=True)
class Budget:
    """How many pages one reading may still ask for."""

    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Rows without repeats; `rest` is what is left of the job, None at its end; `note` an oddity met."""

    rows: tuple[Row, ...]
    rest: Job | None = None
    note: str | None = None


async def walk(api: KalshiApi, job: Job, filters: Params, budget: Budget) -> Walked:
    """Read pages of `job` while the budget lasts, one at least.

    It ends at a page without a cursor, at a cursor that came before, at a page that has rows but
    none that is new, and after `MOST_PAGES`. An empty page with a cursor goes on.
    """
    path, field, keys = _LISTS[job.name]
    fixed = [("limit", str(ROWS)), *filters]
    if job.since is not None:
        fixed.append(("min_ts", str(max(job.since, 0))))
    found: dict[str, Row] = {}
    cursors = {job.page}
    while True:
        answer = await api.get(path, [*fixed, ("cursor", job.page)] if job.page else fixed)
        budget.left -= 1
        with reading("kalshi", f"{field} page"):
            page, cursor = rows(answer, field), _cursor(answer)
        known = len(found)
        for row in page:
            found.setdefault(_key(row, keys), row)
        job = replace(job, page=cursor, pages=job.pages + 1)
        note = None
        if page and len(found) == known:
            note = f"{path}: a page without a new row, after {job.pages} pages"
        elif cursor and cursor in cursors:
            note = f"{path}: its cursor came back, after {job.pages} pages"
        elif cursor and job.pages >= MOST_PAGES:
            note = f"{path}: more than {MOST_PAGES} pages"
        if note or not cursor:
            return Walked(rows=tuple(found.values()), note=note)
        if budget.left <= 0:
            return Walked(rows=tuple(found.values()), rest=job)
        cursors.add(cursor)


async def every_row(api: KalshiApi, path: str, field: str, key: str, params: Params) -> tuple[Row, ...]:
    """Return all rows of a list that is short, such as positions, by the same rules as `walk`."""
    found: dict[str, Row] = {}
    cursors = {""}
    cursor = ""
    while True:
        answer = await api.get(path, [*params, ("cursor", cursor)] if cursor else params)
        with reading("kalshi", f"{field} page"):
            page, cursor = rows(answer, field), _cursor(answer)
        known = len(found)
        for row in page:
            found.setdefault(_key(row, (key,)), row)
        if cursor in cursors or (page and len(found) == known) or len(cursors) > 100:
            return tuple(found.values())
        cursors.add(cursor)


def _cursor(answer: Row) -> str:
    cursor = answer.get("cursor") or ""
    if not isinstance(cursor, str):
        raise TypeError(f"the field 'cursor' is {cursor!r}, not a text")
    return cursor


def _key(row: Row, keys: tuple[str, ...]) -> str:
    """Return what tells a row from others; of a row without its keys, all of it."""
    values = [row.get(key) for key in keys]
    return raw_json(values if any(value is not None for value in values) else dict(row))
