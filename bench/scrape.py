"""What a scrape of a busy process costs: `python -m bench.scrape`.

Beside what Prometheus' own library alone takes for the same instruments, without what we look up at the scrape.
"""

import statistics
import time
from collections.abc import Callable

from prometheus_client import generate_latest

from pnl.metrics.exposition import Exposition
from pnl.metrics.instruments import REGISTRY, REQUEST, REQUESTS

ROUTES, SCRAPES = 60, 100


def median(scrape: Callable[[], bytes]) -> float:
    """Return the median seconds of the processor that a scrape takes."""
    took = []
    for _ in range(SCRAPES):
        began = time.thread_time()
        scrape()
        took.append(time.thread_time() - began)
    return statistics.median(took)


def main() -> None:
    """Measure both in one run and print a row."""
    for number in range(ROUTES):
        REQUEST.labels(f"/api/pnl/measured/{number}", "GET").observe(0.01)
        REQUESTS.labels(f"/api/pnl/measured/{number}", "GET", "200").inc()
    ours, theirs = median(Exposition().text), median(lambda: generate_latest(REGISTRY))
    print(f"| {ROUTES} routes | {ours * 1000:.1f} ms | {theirs * 1000:.1f} ms | {ours / theirs:.2f} |")


if __name__ == "__main__":
    main()
