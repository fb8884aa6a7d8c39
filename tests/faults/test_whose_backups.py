"""Backups of several archives in one place: a damaged archive gets its own back, or the start is refused."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pnl.aggregator.figures import Pulse
from pnl.backups import shelf
from pnl.backups.places import Folder
from pnl.desk.assembly import build
from pnl.desk.backing import kin_beside, kin_of, note_whose, restored_after
from pnl.desk.damage import Damage
from pnl.desk.recovery import made_sound
from pnl.errors import StoreError
from pnl.ops.verify import verify
from pnl.store import lineage, open_store
from pnl.store.about import BACKUPS
from tests.backups.making import live
from tests.fakes import StillClock
from tests.faults.test_damaged_in_use import goes_on, scrambled
from tests.faults.test_lost import opened, with_backups
from tests.faults.test_recovery import CLOCK, backed_up, header, settings_of, torn_table
from tests.product.process import TOP, Process


@pytest.fixture
def own(tmp_path: Path) -> str:
    """Return the series of an archive of 17 snapshots, which are in a place of backups, and whose file is closed."""
    store = opened(tmp_path)
    store.lead()
    live(store, 12)
    backed_up(store, tmp_path, more=5)
    series = store.stream()
    store.close()
    return series


@pytest.fixture
def other(own: str, tmp_path: Path) -> str:
    """Return the series of another archive of 3 snapshots, whose copy in the same place is newer."""
    assert own
    return another(tmp_path, tmp_path / "backups")


def another(tmp_path: Path, place: Path, *, demo: bool = False) -> str:
    """Have a copy of another archive in a place, newer than all that is there; return its series."""
    folder = tmp_path / "other"
    folder.mkdir()
    store = open_store(f"sqlite:///{folder / 'pnl.db'}", demo=demo)
    store.lead()
    live(store, 3)
    backed_up(store, folder)
    store.close()
    (name,) = shelf.wholes(Folder(folder / "backups"))
    target = place / name.series / "whole"
    target.mkdir(parents=True)
    for ending in (".json", ".db.gz"):
        source = (folder / "backups" / name.name).with_suffix("").with_name(Path(name.name).stem + ending)
        shutil.copy(source, target / re.sub(r"^\d{4}", "2099", source.name))
    return str(name.series)


def head(tmp_path: Path) -> int | None:
    """Return the newest snapshot of what was restored, which is whole."""
    assert verify(f"sqlite:///{tmp_path / 'pnl.db'}", lambda _: None)
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    try:
        assert restored_after(store) == store.head()
        return store.head()
    finally:
        store.close()


def test_a_file_whose_header_is_torn_gets_its_own_backup_by_the_note_of_the_last_start(
    own: str, other: str, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    note_whose(settings_of(tmp_path), kin_of(store))
    store.close()
    (tmp_path / "pnl.db.spool").unlink()
    header(tmp_path / "pnl.db")

    made_sound(settings_of(tmp_path, PNL_BACKUP_FOLDER=str(tmp_path / "backups")), CLOCK)

    assert head(tmp_path) == 17
    new, parent = lineage.noted(tmp_path / "pnl.db")
    assert parent == own
    assert new not in (own, other)


@pytest.mark.parametrize("told_by", ["the spool", "the file"])
def test_without_a_note_the_spool_or_the_rest_of_the_file_tells_whose_it_is(
    own: str, other: str, tmp_path: Path, told_by: str
) -> None:
    assert own != other
    (tmp_path / "pnl.db.series").unlink(missing_ok=True)
    if told_by == "the spool":
        header(tmp_path / "pnl.db")
    else:
        (tmp_path / "pnl.db.spool").unlink()
        torn_table(tmp_path / "pnl.db", "roll_1h")
        (tmp_path / "pnl.db.suspect").touch()

    made_sound(settings_of(tmp_path, **with_backups(tmp_path)), CLOCK)

    assert head(tmp_path) == 17


def test_where_nothing_tells_whose_it_is_the_start_is_refused_and_names_all_with_the_cure(
    own: str, other: str, tmp_path: Path
) -> None:
    (tmp_path / "pnl.db.spool").unlink()
    header(tmp_path / "pnl.db")
    torn = (tmp_path / "pnl.db").read_bytes()

    with pytest.raises(StoreError, match="backups of several archives are there") as refused:
        made_sound(settings_of(tmp_path, PNL_BACKUP_FOLDER=str(tmp_path / "backups")), CLOCK)

    for series in (own, other):
        assert f"`python -m pnl restore --replace --series {series}` for copies from " in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (tmp_path / "pnl.db").read_bytes() == torn


def test_where_the_place_has_backups_of_others_alone_the_start_is_refused(own: str, other: str, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "backups" / own)
    header(tmp_path / "pnl.db")
    torn = (tmp_path / "pnl.db").read_bytes()

    with pytest.raises(StoreError, match=f"no place has a whole copy of series {own}.*--series {other}`"):
        made_sound(settings_of(tmp_path, **with_backups(tmp_path)), CLOCK)

    assert (tmp_path / "pnl.db").read_bytes() == torn


def test_a_restored_archive_that_has_no_copy_yet_gets_that_of_which_it_was_restored(
    own: str, other: str, tmp_path: Path
) -> None:
    header(tmp_path / "pnl.db")
    made_sound(settings_of(tmp_path, **with_backups(tmp_path)), CLOCK)
    again, parent = kin_beside(settings_of(tmp_path, **with_backups(tmp_path)))
    assert parent == own
    assert again != other
    header(tmp_path / "pnl.db")

    made_sound(settings_of(tmp_path, **with_backups(tmp_path)), CLOCK)

    assert head(tmp_path) == 17


def test_while_it_runs_the_backups_of_another_archive_are_none_of_its_own(own: str, other: str, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "backups" / own)
    torn_table(tmp_path / "pnl.db", "roll_1h")
    pulse, ended = Pulse(0), list[str]()
    settings = settings_of(tmp_path, **with_backups(tmp_path))
    damage = Damage(settings, pulse, StillClock(), lambda: ended.append("copy"), kin=(own,))
    pulse.damaged = "the database is damaged"

    with capture_logs() as logs:
        damage.look()

    assert other
    assert not damage.certain
    assert ended == []
    assert [one["event"] for one in logs] == ["the database is damaged, and no backup of it is to be had"]


def test_what_the_note_says_makes_sense_or_is_left_aside(tmp_path: Path) -> None:
    path = tmp_path / "pnl.db"
    for nonsense in (b"", b"../../etc\n", b"\xff\xfe", b"5b0c9e1f a/b\n"):
        lineage.note_of(path).write_bytes(nonsense)
        assert lineage.known(path) == ()
    lineage.note(path, ("5b0c9e1f", "9478436c"))
    assert lineage.known(path) == ("5b0c9e1f", "9478436c")


def test_a_start_without_a_place_lets_go_of_what_was_told_of_one(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    store.note(BACKUPS, [{"place": "/b", "trouble": "no room"}])

    build(settings_of(tmp_path), CLOCK).close()

    assert list(store.about().backups) == []
    store.close()


def with_a_copy(start: Callable[..., Process], place: Path) -> tuple[Process, str]:
    """Return the running product once a whole copy of it is in a place, and the series of its archive."""
    process = start(PNL_BACKUP_FOLDER=str(place))
    process.until(lambda _snapshot: list(place.rglob("whole/*.json")) != [])
    (series,) = {one.series for one in shelf.wholes(Folder(place))}
    return process, series


@pytest.mark.slow
def test_the_running_product_gets_its_own_archive_back_where_another_wrote_a_newer_copy(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    process, whole = with_a_copy(start, place)
    foreign = another(tmp_path, place, demo=True)

    scrambled(tmp_path / "data" / "demo.db")
    goes_on(process)

    restored = process.get("/api/pnl/status").json()["restored"]
    assert (restored["series"], restored["trouble"]) == (whole, None)
    assert whole != foreign
    assert process.stop() == 0


def test_a_start_notes_whose_the_file_is(tmp_path: Path) -> None:
    build(settings_of(tmp_path), CLOCK).close()

    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    assert lineage.noted(tmp_path / "pnl.db") == lineage.known(tmp_path / "pnl.db") == (store.stream(),)
    store.close()


@pytest.mark.slow
def test_a_new_machine_with_the_old_place_warns_and_brings_back_what_was_lost_and_nothing_else(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    process, lost = with_a_copy(start, place)
    assert process.stop() == 0
    (tmp_path / "data").rename(tmp_path / "broken")
    said = command(process, "doctor")
    assert f"--series {lost}" in said.stdout

    process.again()
    process.until(lambda _snapshot: process.get("/readyz").json().get("warnings"))
    process.until(lambda _snapshot: len({one.series for one in shelf.wholes(Folder(place))}) == 2)

    assert f"--series {lost}" in process.get("/readyz").json()["warnings"][0]
    assert f"--series {lost}" in process.get("/api/pnl/status").json()["backups"][0]["trouble"]
    assert "the place has backups of another archive" in process.said()
    assert process.stop() == 0
    said = command(process, "doctor")
    assert f"--series {lost}" in said.stdout
    refused = command(process, "restore", "--replace")
    assert refused.returncode == 2
    assert f"python -m pnl restore --replace --series {lost}\n" in refused.stderr
    assert command(process, "restore", "--replace", "--series", lost).returncode == 0
    process.again()
    process.until(lambda _snapshot: process.get("/api/pnl/status").json()["restored"])
    assert process.get("/api/pnl/status").json()["restored"]["series"] == lost
    assert process.stop() == 0


def command(process: Process, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the settings of a process."""
    return subprocess.run(
        [sys.executable, "-m", "pnl", *words],
        cwd=TOP,
        env=process.environment,
        capture_output=True,
        text=True,
        check=False,
    )
