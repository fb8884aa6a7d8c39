"""An archive that is lost comes back from its backups, proved; what cannot is said, and nothing is ever guessed."""

import gzip
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pnl.backups import shelf
from pnl.backups.drill import drill
from pnl.backups.places import Folder, Place
from pnl.backups.putting_back import put_back
from pnl.backups.restoring import Restored
from pnl.backups.shelf import STAMP
from pnl.backups.shipping import Shipping
from pnl.backups.whole import back_up, workshop
from pnl.cli import main
from pnl.clock import SystemClock
from pnl.errors import BackupAmbiguous, BackupError, BackupUnreachable, StoreMismatch
from pnl.ops.verify import verify
from pnl.store import SqlStore, claim_of, open_store
from pnl.store.about import BACKUPS
from pnl.store.verification import opened
from tests.backups.making import live
from tests.fakes import StillClock
from tests.store.outside import outside

CLOCK = SystemClock()
ENDS = (".json", ".db.gz")
"""Of the two files of a whole copy."""


def quiet(_line: str) -> None:
    """Say nothing."""


def copy_whole(url: str, place: Place, data: Path) -> None:
    with workshop(data) as work:
        assert back_up(url, [place], work, clock=CLOCK, tell=quiet) == []


def copy_torn(url: str, folder: Folder, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a whole copy, newer than any other, that is cut short afterwards."""
    later = SystemClock()
    monkeypatch.setattr(later, "now", lambda: CLOCK.now().replace(year=2099))
    with workshop(data) as own:
        back_up(url, [folder], own, clock=later, tell=quiet)
    newest = Path(folder.name) / [name for name in folder.names() if name.endswith(".db.gz")][-1]
    newest.write_bytes(newest.read_bytes()[:-40])


def ship(url: str, place: Place, work: Path) -> None:
    with opened(url) as database:
        assert Shipping(place, work).ship(database) is not None


def restore(place: Place, target: Path, data: Path, *, replace: bool = False, series: str | None = None) -> Restored:
    url = f"sqlite:///{target}"
    with workshop(data) as work:
        return put_back([place], url, work, demo=False, series=series, replace=replace, clock=CLOCK, tell=quiet)


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


def destroy(folder: Path, ending: str) -> None:
    """Have zeros in the place of every file of a kind."""
    found = [path for path in folder.rglob("*") if path.name.endswith(ending)]
    assert found
    for path in found:
        path.write_bytes(bytes(path.stat().st_size))


def drilled(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return the exit code of `pnl drill`, and its lines."""
    code = main(["drill"])
    return code, capsys.readouterr().out.splitlines()


@pytest.fixture
def settings(url: str, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the commands work on the archive, with the folder for its backups."""
    monkeypatch.setenv("PNL_DATABASE_URL", url)
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PNL_BACKUP_FOLDER", folder.name)


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
