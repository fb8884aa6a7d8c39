"""SQLite's file: a disk that is full, a file that is gone or damaged, the log that grows and shrinks."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from pnl.errors import StoreError, StoreUnavailable
from pnl.store import SqlStore, open_store
from pnl.store.engine import LOG_LIMIT, driver
from tests.store.making import a_fill, a_mark, a_tick, an_entry, at

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
print("then", len(list(store.facts("fill"))), store.last_row().seq)
"""
CHECKPOINT_REFUSED = """
import os, resource, sys
from dataclasses import replace
from pnl.store import open_store
from tests.store.making import a_fill, a_tick
store = open_store(sys.argv[1], demo=False)
store.lead()
store.keep(a_tick(1))
path = sys.argv[1].removeprefix("sqlite:///")
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(path), hard))
records = store.sort([replace(a_fill("f-1"), raw="x" * 20_000)]).new
store.keep(a_tick(2, *records))
print([row.seq for row in store.rows(None, None)], [record.id for record in store.facts("fill")])
store.keep(a_tick(3))
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
store.keep(a_tick(4))
store.close()
store = open_store(sys.argv[1], demo=False)
store.lead()
print([row.seq for row in store.rows(None, None)], store.damage())
"""


@pytest.fixture
def kind() -> str:
    """Return what these tests are about: SQLite's file."""
    return "sqlite"


@contextmanager
def intruder(path: Path) -> Iterator[Any]:
    """Open the database beside the store, as nobody should.

    With the store's own library: two libraries in one process do not see each other's locks.
    """
    connection: Any = driver().connect(str(path), isolation_level=None)
    yield connection
    connection.close()


def said(code: str, url: str) -> list[str]:
    """Run a program beside this one and return the lines that it prints."""
    done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if not line[:2].isdigit()]


def test_a_checkpoint_that_the_disk_refuses_leaves_the_tick_kept(url: str) -> None:
    assert said(CHECKPOINT_REFUSED, url) == ["[1, 2] ['f-1']", "[1, 2, 3, 4] ()"]


def test_the_log_shrinks_after_a_look_that_held_it_back(store: SqlStore, tmp_path: Path) -> None:
    log = tmp_path / "pnl.db-wal"
    look = driver().connect(f"{(tmp_path / 'pnl.db').as_uri()}?mode=ro", uri=True, isolation_level=None)
    look.execute("BEGIN")
    look.execute("SELECT count(*) FROM snapshot").fetchone()
    raw = "x" * 1_000_000
    for seq in range(1, 13):
        store.keep(a_tick(seq, *store.sort([replace(a_fill(f"f-{seq}"), raw=raw)]).new))
    held = log.stat().st_size

    look.execute("COMMIT")
    look.close()
    store.keep(a_tick(13))
    store.keep(a_tick(14))

    assert held > LOG_LIMIT
    assert log.stat().st_size <= LOG_LIMIT


def test_a_full_disk_refuses_a_tick_and_takes_it_later(url: str) -> None:
    assert said(FILL_UP, url) == ["refused", "refused", "refused", "then 100 2"]


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


def test_the_log_does_not_grow_with_the_ticks(store: SqlStore, tmp_path: Path) -> None:
    sizes = []
    for seq in range(1, 100):
        marks = (a_mark("KXA", f"0.{seq:02d}", after=seq),)
        store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}")]).new, marks=marks))
        sizes.append((tmp_path / "pnl.db-wal").stat().st_size)

    assert max(sizes) < 1_000_000


def test_a_history_is_read_in_the_order_of_its_index(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1))
    engine = create_engine(url, module=driver())
    queries = {
        "SELECT seq FROM snapshot WHERE as_of_us < 5 ORDER BY as_of_us DESC LIMIT 1": "snapshot_by_time",
        "SELECT * FROM record WHERE kind = 'fill' ORDER BY effective_us": "record_by_time",
    }
    with engine.connect() as connection:
        plans = {query: connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()[0].detail for query in queries}
    engine.dispose()

    assert {query: index in plans[query] for query, index in queries.items()} == dict.fromkeys(queries, True)


def test_a_file_that_is_gone_is_taken_up_again_by_itself_when_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "pnl.db"
    store = open_store(f"sqlite:///{path}", demo=False)
    store.lead()
    store.keep(a_tick(1))
    path.rename(tmp_path / "moved.db")
    with pytest.raises(StoreUnavailable, match=r"is gone .*: it is taken up again by itself when it is back"):
        store.keep(a_tick(2))

    (tmp_path / "moved.db").rename(path)
    store.keep(a_tick(2))

    assert [row.seq for row in store.rows(None, None)] == [1, 2]
    store.close()
