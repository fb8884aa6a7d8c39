"""An archive that is lost comes back from its backups, proved, and replaces nothing that anybody still needs."""

import os
from pathlib import Path

import pytest

from pnl.backups.places import Folder, Place
from pnl.backups.putting_back import put_back
from pnl.backups.whole import workshop
from pnl.cli import main
from pnl.errors import BackupError, StoreMismatch
from pnl.ops.verify import verify
from pnl.store import SqlStore, claim_of, open_store
from tests.backups.copying import CLOCK, copy_whole, quiet, restore, ship
from tests.backups.making import live


def test_what_is_lost_comes_back_up_to_the_last_segment(
    store: SqlStore, url: str, place: Place, work: Path, tmp_path: Path
) -> None:
    live(store, 5)
    copy_whole(url, place, tmp_path)
    live(store, 5)
    ship(url, place, work)
    shown = store.current()

    done = restore(place, tmp_path / "back.db", tmp_path)

    assert (done.reach.seq, done.segments, done.trouble) == (10, 1, None)
    assert verify(f"sqlite:///{tmp_path / 'back.db'}", quiet)
    back = open_store(f"sqlite:///{tmp_path / 'back.db'}", demo=False)
    assert back.current() == shown
    assert back.damage() == ()
    assert back.stream() != store.stream()
    assert back.about().restored == {
        "at": back.about().restored["at"],  # type: ignore[index,call-overload]  # an object, as the line above tells
        "series": store.stream(),
        "seq": 10,
        "as_of": "2026-11-02T15:01:40.000Z",
        "trouble": None,
    }
    back.close()


def test_a_backup_is_put_back_into_postgresql_where_it_is_empty(
    folder: Folder, tmp_path: Path, plain_postgres_url: str
) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    store = open_store(url, demo=False)
    store.lead()
    live(store, 6)
    copy_whole(url, folder, tmp_path)
    more = {"demo": False, "series": None, "replace": False, "clock": CLOCK, "tell": quiet}

    with workshop(tmp_path) as work:
        put_back([folder], plain_postgres_url, work, **more)  # type: ignore[arg-type]  # as the names say
    back = open_store(plain_postgres_url, demo=False)

    assert back.current() == store.current()
    assert verify(plain_postgres_url, quiet)
    with workshop(tmp_path) as work, pytest.raises(StoreMismatch, match="not empty"):
        put_back([folder], plain_postgres_url, work, **more)  # type: ignore[arg-type]
    back.close()
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody but root can give files away")
def test_what_root_restores_belongs_to_the_owner_of_the_folder(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path
) -> None:
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 12_345, 23_456)

    restore(folder, data / "pnl.db", data)

    found = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in data.iterdir()}
    assert found == dict.fromkeys(("pnl.db", "pnl.db.leader", "pnl.db.series", "backup-work"), (12_345, 23_456))


def test_a_database_that_is_there_is_moved_aside_and_never_deleted(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path
) -> None:
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    target = tmp_path / "there.db"
    target.write_bytes(b"torn to pieces")
    target.with_name("there.db-wal").write_bytes(b"its log")

    with pytest.raises(BackupError, match="say --replace"):
        restore(folder, target, tmp_path)
    restore(folder, target, tmp_path, replace=True)

    aside = sorted(path.name for path in tmp_path.glob("there.db.before-restore-*"))
    assert [(tmp_path / name).read_bytes() for name in aside] == [b"torn to pieces", b"its log"]
    assert verify(f"sqlite:///{target}", quiet)


def test_an_archive_that_somebody_ticks_is_not_replaced(
    store: SqlStore, url: str, folder: Folder, tmp_path: Path
) -> None:
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    target = tmp_path / "there.db"
    claim = claim_of(f"sqlite:///{target}")
    assert claim.take()

    with pytest.raises(StoreMismatch, match="a process makes ticks there"):
        restore(folder, target, tmp_path)

    claim.release()


def test_copies_of_the_other_kind_are_told_with_the_cure(
    store: SqlStore,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Folder(tmp_path / "backups")
    live(store, 3)
    copy_whole(url, folder, tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("PNL_DATABASE_URL", "PNL_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path / "new"))
    arguments = ("restore", "--from", folder.name)

    assert main(arguments) == 2

    assert "1 are of real data: set PNL_SANDBOX=off to restore from those" in capsys.readouterr().err
    monkeypatch.setenv("PNL_SANDBOX", "off")
    assert main(arguments) == 0
    assert (tmp_path / "new" / "pnl.db").exists()


def test_demo_data_is_not_put_back_as_real(url: str, folder: Folder, tmp_path: Path) -> None:
    demo = open_store(url, demo=True)
    demo.lead()
    live(demo, 2)
    demo.close()
    copy_whole(url, folder, tmp_path)

    with pytest.raises(BackupError, match=r"no whole copy of real data .*1 are of demo data: set PNL_SANDBOX=on"):
        restore(folder, tmp_path / "back.db", tmp_path)


def test_a_place_without_a_backup_is_told(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="has no whole copy"):
        restore(folder, tmp_path / "back.db", tmp_path)
