"""The figures of an instant: the account, the open positions, and the net so far."""

from dataclasses import replace

from pnl.domain.explain import account, outcomes, positions, sides
from pnl.domain.explain.figures import Figure
from pnl.domain.explain.holdings import THINNED
from pnl.domain.explain.nodes import Node
from pnl.domain.explain.steps import checked
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano

NOT_TOLD = "shown so, and not told by the records and quotes that were known"
_FIELDS = {"unrealised_total": "unrealised", "positions_value": "value", "exposure": "exposure"}


def of_instant(figure: Figure, ledger: Ledger, shown: Nano | None = None, *, thinned: bool = False) -> Node | None:
    """Return a figure of the account or of positions; None where the market, or the event, has nothing of ours.

    Args:
        figure: Which one; not `cumulative_net`, which is of days.
        ledger: What was known.
        shown: What was shown, where that is known; what the records do not give is a child of its own.
        thinned: Whether prices of that time are not all kept any more.
    """
    if figure.check:
        check = ledger.reconciliation.find(figure.check, figure.scope)
        return replace(sides.side(ledger, check, figure.side), title=figure.title) if check else None
    if figure.case:
        return outcomes.of_events(figure.case, ledger, figure.event, figure.name, figure.title)
    if figure.ticker:
        one = positions.held(ledger, figure.ticker)
        return positions.field(ledger, one, figure.field) if one else None
    if figure.field:
        return _titled(positions.totals(ledger, figure.field), figure)
    node = _of(figure.name, ledger)
    if shown is None or node.amount == shown:
        return _titled(node, figure)
    parts = checked(shown, [node] if node.amount is not None else [], THINNED if thinned else NOT_TOLD)
    return _titled(replace(node, amount=shown, rule="sum", parts=parts, record=None), figure)


def _of(name: str, ledger: Ledger) -> Node:
    if name == "cash":
        return account.cash(ledger)
    if name == "equity":
        value = replace(positions.totals(ledger, "value"), key="positions_value", title="Positions")
        return account.equity(account.cash(ledger), value)
    return positions.totals(ledger, _FIELDS[name])


def _titled(node: Node, figure: Figure) -> Node:
    return replace(node, key=figure.name, title=figure.title)
