"""What the open positions bring once they settle: the best, the worst and the expected result, by event.

Everything is gross of fees, and measured from what the contracts cost: a result of zero gives the
money back. Of a mutually exclusive event at most one market resolves YES, so that its outcomes are
"this one does" for each market that may still, and "none of ours does": Kalshi says that no two
can win, never that one of those we hold must. The markets of any other event count one by one, as
if each could end either way whatever the others do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from pnl.domain.money import DOLLAR, Nano, nano
from pnl.domain.snapshot import Json, PositionRow, money

Case: TypeAlias = Literal["best_case", "worst_case", "expected"]
CASES: Final[tuple[Case, ...]] = ("best_case", "worst_case", "expected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What an open position gains or loses by how its market ends, nano-dollars.

    Attributes:
        ticker: Its market.
        event: The event that the market belongs to; the market itself where none is known.
        exclusive: Whether at most one market of that event resolves YES.
        if_yes: Its result if the market resolves YES.
        if_no: Its result if it resolves NO.
        expected: Its result with the middle of bid and ask as the probability; None without quotes.
        decided: Whether the outcome is known already: then the three are the same.
        won: Whether it is known to be YES.
    """

    ticker: str
    event: str
    exclusive: bool
    if_yes: Nano
    if_no: Nano
    expected: Nano | None
    decided: bool = False
    won: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The results of one event's positions.

    `best_market` and `worst_market` are the market that resolves YES in that outcome; None where none of
    ours does, and for an event that is not exclusive.
    """

    event: str
    exclusive: bool
    stakes: tuple[Stake, ...]
    best_case: Nano
    worst_case: Nano
    expected: Nano | None
    best_market: str | None = None
    worst_market: str | None = None

    def of(self, case: Case) -> Nano | None:
        """Return one of the three."""
        return {"best_case": self.best_case, "worst_case": self.worst_case, "expected": self.expected}[case]

    def winner(self, case: Case) -> str | None:
        """Return the market that resolves YES in the best or the worst case; None where none of ours does."""
        return self.best_market if case == "best_case" else self.worst_market


def stakes(rows: Iterable[Mapping[str, Json]]) -> list[Stake]:
    """Return the stakes of rows of positions, as the API sends them; flat and settled ones have none."""
    found = (_stake(row) for row in rows)
    return [stake for stake in found if stake]


def stakes_of(rows: Iterable[PositionRow]) -> list[Stake]:
    """Return the stakes of rows of positions."""
    return stakes(row.to_json() for row in rows)


def outcomes(held: Iterable[Stake]) -> list[Outcome]:
    """Return what each event brings, by its ticker; together they are everything that is held."""
    events: dict[str, list[Stake]] = {}
    for stake in held:
        events.setdefault(stake.event, []).append(stake)
    return [_outcome(event, events[event]) for event in sorted(events)]


def total(found: Sequence[Outcome], case: Case) -> Nano | None:
    """Return what events bring together; None where that is not known of one of them."""
    amounts = [outcome.of(case) for outcome in found]
    return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def to_json(found: Sequence[Outcome], *, known: bool = True) -> dict[str, Json]:
    """Return the outcome of everything that is held as the API sends it; nulls where it is not `known` what is held."""
    events: list[Json] = [
        {
            "event": outcome.event,
            "exclusive": outcome.exclusive,
            "markets": [stake.ticker for stake in outcome.stakes],
            **{case: money(outcome.of(case)) for case in CASES},
            "best_market": outcome.best_market,
            "worst_market": outcome.worst_market,
        }
        for outcome in found
    ]
    return {**{case: money(total(found, case)) if known else None for case in CASES}, "events": events}


def result(stake: Stake, winner: str | None) -> Nano:
    """Return what a position of an exclusive event brings if `winner` is the market that resolves YES."""
    return stake.if_yes if stake.ticker == winner else stake.if_no


def _outcome(event: str, held: list[Stake]) -> Outcome:
    expected = [stake.expected for stake in held]
    likely = None if None in expected else sum(amount for amount in expected if amount is not None)
    if not (exclusive := all(stake.exclusive for stake in held)):
        return Outcome(
            event=event,
            exclusive=exclusive,
            stakes=tuple(held),
            best_case=sum(max(stake.if_yes, stake.if_no) for stake in held),
            worst_case=sum(min(stake.if_yes, stake.if_no) for stake in held),
            expected=likely,
        )
    ends = {winner: sum(result(stake, winner) for stake in held) for winner in _winners(held)}
    best, worst = max(ends, key=lambda one: ends[one]), min(ends, key=lambda one: ends[one])
    return Outcome(
        event=event,
        exclusive=exclusive,
        stakes=tuple(held),
        best_case=ends[best],
        worst_case=ends[worst],
        expected=likely,
        best_market=best,
        worst_market=worst,
    )


def _winners(held: Iterable[Stake]) -> list[str | None]:
    """Return the markets that may be the one that resolves YES; None stands for none of ours."""
    known = [stake.ticker for stake in held if stake.won]
    return [*known] if known else [None, *(stake.ticker for stake in held if not stake.decided)]


def _stake(row: Mapping[str, Json]) -> Stake | None:
    best, worst, side = _amount(row, "best_case"), _amount(row, "worst_case"), row.get("side")
    if best is None or worst is None or row.get("settled"):
        return None
    yes, no = (worst, best) if side == "no" else (best, worst)
    ticker = str(row["ticker"])
    stake = Stake(
        ticker=ticker,
        event=str(row.get("event") or ticker),
        exclusive=row.get("exclusive") is True,
        if_yes=yes,
        if_no=no,
        expected=_amount(row, "expected"),
    )
    known = _amount(row, "unrealised") if row.get("mark_source") == "settlement" else None
    if known is None:
        return stake
    won = side is not None and _amount(row, "mark") == (DOLLAR if side == "yes" else 0)
    return replace(stake, if_yes=known, if_no=known, expected=known, decided=True, won=won)


def _amount(row: Mapping[str, Json], name: str) -> Nano | None:
    found = row.get(name)
    return nano(found, name) if isinstance(found, str) else None
