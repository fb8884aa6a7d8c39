"""Disks that fail: calls of the system that are refused (by strace), files that somebody took away, what is flushed."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from pnl.backups.places import Folder
from pnl.backups.whole import back_up, proved, unpack, workshop
from pnl.clock import SystemClock
from pnl.ops.verify import verify
from pnl.store import SqlStore, open_store
from pnl.store.spool import Spool
from pnl.store.sqlite import SqliteFile
from tests.store.making import a_fill, a_tick

STRACE = pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")
WRITE = """
import sys
from pathlib import Path
from pnl.errors import StoreError
from pnl.store import open_store
from pnl.store.spool import Spool
from tests.store.making import a_fill, a_tick
path = Path(sys.argv[1])
store = open_store(f"sqlite:///{path}", demo=False, spool=Spool(path.with_name("spool"), 300_000))
store.lead()
seq = 0
while seq < 40:
    try:
        store.keep(a_tick(seq + 1, *store.sort([a_fill(f"f-{seq + 1}", after=seq)]).new))
    except StoreError:
        print("refused", seq + 1, flush=True)
        continue
    seq += 1
    print("kept", seq, flush=True)
"""


def written_under(inject: str, path: Path) -> tuple[list[str], int]:
    """Keep forty ticks while the system refuses some of its calls; return what was said, and how many it refused."""
    trace = path.with_name("trace")
    under = ["strace", "-f", "-qq", "-o", str(trace), "-e", f"inject={inject}", "-e", "trace=fdatasync,fsync,pwrite64"]
    done = subprocess.run(
        [*under, sys.executable, "-c", WRITE, str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines(), trace.read_text().count("(INJECTED)")


@STRACE
@pytest.mark.parametrize(
    "inject",
    ["fdatasync,fsync:error=EIO:when=20+3", "fsync:error=EIO:when=20+5", "pwrite64:error=ENOSPC:when=400+7"],
    ids=["EIO of database and spool", "EIO of the database", "ENOSPC on pwrite"],
)
def test_what_was_acknowledged_is_there_whatever_the_disk_refuses(inject: str, tmp_path: Path) -> None:
    path = tmp_path / "pnl.db"

    lines, refused = written_under(inject, path)

    assert "kept 40" in lines
    assert refused > 3
    store = open_store(f"sqlite:///{path}", demo=False, spool=Spool(tmp_path / "spool", 300_000))
    store.lead()
    assert [row.seq for row in store.rows(None, None)] == list(range(1, 41))
    assert len(list(store.facts("fill"))) == 40
    store.close()
    assert verify(f"sqlite:///{path}", lambda _: None)


@STRACE
def test_a_tick_is_on_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    path = tmp_path / "pnl.db"
    command = ["strace", "-f", "-qq", "-o", str(trace), "-e", "trace=fdatasync,fsync,write", "-s", "20"]

    subprocess.run([*command, sys.executable, "-c", WRITE, str(path)], capture_output=True, timeout=120, check=True)

    flushed, unflushed = False, []
    for line in trace.read_text().splitlines():
        if "sync(" in line and "= 0" in line:
            flushed = True
        elif '"kept ' in line:
            if not flushed:
                unflushed.append(line)
            flushed = False
    assert unflushed == []


def test_the_writer_waits_for_the_disk_and_leaves_checkpoints_to_itself(tmp_path: Path) -> None:
    database = SqliteFile(f"sqlite:///{tmp_path / 'pnl.db'}", lock_seconds=1, make=True)
    wanted = {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0, "foreign_keys": 1, "trusted_schema": 0}

    with database.writing() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
    database.close()

    assert found == wanted


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    store.lead()
    return store


def test_an_index_of_the_log_that_is_noise_is_made_anew(store: SqlStore, tmp_path: Path) -> None:
    for seq in range(1, 6):
        store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}", after=seq)]).new))
    other = tmp_path / "other"
    other.mkdir()
    for more in ("", "-wal"):
        (other / f"pnl.db{more}").write_bytes((tmp_path / f"pnl.db{more}").read_bytes())
    (other / "pnl.db-shm").write_bytes(b"\xa5" * 32768)
    store.close()

    assert verify(f"sqlite:///{other / 'pnl.db'}", lambda _: None)
    again = open_store(f"sqlite:///{other / 'pnl.db'}", demo=False)
    assert again.head() == 5
    again.close()


def test_a_log_that_was_deleted_costs_what_was_only_in_it_and_never_the_rest(store: SqlStore, tmp_path: Path) -> None:
    for seq in range(1, 6):
        store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}", after=seq)]).new))
    other = tmp_path / "other.db"
    other.write_bytes((tmp_path / "pnl.db").read_bytes())  # every tick is moved out of the log right after it
    store.close()

    assert verify(f"sqlite:///{other}", lambda _: None)
    again = open_store(f"sqlite:///{other}", demo=False)
    assert again.head() == 5
    again.close()


def test_a_backup_while_ticks_are_made_is_whole(store: SqlStore, tmp_path: Path) -> None:
    url, done = f"sqlite:///{tmp_path / 'pnl.db'}", threading.Event()
    store.keep(a_tick(1))
    place = Folder(tmp_path / "backups")

    def tick() -> None:
        seq = 1
        while not done.is_set():
            seq += 1
            store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}", after=seq)]).new))

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        with workshop(tmp_path) as work:
            failed = back_up(url, [place], work, clock=SystemClock(), tell=lambda _: None)
    finally:
        done.set()
        ticking.join()

    assert failed == []
    copy = next(name for name in place.names() if name.endswith(".db.gz"))
    unpack(tmp_path / "backups" / copy, tmp_path / "copy.db")
    reach, counts, _ = proved(tmp_path / "copy.db")
    assert 1 <= reach.seq == counts["snapshot"] <= store.head()
    store.close()
