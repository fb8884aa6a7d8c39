"""Quotes of a market: either a random walk that is a function of the time alone, or set by hand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pnl.domain.money import DOLLAR, Centi, Nano
from pnl.sandbox.chance import mix

MIL: Nano = DOLLAR // 1000
_CENT_MILS = 10
_OCTAVES = ((4_000, 5), (47_000, 9), (660_000, 24), (9_000_000, 45))
"""(period in milliseconds, swing in tenths of a cent): the quote moves every few seconds, at all hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The top of a book; None where nobody quotes. Prices are nano-dollars for one YES contract."""

    yes_bid: Nano | None
    yes_ask: Nano | None
    last: Nano
    bid_size: Centi
    ask_size: Centi

    @property
    def no_bid(self) -> Nano | None:
        return None if self.yes_ask is None else DOLLAR - self.yes_ask

    @property
    def no_ask(self) -> Nano | None:
        return None if self.yes_bid is None else DOLLAR - self.yes_bid


EMPTY = Quote(yes_bid=None, yes_ask=None, last=0, bid_size=0, ask_size=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A price that wanders along `knots` (tenths of a cent, evenly spaced from `opens` to `closes`)."""

    seed: int
    opens: datetime
    closes: datetime
    knots: tuple[int, ...]

    def at(self, now: datetime) -> Quote:
        """Return the quote of an instant: the same instant, the same quote."""
        lived = _milliseconds(min(max(now, self.opens), self.closes) - self.opens)
        mid = self._trend(lived)
        for octave, (period, swing) in enumerate(_OCTAVES):
            mid += self._noise(octave, lived, period, swing)
        cents = min(max(mid // _CENT_MILS, 2), 97)
        shape = mix(self.seed ^ (lived // 30_000))
        bid = max(cents - shape % 2, 1)
        ask = min(cents + 1 + (shape >> 8) % 2, 99)
        step = 10 * MIL
        return Quote(
            yes_bid=bid * step,
            yes_ask=ask * step,
            last=(bid if shape & 64 else ask) * step,
            bid_size=(20 + (shape >> 16) % 900) * 100,
            ask_size=(20 + (shape >> 32) % 900) * 100,
        )

    def _trend(self, lived: int) -> int:
        life = max(_milliseconds(self.closes - self.opens), 1)
        spans = len(self.knots) - 1
        index = min(lived * spans // life, spans - 1)
        into = lived * spans - index * life
        here, there = self.knots[index], self.knots[index + 1]
        return here + (there - here) * into // life

    def _noise(self, octave: int, lived: int, period: int, swing: int) -> int:
        step, into = divmod(lived, period)
        span = 2 * swing + 1
        here = mix(self.seed + octave * 7_919 + step * 104_729) % span - swing
        there = mix(self.seed + octave * 7_919 + (step + 1) * 104_729) % span - swing
        return here + (there - here) * into // period


@dataclass(slots=True)
class Handmade:
    """Quotes set by hand, each standing until the next."""

    marks: list[tuple[datetime, Quote]] = field(default_factory=list)

    def at(self, now: datetime) -> Quote:
        """Return the last quote set at or before `now`; empty before the first."""
        return next((quote for at, quote in reversed(self.marks) if at <= now), EMPTY)

    def set(self, at: datetime, quote: Quote) -> None:
        """Let `quote` stand from `at`."""
        self.marks.append((at, quote))
        self.marks.sort(key=lambda mark: mark[0])


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
