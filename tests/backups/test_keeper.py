"""What keeps backups up to date: every look sends what came, a copy is made when one is due, trouble is told."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pnl.backups import shelf
from pnl.backups.clearing import clear
from pnl.backups.keeper import AGAIN_SECONDS, SHIP_SECONDS, Keeper
from pnl.backups.places import Folder
from pnl.backups.shipping import Shipping
from pnl.backups.whole import back_up
from pnl.domain.snapshot import Json
from pnl.metrics.instruments import REGISTRY
from pnl.store import SqlStore, open_store
from pnl.store.about import BACKUPS, RESTORED
from pnl.store.verification import opened
from tests.backups.making import live
from tests.fakes import StillClock

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which database the tests are run on: how a place does is the same with either."""
    found: str = request.param
    return found


class Copies:
    """Makes whole copies in this process, each done when it is asked about; fails where it is told to."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make
        self.made = 0
        self.code = 0

    def __call__(self) -> "Copies":
        self.made += 1
        if self.code == 0:
            self.make()
        return self

    def poll(self) -> int:
        return self.code

    def terminate(self) -> None:
        raise AssertionError("it has ended")


class House:
    """A keeper of one folder, with a clock that a test moves."""

    def __init__(self, store: SqlStore, url: str, folder: Folder, work: Path, *, hours: int = 1) -> None:
        self.clock = StillClock(NOON)
        self.store = store
        own = work / "whole"
        own.mkdir()
        self.copies = Copies(lambda: back_up(url, [folder], own, clock=self.clock, tell=lambda _: None))
        self.keeper = Keeper(
            url,
            [folder],
            clock=self.clock,
            work=work / "ship",
            every=timedelta(hours=hours),
            copy=self.copies,
            note=lambda told: store.note(BACKUPS, told),
        )

    def look(self, minutes: float = 1) -> dict[str, Json]:
        """Let time pass, look, and return what is noted of the folder."""
        self.clock.go(60 * minutes)
        self.keeper.look()
        (told,) = self.store.about().backups
        assert isinstance(told, dict)
        return told


@pytest.fixture
def house(store: SqlStore, url: str, folder: Folder, work: Path) -> House:
    return House(store, url, folder, work)


def test_the_first_look_has_a_copy_made_and_the_next_sends_what_came(house: House, folder: Folder) -> None:
    live(house.store, 3)

    first = house.look()
    live(house.store, 6)
    second = house.look()

    assert (first["verified_at"], first["sent_seq"]) == (None, None)
    assert (second["verified_at"], second["seq"], second["sent_seq"]) == ("2026-11-20T17:01:00.000Z", 3, 9)
    assert second["trouble"] is None
    assert [(one.first, one.last) for one in shelf.segments(folder, house.store.stream())] == [(4, 9)]


def test_a_copy_is_made_every_hour(house: House) -> None:
    live(house.store, 3)

    for _ in range(125):
        house.look()

    assert house.copies.made == 3


def test_what_is_known_is_measured(house: House) -> None:
    live(house.store, 3)
    house.look()
    house.look()

    value = REGISTRY.get_sample_value
    place = {"place": "folder"}
    verified = value("pnl_backup_last_verified_timestamp_seconds", place)
    assert verified == (NOON + timedelta(minutes=1)).timestamp()
    assert (value("pnl_backup_bytes", place) or 0) > 100_000
    assert value("pnl_segment_ship_lag_seconds", place) == 0


def due() -> datetime:
    """Return when a whole copy of the folder is due, as it is measured."""
    found = REGISTRY.get_sample_value("pnl_backup_due_timestamp_seconds", {"place": "folder"})
    assert found is not None
    return datetime.fromtimestamp(found, UTC)


def test_a_copy_is_due_so_long_after_the_newest_as_is_set(
    store: SqlStore, url: str, folder: Folder, work: Path
) -> None:
    house = House(store, url, folder, work, hours=24)
    live(store, 3)
    house.look()
    house.look()

    assert due() == NOON + timedelta(minutes=1, hours=24)


def test_a_place_that_never_had_a_copy_waits_for_one_from_the_start_on(house: House) -> None:
    live(house.store, 3)
    house.copies.code = 1

    for _ in range(90):
        told = house.look()

    assert told["verified_at"] is None
    assert due() == NOON


def test_a_copy_is_waited_for_from_the_start_on_even_where_no_look_succeeds(house: House, work: Path) -> None:
    (work / "ship").write_text("no folder")

    house.keeper.start()
    measured = due()
    house.keeper.stop()

    assert measured == NOON


def test_a_place_that_is_away_is_told_and_is_sent_everything_when_it_is_back(
    house: House, folder: Folder, tmp_path: Path
) -> None:
    live(house.store, 3)
    house.look()
    house.look()
    away = (tmp_path / "backups").rename(tmp_path / "away")
    (tmp_path / "backups").write_text("no folder")

    live(house.store, 2)
    told = house.look()
    lag = REGISTRY.get_sample_value("pnl_segment_ship_lag_seconds", {"place": "folder"})
    live(house.store, 2)
    (tmp_path / "backups").unlink()
    away.rename(tmp_path / "backups")
    back = house.look()

    assert "backups" in str(told["trouble"])
    assert lag == 60
    assert (back["trouble"], back["sent_seq"]) == (None, 7)
    assert [(one.first, one.last) for one in shelf.segments(folder, house.store.stream())] == [(4, 7)]


def test_a_copy_that_fails_is_told_and_tried_again_later(house: House) -> None:
    live(house.store, 3)
    house.copies.code = 1

    house.look()
    told = house.look()
    assert "exit code 1" in str(told["trouble"])
    assert house.copies.made == 1

    house.copies.code = 0
    house.look(AGAIN_SECONDS / 60)
    healed = house.look()
    assert house.copies.made == 2
    assert (healed["trouble"], healed["seq"]) == (None, 3)


def test_what_came_before_a_stop_is_sent(house: House, folder: Folder) -> None:
    live(house.store, 3)
    house.look()
    house.look()
    house.keeper.start()
    live(house.store, 4)

    house.keeper.stop()

    assert shelf.segments(folder, house.store.stream())[-1].last == 7


def test_old_backups_are_let_go_of_and_what_is_needed_stays(house: House, folder: Folder) -> None:
    for _ in range(8):
        live(house.store, 1)
        house.look(61)
        live(house.store, 1)
        house.look(1)
    series = house.store.stream()

    clear(folder, series, house.clock.now() + timedelta(days=2), 35)

    copies = shelf.wholes(folder, series)
    assert len(copies) == 3  # the last of the day before is among the newest three
    least = copies[-3].seq
    assert all(one.last > least for one in shelf.segments(folder, series))
    assert len(folder.names(f"{series}/whole/")) == 2 * len(copies)


def test_a_database_that_was_moved_away_is_told_and_no_file_is_made_in_its_place(house: House, tmp_path: Path) -> None:
    live(house.store, 3)
    house.look()
    (tmp_path / "pnl.db").rename(tmp_path / "moved.db")

    house.clock.go(60)
    with capture_logs() as logs:
        house.keeper.look()

    assert not (tmp_path / "pnl.db").exists()
    assert any("pnl.db is gone" in str(one.get("error")) for one in logs)


def another(folder: Folder, tmp_path: Path, made_at: datetime, *, demo: bool = False) -> SqlStore:
    """Return the store of another archive, with a copy in a folder that was made at some time."""
    path = tmp_path / "another"
    path.mkdir(exist_ok=True)
    url = f"sqlite:///{path / 'pnl.db'}"
    store = open_store(url, demo=demo)
    store.lead()
    live(store, 3)
    own = path / "work"
    own.mkdir()
    assert back_up(url, [folder], own, clock=StillClock(made_at), tell=lambda _: None) == []
    return store


BEGAN = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
"""When the archives of these tests begin."""


def test_an_archive_that_ended_before_this_one_began_is_told_with_the_way_to_have_it_back(
    house: House, folder: Folder, tmp_path: Path
) -> None:
    lost = another(folder, tmp_path, BEGAN - timedelta(days=1))
    live(house.store, 3)

    with capture_logs() as logs:
        trouble = [str(house.look()["trouble"]) for _ in range(3)]

    assert all(f"`python -m pnl restore --replace --series {lost.stream()}`" in one for one in trouble)
    assert [one["event"] for one in logs].count("the place has backups of another archive") == 1
    assert house.copies.made == 1
    lost.close()


def test_an_archive_that_goes_on_beside_this_one_is_another_products(
    house: House, folder: Folder, work: Path, tmp_path: Path
) -> None:
    theirs = another(folder, tmp_path, BEGAN - timedelta(days=1))
    live(house.store, 3)
    assert house.look()["trouble"]
    live(theirs, 2)
    with opened(f"sqlite:///{tmp_path / 'another' / 'pnl.db'}") as database:
        Shipping(folder, work).ship(database)

    assert house.look()["trouble"] is None
    theirs.close()


@pytest.mark.parametrize(("made_at", "demo"), [(BEGAN + timedelta(days=1), False), (BEGAN - timedelta(days=1), True)])
def test_a_younger_archive_or_one_of_the_other_kind_is_no_trouble(
    house: House, folder: Folder, tmp_path: Path, made_at: datetime, demo: bool
) -> None:
    another(folder, tmp_path, made_at, demo=demo).close()
    live(house.store, 3)

    assert house.look()["trouble"] is None


def test_who_was_restored_knows_of_the_others(house: House, folder: Folder, tmp_path: Path) -> None:
    another(folder, tmp_path, BEGAN - timedelta(days=1)).close()
    live(house.store, 3)
    house.store.note(RESTORED, {"series": "5b0c9e1f", "seq": 2})

    assert house.look()["trouble"] is None


def test_a_copy_that_lies_there_is_told_as_soon_as_its_place_is_back(
    house: House, url: str, folder: Folder, work: Path, tmp_path: Path
) -> None:
    live(house.store, 3)
    house.look()
    house.look()
    (tmp_path / "backups").rename(tmp_path / "away")
    work.joinpath("later").mkdir()
    later = House(house.store, url, folder, work / "later")
    later.copies.code = 1
    for _ in range(3):
        told = later.look()
    assert (told["verified_at"], "exit code 1" in str(told["trouble"])) == (None, True)
    (tmp_path / "away").rename(tmp_path / "backups")

    back = later.look()

    assert (back["trouble"], back["seq"]) == (None, 3)
    assert back["verified_at"] is not None
    assert later.copies.made == 1


def test_a_copy_that_is_due_is_made_as_soon_as_its_place_is_back(
    store: SqlStore, url: str, work: Path, tmp_path: Path
) -> None:
    house = House(store, url, Folder(tmp_path / "disk" / "backups"), work)
    (tmp_path / "disk").mkdir()
    live(store, 3)
    house.copies.code = 1
    house.look()
    assert "exit code 1" in str(house.look()["trouble"])
    (tmp_path / "disk").rmdir()
    house.copies.code = 0

    away = house.look()
    (tmp_path / "disk").mkdir()
    house.look()
    back = house.look()

    assert f"{tmp_path / 'disk'} is not there" in str(away["trouble"])
    assert "is its disk mounted?" in str(away["trouble"])
    assert (back["trouble"], back["seq"]) == (None, 3)


def test_a_whole_copy_is_told_when_it_is_kept_and_not_at_the_next_look(house: House) -> None:
    noted = threading.Event()

    def note(told: Json) -> None:
        assert isinstance(told, list)
        if isinstance(told[0], dict) and told[0]["verified_at"]:
            noted.set()

    live(house.store, 3)
    house.keeper._note = note

    house.keeper.start()

    assert noted.wait(SHIP_SECONDS / 2)
    house.keeper.stop()
