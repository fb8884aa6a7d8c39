"""Whole copies are made of a whole archive, one at a time, where there is room, and in each place by itself."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pnl.backups.places import Folder
from pnl.backups.shelf import STAMP
from pnl.backups.whole import back_up, workshop
from pnl.cli import main
from pnl.errors import BackupError, BackupUnreachable
from pnl.store import SqlStore
from tests.backups.copying import CLOCK, quiet
from tests.backups.making import live
from tests.store.outside import outside

ENDS = (".json", ".db.gz")
"""Of the two files of a whole copy."""


@pytest.mark.usefixtures("settings")
def test_a_backup_lets_go_of_its_own_archives_old_copies_alone(store: SqlStore, folder: Folder) -> None:
    live(store, 2)
    years = [datetime(year, 1, 1, tzinfo=UTC) for year in (*range(2001, 2009), 2099)]
    others = [f"{'0f' * 16}/whole/{made:{STAMP}}-000000000009-{'0' * 16}{end}" for made in years for end in ENDS]
    for name in others:
        path = Path(folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"another archive's")

    assert main(["backup"]) == 0

    assert set(others) <= set(folder.names(""))


def test_an_archive_that_is_not_whole_is_not_kept_as_a_backup(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path
) -> None:
    live(store, 5)
    with outside(url) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER snapshot_no_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER snapshot_no_update ON snapshot")
        connection.exec_driver_sql("UPDATE snapshot SET cash_n = cash_n + 1 WHERE seq = 3")

    with workshop(tmp_path) as work, pytest.raises(BackupError, match=r"snapshot 3 .* breaks the chain"):
        back_up(url, [folder], work, clock=CLOCK, tell=quiet)

    assert folder.names() == []


def test_two_copies_are_not_made_at_once(tmp_path: Path) -> None:
    with workshop(tmp_path), pytest.raises(BackupError, match="another process"), workshop(tmp_path):
        pass


def test_a_disk_without_room_is_left_alone(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(store, 2)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))

    with workshop(tmp_path) as work, pytest.raises(BackupError, match="make room"):
        back_up(url, [folder], work, clock=CLOCK, tell=quiet)


def test_one_place_that_fails_keeps_nothing_from_the_other(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path
) -> None:
    live(store, 2)
    (tmp_path / "taken").write_text("a file")
    wrong = Folder(tmp_path / "taken")

    with workshop(tmp_path) as work:
        failed = back_up(url, [wrong, folder], work, clock=CLOCK, tell=quiet)

    assert [(place, type(error)) for place, error in failed] == [(wrong, BackupUnreachable)]
    assert [name.rpartition(".")[2] for name in folder.names()] == ["gz", "json"]
