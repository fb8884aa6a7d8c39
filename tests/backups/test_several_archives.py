"""Of several archives in one place the one that is named is restored, and nothing is ever guessed."""

import shutil
from pathlib import Path

import pytest

from pnl.backups.places import Folder
from pnl.cli import main
from pnl.errors import BackupAmbiguous
from pnl.store import open_store
from tests.backups.copying import copy_whole, destroy, restore
from tests.backups.making import live


@pytest.fixture
def two(folder: Folder, tmp_path: Path) -> tuple[str, str]:
    """Return the series of two archives in one folder: one of 9 snapshots, and a younger one of 2."""
    names = []
    for name, ticks in (("lost", 9), ("new", 2)):
        (tmp_path / name).mkdir()
        url = f"sqlite:///{tmp_path / name / 'pnl.db'}"
        store = open_store(url, demo=False)
        store.lead()
        live(store, ticks)
        copy_whole(url, folder, tmp_path)
        names.append(store.stream())
        store.close()
    return names[0], names[1]


def test_where_several_archives_are_in_the_place_nothing_is_restored_before_one_is_named(
    two: tuple[str, str],
    folder: Folder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost, new = two
    monkeypatch.setenv("PNL_SANDBOX", "off")
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path / "new"))
    before = (tmp_path / "new" / "pnl.db").read_bytes()
    monkeypatch.delenv("PNL_DATABASE_URL", raising=False)

    code = main(["restore", "--replace", "--from", folder.name])

    said = capsys.readouterr().err
    assert code == 2
    assert "pnl: nothing was restored: backups of several archives are there" in said
    assert f"  series {lost}: copies from " in said
    assert "9 snapshots in its newest, all up to snapshot 9" in said
    assert (tmp_path / "new" / "pnl.db").read_bytes() == before
    command = f"    python -m pnl restore --from {folder.name} --replace --series {lost}"
    assert command in said.splitlines()
    assert command.replace(lost, new) in said.splitlines()

    assert main(command.split()[3:]) == 0

    assert "(snapshot 9)" in capsys.readouterr().out


def test_one_archive_in_the_place_comes_back_without_its_name(
    two: tuple[str, str], folder: Folder, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "backups" / two[1])

    assert restore(folder, tmp_path / "back.db", tmp_path).whole.series == two[0]


def test_an_archive_whose_manifests_cannot_be_read_counts_as_one_of_several(
    two: tuple[str, str], folder: Folder, tmp_path: Path
) -> None:
    destroy(tmp_path / "backups" / two[0], ".json")

    with pytest.raises(BackupAmbiguous, match="no manifest that can be read"):
        restore(folder, tmp_path / "back.db", tmp_path)
