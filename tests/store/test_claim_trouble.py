"""The right to tick when the disk fails or a write is stuck: told as the store's trouble, nothing held by halves."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pnl.errors import LeadershipLost, StoreError, StoreUnavailable
from pnl.store import claim_of, open_store
from tests.store.listening import listening, waits
from tests.store.making import a_tick

NO_ROOM = """
import resource, signal, sys
from pnl.errors import StoreError
from pnl.store import claim_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
try:
    claim_of(sys.argv[1]).take()
except StoreError:
    told = True
else:
    told = False
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
print("told", told, "then", claim_of(sys.argv[1]).take())
"""
FROZEN_IN_A_WRITE = """
import os, signal, sys
from pnl.errors import Deposed
from pnl.store import claim_of, open_store, ticks
from tests.store.making import a_tick
claim, store = claim_of(sys.argv[1]), open_store(sys.argv[1], demo=False)
claim.take()
store.lead()
store.keep(a_tick(1))
write = ticks.write
def stop(*args, **kwargs):
    write(*args, **kwargs)
    ticks.write = write
    print("in the middle", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
ticks.write = stop
store.keep(a_tick(2))
print("kept", flush=True)
sys.stdin.readline()
try:
    store.keep(a_tick(3))
except Deposed:
    print("refused", flush=True)
"""


@pytest.fixture
def kind() -> str:
    """Return what these tests are about: SQLite's file."""
    return "sqlite"


def test_a_disk_without_room_is_told_and_holds_nothing(url: str) -> None:
    found = subprocess.run([sys.executable, "-c", NO_ROOM, url], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "told True then True"


@pytest.mark.parametrize("of", ["turn", str(os.getpid())], ids=["turn", "process"])
def test_a_takeover_that_fails_leaves_the_holder_in_place(url: str, tmp_path: Path, of: str) -> None:
    now = [0.0]
    holder, other = claim_of(url), listening(url, now)
    in_the_way = tmp_path / f"pnl.db.leader.{of}"
    in_the_way.mkdir()
    assert holder.take()
    assert not other.take()

    with pytest.raises(StoreError, match="cannot be written to"):
        waits(other, now, 2)

    holder.beat()
    assert not other.take()
    in_the_way.rmdir()
    assert waits(other, now, 2)
    other.release()


def test_a_beat_that_cannot_be_written_is_a_lead_lost(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claim_of(url)
    assert claim.take()

    def refused(_path: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "utime", refused)

    with pytest.raises(LeadershipLost, match="Input/output error"):
        claim.beat()
    claim.release()


def test_a_leader_file_that_was_deleted_is_a_lead_lost(url: str, tmp_path: Path) -> None:
    claim = claim_of(url)
    assert claim.take()

    (tmp_path / "pnl.db.leader").unlink()

    with pytest.raises(LeadershipLost):
        claim.beat()
    other = claim_of(url)
    assert other.take()
    other.release()


def test_a_database_that_cannot_be_made_ready_alone_is_told(url: str, tmp_path: Path) -> None:
    (tmp_path / "pnl.db.making").mkdir()

    with pytest.raises(StoreError, match="making cannot be written to"):
        open_store(url, demo=False)


@pytest.mark.parametrize("ending", ["killed", "thawed"])
def test_a_holder_frozen_in_a_write_lets_nobody_lead_until_it_ends_or_goes_on(url: str, ending: str) -> None:
    """The database's own lock is its: what it was writing is kept whole or not at all, and nothing after it."""
    now = [0.0]
    store, other = open_store(url, demo=False, lock_seconds=0.2), listening(url, now)
    command = [sys.executable, "-c", FROZEN_IN_A_WRITE, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == "in the middle\n"
            assert not other.take()
            assert waits(other, now, 2)
            with pytest.raises(StoreUnavailable, match="locked"):
                store.lead()

            if ending == "killed":
                holder.kill()
                holder.wait()
                assert store.lead() == 2
            else:
                holder.send_signal(signal.SIGCONT)
                assert holder.stdout.readline() == "kept\n"
                assert store.lead() == 2
                assert holder.communicate("go on\n")[0] == "refused\n"
        finally:
            holder.kill()

    assert store.head() == (1 if ending == "killed" else 2)
    store.keep(a_tick(store.head() + 1))
    assert store.damage() == ()
    other.release()
    store.close()
