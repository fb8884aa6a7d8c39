"""What outlives a tick: the log that it was written to."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from pnl.store import SqlStore
from pnl.store.engine import LOG_LIMIT, library
from tests.store.making import a_fill, a_sale, a_snapshot, a_tick

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


def said(code: str, url: str) -> list[str]:
    """Run a program beside this one and return the lines that it prints."""
    done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if not line[:2].isdigit()]


def test_a_checkpoint_that_the_disk_refuses_leaves_the_tick_kept(url: str) -> None:
    assert said(CHECKPOINT_REFUSED, url) == ["[1, 2] ['f-1']", "[1, 2, 3, 4] ()"]


def test_the_log_shrinks_after_a_look_that_held_it_back(store: SqlStore, tmp_path: Path) -> None:
    log = tmp_path / "pnl.db-wal"
    look = library().connect(f"{(tmp_path / 'pnl.db').as_uri()}?mode=ro", uri=True, isolation_level=None)
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


def test_of_two_contents_only_the_one_that_was_not_kept_is_a_conflict(store: SqlStore) -> None:
    kept, other = a_sale("s-1", "2", version=1), a_sale("s-1", "1", version=1)
    store.keep(a_tick(1, *store.sort([kept]).new))

    for batch in ([other, kept], [kept, other], [other, kept, other]):
        found = store.sort(batch)
        assert found.new == ()
        assert [record for record, _ in found.conflicts] == [other]


def test_an_older_version_that_contradicts_itself_is_no_conflict(store: SqlStore) -> None:
    store.keep(a_tick(1, *store.sort([a_sale("s-1", "3", version=2)]).new))

    found = store.sort([a_sale("s-1", "1", version=1), a_sale("s-1", "2", version=1)])

    assert (found.new, found.conflicts) == ((), ())


def test_rows_come_whole_over_all_their_chunks(store: SqlStore) -> None:
    for seq in range(1, 251):
        store.keep(a_tick(seq))

    assert [row.seq for row in store.rows(None, None)] == list(range(1, 251))
    assert [row.seq for row in store.rows(None, None, after=120)] == list(range(121, 251))
    assert [row.seq for row in store.rows(a_snapshot(90).as_of, a_snapshot(240).as_of)] == list(range(90, 240))
