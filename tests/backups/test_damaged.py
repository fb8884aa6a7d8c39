"""Copies and segments that are damaged or missing are made up for by others, and what cannot be is said."""

from pathlib import Path

import pytest

from pnl.backups.places import Folder
from pnl.backups.putting_back import put_back
from pnl.backups.whole import back_up, workshop
from pnl.cli import main
from pnl.ops.verify import verify
from pnl.store import SqlStore
from tests.backups.copying import CLOCK, copy_torn, copy_whole, quiet, restore, ship
from tests.backups.making import live


def test_a_copy_that_is_damaged_is_passed_over_for_the_one_before(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    live(store, 3)
    ship(url, folder, tmp_path)
    copy_torn(url, folder, tmp_path, monkeypatch)

    done = restore(folder, tmp_path / "back.db", tmp_path)

    assert (done.whole.seq, done.reach.seq, done.trouble) == (3, 6, None)


def test_a_segment_that_is_damaged_ends_it_there_and_is_told(
    store: SqlStore, url: str, folder: Folder, work: Path, tmp_path: Path
) -> None:
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    for _ in range(3):
        live(store, 2)
        ship(url, folder, work)
    names = folder.names(f"{store.stream()}/segments/")
    (tmp_path / "backups" / names[1]).write_bytes(b"torn")

    done = restore(folder, tmp_path / "back.db", tmp_path)

    assert done.reach.seq == 5
    assert done.trouble is not None
    assert names[1] in done.trouble
    assert verify(f"sqlite:///{tmp_path / 'back.db'}", quiet)


def test_a_segment_that_is_missing_is_told(
    store: SqlStore, url: str, folder: Folder, work: Path, tmp_path: Path
) -> None:
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    for _ in range(2):
        live(store, 2)
        ship(url, folder, work)
    folder.remove(folder.names(f"{store.stream()}/segments/")[0])

    done = restore(folder, tmp_path / "back.db", tmp_path)

    assert done.reach.seq == 3
    assert done.trouble is not None
    assert "one before it is missing" in done.trouble


def test_what_is_known_to_have_been_kept_and_does_not_come_back_is_told(
    store: SqlStore,
    url: str,
    folder: Folder,
    *,
    work: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    live(store, 6)
    ship(url, folder, work)
    copy_torn(url, folder, tmp_path, monkeypatch)
    (segment,) = folder.names(f"{store.stream()}/segments/")
    folder.remove(segment)
    monkeypatch.setenv("PNL_SANDBOX", "off")
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path))
    target = f"sqlite:///{tmp_path / 'back.db'}"

    code = main(["restore", "--from", folder.name, "--to", target])

    said = capsys.readouterr().out
    assert code == 1
    assert f"Something that was kept is missing: snapshots 4 to 9 were kept in {folder.name}, and are not back" in said
    assert "up to 2026-11-02 15:00:30 UTC (snapshot 3)" in said
    assert "The archive is back, up to" not in said


def test_of_two_places_that_is_taken_which_gives_the_most(
    store: SqlStore, url: str, folder: Folder, work: Path, tmp_path: Path
) -> None:
    second = Folder(tmp_path / "second")
    live(store, 3)
    with workshop(tmp_path) as own:
        assert back_up(url, [folder, second], own, clock=CLOCK, tell=quiet) == []
    live(store, 2)
    ship(url, second, work)
    live(store, 2)
    ship(url, folder, work)
    (segment,) = folder.names(f"{store.stream()}/segments/")
    (tmp_path / "backups" / segment).write_bytes(b"torn")

    with workshop(tmp_path) as own:
        done = put_back(
            [folder, second], f"sqlite:///{tmp_path / 'back.db'}", own,
            demo=False, series=None, replace=False, clock=CLOCK, tell=quiet,
        )  # fmt: skip

    assert done.reach.seq == 5
    assert done.trouble == f"snapshots 6 to 7 were kept in {folder.name}, and are not back"
    assert verify(f"sqlite:///{tmp_path / 'back.db'}", quiet)
