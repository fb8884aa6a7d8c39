"""Series, events and markets as an exchange lists them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from pnl.domain.money import Nano
from pnl.sandbox.quotes import EMPTY, Handmade, Quote, Walk

FeeType: TypeAlias = Literal["quadratic", "quadratic_with_maker_fees"]
Status: TypeAlias = Literal["initialized", "active", "closed", "determined", "finalized"]
Result: TypeAlias = Literal["yes", "no", "scalar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A family of events with one fee schedule; the multiplier is in hundredths (50: half fees)."""

    ticker: str
    title: str
    category: str
    frequency: str = "custom"
    fee_type: FeeType = "quadratic"
    fee_percent: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A question, with one market or several."""

    ticker: str
    series: Series
    title: str
    sub_title: str
    mutually_exclusive: bool = False
    exchange_index: int = 0
    created: datetime


@dataclass(slots=True, kw_only=True)
class Listed:
    """One market. What will come of it is known to the world from the start, and shown when its time comes.

    `value` is what one YES contract pays, nano-dollars; None while nobody knows.
    """

    ticker: str
    event: Event
    yes_sub_title: str
    created: datetime
    opens: datetime
    closes: datetime
    walk: Walk | None = None
    determined_at: datetime | None = None
    settles_at: datetime | None = None
    result: Result | None = None
    value: Nano | None = None
    handmade: Handmade = field(default_factory=Handmade)

    def status(self, now: datetime) -> Status:
        """Return where in its life the market is."""
        if self.settles_at is not None and now >= self.settles_at:
            return "finalized"
        if self.determined_at is not None and now >= self.determined_at:
            return "determined"
        if now >= self.closes:
            return "closed"
        return "active" if now >= self.opens else "initialized"

    def quote(self, now: datetime) -> Quote:
        """Return the book's top: nothing once the outcome is determined, what stood at the close until then."""
        if self.status(now) in {"determined", "finalized", "initialized"}:
            return EMPTY
        by_hand = self.handmade.at(now)
        if by_hand is not EMPTY or self.walk is None:
            return by_hand
        return self.walk.at(now)

    def decided(self, now: datetime) -> bool:
        """Tell whether the outcome is public."""
        return self.determined_at is not None and now >= self.determined_at
