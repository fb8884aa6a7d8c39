"""Segments: whatever an archive was given between two moments comes back by its segment, to the last row."""

import gzip
from pathlib import Path

import pytest

from pnl.backups import segments, shelf
from pnl.backups.places import Folder
from pnl.backups.putting_on import put_on
from pnl.backups.reach import reach_of
from pnl.backups.shipping import Shipping
from pnl.backups.whole import back_up, take
from pnl.clock import SystemClock
from pnl.errors import BackupError
from pnl.ports import Tick
from pnl.store import SqlStore, retention, schema
from pnl.store.database import database_of
from pnl.store.verification import Fault, examine, opened
from tests.backups.making import live, thin
from tests.store.making import a_snapshot, an_entry, at
from tests.store.outside import outside, rows_of


def written(url: str, after: Path, file: Path) -> None:
    """Write the segment of all that an archive has beyond a copy of it."""
    with opened(f"sqlite:///{after}") as old, old.reading() as connection:
        begin = reach_of(connection)
    with opened(url) as new, new.reading() as connection:
        segments.write(connection, begin, reach_of(connection), {}, file)


def put(copy: Path, file: Path) -> None:
    database = database_of(f"sqlite:///{copy}", lock_seconds=1)
    with database.writing() as connection:
        put_on(connection, file)
    database.close()


def every_row(url: str) -> dict[str, list[dict[str, object]]]:
    lasting = schema.metadata.tables.keys() - set(segments.PASSING)
    return {name: sorted(rows_of(url, name), key=repr) for name in lasting}


def copied(url: str, copy: Path) -> None:
    with opened(url) as database:
        take(url, database, copy, lambda _: None)


def test_every_table_is_in_a_segment_or_made_anew() -> None:
    parts = (segments.BY_SEQ, ("gap",), tuple(segments.BY_NUMBER), segments.STATE, segments.MADE_ANEW, segments.PASSING)

    assert sorted(name for part in parts for name in part) == sorted(schema.metadata.tables)


def test_a_segment_brings_a_copy_up_to_the_archive(store: SqlStore, url: str, tmp_path: Path) -> None:
    live(store, 12)
    copied(url, tmp_path / "copy.db")
    live(store, 9)
    written(url, tmp_path / "copy.db", tmp_path / "segment")

    put(tmp_path / "copy.db", tmp_path / "segment")

    assert every_row(f"sqlite:///{tmp_path / 'copy.db'}") == every_row(url)


def test_what_was_entered_since_the_newest_snapshot_is_in_a_segment_with_its_line_of_the_audit(
    store: SqlStore, url: str, tmp_path: Path
) -> None:
    live(store, 4)
    copied(url, tmp_path / "copy.db")
    live(store, 1)
    store.enter(an_entry("late", "3"), replaces=None, actor="ann", at=at(55))
    written(url, tmp_path / "copy.db", tmp_path / "first")
    put(tmp_path / "copy.db", tmp_path / "first")
    ended = every_row(f"sqlite:///{tmp_path / 'copy.db'}"), every_row(url)
    live(store, 2)
    written(url, tmp_path / "copy.db", tmp_path / "second")

    put(tmp_path / "copy.db", tmp_path / "second")

    assert ended[0] == ended[1]
    assert every_row(f"sqlite:///{tmp_path / 'copy.db'}") == every_row(url)
    with opened(f"sqlite:///{tmp_path / 'copy.db'}") as database:
        assert [found for found in examine(database) if isinstance(found, Fault)] == []


def test_what_was_thinned_meanwhile_is_thinned_there_too(store: SqlStore, url: str, tmp_path: Path) -> None:
    live(store, 12)
    copied(url, tmp_path / "copy.db")
    live(store, 3, days=40)
    thin(store)
    live(store, 3, days=41)
    written(url, tmp_path / "copy.db", tmp_path / "segment")

    put(tmp_path / "copy.db", tmp_path / "segment")

    assert every_row(f"sqlite:///{tmp_path / 'copy.db'}") == every_row(url)
    with opened(f"sqlite:///{tmp_path / 'copy.db'}") as database:
        assert [found for found in examine(database) if isinstance(found, Fault)] == []


@pytest.mark.parametrize("earlier", [False, True])
def test_what_any_version_thinned_is_thinned_there_as_it_left_it(
    store: SqlStore, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    store.keep(Tick(snapshot=a_snapshot(1, after=10)))
    live(store, 12)
    copied(url, tmp_path / "copy.db")
    live(store, 3, days=40)
    with monkeypatch.context() as patch:
        if earlier:  # it did not keep the first mark of a market
            keep = retention.kept
            patch.setattr(retention, "kept", lambda marks, instants, **_: keep(marks, instants))
        thin(store)
    live(store, 3, days=41)
    written(url, tmp_path / "copy.db", tmp_path / "segment")

    put(tmp_path / "copy.db", tmp_path / "segment")

    assert bool(store.marks_at(at(25), ["KXA"])) is not earlier
    assert every_row(f"sqlite:///{tmp_path / 'copy.db'}") == every_row(url)
    with opened(f"sqlite:///{tmp_path / 'copy.db'}") as database:
        assert [found for found in examine(database) if isinstance(found, Fault)] == []


def test_segments_that_overlap_are_put_on_once(store: SqlStore, url: str, tmp_path: Path) -> None:
    live(store, 5)
    copied(url, tmp_path / "copy.db")
    live(store, 4)
    written(url, tmp_path / "copy.db", tmp_path / "first")
    live(store, 4)
    written(url, tmp_path / "copy.db", tmp_path / "second")

    for name in ("first", "second", "first"):
        put(tmp_path / "copy.db", tmp_path / name)

    assert every_row(f"sqlite:///{tmp_path / 'copy.db'}") == every_row(url)


def test_a_segment_with_a_hole_before_it_is_refused(store: SqlStore, url: str, tmp_path: Path) -> None:
    live(store, 2)
    copied(url, tmp_path / "old.db")
    live(store, 2)
    copied(url, tmp_path / "new.db")
    live(store, 2)
    written(url, tmp_path / "new.db", tmp_path / "segment")

    with pytest.raises(BackupError, match="begins after snapshot 4, and the archive ends with 2"):
        put(tmp_path / "old.db", tmp_path / "segment")


def test_a_segment_of_another_past_is_refused(store: SqlStore, url: str, tmp_path: Path) -> None:
    live(store, 3)
    copied(url, tmp_path / "copy.db")
    live(store, 2)
    written(url, tmp_path / "copy.db", tmp_path / "segment")
    with outside(f"sqlite:///{tmp_path / 'copy.db'}") as connection:
        connection.exec_driver_sql("DROP TRIGGER snapshot_no_update")
        connection.exec_driver_sql("UPDATE snapshot SET hash = 'another' WHERE seq = 3")

    with pytest.raises(BackupError, match="snapshot 3 of the segment is not the one of the archive"):
        put(tmp_path / "copy.db", tmp_path / "segment")


def test_a_segment_of_another_archive_is_refused(store: SqlStore, url: str, tmp_path: Path) -> None:
    live(store, 3)
    copied(url, tmp_path / "copy.db")
    written(url, tmp_path / "copy.db", tmp_path / "segment")
    with outside(f"sqlite:///{tmp_path / 'copy.db'}") as connection:
        connection.exec_driver_sql("UPDATE about SET value = 'other' WHERE name = 'stream'")

    with pytest.raises(BackupError, match="not of this archive"):
        put(tmp_path / "copy.db", tmp_path / "segment")


@pytest.mark.parametrize("text", [b"no gzip", b"no json", b'{"format": "other/1"}'])
def test_what_is_no_segment_is_refused(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "segment").write_bytes(text if text == b"no gzip" else gzip.compress(text))

    with pytest.raises((ValueError, OSError)):
        segments.head_of(tmp_path / "segment")


def test_each_segment_begins_where_the_last_one_ended(store: SqlStore, url: str, folder: Folder, work: Path) -> None:
    live(store, 3)
    back_up(url, [folder], work, clock=SystemClock(), tell=lambda _: None)
    for shipping in (Shipping(folder, work), Shipping(folder, work)):
        for _ in range(2):
            live(store, 2)
            with opened(url) as database:
                shipping.ship(database)
                shipping.ship(database)  # nothing came since

    found = shelf.segments(folder, store.stream())
    assert [(one.first, one.last) for one in found] == [(4, 5), (6, 7), (8, 9), (10, 11)]


def test_without_a_whole_copy_no_segment_is_sent(store: SqlStore, url: str, folder: Folder, work: Path) -> None:
    live(store, 3)

    with opened(url) as database:
        assert Shipping(folder, work).ship(database) is None

    assert folder.names() == []


def test_an_archive_that_is_behind_its_backups_is_told(
    store: SqlStore, url: str, folder: Folder, work: Path, tmp_path: Path
) -> None:
    live(store, 3)
    copied(url, tmp_path / "older.db")
    live(store, 3)
    back_up(url, [folder], work, clock=SystemClock(), tell=lambda _: None)

    with opened(f"sqlite:///{tmp_path / 'older.db'}") as database, pytest.raises(BackupError, match="only to 3"):
        Shipping(folder, work).ship(database)
