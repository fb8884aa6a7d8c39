"""Kalshi as a source: two parallel waves of questions and a last look, about seven of them a reading."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pnl.clock import Clock
from pnl.domain.records import Balance, Record, Report, Settlement
from pnl.errors import SourceBusy, SourceError, SourceRejected
from pnl.ports import Finding, Reading, Traffic
from pnl.sources.failures import wait_after_outage
from pnl.sources.http import Http
from pnl.sources.kalshi.account import Account, read_account
from pnl.sources.kalshi.activity import Activity, newest_fill, read_activity, with_newer_fills
from pnl.sources.kalshi.api import KalshiApi, Params, at_once
from pnl.sources.kalshi.check import examine
from pnl.sources.kalshi.explain import TOLERATED_SKEW_SECONDS
from pnl.sources.kalshi.fields import Row
from pnl.sources.kalshi.markets import Markets
from pnl.sources.kalshi.memory import Memory, dump, load
from pnl.sources.kalshi.second_look import SecondLook
from pnl.sources.kalshi.sign import PrivateKey
from pnl.sources.kalshi.transfers import Transfers, find_subaccounts, read_transfers

TRANSFERS_EVERY = timedelta(seconds=60)
DEEP_EVERY_SECONDS = 3600.0
NAMES_A_READING = 200
MOST_AWAITED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """The second wave: the account and the rows of markets, as they were from `as_of` on."""

    as_of: datetime
    account: Account
    rows: dict[str, Row]


class KalshiSource:
    """Reads one Kalshi account; implements `pnl.ports.Source`.

    Args:
        http: Speaks to the REST base, which includes `/trade-api/v2`.
        key_id: The key's id.
        key: The private key.
        subaccount: The only subaccount that counts; None for all of them.
        clock: Tells the time.
    """

    def __init__(self, http: Http, key_id: str, key: PrivateKey, *, subaccount: int | None, clock: Clock) -> None:
        self._api = KalshiApi(http, key_id, key, clock)
        self._markets = Markets(self._api)
        self._second_look = SecondLook(self._api, clock)
        self._subaccount = subaccount
        self._clock = clock
        self._deep_at: float | None = None
        self._listed_whole = False
        self._settled: set[str] = set()

    @property
    def name(self) -> str:
        """`kalshi`."""
        return "kalshi"

    @property
    def every_seconds(self) -> float:
        """Every tick."""
        return 0.0

    @property
    def traffic(self) -> Traffic:
        """See `pnl.ports.Source`."""
        return self._api.traffic

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return the seconds to wait: a minute for what only a person mends, little for what passes."""
        if isinstance(error, SourceRejected):
            return 60.0
        asked = error.retry_after or 0.0
        if isinstance(error, SourceBusy):
            return max(asked, min(0.5 * 2.0 ** min(failures - 1, 10), 30.0))
        return max(asked, wait_after_outage(max(failures - 3, 0)))

    async def read(self, cursor: str | None) -> Reading:
        """Read what is new since `cursor`; see `Source.read`."""
        return await self._read(load(cursor))

    def look_again(self, tickers: Collection[str]) -> None:
        """Ask for all fills and settlements of these markets by name, with the next readings; see `SecondLook`."""
        self._second_look.ask(tickers)

    async def check(self) -> list[Finding]:
        """Return what a person should know before relying on this key; see `examine`."""
        return await examine(self._api, self._own)

    async def close(self) -> None:
        """Let go of connections."""
        await self._api.close()

    @property
    def _own(self) -> Params:
        """The filter of lists that otherwise cover all subaccounts."""
        return () if self._subaccount is None else [("subaccount", str(self._subaccount))]

    async def _read(self, memory: Memory) -> Reading:
        calls = self._api.calls
        notes: dict[str, str] = {}
        began = self._clock.now()
        rested = self._deep_at is None or self._clock.monotonic() - self._deep_at > DEEP_EVERY_SECONDS
        deep = rested and not memory.jobs
        due = memory.transfers_at is None or began - memory.transfers_at > TRANSFERS_EVERY
        async with at_once() as group:
            activity_read = group.create_task(read_activity(self._api, memory, self._own, began, notes, deep=deep))
            transfers_read = group.create_task(self._transfers(notes)) if due else None
            look_read = group.create_task(self._second_look.look(self._own, notes))
            found = group.create_task(self._subaccounts(memory, notes, look=due))
        activity = activity_read.result()
        transfers = transfers_read.result() if transfers_read is not None else None
        memory = replace(memory, subaccounts=tuple(sorted({*found.result(), *activity.subaccounts})))

        wanted = self._wanted(memory, activity)
        standing = await self._stand(memory, wanted, notes)
        if transfers is None and memory.cash is not None and standing.account.cash != memory.cash:
            transfers = await self._transfers(notes)
        standing, newest = await self._last_look(standing, notes)
        in_motion = not activity.includes(newest)
        if in_motion:
            activity = await with_newer_fills(self._api, activity, self._own)
            memory = replace(memory, subaccounts=tuple(sorted({*memory.subaccounts, *activity.subaccounts})))
            standing = await self._stand(memory, wanted, notes)
            standing, newest = await self._last_look(standing, notes)
            in_motion = not activity.includes(newest)

        activity = activity.with_found(look_read.result())
        if deep:
            self._deep_at = self._clock.monotonic()
        doubtful = transfers is not None and not transfers.complete
        after = self._remember(memory, activity, transfers, standing, wanted, asked="marks" not in notes)
        self._take_note(notes, after, calls)
        return self._reading_of(
            before=memory,
            after=after,
            activity=activity,
            transfers=transfers,
            standing=standing,
            notes=notes,
            waits=in_motion or doubtful,
        )

    def _reading_of(
        self,
        *,
        before: Memory,
        after: Memory,
        activity: Activity,
        transfers: Transfers | None,
        standing: _Standing,
        notes: dict[str, str],
        waits: bool,
    ) -> Reading:
        account = standing.account
        records = [*activity.fills.values(), *activity.settlements.values()]
        records += transfers.records if transfers is not None else ()
        if after.cash != before.cash:
            records.append(_balance(account, standing.as_of))
        marks, markets = self._markets.read(standing.rows, standing.as_of, notes)
        return Reading(
            as_of=standing.as_of,
            cursor=dump(after),
            records=tuple(records),
            marks=marks,
            markets=markets,
            report=Report(
                at=standing.as_of,
                positions=account.positions,
                cash=account.cash,
                portfolio_value=account.portfolio_value,
                in_motion=waits,
                backfilled=not after.jobs,
                facts={name: notes[name] for name in ("deposits", "withdrawals", "transfers") if name in notes},
            ),
            caught_up=activity.tired or not (after.jobs or (after.untitled and "marks" not in notes)),
            facts=notes,
        )

    async def _transfers(self, notes: dict[str, str]) -> Transfers:
        transfers = await read_transfers(self._api, self._subaccount, notes, every=not self._listed_whole)
        self._listed_whole = self._listed_whole or transfers.complete
        return transfers

    async def _subaccounts(self, memory: Memory, notes: dict[str, str], *, look: bool) -> tuple[int, ...]:
        if self._subaccount is not None:
            return ()
        found = await find_subaccounts(self._api, notes) if look else ()
        return (*memory.subaccounts, *found)

    def _wanted(self, memory: Memory, activity: Activity) -> tuple[str, ...]:
        """Return the markets to look up: those held, those awaited, and some that we cannot name yet."""
        settled = {fact.ticker for fact in _settlements(activity)} - self._settled
        unnamed = [ticker for ticker in sorted(activity.tickers) if ticker not in self._markets.named]
        once = dict.fromkeys((*sorted(settled), *unnamed, *memory.untitled))
        always = dict.fromkeys((*memory.held, *memory.awaited))
        room = [ticker for ticker in once if ticker not in always][:NAMES_A_READING]
        return (*always, *room)

    async def _stand(self, memory: Memory, wanted: Sequence[str], notes: dict[str, str]) -> _Standing:
        """Read the account and the wanted markets side by side."""
        if self._subaccount is None:
            filters: list[Params] = [(), *([("subaccount", str(number))] for number in memory.subaccounts)]
        else:
            filters = [self._own]
        as_of = self._clock.now()
        async with at_once() as group:
            account = group.create_task(read_account(self._api, filters))
            rows = group.create_task(self._markets.rows(wanted, notes))
        return _Standing(as_of=as_of, account=account.result(), rows=rows.result() or {})

    async def _last_look(self, standing: _Standing, notes: dict[str, str]) -> tuple[_Standing, Record | None]:
        """Return `standing` with the markets that only the positions named, and the newest fill of now."""
        async with at_once() as group:
            newest = group.create_task(newest_fill(self._api, self._own))
            rows = group.create_task(self._rest(standing, notes))
        return replace(standing, rows=rows.result()), newest.result()

    async def _rest(self, standing: _Standing, notes: dict[str, str]) -> dict[str, Row]:
        rows = standing.rows
        missing = [ticker for ticker in standing.account.held if ticker not in rows]
        if missing and "marks" not in notes:
            rows = {**rows, **(await self._markets.rows(missing, notes) or {})}
        await self._markets.learn_events(rows.values(), notes)
        return rows

    def _remember(
        self,
        memory: Memory,
        activity: Activity,
        transfers: Transfers | None,
        standing: _Standing,
        wanted: Sequence[str],
        *,
        asked: bool,
    ) -> Memory:
        account = standing.account
        settled = {fact.ticker for fact in _settlements(activity)}
        gone = dict.fromkeys((*memory.held, *memory.awaited))
        awaited = [ticker for ticker in gone if ticker not in account.positions and ticker not in settled]
        if memory.awaited and memory.awaited[0] in awaited:
            awaited.append(awaited.pop(awaited.index(memory.awaited[0])))
        named = {*self._markets.named, *standing.rows, *(wanted if asked else ())}
        untitled = dict.fromkeys((*memory.untitled, *sorted(activity.tickers), *account.held))
        if asked:
            self._settled |= settled & {*wanted, *standing.rows}
        fills_at = [record.effective_at for record in activity.fills.values()]
        settlements_at = [record.effective_at for record in activity.settlements.values()]
        return Memory(
            read_at=standing.as_of,
            fills_at=_newest(memory.fills_at, fills_at, standing.as_of),
            settlements_at=_newest(memory.settlements_at, settlements_at, standing.as_of),
            transfers_at=standing.as_of if transfers is not None and transfers.complete else memory.transfers_at,
            jobs=activity.jobs,
            held=account.held,
            awaited=tuple(awaited[:MOST_AWAITED]),
            untitled=tuple(ticker for ticker in untitled if ticker not in named),
            subaccounts=memory.subaccounts,
            cash=account.cash,
        )

    def _take_note(self, notes: dict[str, str], memory: Memory, calls_before: int) -> None:
        notes["calls"] = str(self._api.calls - calls_before)
        if memory.subaccounts:
            notes["subaccounts"] = ", ".join(map(str, (0, *memory.subaccounts)))
        if memory.jobs:
            notes.setdefault("history", f"still reading {memory.jobs[0].name}, {memory.jobs[0].pages} pages so far")
        skew = self._api.clock_skew_seconds
        if skew is not None:
            notes["clock_skew_seconds"] = f"{skew:.1f}"
            if abs(skew) > TOLERATED_SKEW_SECONDS:
                notes["clock"] = (
                    f"this machine's clock is {abs(skew):.0f} s off Kalshi's: set it, before keys are refused"
                )


def _settlements(activity: Activity) -> list[Settlement]:
    return [record.fact for record in activity.settlements.values() if isinstance(record.fact, Settlement)]


def _newest(known: datetime | None, seen: Sequence[datetime], now: datetime) -> datetime | None:
    """Return the newest time; one beyond now counts as now, or it would hide all that really comes next."""
    times = [min(at, now) for at in seen] + ([known] if known is not None else [])
    return max(times, default=None)


def _balance(account: Account, at: datetime) -> Record:
    fact = Balance(at=at, cash=account.cash, portfolio_value=account.portfolio_value)
    return Record(source="kalshi", kind="balance", id="balance", effective_at=at, fact=fact, raw=account.raw)
