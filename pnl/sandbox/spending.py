"""What the company spends on Claude: tokens by the minute, and what they cost.

Steady lines of work burn tokens round the clock as a function of the time alone; single burns come
on top, some of them reported late. Cost is tokens at list price, times the organisation's share
(a discount), in cents; what no token explains (web searches, code execution) is added.
"""

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from pnl.sandbox.chance import mix, number
from pnl.sandbox.prices import cents_per_token

Tokens: TypeAlias = tuple[int, int, int, int, int]
"""Uncached input, output, cache read, cache write of 5 minutes, cache write of 1 hour."""

TOKEN_TYPES = (
    "uncached_input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
)
LAG = timedelta(minutes=5)
SEARCH_CENTS = Decimal(1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
_BUSY = 17 * 100 * 100
_PACE = (4, 3, 3, 3, 3, 3, 4, 5, 7, 8, 9, 10, 13, 16, 17, 17, 17, 16, 16, 15, 13, 10, 7, 5)
"""How busy each UTC hour is; the office keeps New York hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """Tokens, searches or other cost in the minute `at`; not shown before `seen_at` (None: the usual lag)."""

    at: datetime
    model: str | None
    tokens: Tokens = (0, 0, 0, 0, 0)
    searches: int = 0
    cents: str | None = None
    cost_type: str | None = None
    workspace: str | None = None
    api_key: str | None = None
    tier: str = "standard"
    context: str = "0-200k"
    geo: str = "global"
    speed: str = "standard"
    product: str = "messages_api"
    billed: bool = True
    requests: int = 1
    seen_at: datetime | None = None

    def shown(self, now: datetime, lag: timedelta = LAG) -> bool:
        """Tell whether the reports of `now` include it."""
        return self.at + MINUTE <= now - lag and (self.seen_at is None or self.seen_at <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Steady work: `hourly` tokens in a busy hour, spread unevenly over its minutes."""

    name: str
    like: Burn
    hourly: Tokens
    searches: int = 0
    hourly_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One priced part of a burn, in cents: what it cost, and what it costs at list."""

    cost_type: str
    token_type: str | None
    cents: Decimal
    list_cents: Decimal


@dataclass(slots=True)
class Spending:
    """All that was ever burnt. `share` is what the organisation pays of the list price."""

    share: Decimal = Decimal(1)
    seed: int = 0
    lines: tuple[Line, ...] = ()
    since: datetime | None = None
    singles: list[Burn] = field(default_factory=list)
    _hours: OrderedDict[datetime, tuple[Burn, ...]] = field(default_factory=OrderedDict)

    def add(self, burn: Burn) -> Burn:
        """Keep a burn, and return it."""
        insort(self.singles, burn, key=lambda one: one.at)
        return burn

    def between(
        self, start: datetime, end: datetime, now: datetime, *, by_minute: bool = False, lag: timedelta = LAG
    ) -> Iterator[Burn]:
        """Give what the reports of `now` show of [start, end), whole minutes; hours together unless `by_minute`."""
        for burn in self.singles:
            if start <= burn.at < end and burn.shown(now, lag):
                yield burn
        if not self.lines or self.since is None:
            return
        until = min(end, _floor_minute(now - lag))
        hour = max(start, self.since).replace(minute=0, second=0, microsecond=0)
        while hour < until:
            first = max((max(start, self.since) - hour) // MINUTE, 0)
            last = min((until - hour) // MINUTE, 60)
            if by_minute:
                for minute in range(first, last):
                    yield from self._part(hour, minute, minute + 1)
            elif (first, last) == (0, 60):
                yield from self._hour(hour)
            elif first < last:
                yield from self._part(hour, first, last)
            hour += HOUR

    def components(self, burn: Burn) -> list[Component]:
        """Return what a burn costs, part by part; nothing for tokens that are not billed."""
        parts = []
        if burn.billed and burn.model is not None and burn.tier != "priority":
            prices = cents_per_token(burn.model, burn.tier, burn.context, burn.geo, burn.speed)
            for token_type, count, price in zip(TOKEN_TYPES, burn.tokens, prices, strict=True):
                if count:
                    listed = price * count
                    parts.append(
                        Component(
                            cost_type="tokens", token_type=token_type, cents=listed * self.share, list_cents=listed
                        )
                    )
        if burn.searches:
            listed = SEARCH_CENTS * burn.searches
            parts.append(
                Component(cost_type="web_search", token_type=None, cents=listed * self.share, list_cents=listed)
            )
        if burn.cents is not None:
            whole = Decimal(burn.cents)
            kind = burn.cost_type or "code_execution"
            parts.append(Component(cost_type=kind, token_type=None, cents=whole, list_cents=whole))
        return parts

    def _hour(self, hour: datetime) -> tuple[Burn, ...]:
        kept = self._hours.get(hour)
        if kept is None:
            kept = self._hours[hour] = tuple(self._part(hour, 0, 60))
            if len(self._hours) > 24 * 40:
                self._hours.popitem(last=False)
        return kept

    def _part(self, hour: datetime, first: int, last: int) -> Iterator[Burn]:
        for line in self.lines:
            chance = number(self.seed, line.name, hour.isoformat())
            pace = _PACE[hour.hour] * (60 if hour.weekday() >= 5 else 100) * (70 + chance % 61)
            low, high = _weight(chance, first), _weight(chance, last)
            whole = _weight(chance, 60)

            def done(total: int, low: int = low, high: int = high, whole: int = whole) -> int:
                return total * high // whole - total * low // whole

            totals = [most * pace // _BUSY for most in line.hourly]
            tokens = [done(total) for total in totals]
            searches = done(line.searches * pace // _BUSY)
            here = done(line.hourly_cents * (pace * 10_000 // _BUSY))
            like = line.like
            burn = Burn(
                at=hour + first * MINUTE,
                model=like.model,
                tokens=(tokens[0], tokens[1], tokens[2], tokens[3], tokens[4]),
                searches=searches,
                cents=str(Decimal(here).scaleb(-4)) if here else None,
                cost_type=like.cost_type,
                workspace=like.workspace,
                api_key=like.api_key,
                tier=like.tier,
                context=like.context,
                geo=like.geo,
                speed=like.speed,
                product=like.product,
                requests=done(sum(totals) // 20_000),
            )
            if any(tokens) or searches or here:
                yield burn


def _weight(chance: int, minute: int) -> int:
    """Return how much of an hour's work is done before a minute: growing, a little unevenly."""
    return minute * 64 + (mix(chance + minute) % 48 if 0 < minute < 60 else 0)


def _floor_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
