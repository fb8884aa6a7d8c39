"""The reconciliation checks: what the sources report against what our own fold makes of the records.

| name | what is held against what |
|---|---|
| `I1_position` | contracts held, by market |
| `I2_total_traded` | everything paid for contracts, by market |
| `I2_fees` | fees paid, by market |
| `I2_identity` | realised + total traded − exposure of the source's own row = pairs closed |
| `I3_realised` | realised result, by market |
| `I3_exposure` | cost of what is held, by market |
| `I4_settlement` | a settlement row against the fills of its market |
| `I5_cash` | the cash balance against every record since the first balance |
| `I5_credit` | a change of the cash that no record explains, once confirmed |
| `I5_netting` | pairs that the account did not pay back at once |
| `I6_equity` | cash and cost of positions against our lines since the first balance |
| `identity` | the net against the sum of its lines |
| `api_cost_rows` | the rows of cost that are kept of a UTC day against the day's report as it was read last |
| `api_cost_usage` | an ended UTC day's usage at the rates of the week before against the rows of cost for that usage |
| `api_cost` | Anthropic's reported cost of a day against our estimate of it |
| `api_cost_restated` | a day's cost as it was reported six hours after its end against what it is now |
| `revenue_read` | a source's entries that are kept against all that it told when it was last read whole |
| `revenue_clash` | two sources that may report the same money |
| `record_conflict` | a record that came again with other content and the same version |
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from pnl.domain.book import MarketBook
from pnl.domain.cash import PER_EVENT, Audit
from pnl.domain.money import count_text
from pnl.domain.positions import dollars, life_result, nets, payout, whole_cents
from pnl.domain.records import ReportedPosition
from pnl.domain.snapshot import Json, instant, money

State: TypeAlias = Literal["ok", "failed", "waiting"]
WORST_FIRST: Final = {"failed": 0, "waiting": 1, "ok": 2}
"""In which order checks are told, by state."""
IDENTITY = "identity"
"""The check whose sides, while it holds, are the net of the snapshot itself."""
STILL = ReportedPosition(ticker="", position=0, exposure=0, realised=0, fees=0, total_traded=0, updated_at=None)
"""What a market is that the source does not list: nothing is held in it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure as expected (ours) and actual (the source's); the difference is actual − expected.

    Values are nano-dollars, or hundredths of a contract where `counts` is True.
    """

    name: str
    scope: str
    expected: int
    actual: int
    tolerance: int = 0
    waiting: str | None = None
    reason: str | None = None
    counts: bool = False

    @property
    def state(self) -> State:
        """`waiting` while the reading cannot be trusted, else whether the difference is in tolerance."""
        if abs(self.actual - self.expected) <= self.tolerance and self.reason is None:
            return "ok"
        return "waiting" if self.waiting else "failed"

    def to_json(self, since: datetime | None) -> dict[str, Json]:
        """Return the check as the API sends it; `since` is when it came into its state."""
        show = count_text if self.counts else money
        return {
            "name": self.name,
            "scope": self.scope,
            "expected": show(self.expected),
            "actual": show(self.actual),
            "difference": show(self.actual - self.expected),
            "tolerance": show(self.tolerance),
            "state": self.state,
            "since": instant(since),
            "reason": self.waiting if self.state == "waiting" else self.reason,
        }


def of_position(market: MarketBook, row: ReportedPosition, waiting: str | None) -> tuple[Check, ...]:
    """Return the checks I1 to I3 of one unsettled market against the row that Kalshi reports."""
    ours = market.position
    scope = market.ticker
    off = PER_EVENT * max(1, min(len(market.fills), 100))
    lacking = None if ours.contracts == row.position else "fills are missing, or positions lag behind fills"
    pairs = sum(held.pairs for held in market.held.values())
    return (
        Check("I1_position", scope, ours.contracts, row.position, 0, waiting, lacking, counts=True),
        Check("I2_total_traded", scope, ours.total_traded, row.total_traded, 0, waiting),
        Check("I2_fees", scope, ours.fees, row.fees, 0, waiting),
        Check("I2_identity", scope, dollars(pairs), row.realised + row.total_traded - row.exposure, off, waiting),
        Check("I3_realised", scope, ours.realised, row.realised, off if pairs else 0, waiting),
        Check("I3_exposure", scope, ours.cost, row.exposure, off if pairs else 0, waiting),
    )


def of_settlement(market: MarketBook, waiting: str | None) -> Check:
    """Return the check I4: the row's own sums and payout against the fills that we have."""
    row = market.settlement
    if row is None:
        return Check("I4_settlement", market.ticker, 0, 0)
    ours = market.before
    if market.from_settlement:
        return Check(
            "I4_settlement",
            market.ticker,
            ours.realised - ours.fees,
            life_result(row) - row.fee,
            waiting="history incomplete",
            reason="fills of this market are missing: its settlement row stands in for them",
        )
    held = paid = row.revenue
    if row.result in ("yes", "no"):
        legs = market.held.values()  # settled by now: what each held is told by what it bought
        held = sum(payout(leg.yes_count - leg.no_count, row) for leg in legs)
        paid -= 0 if nets(row) else dollars(sum(leg.pairs for leg in legs))
    pairs = (
        ("contracts bought", ours.yes_count + ours.no_count, row.yes_count + row.no_count),
        ("cost of YES", ours.yes_cost, row.yes_cost),
        ("cost of NO", ours.no_cost, row.no_cost),
        ("fees", ours.fees, row.fee),
        ("payout", whole_cents(held), paid),
    )
    for what, mine, theirs in pairs:
        if mine != theirs:
            counts = what == "contracts bought"
            reason = f"{what} differ from those of the fills"
            return Check("I4_settlement", market.ticker, mine, theirs, 0, waiting, reason, counts=counts)
    return Check("I4_settlement", market.ticker, row.revenue, row.revenue)


def of_cash(audit: Audit, waiting: str | None) -> tuple[Check, ...]:
    """Return the checks I5 and I6."""
    off = audit.unnetted
    explained = audit.explained - (off or 0)
    found = [
        Check("I5_cash", "account", explained, audit.cash, audit.tolerance, waiting),
        Check("I6_equity", "account", audit.explained_equity - (off or 0), audit.equity, audit.tolerance, waiting),
    ]
    if off is not None:
        reason = "this account keeps YES and NO contracts apart: a pair pays back at settlement only"
        found.append(Check("I5_netting", "account", audit.explained, audit.cash, 0, None, reason))
    return tuple(found)
