"""What is known of a UTC day's API cost: the newest version of each cost, each usage and each report."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import TypeAlias, TypeVar

from pnl.domain.rates import DIGITS, Spent, cost_key, usage_key
from pnl.domain.records import Anchor, Cost, Usage
from pnl.domain.utc_hours import midnight

_ZERO = Decimal(0)
_DAY = timedelta(days=1)
_Rank: TypeAlias = tuple[int, datetime]
_F = TypeVar("_F", Cost, Usage, Anchor)
_UNREAD = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Facts:
    """What is known of a UTC day: the newest version of each fact, by id."""

    day: date
    _costs: dict[str, tuple[_Rank, Cost]] = field(default_factory=dict)
    _usage: dict[str, tuple[_Rank, Usage]] = field(default_factory=dict)
    _anchors: dict[str, tuple[_Rank, Anchor]] = field(default_factory=dict)

    def fork(self) -> "Facts":
        """Return a copy that goes its own way."""
        return Facts(self.day, self._costs.copy(), self._usage.copy(), self._anchors.copy())

    def take(self, fact: Cost | Usage | Anchor, version: int) -> bool:
        """Put a fact in its place unless a newer one is there; tell whether that changed anything."""
        match fact:
            case Anchor():
                return _take(self._anchors, fact.id, (version, fact.read_at), fact)
            case Cost():
                return _take(self._costs, fact.id, (version, _UNREAD), fact)
            case Usage():
                return _take(self._usage, fact.id, (version, _UNREAD), fact)

    @property
    def costs(self) -> tuple[Cost, ...]:
        """The rows of cost."""
        return tuple(row for _, row in self._costs.values())

    @property
    def usage(self) -> tuple[Usage, ...]:
        """The rows of usage."""
        return tuple(row for _, row in self._usage.values())

    def newest(self) -> Anchor | None:
        """Return the newest report; None where there is none."""
        return max((anchor for _, anchor in self._anchors.values()), key=_read_at, default=None)

    def anchor(self, anchor_id: str) -> Anchor | None:
        """Return a report by its id."""
        found = self._anchors.get(anchor_id)
        return found[1] if found else None

    def closing(self) -> list[Anchor]:
        """Return the reports that were read after the day's end, oldest first."""
        found = (self.anchor(f"{self.day.isoformat()}/{name}") for name in ("closed", "restated"))
        return [anchor for anchor in found if anchor]

    def usage_read(self, *, still_open: bool) -> bool:
        """Tell whether the usage of the day was read, to its end where the day is over.

        A report from after the day's end says so. Of a day that was watched until a pause, what was read before the
        pause is not all of it; of one that was never watched, its usage was read as a whole if any was.
        """
        anchors = [anchor for _, anchor in self._anchors.values()]
        if still_open:
            return bool(self._usage) or any(anchor.usage_known for anchor in anchors)
        watched = any(is_open(anchor) for anchor in anchors)
        known = any(anchor.usage_known for anchor in anchors if not is_open(anchor))
        return known or (bool(self._usage) and not watched)

    def listed(self) -> dict[str, Decimal | None]:
        """Return the list value of the usage by usage key; None where some of it has no price."""
        sums: dict[str, Decimal | None] = {}
        with localcontext(prec=DIGITS):
            for _, row in self._usage.values():
                for token_type, value in row.list_values.items():
                    key = usage_key(row, token_type)
                    before = sums.get(key, _ZERO)
                    sums[key] = None if value is None or before is None else before + value
        return sums

    def spent(self) -> Spent | None:
        """Return what the day cost, reported and at list as of the same moment; None where one is not known."""
        anchor = self.newest()
        if anchor is None:
            return None
        listed = anchor.list_values if anchor.usage_known else self.listed()
        if not listed:
            return None  # the cost of a day whose usage was never read says nothing of rates
        reported: dict[str, Decimal] = {}
        with localcontext(prec=DIGITS):
            for _, cost in self._costs.values():
                key = cost_key(cost)
                if key is not None:
                    reported[key] = reported.get(key, _ZERO) + cost.amount
        return Spent(reported=reported, listed=listed)


def utc_day(fact: Cost | Usage | Anchor) -> date:
    """Return the UTC day that a fact is of."""
    return fact.day if isinstance(fact, Anchor) else fact.start.astimezone(UTC).date()


def is_open(anchor: Anchor) -> bool:
    """Tell whether a report is of a day that was not over."""
    return (anchor.watermark or anchor.read_at) < midnight(anchor.day) + _DAY


def _take(known: dict[str, tuple[_Rank, _F]], fact_id: str, rank: _Rank, fact: _F) -> bool:
    old = known.get(fact_id)
    if old and rank < old[0]:
        return False
    known[fact_id] = (rank, fact)
    return old is None or old[1] != fact


def _read_at(anchor: Anchor) -> datetime:
    return anchor.read_at
