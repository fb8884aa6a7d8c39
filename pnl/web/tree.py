"""An explanation as the API tells it: one node, its children, and below those what is small enough to send along."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pnl.domain.explain import Leaf, Node, Quote, listed, made, part
from pnl.domain.explain.nodes import REST
from pnl.domain.money import count_text
from pnl.domain.records import Record
from pnl.domain.snapshot import Json, instant, money
from pnl.web.details import detail

Key = tuple[str, str, str]
FEW, MOST = 8, 150
"""A node with so few children is sent with them, as long as the answer holds no more nodes than MOST."""


@dataclass(slots=True)
class Shown:
    """A node that is worked out, with its path; `children` is None where they are to be asked for.

    `count` is how many children it has; None where that takes work to tell.
    """

    path: str
    node: Node
    count: int | None
    children: "list[Shown] | None" = None

    def walk(self) -> "Iterator[Shown]":
        """Give this node and all below that are shown."""
        yield self
        for child in self.children or ():
            yield from child.walk()


def shown(node: Node, path: str, begin: int = 0) -> Shown:
    """Return a node with its children from number `begin` on, and theirs where they are few."""
    if begin:
        rest = node.children()[begin:]
        amount = made("sum", rest)
        node, whole = Node(key="", title=f"{len(rest):,} more", amount=amount, rule="sum", unit=node.unit), node
    else:
        whole = node
    at = f"{path}/{REST}{begin}".lstrip("/") if begin else path
    root = Shown(at, node, len(whole.children()) - begin)
    root.children = _children(path, listed(whole, begin))
    left, queue = MOST - len(root.children), [*root.children]
    for one in queue:
        count = one.node.count or 0
        if 0 < count <= min(FEW, left):
            one.children = _children(one.path, one.node.children())
            left -= count
            queue += one.children
    return root


def leaves(root: Shown) -> list[Key]:
    """Return the records that are named, each once."""
    named = (one.node.record for one in root.walk())
    return list(dict.fromkeys((leaf.source, leaf.kind, leaf.id) for leaf in named if leaf))


def told(one: Shown, records: Mapping[Key, Record]) -> dict[str, Json]:
    """Return a node as JSON; `records` are those that the store has of the leaves."""
    node = one.node
    amount = _amount(node)
    body: dict[str, Json] = {
        "node": one.path,
        "title": node.title,
        "amount": amount,
        "unit": node.unit,
        "rule": node.rule,
        "count": one.count,
        "note": node.note,
    }
    if one.children is not None:
        body["children"] = [told(child, records) for child in one.children]
    if node.record:
        body["record"] = _record(node.record, amount, records)
    if node.mark:
        body["mark"] = _mark(node.mark)
    return body


def _children(path: str, children: Sequence[Node]) -> list[Shown]:
    return [Shown(f"{path}/{part(child)}" if path else part(child), child, child.count) for child in children]


def _amount(node: Node) -> str | None:
    if node.amount is None or node.unit == "usd":
        return money(node.amount)
    if node.unit == "days":
        return str(node.amount)
    return count_text(node.amount)


def _record(leaf: Leaf, amount: str | None, records: Mapping[Key, Record]) -> dict[str, Json]:
    kept = records.get((leaf.source, leaf.kind, leaf.id))
    known = kept or Record(
        source=leaf.source, kind=leaf.kind, id=leaf.id, effective_at=leaf.at, fact=leaf.fact, raw="{}"
    )
    return {
        "source": leaf.source,
        "kind": leaf.kind,
        "id": leaf.id,
        "version": known.version,
        "at": instant(known.effective_at),
        "recorded_at": instant(known.recorded_at),
        "amount": amount,
        "detail": detail(known),
    }


def _mark(quote: Quote) -> dict[str, Json]:
    return {
        "ticker": quote.ticker,
        "at": instant(quote.at),
        "side": quote.side,
        "price": money(quote.price),
        "source": quote.source,
    }
