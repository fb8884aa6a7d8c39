"""How an explanation is held against its own rules: every node, down to records that are known."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from pnl.domain.explain import Day, Node, Valuation, find, listed, made, part
from pnl.domain.explain.opening import alive, by_effect, valued
from pnl.domain.explain.positions import open_holdings
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.records import Mark, Record
from pnl.domain.snapshot import LINES

LEAVES = ("record", "mark", "constant", "remainder")
Key = tuple[str, str, str]


def walk(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Give every node below one, and itself, with its path."""
    yield path, node
    for child in node.children():
        yield from walk(child, f"{path}/{part(child)}" if path else part(child))


def holds_up(root: Node, known: Collection[Key]) -> list[Node]:
    """Check every node of an explanation against its rule, and return the leaves."""
    leaves = []
    for path, node in walk(root):
        children = node.children()
        if node.rule in LEAVES:
            assert not children, path
            leaves.append(node)
        elif node.amount is None:
            assert not children or any(child.amount is None for child in children), path
        else:
            assert made(node.rule, children) == node.amount, (path, node.title)
        assert len({part(child) for child in children}) == len(children), path
        assert node.count in (None, len(children)), path
        if node.record:
            assert (node.record.source, node.record.kind, node.record.id) in known, path
        assert (node.rule == "record") == (node.record is not None), path
        if node.rule == "sum" and node.amount is not None:
            assert made("sum", listed(node)) == node.amount, path
        found = find(root, path)
        assert found is not None, path
        assert (found[0].title, found[0].amount, found[1]) == (node.title, node.amount, path)
    return leaves


def keys(records: Collection[Record]) -> set[Key]:
    """Return what records are known by."""
    return {(record.source, record.kind, record.id) for record in records}


def valuation(ledger: Ledger, at: datetime, marks: Collection[Mark], *, off: Nano = 0) -> Valuation:
    """Return the open positions of an instant at some quotes; `off` is by how much more was counted."""
    found = valued(ledger, by_effect(ledger, alive(ledger, at), at), marks)
    unknown = any(one.row.unrealised is None for one in found)
    total = None if unknown else sum(one.row.unrealised or 0 for one in found) + off
    return Valuation(at=at, unrealised=total, holdings=lambda: found)


def day_of(ledger: Ledger, day: date, opening: Valuation, closing: Valuation | None = None) -> Day:
    """Return a day as the ledger states it, to be explained."""
    end = closing or Valuation(at=None, unrealised=ledger.unrealised(), holdings=lambda: open_holdings(ledger))
    sums, posted, cost = ledger.book.day(day), ledger.revenue.totals(day), ledger.api_cost(day).amount
    change = None
    if end.unrealised is not None and opening.unrealised is not None:
        change = end.unrealised - opening.unrealised
    lines: dict[str, Nano | None] = {
        **dict.fromkeys(LINES),
        **posted,
        "api_cost": None if cost is None else -cost,
        "trading_realised": sums.realised,
        "trading_fees": -sums.fees,
        "trading_unrealised": change,
        "other_income": ledger.cash.other_income(day),
    }
    return Day(
        know=lambda: ledger,
        calendar=ledger.calendar,
        day=day,
        lines=lines,
        opening=lambda: opening,
        closing=lambda: end,
    )
