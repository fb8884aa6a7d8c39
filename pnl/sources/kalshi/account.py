"""What Kalshi says of the account: positions and cash, summed over the subaccounts that we read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pnl.domain.money import Nano
from pnl.domain.records import ReportedPosition
from pnl.sources.kalshi.api import KalshiApi, Params, at_once
from pnl.sources.kalshi.fields import Row
from pnl.sources.kalshi.pages import ROWS, every_row
from pnl.sources.kalshi.parse import cash, position
from pnl.sources.reading import raw_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Positions by ticker, and cash; `raw` are the balance answers, one a subaccount."""

    positions: Mapping[str, ReportedPosition]
    cash: Nano
    portfolio_value: Nano
    raw: str

    @property
    def held(self) -> tuple[str, ...]:
        """The tickers with an open position, in order."""
        return tuple(sorted(ticker for ticker, row in self.positions.items() if row.position))


async def read_account(api: KalshiApi, subaccounts: Sequence[Params]) -> Account:
    """Read positions and cash of every subaccount side by side; each one is given as its filter."""
    async with at_once() as group:
        listed = [group.create_task(_positions(api, filters)) for filters in subaccounts]
        balances = [group.create_task(api.get("/portfolio/balance", filters)) for filters in subaccounts]
    summed: dict[str, ReportedPosition] = {}
    for task in listed:
        for row in task.result():
            one = position(row)
            summed[one.ticker] = _sum(summed[one.ticker], one) if one.ticker in summed else one
    answers = [task.result() for task in balances]
    amounts = [cash(answer) for answer in answers]
    return Account(
        positions=summed,
        cash=sum(held for held, _ in amounts),
        portfolio_value=sum(value for _, value in amounts),
        raw=raw_json(answers if len(answers) > 1 else answers[0]),
    )


async def _positions(api: KalshiApi, filters: Params) -> tuple[Row, ...]:
    params = [("limit", str(ROWS)), *filters]
    return await every_row(api, "/portfolio/positions", "market_positions", "ticker", params)


def _sum(one: ReportedPosition, other: ReportedPosition) -> ReportedPosition:
    times = [at for at in (one.updated_at, other.updated_at) if at is not None]
    return ReportedPosition(
        ticker=one.ticker,
        position=one.position + other.position,
        exposure=one.exposure + other.exposure,
        realised=one.realised + other.realised,
        fees=one.fees + other.fees,
        total_traded=one.total_traded + other.total_traded,
        updated_at=max(times, default=None),
    )
