"""A database that is torn: moved aside, never deleted, the newest backup in its place; or a start that is refused."""

import random
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from structlog.testing import capture_logs

from pnl.backups.places import Folder
from pnl.backups.shipping import Shipping
from pnl.backups.whole import back_up, workshop
from pnl.cli import main
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.assembly import build
from pnl.desk.backing import restored_after
from pnl.desk.recovery import made_sound
from pnl.domain.money import nano
from pnl.domain.records import RevenueEntry
from pnl.errors import StoreError
from pnl.ops.verify import verify
from pnl.store import SqlStore, open_store, soundness
from pnl.store.engine import driver
from pnl.store.migrate import SCRIPTS
from pnl.store.verification import opened
from tests.backups.making import live
from tests.store.making import a_fill, a_tick, an_entry, at
from tests.store.outside import made_by, told

NEWEST = ScriptDirectory(str(SCRIPTS)).get_current_head()
CLOCK = SystemClock()


def header(path: Path) -> None:
    """Spoil the first page."""
    with path.open("rb+") as file:
        file.write(b"\xff" * 100)


def page(path: Path) -> None:
    """Spoil pages in the middle, as a disk does that lost a track."""
    size = path.stat().st_size
    with path.open("rb+") as file:
        for start in range(4096 * 3, size, 4096):
            file.seek(start)
            file.write(b"\xff" * 300)


def cut_off(path: Path) -> None:
    """Let a third of it remain."""
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 3 // 4096 * 4096)


def noise(path: Path) -> None:
    """Write noise over all of it."""
    path.write_bytes(random.Random(3).randbytes(path.stat().st_size))


def name_in_the_schema(path: Path) -> None:
    """Spoil the name of a table where the file lists its tables, so that SQLite complains of it in what is no text."""
    found = path.read_bytes()
    assert NAMED in found
    path.write_bytes(found.replace(NAMED, NAMED.replace(b"snapshot", b"\x94" * 8, 1)))


NAMED = b"tablesnapshotsnapshot"
"""How the list of tables has one of them: what it is, its name, and that of its table."""
DAMAGE = [header, page, cut_off, noise, name_in_the_schema]


def settings_of(tmp_path: Path, **more: str) -> Settings:
    given = {"PNL_DATA_DIR": str(tmp_path), "PNL_SANDBOX": "off", **more}
    return Settings.load(given, env_file=None)


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    store.lead()
    live(store, 12)
    return store


def backed_up(store: SqlStore, tmp_path: Path, *, more: int = 0) -> Folder:
    """Have a whole copy in a folder, and a segment of some ticks more."""
    url, place = f"sqlite:///{tmp_path / 'pnl.db'}", Folder(tmp_path / "backups")
    with workshop(tmp_path) as work:
        back_up(url, [place], work, clock=CLOCK, tell=lambda _: None)
        if more:
            live(store, more)
            with opened(url) as database:
                Shipping(place, work).ship(database)
    return place


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_torn_database_is_moved_aside_and_the_newest_backup_put_in_its_place(
    store: SqlStore, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    backed_up(store, tmp_path, more=5)
    store.close()
    path = tmp_path / "pnl.db"
    damage(path)
    torn = path.read_bytes()
    path.with_name("pnl.db-wal").write_bytes(b"left by whoever was killed")
    settings = settings_of(tmp_path, PNL_BACKUP_FOLDER=str(tmp_path / "backups"))

    with capture_logs() as logs:
        made_sound(settings, CLOCK)

    (aside,) = (one for one in tmp_path.glob("pnl.db.damaged-*") if not one.name.endswith(("-wal", "-shm")))
    assert aside.read_bytes() == torn
    told = [one["event"] for one in logs if one["log_level"] == "critical"]
    assert told == [
        "the database is damaged",
        "the database was moved aside, and the newest backup is in its place",
    ]
    assert verify(settings.database_url, lambda _: None)
    back = open_store(settings.database_url, demo=False)
    assert back.head() == 17
    assert restored_after(back) == 17
    back.close()


def torn_table(path: Path, table: str) -> None:
    """Spoil the first page of a table, and no other."""
    with driver().connect(str(path)) as other:
        (root,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    other.close()
    with path.open("rb+") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 300)


def recovered(tmp_path: Path) -> tuple[int, list[str]]:
    """Have a start mend the archive; return the newest snapshot, and the lines of the restoring."""
    settings = settings_of(tmp_path, PNL_BACKUP_FOLDER=str(tmp_path / "backups"))
    with capture_logs() as logs:
        made_sound(settings, CLOCK)
    assert verify(settings.database_url, lambda _: None)
    back = open_store(settings.database_url, demo=False)
    try:
        assert restored_after(back) == back.head()
        return back.head(), [str(one.get("step")) for one in logs]
    finally:
        back.close()


def test_what_is_newer_than_the_backups_is_taken_from_the_torn_file_where_it_proves(
    store: SqlStore, tmp_path: Path
) -> None:
    backed_up(store, tmp_path, more=5)
    entry = RevenueEntry(
        id="by-hand",
        version=1,
        date=date(2026, 11, 2),
        amount=nano("12.50"),
        fee=nano("0"),
        currency="USD",
        kind="sale",
        status="settled",
        description="A sale",
    )
    store.enter(entry, replaces=None, actor="ann", at=CLOCK.now())
    live(store, 3)
    store.close()
    torn_table(tmp_path / "pnl.db", "roll_1h")

    head, steps = recovered(tmp_path)

    assert head == 20
    assert "taken from pnl.db, and proved: snapshots 18 to 20, 2 manual entries" in steps  # one is of `live`
    back = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    assert "by-hand" in {one.id for one in back.entries()}
    back.close()


@pytest.mark.parametrize("table", ["snapshot", "record", "about"])
def test_what_cannot_be_read_any_more_is_a_gap(store: SqlStore, tmp_path: Path, table: str) -> None:
    backed_up(store, tmp_path, more=5)
    live(store, 3)
    store.close()
    torn_table(tmp_path / "pnl.db", table)

    head, steps = recovered(tmp_path)

    assert head == 17
    assert any(step.startswith("nothing newer is taken from pnl.db: ") for step in steps)


def test_what_is_newer_and_does_not_prove_is_left_where_it_is(store: SqlStore, tmp_path: Path) -> None:
    backed_up(store, tmp_path, more=5)
    live(store, 3)
    store.close()
    with driver().connect(str(tmp_path / "pnl.db")) as other:
        other.execute("DROP TRIGGER snapshot_no_update")
        other.execute("UPDATE snapshot SET cash_n = cash_n + 1 WHERE seq = 19")
    other.close()
    torn_table(tmp_path / "pnl.db", "roll_1h")

    head, steps = recovered(tmp_path)

    assert head == 17
    assert any("snapshot 19" in step for step in steps if step.startswith("nothing newer is taken from pnl.db: "))


def test_without_a_backup_the_start_is_refused_with_the_cure_and_nothing_is_touched(
    store: SqlStore, tmp_path: Path
) -> None:
    store.close()
    header(tmp_path / "pnl.db")
    torn = (tmp_path / "pnl.db").read_bytes()

    with pytest.raises(StoreError, match=r"is damaged.*PNL_BACKUP_FOLDER.*restore-at-night"):
        made_sound(settings_of(tmp_path), CLOCK)

    assert (tmp_path / "pnl.db").read_bytes() == torn


def test_the_commands_say_in_a_line_that_it_is_damaged_whatever_sqlite_says_of_it(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backed_up(store, tmp_path)
    store.close()
    name_in_the_schema(tmp_path / "pnl.db")
    for name, value in {
        "PNL_DATA_DIR": str(tmp_path),
        "PNL_SANDBOX": "off",
        "PNL_BACKUP_FOLDER": str(tmp_path / "backups"),
    }.items():
        monkeypatch.setenv(name, value)
    commands = {
        "verify": 2,
        "sla": 2,
        "users list": 3,
        "tokens list": 2,
        "backup": 2,
        "drill": 2,
        "export snapshots --output -": 2,
    }

    found = {command: (main(command.split()), capsys.readouterr().err) for command in commands}

    assert {command: code for command, (code, _) in found.items()} == commands
    line = r"pnl: .*the database is damaged \(.*\\x94.*\): stop, and put a backup in its place\n"
    assert [said for _, said in found.values() if not re.fullmatch(line, said)] == []


def test_where_no_backup_can_be_read_the_torn_file_stays_where_it_is(store: SqlStore, tmp_path: Path) -> None:
    backed_up(store, tmp_path)
    store.close()
    header(tmp_path / "pnl.db")
    for file in (tmp_path / "backups").rglob("*.db.gz"):
        file.write_bytes(b"torn, too")

    with pytest.raises(StoreError, match="could not be restored"):
        made_sound(settings_of(tmp_path, PNL_BACKUP_FOLDER=str(tmp_path / "backups")), CLOCK)

    assert (tmp_path / "pnl.db").read_bytes()[:4] == b"\xff" * 4


def test_a_database_that_was_closed_well_is_left_alone(store: SqlStore, tmp_path: Path) -> None:
    store.close()

    with capture_logs() as logs:
        made_sound(settings_of(tmp_path), CLOCK)

    assert [one["event"] for one in logs] == []


def killed(tmp_path: Path) -> Path:
    """Return a copy of the files of a store that is open, as a kill leaves them."""
    other = tmp_path / "killed"
    other.mkdir()
    for more in ("", "-wal"):
        shutil.copy(tmp_path / f"pnl.db{more}", other / f"pnl.db{more}")
    return other


def test_one_that_was_not_is_looked_through(store: SqlStore, tmp_path: Path) -> None:
    folder = killed(tmp_path)
    store.close()

    with capture_logs() as logs:
        made_sound(settings_of(folder), CLOCK)

    assert [(one["event"], one.get("to_the_end")) for one in logs] == [
        ("the database was not closed: it was looked through", True)
    ]


def test_an_end_of_the_chain_that_was_altered_is_told_and_left_for_a_person(store: SqlStore, tmp_path: Path) -> None:
    folder = killed(tmp_path)
    store.close()
    with driver().connect(str(folder / "pnl.db")) as other:
        other.execute("DROP TRIGGER snapshot_no_update")
        other.execute("UPDATE snapshot SET cash_n = cash_n + 1 WHERE seq = 10")
        other.commit()
        with capture_logs() as logs:
            made_sound(settings_of(folder, PNL_BACKUP_FOLDER=str(tmp_path / "backups")), CLOCK)

    assert [one["wrong"] for one in logs if one["log_level"] == "critical"] == [
        "snapshot 10 at 2026-11-02T15:01:40.000Z breaks the chain"
    ]
    assert list(folder.glob("*.damaged-*")) == []


def test_a_start_names_the_records_that_were_slipped_in_and_goes_on(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    store = open_store(settings.database_url, demo=False)
    store.lead()
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))
    store.enter(an_entry("since", "5"), replaces=None, actor="ann", at=at(11))
    store.close()
    with capture_logs() as before:
        build(settings, CLOCK).close()
    with driver().connect(str(tmp_path / "pnl.db")) as other:
        columns = "source, kind, version, effective_us, recorded_us, fact, raw, sha256, ticker"
        for number, name in ((20_000, "f-1"), (50_000, "since")):
            other.execute(
                f"INSERT INTO record (rec_id, nat_id, {columns}) "  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
                f"SELECT {number}, 'copy', {columns} FROM record WHERE nat_id = '{name}'"
            )
        other.commit()

    with capture_logs() as logs:
        build(settings, CLOCK).close()

    assert [one for one in before if one["log_level"] == "error"] == []
    (named,) = (one for one in logs if one["log_level"] == "error")
    assert named["event"] == "records were slipped in: run `python -m pnl verify`"
    assert named["count"] == 2
    assert named["wrong"] == (
        "fill copy version 1 of kalshi (record 20000) came with no snapshot: the newest one knows records up to 1",
        "revenue copy version 1 of manual (record 50000) has no line in the audit of manual entries",
    )


def test_a_look_that_takes_too_long_is_ended(store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundness, "_STEPS", 50)
    store.close()

    assert soundness.check(tmp_path / "pnl.db", budget_seconds=0) is False
    assert soundness.check(tmp_path / "pnl.db", budget_seconds=60) is True


def test_one_byte_of_a_payload_that_flipped_is_found_by_the_chain_alone(store: SqlStore, tmp_path: Path) -> None:
    store.close()
    path = tmp_path / "pnl.db"
    path.write_bytes(path.read_bytes().replace(b'{"trade_id": "f-7"}', b'{"trade_ie": "f-7"}'))
    lines: list[str] = []

    assert soundness.check(path, budget_seconds=60) is True
    assert not verify(f"sqlite:///{path}", lines.append)
    assert any(line.startswith("FAIL  snapshot 7") for line in lines)


def test_a_database_of_an_older_version_is_kept_as_it_was_before_it_is_brought_up(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    made_by("0008", settings.database_url)

    made_sound(settings, CLOCK)
    open_store(settings.database_url, demo=False).close()
    made_sound(settings, CLOCK)

    (copy,) = tmp_path.glob("pnl.db.schema-*")
    assert copy.name == "pnl.db.schema-0008"
    assert told(f"sqlite:///{copy}", "SELECT version_num FROM alembic_version") == [("0008",)]
    assert told(settings.database_url, "SELECT version_num FROM alembic_version") == [(NEWEST,)]
