"""Markets looked at again: what a list left out may be found by asking for its market by name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pnl.clock import Clock
from pnl.domain.records import Record
from pnl.errors import SourceError, SourceRefused, SourceRejected
from pnl.sources.kalshi.api import KalshiApi, Params, at_once
from pnl.sources.kalshi.fields import Row
from pnl.sources.kalshi.pages import Budget, Job, JobName, walk
from pnl.sources.kalshi.parse import fill, settlement

MOST_A_READING = 20
PAGES_A_READING = 30
REST_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Fills and settlements by record id."""

    fills: dict[str, Record] = field(default_factory=dict)
    settlements: dict[str, Record] = field(default_factory=dict)


class SecondLook:
    """Reads all fills and settlements of single markets, live and historical, when it is asked to.

    At most 20 markets a reading, and each at most once a minute; others wait for their turn. What
    does not fit into a reading goes on in the next one. A list that fails is told in the notes and
    costs the reading nothing: whoever doubts a market asks again.
    """

    def __init__(self, api: KalshiApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._wanted: dict[str, None] = {}
        self._looked_at: dict[str, float] = {}
        self._rest: list[tuple[Job, str]] = []
        self._takes_lists = True
        self._has_history = True

    def ask(self, tickers: Collection[str]) -> None:
        """Look at these markets with the next readings."""
        self._wanted.update(dict.fromkeys(tickers))

    async def look(self, filters: Params, notes: dict[str, str]) -> Found:
        """Return what the markets' own lists have now; nothing when no market is to be looked at.

        Args:
            filters: The subaccount, where only one counts.
            notes: Takes which markets were looked at, and what could not be read.

        Raises:
            SourceRefused: The key may not read them.
        """
        tickers = [] if self._rest else self._due()
        if not tickers and not self._rest:
            return Found()
        left, self._rest = self._rest, []
        if tickers:
            notes["looked again"] = ", ".join(tickers)
        walks: dict[JobName, list[tuple[Job, str]]] = {"fills": [], "settlements": [], "historical": []}
        for job, ticker in left:
            walks[job.name].append((job, ticker))
        for ticker in [",".join(tickers)] if tickers and self._takes_lists else tickers:
            walks["fills"].append((Job(name="fills"), ticker))
        for ticker in tickers:
            walks["settlements"].append((Job(name="settlements"), ticker))
            if self._has_history:
                walks["historical"].append((Job(name="historical"), ticker))
        async with at_once() as group:
            read = {name: group.create_task(self._each(jobs, filters, notes)) for name, jobs in walks.items()}
        fills = [fill(row) for name in ("fills", "historical") for row in read[name].result()]
        settlements = [settlement(row) for row in read["settlements"].result()]
        return Found(
            fills={record.id: record for record in reversed(fills)},
            settlements={record.id: record for record in reversed(settlements)},
        )

    def _due(self) -> list[str]:
        now = self._clock.monotonic()
        self._looked_at = {one: at for one, at in self._looked_at.items() if now - at < REST_SECONDS}
        due = [ticker for ticker in self._wanted if ticker not in self._looked_at][:MOST_A_READING]
        for ticker in due:
            del self._wanted[ticker]
            self._looked_at[ticker] = now
        return due

    async def _each(self, jobs: Sequence[tuple[Job, str]], filters: Params, notes: dict[str, str]) -> list[Row]:
        """Read one list after another; what the budget does not allow is left for the next reading."""
        budget = Budget(PAGES_A_READING)
        found: list[Row] = []
        queue = list(jobs)
        while queue:
            job, ticker = queue.pop(0)
            if budget.left <= 0:
                self._rest.append((job, ticker))
                continue
            try:
                walked = await walk(self._api, job, [("ticker", ticker), *filters], budget)
            except SourceRefused:
                raise
            except SourceError as error:
                queue = self._after(error, job, ticker, queue, notes)
                continue
            found += walked.rows
            if walked.rest is not None:
                self._rest.append((walked.rest, ticker))
        return found

    def _after(
        self, error: SourceError, job: Job, ticker: str, queue: list[tuple[Job, str]], notes: dict[str, str]
    ) -> list[tuple[Job, str]]:
        """Return what is still to be read after a failure."""
        status = error.status if isinstance(error, SourceRejected) else None
        if job.name == "historical" and status == 404:
            self._has_history = False
            return []
        if job.name == "fills" and "," in ticker and status == 400:
            self._takes_lists = False
            return [(Job(name="fills"), one) for one in ticker.split(",")] + queue
        notes["look_again"] = str(error)
        return queue if status is not None else []
