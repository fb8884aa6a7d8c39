"""What the open positions bring once they settle: by event, in the outcome that decides, market by market."""

from collections.abc import Mapping
from dataclasses import replace

from pnl.domain.company_day import Calendar
from pnl.domain.explain import holdings
from pnl.domain.explain.holdings import Holding
from pnl.domain.explain.nodes import Node, by_size, difference
from pnl.domain.explain.positions import open_holdings
from pnl.domain.ledger import Ledger
from pnl.domain.outcome import Case, Outcome, Stake, outcomes, stakes_of


def of_events(case: str, ledger: Ledger, event: str, key: str, title: str) -> Node | None:
    """Return one of the three results of all events, or of one; None where nothing is held in it."""
    wanted = _CASES[case]
    held = {one.row.ticker: one for one in open_holdings(ledger)}
    found = outcomes(stakes_of(one.row for one in held.values()))
    if event:
        of_one = next((one for one in found if one.event == event), None)
        return replace(_of_event(of_one, wanted, held, ledger), key=key, title=title) if of_one else None
    nodes = [_of_event(one, wanted, held, ledger) for one in found]
    return replace(holdings.over_markets(title, nodes), key=key)


def _of_event(one: Outcome, case: Case, held: Mapping[str, Holding], ledger: Ledger) -> Node:
    parts = [_result(stake, held[stake.ticker], case, one, ledger.calendar) for stake in one.stakes]
    amount = one.of(case)
    return Node(
        key=one.event, title=_named(one), amount=amount, rule="sum", parts=by_size(parts), note=_told(one, case)
    )


def _result(stake: Stake, one: Holding, case: Case, event: Outcome, calendar: Calendar) -> Node:
    if stake.decided:
        node = holdings.unrealised(one, calendar)
        return replace(node, note="the outcome is known")
    expects = case == "expected"
    paid = (
        holdings.expected(one, calendar)
        if expects
        else holdings.payout(one, calendar, wins=_wins(stake, case, event, one))
    )
    return difference(stake.ticker, one.row.title, (paid, holdings.exposure(one, calendar)))


def _wins(stake: Stake, case: Case, event: Outcome, one: Holding) -> bool:
    """Tell whether the side that is held wins in the outcome that decides."""
    if event.exclusive:
        return (stake.ticker == event.winner(case)) == (one.row.side != "no")
    return case == "best_case"


def _named(one: Outcome) -> str:
    count = len(one.stakes)
    return f"{one.event}, {count} {'market' if count == 1 else 'markets'}"


def _told(one: Outcome, case: Case) -> str:
    if not one.exclusive or case == "expected":
        return ""
    winner = one.winner(case)
    return f"in the outcome that {winner} resolves YES" if winner else "in the outcome that none of ours resolves YES"


_CASES: dict[str, Case] = {"best_case": "best_case", "worst_case": "worst_case", "expected": "expected"}
