"""A database that is gone or empty: restored, refused with the cure, or begun anew where somebody deleted it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pnl.cli import main
from pnl.desk.assembly import build
from pnl.desk.backing import restored_after, spool_of
from pnl.desk.recovery import made_sound
from pnl.errors import StoreDamaged, StoreError
from pnl.ops.verify import verify
from pnl.store import SqlStore, claim_of, open_store
from tests.backups.making import live
from tests.faults.test_catching_up import locked
from tests.faults.test_recovery import CLOCK, backed_up, settings_of
from tests.product.process import Process
from tests.store.making import a_tick


def gone(path: Path) -> None:
    """Take the file away."""
    path.unlink()


def emptied(path: Path) -> None:
    """Leave nothing in it."""
    path.write_bytes(b"")


LOSS = pytest.mark.parametrize("loss", [gone, emptied], ids=lambda loss: loss.__name__)


def opened(tmp_path: Path) -> SqlStore:
    """Open the store with its spool, as a start does."""
    settings = settings_of(tmp_path, PNL_SPOOL_MB="1")
    return open_store(settings.database_url, demo=False, lock_seconds=0.1, spool=spool_of(settings))


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = opened(tmp_path)
    store.lead()
    live(store, 12)
    return store


def with_backups(tmp_path: Path) -> dict[str, str]:
    return {"PNL_BACKUP_FOLDER": str(tmp_path / "backups"), "PNL_SPOOL_MB": "1"}


def started(tmp_path: Path, **more: str) -> list[dict[str, str]]:
    """Have a start look; return what it logged."""
    with capture_logs() as logs:
        made_sound(settings_of(tmp_path, **more), CLOCK)
    return [{name: str(value) for name, value in one.items()} for one in logs]


@LOSS
def test_the_newest_backup_of_the_same_series_is_put_in_its_place(
    store: SqlStore, tmp_path: Path, loss: Callable[[Path], None]
) -> None:
    backed_up(store, tmp_path, more=5)
    store.close()
    other = tmp_path / "other"
    other.mkdir()
    elsewhere = opened(other)
    elsewhere.lead()
    live(elsewhere, 3)
    backed_up(elsewhere, other)
    elsewhere.close()
    shutil.copytree(other / "backups", tmp_path / "backups", dirs_exist_ok=True)  # two products, and this copy is newer
    loss(tmp_path / "pnl.db")

    logs = started(tmp_path, **with_backups(tmp_path))

    told = [one["event"] for one in logs if one["log_level"] == "critical"]
    assert told == ["the database is gone", "the database was moved aside, and the newest backup is in its place"]
    again = opened(tmp_path)
    assert (again.head(), restored_after(again)) == (17, 17)
    again.close()
    assert verify(f"sqlite:///{tmp_path / 'pnl.db'}", lambda _: None)


def test_what_waits_in_the_spool_follows_on_the_backup_and_is_written(store: SqlStore, tmp_path: Path) -> None:
    backed_up(store, tmp_path, more=5)
    with locked(tmp_path / "pnl.db"):
        store.keep(a_tick(18))
        store.keep(a_tick(19))
    store.close()
    gone(tmp_path / "pnl.db")
    started(tmp_path, **with_backups(tmp_path))

    again = opened(tmp_path)
    again.lead()

    assert again.head() == 19
    assert list(tmp_path.glob("*.refused-*")) == []
    again.close()


@LOSS
def test_without_a_backup_what_waits_refuses_the_start_with_the_cure(
    store: SqlStore, tmp_path: Path, loss: Callable[[Path], None]
) -> None:
    with locked(tmp_path / "pnl.db"):
        store.keep(a_tick(13))
    store.close()
    loss(tmp_path / "pnl.db")
    before = {path: path.read_bytes() for path in tmp_path.glob("pnl.db*") if path.suffix != ".leader"}

    with pytest.raises(StoreError, match=r"PNL_BACKUP_FOLDER.*restore-at-night.*move away .*pnl\.db\.spool") as refused:
        made_sound(settings_of(tmp_path, PNL_SPOOL_MB="1"), CLOCK)

    assert "\n" not in str(refused.value)
    assert {path: path.read_bytes() for path in before} == before
    aside = tmp_path / "aside"
    aside.mkdir()
    for name in str(refused.value).partition("move away ")[2].split(", "):
        Path(name).rename(aside / Path(name).name)
    assert started(tmp_path, PNL_SPOOL_MB="1") == []  # a first start


def test_a_log_that_a_kill_left_refuses_the_start_and_stays(store: SqlStore, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()
    shutil.copy(tmp_path / "pnl.db-wal", killed / "pnl.db-wal")
    store.close()
    before = (killed / "pnl.db-wal").read_bytes()

    with pytest.raises(StoreError, match=r"is gone.*see pnl\.db-wal"):
        made_sound(settings_of(killed), CLOCK)

    assert before
    assert (killed / "pnl.db-wal").read_bytes() == before


def test_where_the_backups_are_of_no_use_the_start_is_refused(store: SqlStore, tmp_path: Path) -> None:
    backed_up(store, tmp_path)
    store.close()
    gone(tmp_path / "pnl.db")
    for file in (tmp_path / "backups").rglob("*.db.gz"):
        file.write_bytes(b"torn, too")

    with pytest.raises(StoreError, match=r"could not be restored.*restore-at-night.*move away"):
        made_sound(settings_of(tmp_path, **with_backups(tmp_path)), CLOCK)

    assert not (tmp_path / "pnl.db").exists()


@LOSS
def test_who_deleted_it_after_a_clean_stop_begins_anew_with_a_warning(
    store: SqlStore, tmp_path: Path, loss: Callable[[Path], None]
) -> None:
    claim = claim_of(f"sqlite:///{tmp_path / 'pnl.db'}")
    claim.take()
    claim.release()
    store.close()
    loss(tmp_path / "pnl.db")

    for more in ({}, with_backups(tmp_path)):
        (tmp_path / "backups").mkdir(exist_ok=True)
        (warning,) = started(tmp_path, **more)
        assert warning["log_level"] == "warning"
        assert "pnl.db.leader" in warning["was"]
    with capture_logs() as logs:
        build(settings_of(tmp_path), CLOCK).close()
    assert [one for one in logs if one["log_level"] in ("error", "critical")] == []


def test_a_first_start_asks_no_place_of_backups_and_says_nothing(store: SqlStore, tmp_path: Path) -> None:
    backed_up(store, tmp_path)
    store.close()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "pnl.db").touch()

    assert started(fresh, **with_backups(tmp_path)) == []
    assert sorted(path.name for path in fresh.iterdir()) == ["pnl.db"]


def test_while_a_process_ticks_that_has_lost_it_no_other_makes_one(store: SqlStore, tmp_path: Path) -> None:
    claim = claim_of(f"sqlite:///{tmp_path / 'pnl.db'}")
    assert claim.take()
    store.close()
    gone(tmp_path / "pnl.db")

    with pytest.raises(StoreDamaged, match="stop it first"):
        made_sound(settings_of(tmp_path), CLOCK)

    claim.release()


def test_who_does_not_tick_makes_no_database_where_one_was(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(tmp_path / "pnl.db"):
        store.keep(a_tick(13))
    store.close()
    gone(tmp_path / "pnl.db")
    for name, value in {"PNL_DATA_DIR": str(tmp_path), "PNL_SANDBOX": "off"}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(StoreDamaged, match="start NorthStar where it makes the ticks"):
        made_sound(settings_of(tmp_path, PNL_ROLE="web", PNL_REDIS_URL="redis://127.0.0.1:1/0"), CLOCK)
    assert main(["users", "list"]) == 3

    assert "is gone" in capsys.readouterr().err
    assert not (tmp_path / "pnl.db").exists()


@pytest.mark.slow
def test_a_database_that_was_moved_away_under_the_product_costs_nothing_once_it_is_back(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    process = start(PNL_BACKUP_FOLDER=str(place))
    process.until(lambda snapshot: snapshot["seq"] >= 3)
    database, moved = tmp_path / "data" / "demo.db", tmp_path / "data" / "moved.db"
    database.rename(moved)
    shown = process.until(lambda _snapshot: "warnings" in process.get("/readyz").json())
    shown = process.until(lambda snapshot: snapshot["seq"] > shown["seq"] + 2)
    process.stop()  # the keeper looks once more
    assert not database.exists()
    shutil.rmtree(place)
    place.mkdir()
    spool = database.with_name("demo.db.spool").read_bytes()

    process.again()
    assert process.process.wait(30) == 4
    assert "is gone, and there was an archive" in process.said()
    assert not database.exists()
    assert database.with_name("demo.db.spool").read_bytes() == spool
    moved.rename(database)
    process.again()
    later = process.until(lambda snapshot: snapshot["seq"] > shown["seq"])

    kept = process.exported()
    assert set(kept) >= set(range(1, later["seq"] + 1))
    assert kept[shown["seq"]]["net_usd"] == shown["net"]
    assert list(database.parent.glob("*.refused-*")) == []
    assert process.stop() == 0
