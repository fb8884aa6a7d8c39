"""Snapshots that the database could not take: acknowledged all the same, and there in order once it takes them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pnl.backups.whole import take
from pnl.errors import Deposed, Overtaken, StoreError, StoreMismatch, StoreUnavailable
from pnl.metrics.instruments import REGISTRY, SPOOL_FREE, SPOOLED
from pnl.ops.verify import verify
from pnl.ports import Tick
from pnl.store import SqlStore, open_store, verification
from pnl.store.engine import driver
from pnl.store.moving import move
from pnl.store.spelled_out import read, spell
from pnl.store.spool import BLOCK, Spool
from tests.backups.making import live
from tests.store.making import a_fill, a_mark, a_snapshot, a_tick, an_entry, at
from tests.store.test_file import said


def opened(path: Path, size: int = 1_000_000) -> SqlStore:
    spool = Spool(path.with_name(f"{path.name}.spool"), size)
    return open_store(f"sqlite:///{path}", demo=False, lock_seconds=0.1, spool=spool)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pnl.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    store = opened(path)
    store.lead()
    yield store
    store.close()


@contextmanager
def locked(path: Path) -> Iterator[Any]:
    """Hold the database's lock, as a program does that nobody thought of."""
    other: Any = driver().connect(str(path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.execute("ROLLBACK")
    other.close()


def seqs(store: SqlStore) -> list[int]:
    return [row.seq for row in store.rows(None, None)]


def keep(store: SqlStore, *numbers: int) -> None:
    """Keep ticks, each with a fill that is new, one that was there before, a mark, and a change of a check."""
    for seq in numbers:
        records = store.sort([a_fill(f"f-{seq}", after=seq), a_fill(f"f-{seq - 1}", after=seq - 1)]).new
        store.keep(a_tick(seq, *records, marks=(a_mark("KXA", f"0.{seq:02d}", after=seq),)))


def test_while_the_database_is_locked_ticks_wait_and_then_are_there_in_order(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2, 3, 4)
        assert seqs(store) == [1]
        assert "3 snapshots wait in the spool" in str(store.waiting())
        assert REGISTRY.get_sample_value("pnl_spool_records") == 3

    keep(store, 5)

    assert seqs(store) == [1, 2, 3, 4, 5]
    assert sorted(record.id for record in store.facts("fill")) == [f"f-{seq}" for seq in range(6)]
    assert store.waiting() is None
    assert REGISTRY.get_sample_value("pnl_spool_records") == 0
    assert verify(f"sqlite:///{path}", lambda _: None)


def test_a_spool_tells_its_room_before_anything_waits_in_it(path: Path) -> None:
    SPOOLED.forget()
    SPOOL_FREE.forget()
    store = opened(path)
    assert REGISTRY.get_sample_value("pnl_spool_records") is None

    store.lead()

    assert REGISTRY.get_sample_value("pnl_spool_records") == 0
    assert REGISTRY.get_sample_value("pnl_spool_bytes_free") == 1_000_000 - BLOCK
    store.close()


def test_what_waits_is_there_after_a_kill(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2, 3)

    again = opened(path)
    again.lead()

    assert seqs(again) == [1, 2, 3]
    assert again.waiting() is None
    assert verify(f"sqlite:///{path}", lambda _: None)
    again.close()


def test_a_start_while_the_database_still_takes_nothing_leaves_it_waiting(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2)
        again = opened_late(path)
        with pytest.raises(StoreUnavailable):
            again.lead()

    again.lead()
    assert seqs(again) == [1, 2]
    again.close()


def opened_late(path: Path) -> SqlStore:
    """Open a store whose tables are there, without asking for the database's lock."""
    from zoneinfo import ZoneInfo

    from pnl.store.sqlite import SqliteFile

    spool = Spool(path.with_name(f"{path.name}.spool"), 1_000_000)
    return SqlStore(SqliteFile(f"sqlite:///{path}", lock_seconds=0.1), zone=ZoneInfo("UTC"), spool=spool)


def test_what_was_written_before_a_kill_is_not_written_twice(
    store: SqlStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2, 3)
    monkeypatch.setattr(Spool, "clear", lambda _spool: None)  # it was killed after the commit
    keep(store, 4)
    monkeypatch.undo()
    store.close()

    again = opened(path)
    again.lead()

    assert seqs(again) == [1, 2, 3, 4]
    assert (path.with_name("pnl.db.spool")).read_bytes()[BLOCK:].strip(b"\0") == b""
    assert verify(f"sqlite:///{path}", lambda _: None)
    again.close()


FULL_DISK = """
import resource, sys
from pathlib import Path
from dataclasses import replace
from pnl.store import open_store
from pnl.store.spool import Spool
from tests.store.making import a_fill, a_tick
path = Path(sys.argv[1].removeprefix("sqlite:///"))
store = open_store(sys.argv[1], demo=False, spool=Spool(path.with_name("spool"), 60_000))
store.lead()
store.keep(a_tick(1))
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
for seq in range(2, 6):
    store.keep(a_tick(seq, *store.sort([replace(a_fill(f"f-{seq}-{n}"), raw="x" * 200_000) for n in range(3)]).new))
print("then", [row.seq for row in store.rows(None, None)], store.waiting()[:29])
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
store.keep(a_tick(6))
print("then", [row.seq for row in store.rows(None, None)], len(list(store.facts("fill"))), store.waiting())
"""


def test_a_full_disk_is_no_loss_while_there_is_a_spool(path: Path) -> None:
    lines = [line for line in said(FULL_DISK, f"sqlite:///{path}") if line.startswith("then")]

    assert lines == ["then [1] 4 snapshots wait in the spool", "then [1, 2, 3, 4, 5, 6] 12 None"]


def test_a_full_spool_refuses_and_is_counted_and_nothing_is_lost_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "pnl.db"
    store = opened(path, 4 * BLOCK)
    store.lead()
    before = REGISTRY.get_sample_value("pnl_snapshots_refused_total") or 0
    kept = 0
    full = ""
    with locked(path):
        while not full:
            try:
                store.keep(a_tick(kept + 1))
                kept += 1
            except StoreUnavailable as error:
                full = str(error)

    store.keep(a_tick(kept + 1))

    assert full == f"the spool is full: {kept} snapshots wait in it"
    assert kept > 3
    assert seqs(store) == list(range(1, kept + 2))
    assert REGISTRY.get_sample_value("pnl_snapshots_refused_total") == before + 1
    store.close()


def test_a_correction_of_a_record_that_waits_is_its_next_version(store: SqlStore, path: Path) -> None:
    with locked(path):
        store.keep(a_tick(1, *store.sort([a_fill("f-1", price="0.40")]).new))
        assert store.sort([a_fill("f-1", price="0.40")]).new == ()
        store.keep(a_tick(2, *store.sort([a_fill("f-1", price="0.41")]).new))

    store.keep(a_tick(3))

    (record,) = store.facts("fill")
    assert record.version == 2
    assert verify(f"sqlite:///{path}", lambda _: None)


def test_nobody_enters_by_hand_while_snapshots_wait(store: SqlStore, path: Path) -> None:
    with locked(path):
        keep(store, 1)
    guest = opened(path)

    for one in (store, guest):
        with pytest.raises(StoreUnavailable, match="try again in a minute"):
            one.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))

    keep(store, 2)
    assert guest.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(30)).version == 1
    guest.close()


def test_a_tick_that_does_not_know_an_entry_does_not_wait(store: SqlStore, path: Path) -> None:
    store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))

    with locked(path), pytest.raises(Overtaken):
        store.keep(replace(a_tick(1), known=0))

    assert store.waiting() is None


def test_who_no_longer_leads_lets_nothing_wait(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    other = opened(path)
    other.lead()

    with locked(path), pytest.raises(Deposed):
        store.keep(a_tick(2))

    other.close()


def test_what_the_database_would_refuse_for_good_does_not_wait(store: SqlStore, path: Path) -> None:
    with locked(path):
        with pytest.raises(StoreError, match="64 bits"):
            store.keep(Tick(snapshot=a_snapshot(1, revenue=2**63)))
        with pytest.raises(StoreError, match="cannot be kept"):
            store.keep(a_tick(1, replace(a_fill("f-1"), raw="\ud800")))

    assert store.waiting() is None


def test_what_waits_and_does_not_follow_is_set_aside_and_ticks_begin_anew(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    with verification.opened(f"sqlite:///{path}") as database:
        take(f"sqlite:///{path}", database, path.with_name("older.db"), lambda _: None)
    keep(store, 2)
    with locked(path):
        keep(store, 3)
    store.close()
    for more in ("-wal", "-shm"):
        path.with_name(f"pnl.db{more}").unlink(missing_ok=True)
    path.with_name("older.db").rename(path)  # as somebody does who restores by hand

    again = opened(path)
    with capture_logs() as logs:
        again.lead()
    keep(again, 2)

    assert "what waited in the spool was set aside" in {one["event"] for one in logs}
    assert len(list(path.parent.glob("pnl.db.spool.refused-*"))) == 1
    assert verify(f"sqlite:///{path}", lambda _: None)
    again.close()


def copied(path: Path, name: str) -> Path:
    """Copy the database as it is now."""
    with verification.opened(f"sqlite:///{path}") as database:
        take(f"sqlite:///{path}", database, path.with_name(name), lambda _: None)
    return path.with_name(name)


def put_in_place(copy: Path, path: Path) -> None:
    """Put a file in the place of the database, as somebody does who restores by hand."""
    for more in ("-wal", "-shm"):
        path.with_name(f"{path.name}{more}").unlink(missing_ok=True)
    copy.rename(path)


def restarted(path: Path, times: int) -> SqlStore:
    """Have several processes lead, one after the other; the last one goes on."""
    for _ in range(times):
        store = opened(path)
        store.lead()
        store.close()
    store = opened(path)
    store.lead()
    return store


def led(path: Path) -> tuple[SqlStore, list[Any]]:
    """Start anew; return the store that leads, and what was logged as an error."""
    again = opened(path)
    with capture_logs() as logs:
        again.lead()
    return again, [one for one in logs if one["log_level"] in ("error", "critical")]


def test_what_waits_of_a_newer_epoch_is_set_aside_where_it_does_not_follow(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    older = copied(path, "older.db")
    store.close()
    newer = restarted(path, 3)
    keep(newer, 2)
    with locked(path):
        keep(newer, 3, 4)
    newer.close()
    put_in_place(older, path)

    again, told = led(path)

    (aside,) = path.parent.glob("pnl.db.spool.refused-*")
    assert [one["event"] for one in told] == ["what waited in the spool was set aside"]
    assert told[0]["file"] == str(aside)
    assert told[0]["holds"].startswith("snapshots 3 to 4, 2026-")
    assert "name this file pnl.db.spool, and start" in told[0]["cure"]
    assert [read(tick).snapshot.seq for tick in held(aside)] == [3, 4]
    keep(again, 2)
    assert verify(f"sqlite:///{path}", lambda _: None)
    again.close()


def held(file: Path) -> list[bytes]:
    """Return what a file of a spool holds."""
    spool = Spool(file, 1)
    spool.take(99)
    ticks = list(spool.ticks())
    spool.release()
    return ticks


def test_what_waits_of_a_newer_epoch_is_written_where_it_follows(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    older = copied(path, "older.db")
    store.close()
    newer = restarted(path, 3)
    with locked(path):
        keep(newer, 2, 3)
    newer.close()
    put_in_place(older, path)

    again, told = led(path)

    assert (seqs(again), told) == ([1, 2, 3], [])
    with locked(path):
        keep(again, 4)
    again.close()
    last, told = led(path)
    assert (seqs(last), told) == ([1, 2, 3, 4], [])
    assert verify(f"sqlite:///{path}", lambda _: None)
    last.close()


def test_what_waits_of_another_archive_is_set_aside_though_its_number_would_follow(store: SqlStore, path: Path) -> None:
    with locked(path):
        keep(store, 1)
    store.close()
    path.rename(path.with_name("moved.db"))

    again, told = led(path)

    assert [one["event"] for one in told] == ["what waited in the spool was set aside"]
    assert "it is of the archive" in told[0]["error"]
    assert seqs(again) == []
    again.close()


def test_the_cure_that_the_log_tells_brings_back_what_was_set_aside(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2, 3)
    store.close()
    path.rename(path.with_name("moved.db"))
    other, told = led(path)
    keep(other, 1)
    other.close()

    put_in_place(path.with_name("moved.db"), path)
    Path(told[0]["file"]).rename(path.with_name("pnl.db.spool"))
    again, told = led(path)

    assert (seqs(again), told) == ([1, 2, 3], [])
    assert verify(f"sqlite:///{path}", lambda _: None)
    again.close()


def test_what_is_whole_behind_one_that_is_torn_is_set_aside(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2, 3, 4)
    store.close()
    spool = path.with_name("pnl.db.spool")
    body = bytearray(spool.read_bytes())
    body[body.index(b"TICK", body.index(b"TICK") + 4) + 60] ^= 1
    spool.write_bytes(body)

    again, told = led(path)

    assert seqs(again) == [1, 2]
    assert [one["event"] for one in told] == ["snapshots in the spool cannot be reached, and were set aside"]
    assert told[0]["holds"].startswith("snapshot 4 of 2026-")
    (aside,) = path.parent.glob("pnl.db.spool.refused-*")
    assert aside.read_bytes().rstrip(b"\0")[BLOCK:] == bytes(body).rstrip(b"\0")[BLOCK:]
    assert spool.read_bytes()[BLOCK:].strip(b"\0") == b""
    again.close()


def test_what_a_kill_left_of_a_spool_that_was_being_cleared_is_no_alarm(store: SqlStore, path: Path) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2, 3, 4)
    spool = path.with_name("pnl.db.spool")
    body = bytearray(spool.read_bytes())
    keep(store, 5)
    store.close()
    body[BLOCK : BLOCK + 20] = bytes(20)  # the first one is gone, the others are still there
    spool.write_bytes(body)

    again, told = led(path)

    assert (seqs(again), told) == ([1, 2, 3, 4, 5], [])
    assert list(path.parent.glob("*refused*")) == []
    assert spool.read_bytes()[BLOCK:].strip(b"\0") == b""
    again.close()


def test_many_that_wait_do_not_keep_pages_waiting(store: SqlStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pnl.store.catching_up.MOST", 4)
    with locked(path):
        keep(store, *range(1, 11))

    progress = []
    for seq in range(11, 16):
        keep(store, seq)
        progress.append(seqs(store)[-1])

    assert progress == [4, 8, 13, 14, 15]
    assert seqs(store) == list(range(1, 16))
    assert verify(f"sqlite:///{path}", lambda _: None)


def test_a_tick_with_everything_in_it_comes_back_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(path)
    store.lead()
    ticks: list[Tick] = []
    write = store._write

    def heard(tick: Tick) -> None:
        ticks.append(tick)
        write(tick)

    monkeypatch.setattr(store, "_write", heard)

    live(store, 8)

    assert [read(spell(tick)) for tick in ticks] == ticks
    assert sys.getsizeof(spell(ticks[-1])) < 4_000
    store.close()


def test_a_store_is_not_copied_while_snapshots_wait(store: SqlStore, path: Path, tmp_path: Path) -> None:
    keep(store, 1)
    with locked(path):
        keep(store, 2)
    store.close()

    with pytest.raises(StoreMismatch, match="start it once"):
        move(f"sqlite:///{path}", f"sqlite:///{tmp_path / 'other.db'}", lambda _: None)
