"""What happened on the account since the last reading: fills, settlements, and history still being read in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pnl.domain.records import Fill, Record, Settlement
from pnl.errors import SourceError, SourceRefused, SourceRejected
from pnl.sources.kalshi.api import KalshiApi, Params, at_once
from pnl.sources.kalshi.fields import instant, rows
from pnl.sources.kalshi.memory import Memory
from pnl.sources.kalshi.pages import Budget, Job, Walked, walk
from pnl.sources.kalshi.parse import fill, settlement
from pnl.sources.kalshi.second_look import Found
from pnl.sources.reading import reading

PAGES_A_READING = 15
FILLS_OVERLAP = timedelta(seconds=120)
"""Fills may be listed this much later than they happened."""
DEEP_OVERLAP = timedelta(days=1)
"""Settlements are listed late, in batches; now and then fills are read this far back too."""
LONG_AWAY = timedelta(days=1)
"""After this long without a reading, what we missed may have moved to the historical tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Fills and settlements by record id; `jobs` is history that is left.

    `tired` is True when history could not be asked for now, and another reading at once would not help.
    """

    fills: dict[str, Record]
    settlements: dict[str, Record]
    jobs: tuple[Job, ...]
    since: int | None
    tired: bool = False

    @property
    def tickers(self) -> set[str]:
        """The markets of these records."""
        facts = [record.fact for record in (*self.fills.values(), *self.settlements.values())]
        return {fact.ticker for fact in facts if isinstance(fact, Fill | Settlement)}

    @property
    def subaccounts(self) -> set[int]:
        """The subaccounts, above zero, of these fills."""
        facts = [record.fact for record in self.fills.values()]
        return {fact.subaccount for fact in facts if isinstance(fact, Fill) and fact.subaccount}

    def with_found(self, found: Found) -> "Activity":
        """Return this and what a second look found."""
        return replace(self, fills={**found.fills, **self.fills}, settlements={**found.settlements, **self.settlements})

    def includes(self, newest: Record | None) -> bool:
        """Tell whether the newest fill of all is one of these, or older than they reach back."""
        if newest is None or newest.id in self.fills:
            return True
        return self.since is not None and newest.effective_at.timestamp() < self.since


async def read_activity(
    api: KalshiApi, memory: Memory, filters: Params, now: datetime, notes: dict[str, str], *, deep: bool
) -> Activity:
    """Read what is new, and go on with the history that `memory` says is left.

    On the first reading what is new is everything; what does not fit becomes history that is left.

    Args:
        api: Asks.
        memory: What the last reading left.
        filters: The subaccount, where only one counts.
        now: The time.
        notes: Takes oddities.
        deep: Read fills a day back instead of two minutes.
    """
    budget = Budget(PAGES_A_READING)
    new_fills = Job(name="fills", since=_since(memory.fills_at, DEEP_OVERLAP if deep else FILLS_OVERLAP))
    new_settlements = Job(name="settlements", since=_since(memory.settlements_at, DEEP_OVERLAP))
    jobs = memory.jobs
    if memory.read_at is not None and now - memory.read_at > LONG_AWAY:
        jobs += (Job(name="historical", since=new_fills.since),)
    async with at_once() as group:
        fills_read = group.create_task(walk(api, new_fills, filters, budget))
        settlements_read = group.create_task(walk(api, new_settlements, filters, budget))
        awaited_read = group.create_task(_awaited(api, memory.awaited[:1], filters))
        history_read = group.create_task(_history(api, jobs, filters, Budget(PAGES_A_READING), notes))
    walked = [fills_read.result(), settlements_read.result()]
    history, left, tired = history_read.result()
    rest = tuple(one.rest for one in walked if one.rest is not None) + left
    if memory.read_at is None:
        rest += (Job(name="historical"),)
    for one in (*walked, *history.values()):
        if one.note:
            notes["pages"] = one.note
    fills: dict[str, Record] = {}
    settlements: dict[str, Record] = {}
    for one in (fills_read.result(), history["fills"], history["historical"]):
        for record in map(fill, one.rows):
            fills.setdefault(record.id, record)
    for one in (settlements_read.result(), history["settlements"], awaited_read.result()):
        for record in map(settlement, one.rows):
            settlements.setdefault(record.id, record)
    return Activity(fills=fills, settlements=settlements, jobs=rest, since=new_fills.since, tired=tired)


async def with_newer_fills(api: KalshiApi, activity: Activity, filters: Params) -> Activity:
    """Return `activity` and the fills that came since."""
    walked = await walk(api, Job(name="fills", since=activity.since), filters, Budget(1))
    fills = {record.id: record for record in map(fill, walked.rows)}
    jobs = activity.jobs
    if walked.rest is not None and not any(job.name == "fills" for job in jobs):
        jobs = (walked.rest, *jobs)
    return replace(activity, fills={**activity.fills, **fills}, jobs=jobs)


async def newest_fill(api: KalshiApi, filters: Params) -> Record | None:
    """Return the newest fill of all; None when there is none."""
    answer = await api.get("/portfolio/fills", [("limit", "1"), *filters])
    with reading("kalshi", "newest fill"):
        page = rows(answer, "fills")
    return fill(page[0]) if page else None


async def _awaited(api: KalshiApi, tickers: tuple[str, ...], filters: Params) -> Walked:
    """Ask for the settlement of a market that left the positions without one."""
    if not tickers:
        return Walked(rows=())
    return await walk(api, Job(name="settlements"), [("ticker", tickers[0]), *filters], Budget(1))


async def _history(
    api: KalshiApi, jobs: tuple[Job, ...], filters: Params, budget: Budget, notes: dict[str, str]
) -> tuple[dict[str, Walked], tuple[Job, ...], bool]:
    """Go on with the first job of each list, the historical tier last; return rows, jobs left, and whether to rest."""
    found = {"fills": Walked(rows=()), "settlements": Walked(rows=()), "historical": Walked(rows=())}
    left: list[Job] = []
    tired = False
    for job in jobs:
        waits = job.name == "historical" and any(other.name == "fills" for other in left)
        if budget.left <= 0 or found[job.name].rows or waits or tired:
            left.append(job)
            continue
        try:
            found[job.name] = walked = await _part(api, job, filters, budget, notes)
        except SourceRefused:
            raise
        except SourceError as error:
            # The history can wait; the account as it is now must not wait for it.
            notes["history"] = str(error)
            left.append(job)
            tired = True
            continue
        left += [walked.rest] if walked.rest is not None else []
    return found, tuple(left), tired


async def _part(api: KalshiApi, job: Job, filters: Params, budget: Budget, notes: dict[str, str]) -> Walked:
    try:
        if job.name == "historical" and not job.page:
            budget.left -= 1
            answer = await api.get("/historical/cutoff")
            with reading("kalshi", "historical cutoff"):
                cutoff = instant(answer, "trades_created_ts")
            if job.since is not None and cutoff.timestamp() < job.since:
                return Walked(rows=())
        return await walk(api, job, filters, budget)
    except SourceRejected as error:
        if job.name != "historical" or error.status != 404:
            raise
        notes["history"] = "no historical tier here"
        return Walked(rows=())


def _since(watermark: datetime | None, overlap: timedelta) -> int | None:
    return None if watermark is None else int((watermark - overlap).timestamp())
