"""`pnl export` as an operator runs it, beside the download of the same."""

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pnl.cache import open_cache
from pnl.cli import main
from pnl.cli.export import known_days
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.export.tables import TABLES
from pnl.store import SqlStore
from pnl.web.export import export
from pnl.web.problems import speak_problems
from pnl.web.query import Days
from tests.export.conftest import TICKS

ROOT = Path(__file__).parents[2]
FILES = [*((table, "csv") for table in TABLES), ("days", "xlsx"), ("days", "beancount"), ("fills", "parquet")]


@pytest.fixture(autouse=True)
def named(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PNL_DATABASE_URL", url)
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def client(store: SqlStore) -> FlaskClient:
    """Return a client of the export over a real store."""
    app, clock, settings = Flask("test"), SystemClock(), Settings.load()
    speak_problems(app, 10)
    cache = open_cache(None, stream=store.stream(), settings="test", clock=clock)
    app.register_blueprint(export(store, clock, Days(settings.time_zone), cache, known_days(store, settings)))
    return app.test_client()


@pytest.mark.parametrize(("table", "kind"), FILES)
def test_the_command_the_download_and_the_manifest_tell_of_the_same_bytes(
    client: FlaskClient, tmp_path: Path, table: str, kind: str
) -> None:
    target = tmp_path / f"mine.{kind}"

    code = main(["export", table, "--output", str(target), "--manifest"])

    written = target.read_bytes()
    told = client.get(f"/api/pnl/export.manifest?table={table}&format={kind}").json
    beside = json.loads((tmp_path / f"mine.{kind}.manifest.json").read_text())
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("mine.*")} == {0o600}
    assert code == 0
    assert client.get(f"/api/pnl/export.{kind}?table={table}").data == written
    assert told is not None
    assert told["sha256"] == beside["sha256"] == hashlib.sha256(written).hexdigest()
    assert told["bytes"] == beside["bytes"] == len(written)
    assert told | {"file_name": ""} == beside | {"file_name": ""}
    assert client.get(told["url"]).data == written
    assert not list(tmp_path.glob("*.part*"))


def test_a_file_that_is_written_anew_has_no_manifest_of_the_one_before(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target, manifest = tmp_path / "fills.csv", tmp_path / "fills.csv.manifest.json"
    assert main(["export", "fills", "--from", "2026-11-30", "--output", str(target), "--manifest"]) == 0
    assert manifest.exists()
    assert "taken away" not in capfd.readouterr().err

    assert main(["export", "fills", "--output", str(target)]) == 0

    assert not manifest.exists()
    assert f"{manifest} was of the file before, and is taken away" in capfd.readouterr().err


@pytest.mark.parametrize("output", ["out", "no/such/fills.csv"])
def test_what_is_no_name_of_a_file_leaves_nothing_behind(tmp_path: Path, output: str) -> None:
    (tmp_path / "out").mkdir()

    assert main(["export", "fills", "--output", output]) == 2
    assert [path.name for path in tmp_path.rglob("*") if not path.name.startswith("pnl.db")] == ["out"]


def test_a_row_to_go_on_after_that_there_is_not_leaves_nothing_behind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "fills.csv"

    assert main(["export", "fills", "--after", "99", "--output", str(target)]) == 2

    assert "there is no record 99 in it" in capfd.readouterr().err
    assert not list(tmp_path.glob("fills.csv*"))


@pytest.mark.parametrize(("table", "other"), [("entries", "fills"), ("costs", "fills"), ("fills", "revenue")])
def test_the_key_of_another_table_is_refused_as_one_that_there_is_not(
    client: FlaskClient, table: str, other: str
) -> None:
    key = client.get(f"/api/pnl/export.csv?table={other}").text.splitlines()[1].partition(",")[0]

    for number in (key, "99"):
        for found in (
            client.get(f"/api/pnl/export.csv?table={table}&after={number}"),
            client.get(f"/api/pnl/export.manifest?table={table}&after={number}"),
        ):
            assert (found.status_code, found.json["parameter"] if found.json else "") == (400, "after")
            cure = f"after {number}: there is no record {number} in it; give the record of the last row that you have"
            assert cure in found.text
        assert client.head(f"/api/pnl/export.csv?table={table}&after={number}").status_code == 400


def test_the_headers_tell_how_many_rows_there_are(client: FlaskClient) -> None:
    found = client.head("/api/pnl/export.csv?table=fills")

    assert (found.headers["X-NorthStar-Rows"], found.headers["X-NorthStar-Last"]) == ("7", str(TICKS))
    assert found.headers["X-NorthStar-Schema"] == "fills/1"


def test_a_file_that_was_cut_short_is_gone_on_with(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    target, whole = tmp_path / "a.csv", tmp_path / "whole.csv"
    main(["export", "snapshots", "--output", str(whole)])
    note = {"format": "csv", "question": f"table=snapshots&last={TICKS}", "schema": "snapshots/1", "last": TICKS}
    (tmp_path / "a.csv.part").write_bytes(whole.read_bytes()[:5_000])
    (tmp_path / "a.csv.part.json").write_text(json.dumps(note))

    code = main(["export", "snapshots", "--output", str(target)])

    assert code == 0
    assert target.read_bytes() == whole.read_bytes()
    assert "going on after seq" in capfd.readouterr().err


@pytest.mark.parametrize("left", ["some", "all"])
def test_the_manifest_of_a_file_that_was_gone_on_with_is_of_the_whole_file(tmp_path: Path, left: str) -> None:
    whole = tmp_path / "whole.csv"
    main(["export", "snapshots", "--output", str(whole), "--manifest"])
    note = {"format": "csv", "question": f"table=snapshots&last={TICKS}", "schema": "snapshots/1", "last": TICKS}
    (tmp_path / "a.csv.part").write_bytes(whole.read_bytes()[: 5_000 if left == "some" else None])
    (tmp_path / "a.csv.part.json").write_text(json.dumps(note))

    assert main(["export", "snapshots", "--output", str(tmp_path / "a.csv"), "--manifest"]) == 0

    told, of_whole = (json.loads((tmp_path / f"{name}.csv.manifest.json").read_text()) for name in ("a", "whole"))
    assert (told["first"], told["after"]) == ("1", str(TICKS))
    assert told | {"file_name": ""} == of_whole | {"file_name": ""}


def test_what_is_left_of_another_archive_is_no_part_of_the_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target, whole = tmp_path / "a.csv", tmp_path / "whole.csv"
    main(["export", "snapshots", "--output", str(whole)])
    note = {"format": "csv", "question": f"table=snapshots&last={TICKS}", "schema": "snapshots/1", "last": TICKS}
    (tmp_path / "a.csv.part").write_bytes(whole.read_bytes()[:5_000].replace(b"0.00", b"9.00"))
    (tmp_path / "a.csv.part.json").write_text(json.dumps(note))

    code = main(["export", "snapshots", "--output", str(target)])

    assert code == 1
    assert not target.exists()
    assert "nothing of it was kept; run it again" in capfd.readouterr().err
    assert main(["export", "snapshots", "--output", str(target)]) == 0
    assert target.read_bytes() == whole.read_bytes()


def test_a_file_without_a_name_gets_a_sensible_one(tmp_path: Path) -> None:
    code = main(["export", "fills", "--format", "csv.gz"])

    (made,) = tmp_path.glob("northstar_*")
    assert code == 0
    assert made.name == "northstar_fills_start_20261102T170000Z.csv.gz"
    assert gzip.decompress(made.read_bytes()).count(b"\r\n") == 8


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        (["--output", "fills"], b"record,"),
        (["--output", "fills.txt"], b"record,"),
        (["--output", "FILLS.CSV"], b"record,"),
        (["--output", "FILLS.PARQUET"], b"PAR1"),
        (["--output", "q.ods", "--format", "csv"], b"record,"),
    ],
)
def test_the_name_of_a_file_says_its_format_unless_that_is_given(
    tmp_path: Path, given: list[str], begins: bytes
) -> None:
    assert main(["export", "fills", *given]) == 0

    assert (tmp_path / given[1]).read_bytes().startswith(begins)


def test_the_standard_output_is_the_file() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pnl", "export", "fills", "--output", "-"], cwd=ROOT, capture_output=True, check=True
    )

    assert done.stdout.startswith(b"record,at_utc,source,fill_id,")
    assert done.stdout.count(b"\r\n") == 8


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["snapshots", "--from", "yesterday"], "RFC 3339"),
        (["fills", "--step", "1h"], "leave it out for fills"),
        (["fills", "--after", "x"], "not a whole number from 0"),
        (
            ["fills", "--after", "99"],
            "there is no record 99 in it; give the record of the last row",
        ),
        (["fills", "--output", "."], "is a folder: name a file in it"),
        (["fills", "--output", "no/such/fills.csv"], "make no/such first"),
        (["fills", "--last", "7777"], f"the newest is {TICKS}"),
        (["snapshots", "--tz", "Mars/Olympus"], "such as Europe/Berlin"),
        (["snapshots", "--output", "a.xlsx"], "xlsx is for days and fills"),
        (["fills", "--output", "q.ods"], "'.ods', which is none of csv, csv.gz, parquet, xlsx, beancount: give"),
        (["fills", "--output", "fills.gz"], "or say what goes into it, such as --format csv"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_cure(
    arguments: list[str], cure: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = main(["export", *arguments])

    assert code == 2
    assert cure in capfd.readouterr().err
    assert not [path.name for path in tmp_path.iterdir() if path.suffix in (".csv", ".ods", ".gz")]
