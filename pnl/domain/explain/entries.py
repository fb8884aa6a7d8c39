"""The lines of revenue and of costs entered by hand: by customer, then the entries."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pnl.domain.explain.nodes import Leaf, Node, by_size, by_time, made, of_record
from pnl.domain.isolated import without_marks
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano, dollars_text
from pnl.domain.records import RevenueEntry
from pnl.domain.revenue import posts

NOBODY = "~none"


def posted(ledger: Ledger, day: date) -> Mapping[str, list[tuple[str, RevenueEntry, Nano]]]:
    """Return what the entries of a day post, by line: (source, entry, amount)."""
    found: dict[str, list[tuple[str, RevenueEntry, Nano]]] = {}
    for source, entry, line, amount in ledger.revenue.posted(day):
        found.setdefault(line, []).append((source, entry, amount))
    return found


def line(ledger: Ledger, day: date, name: str) -> list[Node]:
    """Return what posts to a line on a day: costs by entry, all else by customer and then by entry."""
    entries = posted(ledger, day).get(name, [])
    if name == "operating_cost":
        return by_size(_leaf(ledger, day, name, *one) for one in entries)
    customers: dict[str | None, list[Node]] = {}
    for source, entry, amount in entries:
        customers.setdefault(entry.customer, []).append(_leaf(ledger, day, name, source, entry, amount))
    return by_size(_of_customer(ledger, customer, leaves) for customer, leaves in customers.items())


def of_source(ledger: Ledger, day: date, name: str, source: str) -> list[Node]:
    """Return the entries of a source that post to a line on a day."""
    entries = posted(ledger, day).get(name, [])
    return by_size(_leaf(ledger, day, name, *one) for one in entries if one[0] == source)


def of_days(ledger: Ledger, source: str, since: date) -> list[Node]:
    """Return what the entries of a source that are kept come to, by the day that they are dated, newest first."""
    days: dict[date, list[Node]] = {}
    for day, entry in ledger.revenue.of_source(source, since):
        for name, amount in posts(entry):
            leaf = _leaf(ledger, day, name, source, entry, amount)
            fee = f"{leaf.key}:{name}" if name == "processor_fees" and entry.kind != "fee" else leaf.key
            days.setdefault(day, []).append(replace(leaf, key=fee))
    return [
        Node(
            key=day.isoformat(),
            title=day.isoformat(),
            amount=made("sum", leaves),
            rule="sum",
            parts=by_time(leaves, ledger.calendar),
        )
        for day, leaves in sorted(days.items(), reverse=True)
        if made("sum", leaves)
    ]


def _of_customer(ledger: Ledger, customer: str | None, leaves: list[Node]) -> Node:
    return Node(
        key=NOBODY if customer is None else customer,
        title="no customer named" if customer is None else customer,
        amount=made("sum", leaves),
        rule="sum",
        parts=by_time(leaves, ledger.calendar),
        group=customer is None,
    )


def _leaf(  # noqa: PLR0917 - as one would say it
    ledger: Ledger, day: date, name: str, source: str, entry: RevenueEntry, amount: Nano
) -> Node:
    at = entry.occurred_at or ledger.calendar.bounds(entry.date)[0]
    leaf = Leaf(source=source, kind="revenue", id=entry.id, at=at, fact=entry)
    title = without_marks(entry.description) or f"{entry.kind.replace('_', ' ')} {entry.id}"
    note = ""
    if entry.recurs:
        note = (
            f"the share of {day} in {dollars_text(entry.amount)} that recur {entry.recurs}, evenly by largest remainder"
        )
    elif name == "processor_fees" and entry.kind != "fee":
        note = f"the processor's fee on {dollars_text(entry.amount)}"
    return of_record(leaf, amount, title, key=f"{source}:{entry.id}", note=note)
