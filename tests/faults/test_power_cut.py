"""What is left after a power cut at any instant: all that was acknowledged, and a database that is whole."""

import random
import sys
from pathlib import Path

import pytest

from pnl.ops.verify import verify
from pnl.store import open_store
from pnl.store.spool import Spool
from tests.faults.power import Step, cut, recorded

WRITE = r"""
import os
import sys
from pathlib import Path
from pnl.store import open_store
from pnl.store.engine import driver
from pnl.store.spool import Spool
from tests.store.making import a_fill, a_tick
path = Path(sys.argv[1])
store = open_store(f"sqlite:///{path}", demo=False, lock_seconds=0.01, spool=Spool(path.with_name("spool"), 300_000))
store.lead()
os.write(1, b"kept 0\n")
for seq in range(1, 25):
    other = driver().connect(str(path), isolation_level=None)
    if seq % 6 > 3:  # some wait in the spool
        other.execute("BEGIN IMMEDIATE")
    store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}", after=seq)]).new))
    os.write(1, b"kept %d\n" % seq)
    other.close()
store.close()
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    folder = tmp_path_factory.mktemp("power") / "data"
    folder.mkdir()
    return recorded(WRITE, folder)


def lost(steps: list[Step], at: int, chance: random.Random, folder: Path) -> list[int]:
    """Cut the power before a step, start again, and return the acknowledged snapshots that are missing."""
    files, acknowledged = cut(steps, at, chance)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    url = f"sqlite:///{folder / 'pnl.db'}"
    store = open_store(url, demo=False, spool=Spool(folder / "spool", 300_000))
    store.lead()
    kept = [row.seq for row in store.rows(None, None)]
    store.close()
    assert kept == list(range(1, len(kept) + 1))
    assert verify(url, lambda _: None)
    return sorted(set(acknowledged) - {0} - set(kept))


def first(steps: list[Step]) -> int:
    """Return the step by which the database was made and the first start was told."""
    return next(number for number, step in enumerate(steps) if step.what == "say")


def cuts(steps: list[Step], count: int, seed: int, folder: Path) -> dict[int, list[int]]:
    """Return, for so many cuts at random, what each lost; nothing where it lost nothing."""
    chance = random.Random(seed)
    instants = [chance.randrange(first(steps) + 1, len(steps) + 1) for _ in range(count)]
    found = {at: lost(steps, at, chance, folder / f"{number}") for number, at in enumerate(instants)}
    return {at: missing for at, missing in found.items() if missing}


def test_power_cuts_lose_nothing_that_was_acknowledged(steps: list[Step], tmp_path: Path) -> None:
    assert sum(step.what == "say" for step in steps) == 25
    assert sum(step.what == "write" and step.path == "spool" for step in steps) > 8

    assert cuts(steps, 10, 1, tmp_path) == {}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_and_twenty_power_cuts_lose_nothing(steps: list[Step], tmp_path: Path) -> None:
    assert cuts(steps, 120, 2, tmp_path) == {}


def test_without_flushes_power_cuts_would_lose_what_was_acknowledged(steps: list[Step], tmp_path: Path) -> None:
    chance = random.Random(3)
    setup = first(steps)
    careless = [step for number, step in enumerate(steps) if number <= setup or step.what != "flush"]

    found = 0
    for number in range(6):
        files, acknowledged = cut(careless, len(careless), chance)
        folder = tmp_path / f"{number}"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        try:
            store = open_store(f"sqlite:///{folder / 'pnl.db'}", demo=False)
            found += store.head() < max(acknowledged)
            store.close()
        except Exception:  # noqa: BLE001 - a database that is damaged is lost as well
            found += 1

    assert found == 6
