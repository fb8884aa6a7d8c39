import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pnl.store import SqlStore, open_store
from tests.store.making import a_fill, a_tick, an_entry, at
from tests.store.outside import outside, told

ROUNDS = 12
WRITE = """
import sys
from pnl.store import open_store
from tests.store.making import a_fill, a_mark, a_tick
store = open_store(sys.argv[1], demo=False)
store.lead()
row = store.last_row()
seq = row.seq if row else 0
print("from", seq, flush=True)
while True:
    seq += 1
    records = store.sort([a_fill(f"f-{seq}", after=seq), a_fill(f"f-{seq - 1}", after=seq - 1)]).new
    store.keep(a_tick(seq, *records, marks=(a_mark("KXA", f"0.{seq:06d}"[:8], after=seq),)))
    print("kept", seq, flush=True)
"""


@contextmanager
def child(code: str, url: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True) as process:
        yield process


def test_a_kill_at_any_moment_loses_nothing_that_was_kept(url: str) -> None:
    chance = random.Random(7)
    acknowledged = 0
    for _ in range(ROUNDS):
        with child(WRITE, url) as writer:
            assert writer.stdout is not None
            assert int(writer.stdout.readline().split()[1]) >= acknowledged
            for _ in range(chance.randint(1, 40)):
                acknowledged = int(writer.stdout.readline().split()[1])
            writer.send_signal(signal.SIGKILL)
            for line in writer.stdout:
                if line.endswith("\n"):
                    acknowledged = int(line.split()[1])

    store = open_store(url, demo=False)
    store.lead()

    seqs = [row.seq for row in store.rows(None, None)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) in (acknowledged, acknowledged + 1)
    assert {record.id for record in store.facts("fill")} == {f"f-{seq}" for seq in range(len(seqs) + 1)}
    current = store.current()
    assert current is not None
    assert current["seq"] == len(seqs)
    assert store.damage() == ()
    store.close()
    if url.startswith("sqlite"):
        assert told(url, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(("table", "number"), [("record", "rec_id"), ("snapshot", "seq"), ("audit", "audit_id")])
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1} + 1", "DELETE FROM {0}"])
def test_what_was_kept_cannot_be_changed(store: SqlStore, url: str, table: str, number: str, change: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))
    store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))

    with pytest.raises(DBAPIError, match=f"{table} is append-only"), outside(url) as connection:
        connection.execute(text(change.format(table, number)))


def test_readers_see_whole_ticks_while_they_are_written(store: SqlStore) -> None:
    done = threading.Event()

    def look() -> int:
        looks = 0
        while not done.is_set() or looks < 5:
            rows = [row.seq for row in store.rows(None, None)]
            fills = len(list(store.facts("fill")))
            assert rows == list(range(1, len(rows) + 1))
            assert fills >= len(rows)
            assert store.page(["fill"], None, None, None, 3) is not None
            looks += 1
        return looks

    with ThreadPoolExecutor(4) as pool:
        watching = [pool.submit(look) for _ in range(4)]
        try:
            for seq in range(1, 60):
                store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}", after=seq)]).new))
        finally:
            done.set()
        looks = [watch.result() for watch in watching]

    assert min(looks) >= 5


def test_entries_and_ticks_from_many_threads_do_not_get_in_each_others_way(store: SqlStore) -> None:
    def enter(number: int) -> int:
        return store.enter(an_entry(f"inv-{number}", "1"), replaces=None, actor="ann", at=at(number)).version

    with ThreadPoolExecutor(4) as pool:
        entered = [pool.submit(enter, number) for number in range(20)]
        for seq in range(1, 20):
            store.keep(a_tick(seq))

        assert [entry.result() for entry in entered] == [1] * 20
    assert len(store.entries()) == 20
    assert store.damage() == ()
