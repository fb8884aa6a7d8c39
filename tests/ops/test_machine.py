"""What `pnl doctor` says of the machine: the address, SQLite, the database, disks, backups and clocks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pnl.cli import main
from pnl.domain.snapshot import instant
from pnl.metrics.gauges import disk_of
from pnl.ops import machine
from pnl.ports import SourceMemory, Traffic
from pnl.store import open_store
from pnl.store.about import BACKUPS
from pnl.store.engine import driver
from tests.store.making import a_tick

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
NIGHT = "docs/how-to/restore-at-night.md tells what to do"


def door(**given: Any) -> machine.Sign:  # noqa: ANN401 - any of its arguments
    plain: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 8050,
        "auth": "none",
        "proxies": (),
        "open_to": (),
        "role": "all",
    }
    return machine.door(**plain | given)


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ({}, "ok", "127.0.0.1:8050, where this machine's own users"),
        ({"host": "::1"}, "ok", "[::1]:8050"),
        ({"host": "0.0.0.0", "auth": "password"}, "warn", "travels in the open; put a proxy that speaks TLS in front"),
        ({"host": "0.0.0.0", "auth": "oidc", "proxies": ("10.0.0.10",)}, "ok", "with PNL_AUTH=oidc"),
        ({"host": "0.0.0.0", "open_to": ("10.213.85.1",)}, "warn", "comes from 10.213.85.1 may do everything"),
        ({"host": "0.0.0.0", "role": "aggregator"}, "ok", "for health and metrics alone"),
    ],
)
def test_an_address_is_held_against_who_may_come_in(given: dict[str, Any], state: str, said: str) -> None:
    found = door(**given)

    assert (found.state, said in found.text) == (state, True), found


def test_a_sqlite_that_can_corrupt_a_database_fails() -> None:
    assert machine.sqlite_release((3, 51, 3), "3.51.3").state == "ok"
    assert machine.sqlite_release((3, 50, 6), "3.50.6").state == "FAIL"
    assert "install the package pysqlite3" in machine.sqlite_release((3, 40, 1), "3.40.1").text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file of an archive with a snapshot."""
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    store.lead()
    store.keep(a_tick(1))
    store.close()
    return tmp_path / "pnl.db"


def altered(file: Path, statement: str) -> None:
    connection = driver().connect(str(file))
    connection.execute(statement)
    connection.commit()
    connection.close()


def found_of(file: Path) -> machine.Sign:
    return machine.archive(f"sqlite:///{file}", None).sign


def test_a_database_that_answers_says_its_size_and_schema(file: Path) -> None:
    found = machine.archive(f"sqlite:///{file}", None)

    assert found.sign.state == "ok"
    assert f"{file} answers: SQLite 3." in found.sign.text
    assert found.facts
    assert found.facts.bytes == file.stat().st_size


def test_a_database_of_another_version_is_told_apart(file: Path) -> None:
    altered(file, "UPDATE alembic_version SET version_num = '0001'")
    older = found_of(file)
    altered(file, "UPDATE alembic_version SET version_num = '9999'")
    newer = found_of(file)

    assert (older.state, older.text.endswith("the next start brings it up")) == ("warn", True)
    assert (newer.state, newer.text.endswith("install the newer version")) == ("FAIL", True)


def test_a_database_that_is_not_there_is_made_by_a_start_unless_it_is_lost(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pnl.db'}"

    assert machine.archive(url, None).sign.text.endswith("is not there yet: the first start makes it")
    lost = machine.archive(url, "pnl.db is gone").sign
    assert (lost.state, NIGHT in lost.text) == ("FAIL", True)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_damaged_or_does_not_answer_fails_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "pnl.db").write_text("my diary\n" * 500)

    damaged = found_of(tmp_path / "pnl.db")
    away = machine.archive("postgresql://northstar@127.0.0.1:9/northstar", None).sign

    assert (damaged.state, "damaged" in damaged.text, NIGHT in damaged.text) == ("FAIL", True, True)
    assert (away.state, "cannot" in away.text) == ("FAIL", True)


def test_a_disk_is_held_against_what_a_restore_needs(tmp_path: Path) -> None:
    free = int(disk_of(tmp_path)[0])
    folders = {"PNL_DATA_DIR": tmp_path / "not" / "there"}

    assert [one.state for one in machine.disks(folders, 0, least=1)] == ["ok"]
    (tight,) = machine.disks(folders, free, least=1)
    (full,) = machine.disks(folders, 0, least=2 * free)
    assert (tight.state, "three times the database" in tight.text) == ("warn", True)
    assert (full.state, full.text.endswith("make room")) == ("FAIL", True)


def test_a_disk_that_is_not_mounted_is_told(tmp_path: Path) -> None:
    away = tmp_path / "disk" / "northstar"

    (found,) = machine.mounts({"the spool": away, "backups": tmp_path / "made-by-itself", "nothing": None})

    assert found.state == "FAIL"
    assert found.text == (
        f"{away.parent} is not there, in which the folder for the spool is to be: is its disk mounted? "
        f"Mount it, or make {away.parent}"
    )


@pytest.mark.parametrize(("hours", "state"), [(0.5, "ok"), (2.9, "ok"), (3.1, "FAIL"), (None, "warn")])
def test_the_age_of_the_newest_backup_is_held_against_when_one_is_due(hours: float | None, state: str) -> None:
    proved = None if hours is None else instant(NOW - timedelta(hours=hours))
    told = [{"place": "/b", "verified_at": proved, "trouble": None}, {"place": "/old", "verified_at": None}]

    found = list(machine.backups(["/b"], told, 1, NOW))

    assert [one.state for one in found] == [state]
    assert list(machine.backups([], told, 1, NOW)) == []


def test_a_clock_that_was_off_is_told_without_a_call() -> None:
    memory = SourceMemory(
        name="kalshi", cursor=None, as_of=NOW, complete_through=None, last_attempt=NOW, next_attempt=NOW,
        failures=0, error=None, caught_up=True,
    )  # fmt: skip
    traffic = Traffic(since=NOW, calls=3, failed=0, p50_ms=1, p95_ms=1, longest_ms=1, skew_ms=-12_000)
    well, silent = replace(traffic, skew_ms=200), replace(traffic, skew_ms=None)

    found = list(machine.clocks([replace(memory, traffic=one) for one in (traffic, well, silent, None)]))

    assert [one.state for one in found] == ["FAIL", "ok"]
    assert found[0].text == "-12.0 s off kalshi's, as of 2026-11-20 17:00:00 UTC: set it, best by NTP"


def test_a_small_disk_is_told_in_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "disk_of", lambda _folder: (31_000_000, 2_500_000_000))

    (found,) = machine.disks({"PNL_DATA_DIR": tmp_path}, 12_000_000, least=1)

    assert found.text.startswith(f"31 MB of 2.5 GB are free at {tmp_path}")
    assert "a restore needs 36 MB, three times the database" in found.text


def test_a_redis_that_answers_is_well(redis_url: str) -> None:
    assert str(machine.redis(redis_url)) == "ok    Redis: it answers"


def test_a_redis_that_is_away_is_a_warning_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PNL_REDIS_URL", "redis://:canary@127.0.0.1:1/0")

    assert main(["doctor"]) == 0

    said = capsys.readouterr().out
    assert "  warn  Redis: it does not answer (ConnectionError: Error 111 connecting to 127.0.0.1:1" in said
    assert "docs/how-to/use-redis.md" in said
    assert "canary" not in said


def test_trouble_of_a_place_is_a_warning_though_its_copy_is_fresh() -> None:
    told = [{"place": "/b", "verified_at": instant(NOW - timedelta(minutes=5)), "trouble": "no room"}]

    (found,) = machine.backups(["/b"], told, 1, NOW)

    assert found.state == "warn"
    assert found.text.endswith("; no room")


def test_the_command_fails_where_the_machine_is_not_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'demo.db'}", demo=True)
    store.lead()
    store.keep(a_tick(1))
    place = tmp_path / "backups"
    place.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PNL_BACKUP_FOLDER", str(place))
    codes = []
    for age in (timedelta(minutes=5), timedelta(days=2)):
        proved = instant(datetime.now(UTC) - age)
        store.note(BACKUPS, [{"place": str(place), "verified_at": proved, "trouble": None}])
        codes.append(main(["doctor"]))
    store.close()

    said = capsys.readouterr().out
    assert codes == [0, 1]
    assert "  ok    backup: the newest copy in" in said
    assert "  FAIL  backup: the newest copy in" in said
    assert "one is due every 1 h (PNL_BACKUP_HOURS)" in said
