"""Run with `python -m bench.history FOLDER`: a year of snapshots, or `--snapshots 31536000` for ten."""

import argparse
import time
from pathlib import Path

from bench.history import api, beside, year
from pnl.cache import open_cache
from pnl.clock import SystemClock
from pnl.ops.verify import verify
from pnl.store import open_store


def main() -> None:
    """Make the archive where it is not there yet, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the databases are made; a year takes two gigabytes")
    parser.add_argument("--snapshots", type=int, default=year.A_YEAR)
    parser.add_argument("--asked", type=int, default=200, help="answers of each step")
    parser.add_argument("--verify", action="store_true", help="time `pnl verify`, too")
    parser.add_argument("--beside", action="store_true", help="other engines on the same data, too")
    given = parser.parse_args()
    path = given.folder / f"{given.snapshots}.db"
    if not path.exists():
        given.folder.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        year.make(path, given.snapshots)
        print(f"made in {time.perf_counter() - began:.0f} s")
    print(f"{given.snapshots} snapshots, {path.stat().st_size / given.snapshots:.0f} bytes each, roll-ups included")
    store = open_store(f"sqlite:///{path}", demo=False)
    print("\nThe API, with no cache")
    api.report(api.measure(store, given.asked, api.NoCache()))
    print("\nThe API, with the cache of one process, empty at first")
    cache = open_cache(None, stream=store.stream(), settings="bench", clock=SystemClock())
    api.report(api.measure(store, given.asked, cache))
    print("\nThe same ranges again")
    api.report(api.measure(store, given.asked, cache))
    cache.close()
    took = api.newest(store, 2000)
    print(f"\nnewest row: p50 {took[1000]:.3f} ms, p99 {took[1980]:.3f} ms")
    store.close()
    if given.verify:
        began = time.process_time()
        verify(f"sqlite:///{path}", print)
        print(f"verified in {time.process_time() - began:.0f} CPU seconds")
    if given.beside:
        beside.report(path, given.folder)


if __name__ == "__main__":
    main()
