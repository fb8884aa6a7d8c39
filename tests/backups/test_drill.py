"""A drill restores what is kept and compares every row, and fails where the backups would not do."""

import gzip
import shutil
from pathlib import Path

import pytest

from pnl.backups import shelf
from pnl.backups.drill import drill
from pnl.backups.places import Folder, Place
from pnl.backups.whole import back_up, workshop
from pnl.cli import main
from pnl.store import SqlStore
from pnl.store.about import BACKUPS
from tests.backups.copying import CLOCK, copy_whole, destroy, quiet, ship
from tests.backups.making import live
from tests.fakes import StillClock


def drilled(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return the exit code of `pnl drill`, and its lines."""
    code = main(["drill"])
    return code, capsys.readouterr().out.splitlines()


def test_a_drill_gives_back_every_row(store: SqlStore, url: str, place: Place, tmp_path: Path) -> None:
    live(store, 4)
    copy_whole(url, place, tmp_path)
    live(store, 5)

    with workshop(tmp_path) as work:
        done = drill(url, place, work, clock=CLOCK, tell=quiet)

    assert done.well
    assert done.restored.seq == 9
    assert {table.table: table.rows for table in done.tables}["snapshot"] == 9


def test_a_drill_without_a_backup_makes_one(store: SqlStore, url: str, place: Place, tmp_path: Path) -> None:
    live(store, 4)

    with workshop(tmp_path) as work:
        assert drill(url, place, work, clock=CLOCK, tell=quiet).well


def test_a_segment_that_is_damaged_is_made_up_for_by_a_whole_copy(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path
) -> None:
    live(store, 4)
    copy_whole(url, folder, tmp_path)
    live(store, 2)
    with workshop(tmp_path) as work:
        assert drill(url, folder, work, clock=CLOCK, tell=quiet).well
    (segment,) = folder.names(f"{store.stream()}/segments/")
    path = tmp_path / "backups" / segment
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"Number 1", b"Number 9")))

    with workshop(tmp_path) as work:
        done = drill(url, folder, work, clock=CLOCK, tell=quiet)

    assert done.same
    assert done.restored.seq == 6
    assert len(shelf.wholes(folder)) == 2
    assert not done.well
    assert str(done.lost).startswith(f"it ends with snapshot 4: {segment}")
    with workshop(tmp_path) as work:
        assert drill(url, folder, work, clock=CLOCK, tell=quiet).well


@pytest.mark.usefixtures("settings")
def test_a_drill_fails_where_every_backup_is_destroyed_though_a_fresh_one_would_do(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live(store, 4)
    copy_whole(url, folder, tmp_path)
    live(store, 2)
    assert drilled(capsys)[0] == 0
    destroy(tmp_path / "backups", ".db.gz")
    destroy(tmp_path / "backups", ".jsonl.gz")

    code, lines = drilled(capsys)

    assert code == 1
    assert lines[-2] == "From a copy that was made just now, everything came back."
    assert lines[-1].startswith("FAIL  what was there before cannot be restored, or not all of it: ")
    assert "has no whole copy of real data" in lines[-1]
    assert drilled(capsys)[0] == 0


@pytest.mark.usefixtures("settings")
def test_a_drill_fails_where_the_newest_copy_is_damaged_and_names_it_though_an_older_one_gives_all_back(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live(store, 4)
    copy_whole(url, folder, tmp_path)
    live(store, 2)
    ship(url, folder, tmp_path)
    with workshop(tmp_path) as work:
        assert back_up(url, [folder], work, clock=StillClock(CLOCK.now().replace(year=2099)), tell=quiet) == []
    newest = shelf.wholes(folder)[-1]
    path = tmp_path / "backups" / newest.file
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])

    code, lines = drilled(capsys)

    assert code == 1
    assert lines[-2] == "Everything came back."
    assert lines[-1].startswith(f"FAIL  {newest.file} is damaged")
    path.write_bytes(whole)
    assert drilled(capsys)[0] == 0


@pytest.mark.usefixtures("settings")
def test_a_drill_fails_where_the_backups_that_were_proved_are_gone(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live(store, 4)
    copy_whole(url, folder, tmp_path)
    store.note(BACKUPS, [{"place": folder.name, "verified_at": "2026-11-20T17:01:00.000Z"}])
    shutil.rmtree(tmp_path / "backups")

    code, lines = drilled(capsys)

    assert code == 1
    assert lines[-1].endswith("every whole copy is gone; the newest was proved at 2026-11-20T17:01:00.000Z.")


@pytest.mark.usefixtures("settings")
def test_a_drill_fails_where_nothing_but_segments_is_left(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live(store, 4)
    copy_whole(url, folder, tmp_path)
    live(store, 2)
    ship(url, folder, tmp_path)
    shutil.rmtree(tmp_path / "backups" / store.stream() / "whole")

    code, lines = drilled(capsys)

    assert code == 1
    assert lines[-1].endswith("segments up to snapshot 6, and no whole copy that they could be put on.")
