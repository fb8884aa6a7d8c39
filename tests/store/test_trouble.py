import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from pnl.errors import StoreError, StoreUnavailable
from pnl.store import SqlStore, open_store
from pnl.store.engine import library
from tests.store.making import a_fill, a_mark, a_tick, an_entry, at

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
FILL_UP = """
import resource, sys
from dataclasses import replace
from pnl.errors import StoreUnavailable
from pnl.store import open_store
from tests.store.making import a_fill, a_tick
store = open_store(sys.argv[1], demo=False)
store.lead()
store.keep(a_tick(1))
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
big = [replace(a_fill(f"f-{n}"), raw="x" * 10_000) for n in range(100)]
records = store.sort(big).new
for _ in range(3):
    try:
        store.keep(a_tick(2, *records))
    except StoreUnavailable as error:
        print("refused", flush=True)
assert store.last_row().seq == 1
assert list(store.facts("fill")) == []
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
store.keep(a_tick(2, *records))
print(len(list(store.facts("fill"))), store.last_row().seq)
"""


@contextmanager
def child(code: str, url: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True) as process:
        yield process


@contextmanager
def intruder(path: Path) -> Iterator[Any]:
    """Open the database beside the store, as nobody should.

    With the store's own library: two libraries in one process do not see each other's locks.
    """
    connection: Any = library().connect(str(path), isolation_level=None)
    yield connection
    connection.close()


def test_a_kill_at_any_moment_loses_nothing_that_was_kept(url: str, tmp_path: Path) -> None:
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
    with intruder(tmp_path / "pnl.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_full_disk_refuses_a_tick_and_takes_it_later(url: str) -> None:
    with child(FILL_UP, url) as process:
        out, _ = process.communicate()

    assert out.splitlines() == ["refused", "refused", "refused", "100 2"]
    assert process.returncode == 0


def test_a_locked_database_is_unavailable_for_now(store: SqlStore, tmp_path: Path) -> None:
    with intruder(tmp_path / "pnl.db") as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            store.keep(a_tick(1))
        with pytest.raises(StoreUnavailable, match="locked"):
            store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))
        assert store.last_row() is None
        other.execute("ROLLBACK")

    store.keep(a_tick(1))


def test_a_checkpoint_that_cannot_be_made_does_not_undo_the_tick(store: SqlStore, tmp_path: Path) -> None:
    store.keep(a_tick(1))
    with intruder(tmp_path / "pnl.db") as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM snapshot").fetchall()
        store.keep(a_tick(2))

        assert [row.seq for row in store.rows(None, None)] == [1, 2]


def test_a_file_that_is_gone_is_unavailable(store: SqlStore, tmp_path: Path) -> None:
    store.keep(a_tick(1))
    (tmp_path / "pnl.db").rename(tmp_path / "moved.db")

    with pytest.raises(StoreUnavailable, match="gone"):
        store.keep(a_tick(2))

    (tmp_path / "moved.db").rename(tmp_path / "pnl.db")
    store.keep(a_tick(2))


def test_another_file_in_its_place_is_not_written_to(store: SqlStore, tmp_path: Path) -> None:
    (tmp_path / "pnl.db").rename(tmp_path / "moved.db")
    (tmp_path / "pnl.db").write_text("")

    with pytest.raises(StoreUnavailable, match="another file"):
        store.keep(a_tick(1))

    assert (tmp_path / "pnl.db").read_text() == ""


def test_a_torn_page_is_damage_and_not_a_pause(store: SqlStore, url: str, tmp_path: Path) -> None:
    store.keep(a_tick(1, *store.sort([a_fill(f"f-{number}") for number in range(200)]).new))
    store.close()
    path = tmp_path / "pnl.db"
    body = bytearray(path.read_bytes())
    for start in range(4096 * 4, len(body), 4096):
        body[start : start + 200] = b"\xff" * 200
    path.write_bytes(body)

    with pytest.raises(StoreError) as told:
        list(open_store(url, demo=False).facts("fill"))

    assert not isinstance(told.value, StoreUnavailable)
    assert "damaged" in str(told.value)


@pytest.mark.parametrize("table", ["record", "snapshot", "audit"])
@pytest.mark.parametrize("change", ["UPDATE {} SET rowid = rowid + 1", "DELETE FROM {}"])
def test_what_was_kept_cannot_be_changed(store: SqlStore, url: str, table: str, change: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))
    store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))
    engine = create_engine(url, module=library())

    with pytest.raises(DBAPIError, match=f"{table} is append-only"), engine.begin() as connection:
        connection.execute(text(change.format(table)))

    engine.dispose()


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


def test_the_log_does_not_grow_with_the_ticks(store: SqlStore, tmp_path: Path) -> None:
    sizes = []
    for seq in range(1, 100):
        marks = (a_mark("KXA", f"0.{seq:02d}", after=seq),)
        store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}")]).new, marks=marks))
        sizes.append((tmp_path / "pnl.db-wal").stat().st_size)

    assert max(sizes) < 1_000_000


def test_a_history_is_read_in_the_order_of_its_index(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1))
    engine = create_engine(url, module=library())
    queries = {
        "SELECT seq FROM snapshot WHERE as_of_us < 5 ORDER BY as_of_us DESC LIMIT 1": "snapshot_by_time",
        "SELECT * FROM record WHERE kind = 'fill' ORDER BY effective_us": "record_by_time",
    }
    with engine.connect() as connection:
        plans = {query: connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()[0].detail for query in queries}
    engine.dispose()

    assert {query: index in plans[query] for query, index in queries.items()} == dict.fromkeys(queries, True)
