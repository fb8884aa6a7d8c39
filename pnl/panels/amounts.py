"""Amounts of a snapshot as a reader sees them: each rounded by itself to the cent, and its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pnl.domain.money import CENT, Nano, nano, share
from pnl.domain.snapshot import Json

UNKNOWN = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines of the statement that the page shows as one figure; `cost` ones stand behind a minus."""

    id: str
    name: str
    lines: tuple[str, ...]
    source: str
    hue: str
    cost: bool = False
    optional: bool = False


GROUPS: tuple[Group, ...] = (
    Group(
        id="revenue",
        name="Revenue",
        lines=("revenue", "refunds", "processor_fees", "adjustments"),
        source="revenue",
        hue="rev",
    ),
    Group(id="realised", name="Realised", lines=("trading_realised",), source="kalshi", hue="trd"),
    Group(id="unrealised", name="Unrealised", lines=("trading_unrealised",), source="kalshi", hue="trd"),
    Group(id="fees", name="Fees", lines=("trading_fees",), source="kalshi", hue="fee", cost=True),
    Group(id="api_cost", name="API cost", lines=("api_cost",), source="anthropic", hue="api", cost=True),
    Group(
        id="other_costs",
        name="Other costs",
        lines=("operating_cost",),
        source="revenue",
        hue="oth",
        cost=True,
        optional=True,
    ),
    Group(id="other_income", name="Other income", lines=("other_income",), source="kalshi", hue="inc", optional=True),
)
"""The figures of the identity bar, in order; `assets/live/statement.js` has the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A group with its signed cents; None where none of its lines is known."""

    group: Group
    cents: int | None

    @property
    def text(self) -> str:
        """The figure as its cell prints it: a cost without its sign, for the operator carries it."""
        if self.cents is None:
            return UNKNOWN
        return dollars(-self.cents) if self.group.cost else dollars(self.cents, plus=True)


def known(value: Json) -> Nano | None:
    """Return the nano-dollars of a money string of the snapshot; None for what is not known."""
    return nano(value) if isinstance(value, str) else None


def read(snapshot: Mapping[str, Json]) -> tuple[int | None, list[Part]]:
    """Return the net in cents, None if no line is known, and its parts; each is rounded by itself."""
    lines = snapshot["lines"]
    if not isinstance(lines, dict):
        return None, []
    sums = [(group, _sum(lines, group.lines)) for group in GROUPS]
    shown = [(group, amount) for group, amount in sums if amount or not group.optional]
    amounts = [amount for _, amount in shown if amount is not None]
    parts = [Part(group=group, cents=None if amount is None else cents(amount)) for group, amount in shown]
    return (cents(sum(amounts)) if amounts else None), parts


def cents(amount: Nano) -> int:
    """Return the cents of an amount, half to even."""
    return share(amount, 1, 1, CENT) // CENT


def dollars(amount: int, *, plus: bool = False) -> str:
    """Return cents as `+$1,008.14`, `−$120.42`, `$0.00`; without `plus`, `$84.00`."""
    sign = "−" if amount < 0 else "+" if plus and amount > 0 else ""
    whole, part = divmod(abs(amount), 100)
    return f"{sign}${whole:,}.{part:02d}"


def shown(value: Json, *, plus: bool = False) -> str:
    """Return a money string of the snapshot as text, half to even to the cent."""
    amount = known(value)
    return UNKNOWN if amount is None else dollars(cents(amount), plus=plus)


def _sum(lines: Mapping[str, Json], names: Sequence[str]) -> Nano | None:
    amounts = [amount for amount in (known(lines.get(name)) for name in names) if amount is not None]
    return sum(amounts) if amounts else None
