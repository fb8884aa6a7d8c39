"""A store that ticks, or is killed at any moment, is whole."""

import random
import signal
import subprocess
import sys

from pnl.domain.money import nano
from pnl.store import SqlStore, open_store
from pnl.store.verification import Fault, examine, opened
from pnl.store.walk import Walk
from tests.store.making import a_fill, a_mark, a_tick, at
from tests.store.tampering import faults


def test_it_is_examined_while_it_ticks(store: SqlStore, url: str) -> None:
    for seq in range(1, 6):
        store.keep(a_tick(seq))

    with opened(url) as database:
        looking = examine(database)
        found = [next(looking)]
        for seq in range(6, 12):
            store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}")]).new))
        found += looking

    assert [one.text for one in found if isinstance(one, Fault)] == []


def test_a_tick_in_the_middle_of_the_last_look_is_not_taken_for_faults(store: SqlStore, url: str) -> None:
    walk, done = Walk(), False
    store.keep(a_tick(1))
    with opened(url) as database:
        while not done:
            with database.reading() as connection:
                wrong, done = walk.page(connection)
                assert wrong == []
                if done:
                    store.keep(a_tick(2))
                    assert walk.finish(connection) == []

    assert faults(url) == []


def test_two_prices_of_one_instant_are_both_kept(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1, marks=(a_mark("KXA", "0.1", after=5),)))
    store.keep(a_tick(2, marks=(a_mark("KXA", "0.2", after=5),)))
    store.keep(a_tick(3, marks=(a_mark("KXA", "0.2", after=5),)))

    assert faults(url) == []
    assert [mark.yes_bid for mark in store.marks()] == [nano("0.2")]
    assert [mark.yes_bid for mark in store.marks_at(at(10))] == [nano("0.1")]


WRITE = """
import random, sys
from dataclasses import replace
from pnl.domain.checks import Check
from pnl.ports import Gap, Tick
from pnl.store import open_store
from tests.store.making import a_fill, a_mark, a_snapshot, at
store = open_store(sys.argv[1], demo=False)
store.lead()
chance, row = random.Random(), store.last_row()
seq = row.seq if row else 0
while True:
    seq += 1
    after = (row.as_of - at(0)).total_seconds() if row else 0
    wait = chance.choice((10, 10, 50, 4_000, 90_000))
    gap = None
    if row and wait > 10:
        gap = Gap(since=row.as_of, until=at(after + wait), missed=wait // 10, reason="asleep")
    snapshot = a_snapshot(seq, after=after + wait, revenue=chance.choice((None, seq, -seq)))
    store.keep(Tick(
        snapshot=replace(snapshot, day=snapshot.as_of.date()),
        records=store.sort([a_fill(f"f-{seq}", after=after)]).new,
        marks=(a_mark("KXA", f"0.{seq:06d}"[:8], after=after),),
        gap=gap,
        checked={"cash": (Check("I5_cash", "account", 0, chance.randint(0, 3)),)},
        interval_seconds=chance.choice((10, 30)),
    ))
    row = store.last_row()
    print("kept", flush=True)
"""


def test_a_kill_at_any_moment_leaves_nothing_half_written(url: str) -> None:
    chance = random.Random(3)
    for _ in range(6):
        with subprocess.Popen([sys.executable, "-c", WRITE, url], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randint(1, 30)):
                assert writer.stdout.readline() == "kept\n"
            writer.send_signal(signal.SIGKILL)

    assert faults(url) == []
    store = open_store(url, demo=False)
    assert store.head() >= 6
    store.close()
