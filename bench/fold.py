"""How long it takes to fold a history from scratch: `python -m bench.fold`.

Printed beside the same fold in `Decimal`, step by step, in the same run.
"""

import time
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from bench.world import history
from pnl.domain.book import Book
from pnl.domain.company_day import Calendar
from pnl.domain.records import Fill

FILLS, MARKETS = 100_000, 500


def plain_decimal(fills: list[Fill]) -> Decimal:
    """Fold in `Decimal`, nothing kept but four sums a market; return everything realised."""
    held: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0), Decimal(0)])
    for fill in fills:
        state = held[fill.ticker]
        count, price = Decimal(fill.count) / 100, Decimal(fill.price) / 1_000_000_000
        sign = 1 if fill.side == "yes" else -1
        closing = min(count, abs(state[0])) if state[0] * sign < 0 else Decimal(0)
        if closing:
            released = state[1] * closing / abs(state[0])
            state[2] += closing * (1 - price) - released
            state[1] = Decimal(0) if closing == abs(state[0]) else state[1] - released
        state[1] += (count - closing) * price
        state[0] += sign * count
        state[3] += Decimal(fill.fee) / 1_000_000_000
    return sum((state[2] for state in held.values()), Decimal(0))


def main() -> None:
    """Fold three times each and print the quickest."""
    fills = history(FILLS, MARKETS)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        Book(Calendar(ZoneInfo("America/New_York"))).add(fills)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        plain_decimal(fills)
        theirs.append(time.perf_counter() - began)
    print(f"| fold | {FILLS:,} fills, {MARKETS} markets | {min(ours):.3f} s | < 1 s |")
    print(f"| the same in Decimal, without days | | {min(theirs):.3f} s | ratio {min(ours) / min(theirs):.2f} |")


if __name__ == "__main__":
    main()
