"""What the company sells: the entries of the revenue feed, and Stripe's balance transactions."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Self, TypeAlias

from pnl.sandbox.chance import token

EntryKind: TypeAlias = Literal["sale", "refund", "chargeback", "fee", "adjustment", "day_total"]
EntryStatus: TypeAlias = Literal["pending", "settled", "void"]

_TYPES = {"fee": "stripe_fee", "dispute": "adjustment", "dispute_reversal": "adjustment"}
_SOURCES = {"charge": "ch_", "refund": "re_", "dispute": "du_", "dispute_reversal": "du_", "payout": "po_"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One version of one entry of the feed; `amount` is a decimal string, signed."""

    id: str
    version: int
    date: date
    amount: str
    currency: str
    kind: EntryKind
    status: EntryStatus
    updated: datetime
    description: str = ""
    parent_id: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One Stripe balance transaction, in minor units; `available` is when pending turns available."""

    id: str
    source: str | None
    created: datetime
    available: datetime
    amount: int
    fee: int
    currency: str
    category: str
    type: str
    description: str | None

    @classmethod
    def make(
        cls,
        seed: int,
        name: str,
        *,
        created: datetime,
        available: datetime,
        amount: int,
        fee: int,
        currency: str,
        category: str,
        type: str | None = None,  # noqa: A002 — the field's name at Stripe
        description: str | None = None,
    ) -> Self:
        """Return a transaction whose ids follow from `seed` and `name`."""
        prefix = _SOURCES.get(category)
        return cls(
            id=token("txn_", seed, "txn", name),
            source=token(prefix, seed, "source", name) if prefix else None,
            created=created,
            available=available,
            amount=amount,
            fee=fee,
            currency=currency,
            category=category,
            type=type or _TYPES.get(category, category),
            description=description,
        )


@dataclass(slots=True)
class Sales:
    """The feed's entries, one version each (the last reported), and every balance transaction, oldest first."""

    entries: dict[str, Entry] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)

    def report(self, entry: Entry) -> None:
        """Let the feed show an entry in the place of the one with the same id."""
        self.entries[entry.id] = entry

    def take(self, charge: Charge) -> None:
        """Add a balance transaction."""
        insort(self.charges, charge, key=lambda one: (one.created, one.id))
