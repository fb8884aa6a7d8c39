"""The tree of an explanation: each node's amount is exactly what its rule makes of its children.

| rule | the amount |
|---|---|
| `sum` | all children that are known, added up |
| `difference` | the first child less the others |
| `product` | the children multiplied: contracts × price |
| `quotient` | the first child by the second, to a millionth, half to even |
| `count` | how many children are above zero |
| `record` | what one record brings; no children |
| `mark` | a price, or a value, that was quoted or counted; no children |
| `constant` | what never changes: a dollar a contract, or nothing; no children |
| `remainder` | what no record gives (any more); no children, the title says why |

Children are worked out when a node is opened, never before.
"""

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from pnl.domain.company_day import Calendar
from pnl.domain.money import CONTRACT, MICRO, Nano, share
from pnl.domain.records import Fact, Kind
from pnl.domain.snapshot import MarkSource

Rule: TypeAlias = Literal[
    "sum", "difference", "product", "quotient", "count", "record", "mark", "constant", "remainder"
]
Unit: TypeAlias = Literal["usd", "contracts", "days"]

WIDE = 60
"""A node with more children than this is shown in parts, and more records than this by day or hour."""

REST = "~r"
_PLAIN = frozenset(f"{string.ascii_letters}{string.digits}-._")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """The record that a leaf names."""

    source: str
    kind: Kind
    id: str
    at: datetime
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The quote that a leaf names; `at` is when it was read, None where there never was one."""

    ticker: str
    at: datetime | None
    side: Literal["yes", "no"]
    price: Nano | None
    source: MarkSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One figure, and how to open it.

    `amount` is nano-dollars, hundredths of a contract or days, by `unit`; None where it cannot be known.
    `parts` are the children, or what works them out. `group` tells that a node only holds children of
    its parent together, because they are many: a path may leave it out.
    """

    key: str
    title: str
    amount: int | None
    rule: Rule
    parts: "Sequence[Node] | Callable[[], Sequence[Node]]" = ()
    unit: Unit = "usd"
    note: str = ""
    record: Leaf | None = None
    mark: Quote | None = None
    group: bool = False

    def children(self) -> "Sequence[Node]":
        """Return the children; of many, those that make the difference first."""
        return self.parts() if callable(self.parts) else self.parts

    @property
    def count(self) -> int | None:
        """How many children there are; None where it takes work to tell."""
        return None if callable(self.parts) else len(self.parts)


def made(rule: Rule, children: Sequence[Node]) -> int | None:
    """Return what a rule makes of children; None where it needs one that is not known."""
    known = [child.amount for child in children if child.amount is not None]
    if rule == "sum":
        return sum(known) if known or not children else None
    if rule == "count":
        return sum(amount > 0 for amount in known)
    if len(known) < len(children):
        return None
    if rule == "difference":
        return known[0] - sum(known[1:])
    if rule == "product":
        counts, prices = (
            [child.amount or 0 for child in children if child.unit == unit] for unit in ("contracts", "usd")
        )
        exact, rest = divmod(counts[0] * prices[0], CONTRACT)
        return None if rest else exact
    if rule == "quotient":
        return share(known[0], CONTRACT, known[1], MICRO)
    raise ValueError(f"the rule {rule} has no children")


def total(key: str, title: str, children: Sequence[Node], *, note: str = "") -> Node:
    """Return the sum of children that are at hand."""
    unit = children[0].unit if children else "usd"
    return Node(key=key, title=title, amount=made("sum", children), rule="sum", parts=children, unit=unit, note=note)


def difference(key: str, title: str, children: Sequence[Node], *, note: str = "") -> Node:
    """Return the first child less the others."""
    return Node(key=key, title=title, amount=made("difference", children), rule="difference", parts=children, note=note)


def constant(key: str, title: str, amount: int, unit: Unit = "usd") -> Node:
    """Return what never changes, as a factor."""
    return Node(key=key, title=title, amount=amount, rule="constant", unit=unit)


def of_record(leaf: Leaf, amount: int, title: str, *, note: str = "", key: str = "", unit: Unit = "usd") -> Node:
    """Return the leaf of a record that brings `amount`."""
    return Node(key=key or leaf.id, title=title, amount=amount, rule="record", record=leaf, note=note, unit=unit)


def by_size(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes, the largest amount of either sign first."""
    return sorted(nodes, key=lambda node: (-abs(node.amount or 0), node.key))


def by_time(leaves: Sequence[Node], calendar: Calendar) -> Sequence[Node]:
    """Return the leaves of records by time, newest first; many are held together by day, or by hour of one day."""
    ordered = sorted(leaves, key=lambda node: (_at(node), node.key), reverse=True)
    if len(ordered) <= WIDE:
        return ordered
    days = _together(ordered, lambda at: at.astimezone(calendar.zone).date().isoformat())
    if len(days) > 1:
        return [_group(day, day, inside, calendar) for day, inside in days.items()]
    hours = _together(ordered, lambda at: at.strftime("%Y-%m-%dT%HZ"))
    if len(hours) > 1:
        return [
            _group(hour, f"{hour[11:13]}:00 to {hour[11:13]}:59 UTC", inside, None) for hour, inside in hours.items()
        ]
    return ordered


def _group(key: str, title: str, inside: Sequence[Node], calendar: Calendar | None) -> Node:
    children = by_time(inside, calendar) if calendar else inside
    return Node(
        key=key,
        title=title,
        amount=made("sum", inside),
        rule="sum",
        parts=children,
        unit=inside[0].unit,
        group=True,
    )


def _together(ordered: Sequence[Node], name: Callable[[datetime], str]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in ordered:
        found.setdefault(name(_at(node)), []).append(node)
    return found


def _at(node: Node) -> datetime:
    if node.record is None:
        raise ValueError(f"{node.key} is not the leaf of a record")
    return node.record.at


def word(key: str) -> str:
    """Return a key as a part of a path: only characters that need no escape in a URL."""
    return "".join(char if char in _PLAIN else "".join(f"~{byte:02X}" for byte in char.encode()) for char in key)


def part(node: Node) -> str:
    """Return a node's part of a path; keys that begin with `~` are our own, and stay."""
    return node.key if node.key.startswith("~") else word(node.key)


def find(root: Node, path: str) -> tuple[Node, str, int] | None:
    """Return the node at a path, its full path, and the child that its list begins with; None where there is none.

    A path is the parts of the nodes below the root, joined by `/`; the root's is empty. It may end in
    `~rN`: the children of the node before, from the one numbered N on.
    """
    node, full = root, ""
    parts = path.split("/") if path else []
    begin = 0
    if parts and parts[-1].startswith(REST) and parts[-1][len(REST) :].isdigit():
        begin = int(parts.pop()[len(REST) :])
    for name in parts:
        found = _child(node, name)
        if found is None:
            return None
        node, below = found
        full = f"{full}/{below}" if full else below
    return (node, full, begin) if begin <= len(node.children()) else None


def _child(node: Node, name: str) -> tuple[Node, str] | None:
    children = node.children()
    for child in children:
        if part(child) == name:
            return child, name
    for child in children:
        if child.group and (found := _child(child, name)):
            return found[0], f"{part(child)}/{found[1]}"
    return None


def listed(node: Node, begin: int = 0) -> list[Node]:
    """Return the children of a node from number `begin` on: the first ones, and the rest as one node."""
    children = node.children()
    shown = list(children[begin : begin + WIDE])
    rest = children[begin + WIDE :]
    if len(rest) == 1:
        return [*shown, *rest]
    if rest:
        amount = made("sum", rest)
        shown.append(
            Node(
                key=f"{REST}{begin + WIDE}",
                title=f"{len(rest):,} more",
                amount=amount,
                rule="sum",
                parts=rest,
                unit=node.unit,
            )
        )
    return shown
